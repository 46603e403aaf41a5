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
pub struct FaultPlan {
    pub(crate) seed: u64,
    pub(crate) rules: Vec<Rule>,
    /// Who is told when a rule acts.
    pub(crate) observer: Option<fn(&RuleActivity)>,
}

/// A text of rules, and what to call it when something in it is wrong.
#[derive(Clone, Copy, Debug)]
pub struct RuleSource<'a> {
    /// The name of a file or of a flag.
    pub name: &'a str,
    /// One rule a line.
    pub text: &'a str,
    /// Whether it was given as an argument, whose lines nobody counts if there is only one.
    pub is_argument: bool,
}

/// What a rule has done so far.
#[derive(Clone, Debug)]
pub struct RuleActivity {
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
    pub(crate) fault: Fault,
    /// Patterns of operations; none are all.
    pub(crate) on: Vec<String>,
    /// What the call must be about.
    pub(crate) of: Option<String>,
    pub(crate) when: Occurrence,
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
pub(crate) enum Occurrence {
    Always,
    At(BTreeSet<u64>),
    Every(u64),
    Chance(f64),
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Latency(Duration, Duration),
    Quotas,
    Fail { code: String, text: Option<String>, after: bool },
    Reset,
    Lose,
    Cut,
    Slow(Duration),
    Stale(Window),
    SettleFailed(String),
    ConcurrentWriter(Option<(&'static str, Map<String, Value>)>),
    Roles(Window),
    Exhausted(Capacity),
}

/// A stretch of time, or of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Window {
    Time(Duration),
    Calls(usize),
}

/// What an account can run out of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Capacity {
    Concurrency,
    Storage,
}

impl FaultPlan {
    /// The same with another seed than the rules name.
    pub fn with_seed(self, seed: u64) -> FaultPlan {
        FaultPlan { seed, ..self }
    }

    /// The same, telling `observer` each time that a rule acts.
    pub fn with_observer(self, observer: fn(&RuleActivity)) -> FaultPlan {
        FaultPlan { observer: Some(observer), ..self }
    }

    /// How far back stale reads look at most; none if no read is stale.
    pub(crate) fn stale_reach(&self) -> Option<(Duration, usize)> {
        let spans = self.rules.iter().filter_map(|rule| match rule.fault {
            Fault::Stale(span) => Some(span),
            _ => None,
        });
        spans.fold(None, |stale_reach, span| {
            let (time, calls) = stale_reach.unwrap_or_default();
            Some(match span {
                Window::Time(more) => (time.max(more), calls),
                Window::Calls(more) => (time, calls.max(more)),
            })
        })
    }
}

impl Fault {
    /// What the language calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Fault::Latency(..) => "latency",
            Fault::Quotas => "quotas",
            Fault::Fail { after: false, .. } => "fail before",
            Fault::Fail { after: true, .. } => "fail after",
            Fault::Reset => "reset",
            Fault::Lose => "lose",
            Fault::Cut => "cut",
            Fault::Slow(_) => "slow",
            Fault::Stale(_) => "stale",
            Fault::SettleFailed(_) => "settle-failed",
            Fault::ConcurrentWriter(_) => "concurrent-writer",
            Fault::Roles(_) => "roles",
            Fault::Exhausted(_) => "exhausted",
        }
    }
}

impl Rule {
    /// Whether the rule is about calls like this one.
    pub(crate) fn applies_to(&self, operation: &str, input: &Map<String, Value>) -> bool {
        let named = self.on.is_empty() || self.on.iter().any(|pattern| matches_operation(pattern, operation));
        let of = self.of.as_deref().is_none_or(|of| matching::is_named(input, of));
        named && of
    }
}

impl Occurrence {
    /// Whether the call with this count is chosen; `roll` is its lot.
    pub(crate) fn selects(&self, count: u64, roll: f64) -> bool {
        match self {
            Occurrence::Always => true,
            Occurrence::At(counts) => counts.contains(&count),
            Occurrence::Every(n) => count.is_multiple_of(*n),
            Occurrence::Chance(chance) => roll < *chance,
        }
    }
}

/// Whether an operation changes nothing.
pub(crate) fn is_read(operation: &str) -> bool {
    // The model says so: whatever only reads is a GET, and nothing else is.
    model().operations.get(operation).is_some_and(|operation| operation.method == "GET")
}

/// Whether an operation is one of those that a pattern names.
pub(crate) fn matches_operation(pattern: &str, operation: &str) -> bool {
    match pattern {
        "reads" => is_read(operation),
        "writes" => !is_read(operation),
        _ => wildcards::matches(pattern, operation),
    }
}
