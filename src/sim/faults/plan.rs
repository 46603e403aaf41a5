//! Fault plans: rules of what fails, deterministic for a seed.
//!
//! A rule is one line: a fault, the calls that it acts on, and which of them. [`super::reference`] documents the rules for the
//! README and for `--help`.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::matching;
use crate::sim::context::wildcards;
use crate::sim::http::service_model::model;

/// A plan of the faults to inject.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    pub(crate) seed: u64,
    pub(crate) rules: Vec<Rule>,
    /// The function to call each time that a rule acts.
    pub(crate) observer: Option<fn(&RuleActivity)>,
}

/// A text of rules, with its name in error messages.
#[derive(Clone, Copy, Debug)]
pub struct RuleSource<'a> {
    /// The name of a file or of a flag.
    pub name: &'a str,
    /// One rule a line.
    pub text: &'a str,
    /// True for an argument of a command, whose only line needs no number.
    pub is_argument: bool,
}

/// The effects of a rule so far.
#[derive(Clone, Debug)]
pub struct RuleActivity {
    /// The file and the line, or the flag.
    pub place: String,
    /// The rule as it was written.
    pub rule: String,
    /// The number of times that it acted.
    pub times: u64,
    /// The operation on which it acted last; none if it never did.
    pub operation: Option<&'static str>,
}

/// A rule of a plan.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) fault: Fault,
    /// Patterns of operations; none are all.
    pub(crate) on: Vec<String>,
    /// The resource that the call must name.
    pub(crate) of: Option<String>,
    pub(crate) when: Occurrence,
    /// The file and the line, or the flag.
    pub(crate) place: String,
    /// As it was written.
    pub(crate) text: String,
}

/// Prints the text of the rule, and not its place: the seed of its dice is made of this.
impl fmt::Debug for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// The matching calls that a rule selects.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    Always,
    At(BTreeSet<u64>),
    Every(u64),
    Chance(f64),
}

/// A fault.
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

/// A quota that an account can exhaust.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Capacity {
    Concurrency,
    Storage,
}

impl FaultPlan {
    /// Returns the plan with another seed than that of its rules.
    pub fn with_seed(self, seed: u64) -> FaultPlan {
        FaultPlan { seed, ..self }
    }

    /// Returns the plan with a function to call each time that a rule acts.
    pub fn with_observer(self, observer: fn(&RuleActivity)) -> FaultPlan {
        FaultPlan { observer: Some(observer), ..self }
    }

    /// Returns the time and the number of writes that stale reads look back at most; none if no read is stale.
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
    /// Returns the name of the fault in rules.
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
    /// Returns whether the rule acts on calls like this one.
    pub(crate) fn applies_to(&self, operation: &str, input: &Map<String, Value>) -> bool {
        let named = self.on.is_empty() || self.on.iter().any(|pattern| matches_operation(pattern, operation));
        let of = self.of.as_deref().is_none_or(|of| matching::is_named(input, of));
        named && of
    }
}

impl Occurrence {
    /// Returns whether the call with this count is selected; `roll` is a random number from 0 up to 1.
    pub(crate) fn selects(&self, count: u64, roll: f64) -> bool {
        match self {
            Occurrence::Always => true,
            Occurrence::At(counts) => counts.contains(&count),
            Occurrence::Every(n) => count.is_multiple_of(*n),
            Occurrence::Chance(chance) => roll < *chance,
        }
    }
}

/// Returns whether an operation changes nothing.
pub(crate) fn is_read(operation: &str) -> bool {
    // The model says so: whatever only reads is a GET, and nothing else is.
    model().operations.get(operation).is_some_and(|operation| operation.method == "GET")
}

/// Returns whether a pattern matches an operation.
pub(crate) fn matches_operation(pattern: &str, operation: &str) -> bool {
    match pattern {
        "reads" => is_read(operation),
        "writes" => !is_read(operation),
        _ => wildcards::matches(pattern, operation),
    }
}
