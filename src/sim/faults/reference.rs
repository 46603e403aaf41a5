//! The language of the rules, told once: the README and `trueup sim --help` are written from here.

use std::fmt::Write as _;

use super::plan::Misbehaviour;
use super::targets;

/// One thing that can go wrong.
pub(crate) struct Entry {
    /// How it is written; capitals are what to fill in.
    form: &'static str,
    /// What happens then.
    meaning: &'static str,
    example: &'static str,
}

/// What follows the deed of a rule.
pub(crate) struct Clause {
    pub(crate) word: &'static str,
    form: &'static str,
    meaning: &'static str,
}

impl Entry {
    /// The word that it begins with.
    pub(crate) fn word(&self) -> &'static str {
        self.form.split(' ').next().unwrap_or_default()
    }
}

impl Misbehaviour {
    /// The rules' language in Markdown.
    pub fn reference() -> String {
        markdown()
    }

    /// The rules' language in plain text.
    pub fn help() -> String {
        help()
    }
}

/// All that can go wrong.
pub(crate) const RULES: &[Entry] = &[
    Entry {
        form: "latency TIME or TIME..TIME",
        meaning: "the call takes this much longer",
        example: "latency 20ms..80ms",
    },
    Entry {
        form: "quotas",
        meaning: "the published request quotas hold, with 429 and Retry-After: GetFunction 100 a second, GetPolicy 15, all others but Invoke together 15, in each region",
        example: "quotas",
    },
    Entry {
        form: "fail WHAT [\"TEXT\"] before",
        meaning: "an error instead of the call: any status from 400 to 599, any error code of the Lambda API, or AccessDeniedException, ThrottlingException, ExpiredTokenException, UnrecognizedClientException, InvalidSignatureException; with this text if one is given",
        example: "fail 403 \"User is not authorized to perform: lambda:UpdateAlias\" before on UpdateAlias",
    },
    Entry {
        form: "fail WHAT [\"TEXT\"] after",
        meaning: "the call is carried out, and its answer is this error",
        example: "fail 503 after on Create*, Publish* every 5",
    },
    Entry {
        form: "reset",
        meaning: "the connection ends without an answer, and nothing was done",
        example: "reset on CreateAlias at 1",
    },
    Entry {
        form: "lose",
        meaning: "the call is carried out, and the connection ends without an answer",
        example: "lose on CreateFunction of orders at 1",
    },
    Entry {
        form: "cut",
        meaning: "the call is carried out, and the answer ends half-way; one without a body does not arrive",
        example: "cut on ListFunctions at 1, 4",
    },
    Entry {
        form: "slow TIME",
        meaning: "the call is carried out, and the second half of the answer comes this much later; one without a body comes whole",
        example: "slow 2s on GetFunction chance 0.1",
    },
    Entry {
        form: "stale TIME or COUNT",
        meaning: "a read sees its region as it was this long ago, or as it is without the last so many writes that changed it",
        example: "stale 3s on reads",
    },
    Entry {
        form: "settle-failed REASON",
        meaning: "what the call begins ends as failed, for this reason",
        example: "settle-failed InvalidSubnet on UpdateFunctionConfiguration at 1",
    },
    Entry {
        form: "stranger [OPERATION {MEMBERS}]",
        meaning: "somebody else first does this, with the operation's members as JSON; without them, changes, makes or deletes what the call is about",
        example: "stranger UpdateFunctionConfiguration {\"FunctionName\": \"orders\", \"MemorySize\": 512} on PublishVersion at 1",
    },
    Entry {
        form: "roles TIME or COUNT",
        meaning: "a role that no function has cannot be assumed for this long after a call first names it, or in the first so many calls that name it",
        example: "roles 10s",
    },
    Entry {
        form: "exhausted concurrency",
        meaning: "the account has no concurrency left to reserve or provision",
        example: "exhausted concurrency",
    },
    Entry {
        form: "exhausted storage",
        meaning: "the account has no room left for code",
        example: "exhausted storage on PublishVersion",
    },
];

/// To which calls, and to which of them.
pub(crate) const CLAUSES: &[Clause] = &[
    Clause {
        word: "on",
        form: "on OPERATIONS",
        meaning: "only these, with commas between them: names, with `*` for any text, `reads`, `writes`",
    },
    Clause {
        word: "of",
        form: "of NAME",
        meaning: "only calls about what has this name: a function in any form in which it can be named, with or without a qualifier, an alias, a layer, a mapping, a statement and so on",
    },
    Clause { word: "at", form: "at COUNTS", meaning: "of the calls that fit, the first is 1: `at 3`, `at 1, 4`" },
    Clause { word: "every", form: "every COUNT", meaning: "every so many of the calls that fit" },
    Clause {
        word: "chance",
        form: "chance NUMBER",
        meaning: "above 0 and up to 1; by the seed and the count, so the same every time for calls in the same order",
    },
];

const FORM: &str = "One rule a line: what happens, then to which calls, then to which of them. `#` begins a remark. \
                    Each rule counts the calls that fit it for itself, as they arrive. TIME is `20ms`, `3s` or `2m`, an hour at most. \
                    `seed 7` on a line of its own, or `--seed 7`, decides what `chance` chooses.";

const COMBINED: &str = "Rules are asked in the order in which they stand, and each counts every call that fits it. Latencies add up. \
    Of the rules that end a call before it is carried out (`quotas`, `fail … before`, `reset`) the first does, and none acts then that \
    alters the answer; of those (`fail … after`, `lose`, `cut`, `slow`) the first does.";

/// Whether a word begins what follows the deed.
fn is_clause(word: &str) -> bool {
    CLAUSES.iter().any(|clause| clause.word == word)
}

/// Whether a word belongs to what came before it.
pub(crate) fn is_argument(word: &str) -> bool {
    !is_clause(word)
}

/// For the README.
pub(crate) fn markdown() -> String {
    let mut out = format!("{FORM}\n\n| rule | what happens |\n|---|---|\n");
    let mut row = |form: &str, meaning: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {} | {meaning} |", shown(form));
    };
    RULES.iter().for_each(|rule| row(rule.form, rule.meaning));
    out += "\n| then, in any order | acts on |\n|---|---|\n";
    let mut row = |form: &str, meaning: &str| {
        let _ = writeln!(out, "| {} | {meaning} |", shown(form));
    };
    CLAUSES.iter().for_each(|clause| row(clause.form, clause.meaning));
    out += "\nOf `at`, `every` and `chance` a rule takes one at most; a rule that could never act is an error. ";
    out += COMBINED;
    out += " A file may hold all of this:\n\n";
    let _ = writeln!(out, "```text\n{}```\n", examples());
    let reasons: Vec<String> = targets::reasons().map(|reason| format!("`{reason}`")).collect();
    let _ = writeln!(out, "REASON is one of {}.", reasons.join(", "));
    out
}

/// A form as code, but for the words between two forms.
fn shown(form: &str) -> String {
    let forms: Vec<String> = form.split(" or ").map(|form| format!("`{form}`")).collect();
    forms.join(" or ")
}

/// A file with every rule in it.
pub(crate) fn examples() -> String {
    let mut out = String::from("# what our pipeline should survive\nseed 7\n");
    for rule in RULES {
        let _ = writeln!(out, "{}", rule.example);
    }
    out
}

/// For `--help`.
pub(crate) fn help() -> String {
    let plain = |text: &str| text.replace('`', "");
    let mut out = String::from("Rules:\n");
    for rule in RULES {
        let (meaning, more) = rule.meaning.split_once(": ").unwrap_or((rule.meaning, ""));
        let _ = writeln!(out, "  {:<32}{}", rule.form, plain(meaning));
        if !more.is_empty() {
            let _ = writeln!(out, "      {}", plain(more));
        }
    }
    out += "\nThen, in any order:\n";
    for clause in CLAUSES {
        let _ = writeln!(out, "  {:<32}{}", clause.form, plain(clause.meaning));
    }
    let _ = write!(out, "\n{}\n\nExamples:\n", plain(FORM));
    for rule in RULES {
        let _ = writeln!(out, "  {}", rule.example);
    }
    out
}
