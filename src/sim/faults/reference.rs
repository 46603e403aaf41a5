//! The reference of the fault rules: the README and `trueup sim --help` are generated from it.

use std::fmt::Write as _;

use super::plan::FaultPlan;
use super::targets;

/// The reference of one kind of rule.
pub(crate) struct RuleReference {
    /// The form; capitals are placeholders.
    form: &'static str,
    meaning: &'static str,
    example: &'static str,
}

/// A clause that may follow the fault of a rule.
pub(crate) struct Clause {
    pub(crate) keyword: &'static str,
    form: &'static str,
    meaning: &'static str,
}

impl RuleReference {
    /// Returns the keyword that the rule starts with.
    pub(crate) fn keyword(&self) -> &'static str {
        self.form.split(' ').next().unwrap_or_default()
    }
}

impl FaultPlan {
    /// Returns the reference of the rules in Markdown.
    pub fn reference() -> String {
        markdown()
    }

    /// Returns the reference of the rules in plain text.
    pub fn help() -> String {
        help()
    }
}

/// All kinds of rules.
pub(crate) const RULES: &[RuleReference] = &[
    RuleReference {
        form: "latency TIME or TIME..TIME",
        meaning: "the call is delayed by this long",
        example: "latency 20ms..80ms",
    },
    RuleReference {
        form: "quotas",
        meaning: "the published request quotas are enforced with 429 and Retry-After: GetFunction 100 a second, GetPolicy 15, all others except Invoke together 15, in each region",
        example: "quotas",
    },
    RuleReference {
        form: "fail WHAT [\"TEXT\"] before",
        meaning: "the call is not run and returns an error: any status from 400 to 599, any error code of the Lambda API, or AccessDeniedException, ThrottlingException, ExpiredTokenException, UnrecognizedClientException, InvalidSignatureException; with this message if one is given",
        example: "fail 403 \"User is not authorized to perform: lambda:UpdateAlias\" before on UpdateAlias",
    },
    RuleReference {
        form: "fail WHAT [\"TEXT\"] after",
        meaning: "the call runs, and its response is replaced by this error",
        example: "fail 503 after on Create*, Publish* every 5",
    },
    RuleReference {
        form: "reset",
        meaning: "the connection is closed without a response, and the call is not run",
        example: "reset on CreateAlias at 1",
    },
    RuleReference {
        form: "lose",
        meaning: "the call runs, and the connection is closed without a response",
        example: "lose on CreateFunction of orders at 1",
    },
    RuleReference {
        form: "cut",
        meaning: "the call runs, and the connection is closed after half of the body; without a body there is no response",
        example: "cut on ListFunctions at 1, 4",
    },
    RuleReference {
        form: "slow TIME",
        meaning: "the call runs, and the second half of the body is delayed by this long; a response without a body is delayed whole",
        example: "slow 2s on GetFunction chance 0.1",
    },
    RuleReference {
        form: "stale TIME or COUNT",
        meaning: "a read returns the state of its region this long ago, or without the last COUNT writes that changed it",
        example: "stale 3s on reads",
    },
    RuleReference {
        form: "settle-failed REASON",
        meaning: "the change that the call starts fails asynchronously, for this reason",
        example: "settle-failed InvalidSubnet on UpdateFunctionConfiguration at 1",
    },
    RuleReference {
        form: "concurrent-writer [OPERATION {MEMBERS}]",
        meaning: "another client writes just before the call: this operation with its members as JSON, or a write that conflicts with the call",
        example: "concurrent-writer UpdateFunctionConfiguration {\"FunctionName\": \"orders\", \"MemorySize\": 512} on PublishVersion at 1",
    },
    RuleReference {
        form: "roles TIME or COUNT",
        meaning: "a role that no function has cannot be assumed for this long after a call first names it, or in the first COUNT calls that name it",
        example: "roles 10s",
    },
    RuleReference {
        form: "exhausted concurrency",
        meaning: "the account has no concurrency left to reserve or provision",
        example: "exhausted concurrency",
    },
    RuleReference {
        form: "exhausted storage",
        meaning: "the account has no code storage left",
        example: "exhausted storage on PublishVersion",
    },
];

/// All clauses: the calls that a rule acts on, and which of them.
pub(crate) const CLAUSES: &[Clause] = &[
    Clause {
        keyword: "on",
        form: "on OPERATIONS",
        meaning: "these operations, separated by commas: names, with `*` for any text, `reads`, `writes`",
    },
    Clause {
        keyword: "of",
        form: "of NAME",
        meaning: "calls that name this resource: a function (by name or ARN, with or without a qualifier), an alias, a layer, a mapping, a policy statement, …",
    },
    Clause {
        keyword: "at",
        form: "at COUNTS",
        meaning: "the matching calls with these numbers, counted from 1: `at 3`, `at 1, 4`",
    },
    Clause { keyword: "every", form: "every COUNT", meaning: "each COUNT-th matching call" },
    Clause {
        keyword: "chance",
        form: "chance NUMBER",
        meaning: "each matching call with this probability, above 0 and up to 1; the same seed and order of calls give the same faults",
    },
];

const FORM: &str = "One rule a line: a fault, the calls that it acts on, and which of them. `#` starts a comment. \
                    Each rule counts its matching calls in the order in which they arrive. TIME is `20ms`, `3s` or `2m`, at most an hour. \
                    `seed 7` on a line of its own, or `--seed 7`, seeds `chance`.";

const COMBINED: &str = "Rules are evaluated in order, and each counts every matching call. Latencies add up. \
    Of the rules that end a call before it runs (`quotas`, `fail … before`, `reset`) the first one acts, and then no rule that \
    changes the response does; of those (`fail … after`, `lose`, `cut`, `slow`) the first one acts.";

/// Returns whether a word is the keyword of a clause.
fn is_clause(keyword: &str) -> bool {
    CLAUSES.iter().any(|clause| clause.keyword == keyword)
}

/// Returns whether a word is an argument of what precedes it.
pub(crate) fn is_argument(keyword: &str) -> bool {
    !is_clause(keyword)
}

/// Returns the reference for the README.
pub(crate) fn markdown() -> String {
    let mut out = format!("{FORM}\n\n| rule | fault |\n|---|---|\n");
    let mut row = |form: &str, meaning: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {} | {meaning} |", shown(form));
    };
    RULES.iter().for_each(|rule| row(rule.form, rule.meaning));
    out += "\n| clause, in any order | acts on |\n|---|---|\n";
    let mut row = |form: &str, meaning: &str| {
        let _ = writeln!(out, "| {} | {meaning} |", shown(form));
    };
    CLAUSES.iter().for_each(|clause| row(clause.form, clause.meaning));
    out += "\nA rule takes at most one of `at`, `every` and `chance`. A rule that can never act is an error. ";
    out += COMBINED;
    out += " An example of each rule:\n\n";
    let _ = writeln!(out, "```text\n{}```\n", examples());
    let failure_reasons: Vec<String> = targets::failure_reasons().map(|reason| format!("`{reason}`")).collect();
    let _ = writeln!(out, "REASON is one of {}.", failure_reasons.join(", "));
    out
}

/// Returns a form as Markdown code; `or` separates two forms.
fn shown(form: &str) -> String {
    let forms: Vec<String> = form.split(" or ").map(|form| format!("`{form}`")).collect();
    forms.join(" or ")
}

/// Returns a file with an example of every rule.
pub(crate) fn examples() -> String {
    let mut out = String::from("# faults that our pipeline must survive\nseed 7\n");
    for rule in RULES {
        let _ = writeln!(out, "{}", rule.example);
    }
    out
}

/// Returns the reference for `--help`.
pub(crate) fn help() -> String {
    let unquoted = |text: &str| text.replace('`', "");
    let mut out = String::from("Rules:\n");
    for rule in RULES {
        let (meaning, more) = rule.meaning.split_once(": ").unwrap_or((rule.meaning, ""));
        let _ = writeln!(out, "  {:<41}{}", rule.form, unquoted(meaning));
        if !more.is_empty() {
            let _ = writeln!(out, "      {}", unquoted(more));
        }
    }
    out += "\nClauses, in any order:\n";
    for clause in CLAUSES {
        let _ = writeln!(out, "  {:<41}{}", clause.form, unquoted(clause.meaning));
    }
    let _ = write!(out, "\n{}\n\nExamples:\n", unquoted(FORM));
    for rule in RULES {
        let _ = writeln!(out, "  {}", rule.example);
    }
    out
}
