//! What a service does that is not at its best, told in advance and the same every time.
//!
//! A text with one rule a line: what happens, then to which calls, then to which of them. The language is told in
//! [`super::reference`], for the README, for `--help` and for us.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::matching;
use crate::sim::context::wildcards;
use crate::sim::http::service_model::model;

/// What goes wrong, and when.
#[derive(Clone, Debug, Default)]
pub struct Misbehaviour {
    pub(crate) seed: u64,
    pub(crate) rules: Vec<Rule>,
    /// Who is told when a rule acts.
    pub(crate) witness: Option<fn(&Acted)>,
}

/// A text of rules, and what to call it when something in it is wrong.
#[derive(Clone, Copy, Debug)]
pub struct RuleText<'a> {
    /// The name of a file or of a flag.
    pub name: &'a str,
    /// One rule a line.
    pub text: &'a str,
    /// Whether it was given as an argument, whose lines nobody counts if there is only one.
    pub is_argument: bool,
}

/// What a rule has done so far.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The file and the line, or the flag.
    pub place: String,
    /// The rule as it was written.
    pub rule: String,
    /// How often it acted.
    pub times: u64,
    /// The operation on which it acted last; none if it never did.
    pub operation: Option<&'static str>,
}

/// One thing that goes wrong.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) deed: Deed,
    /// Patterns of operations; none are all.
    pub(crate) on: Vec<String>,
    /// What the call must be about.
    pub(crate) of: Option<String>,
    pub(crate) when: When,
    /// The file and the line, or the flag.
    pub(crate) place: String,
    /// As it was written.
    pub(crate) text: String,
}

/// Where a rule stands is no part of what it says.
impl fmt::Debug for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Which of the calls that fit.
#[derive(Clone, Debug)]
pub(crate) enum When {
    Always,
    At(BTreeSet<u64>),
    Every(u64),
    Chance(f64),
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Latency(Duration, Duration),
    Quotas,
    Fail { code: String, text: Option<String>, done: bool },
    Reset,
    Lose,
    Cut,
    Slow(Duration),
    Stale(Span),
    SettleFailed(String),
    Stranger(Option<(&'static str, Map<String, Value>)>),
    Roles(Span),
    Exhausted(Supply),
}

/// A stretch of time, or of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Span {
    Time(Duration),
    Calls(usize),
}

/// What an account can run out of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Supply {
    Concurrency,
    Storage,
}

impl Misbehaviour {
    /// The same with another seed than the rules name.
    pub fn with_seed(self, seed: u64) -> Misbehaviour {
        Misbehaviour { seed, ..self }
    }

    /// The same, telling `witness` each time that a rule acts.
    pub fn told_to(self, witness: fn(&Acted)) -> Misbehaviour {
        Misbehaviour { witness: Some(witness), ..self }
    }

    /// How far back stale reads look at most; none if no read is stale.
    pub(crate) fn memory(&self) -> Option<(Duration, usize)> {
        let spans = self.rules.iter().filter_map(|rule| match rule.deed {
            Deed::Stale(span) => Some(span),
            _ => None,
        });
        spans.fold(None, |memory, span| {
            let (time, calls) = memory.unwrap_or_default();
            Some(match span {
                Span::Time(more) => (time.max(more), calls),
                Span::Calls(more) => (time, calls.max(more)),
            })
        })
    }
}

impl Deed {
    /// What the language calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Deed::Latency(..) => "latency",
            Deed::Quotas => "quotas",
            Deed::Fail { done: false, .. } => "fail before",
            Deed::Fail { done: true, .. } => "fail after",
            Deed::Reset => "reset",
            Deed::Lose => "lose",
            Deed::Cut => "cut",
            Deed::Slow(_) => "slow",
            Deed::Stale(_) => "stale",
            Deed::SettleFailed(_) => "settle-failed",
            Deed::Stranger(_) => "stranger",
            Deed::Roles(_) => "roles",
            Deed::Exhausted(_) => "exhausted",
        }
    }
}

impl Rule {
    /// Whether the rule is about calls like this one.
    pub(crate) fn fits(&self, operation: &str, input: &Map<String, Value>) -> bool {
        let named = self.on.is_empty() || self.on.iter().any(|pattern| is_named(pattern, operation));
        let of = self.of.as_deref().is_none_or(|of| matching::is_about(input, of));
        named && of
    }
}

impl When {
    /// Whether the call with this count is chosen; `draw` is its lot.
    pub(crate) fn chooses(&self, count: u64, draw: f64) -> bool {
        match self {
            When::Always => true,
            When::At(counts) => counts.contains(&count),
            When::Every(n) => count.is_multiple_of(*n),
            When::Chance(chance) => draw < *chance,
        }
    }
}

/// Whether an operation changes nothing.
pub(crate) fn is_read(operation: &str) -> bool {
    // The model says so: whatever only reads is a GET, and nothing else is.
    model().operations.get(operation).is_some_and(|operation| operation.method == "GET")
}

/// Whether an operation is one of those that a pattern names.
pub(crate) fn is_named(pattern: &str, operation: &str) -> bool {
    match pattern {
        "reads" => is_read(operation),
        "writes" => !is_read(operation),
        _ => wildcards::fits(pattern, operation),
    }
}
