//! What a service does that is not at its best, told in advance and the same every time.
//!
//! A text with one rule a line: what happens, then to which calls, then to which of them. `#` starts a remark.
//!
//! ```text
//! seed 7
//! latency 20ms..80ms
//! latency 1s on List*
//! quotas
//! fail 500 before on UpdateFunctionCode at 3
//! fail 503 after on Create*, Publish* every 5
//! fail ServiceException before chance 0.1
//! fail InvalidParameterValueException "The KMS key is invalid for CreateGrant" before on CreateFunction at 1
//! reset on CreateAlias at 1
//! lose on CreateFunction of orders at 1
//! cut on ListFunctions at 2
//! slow 2s on GetFunction at 1
//! stale 3s on reads
//! stale 1 on GetAlias at 2
//! settle-failed InvalidSubnet on UpdateFunctionConfiguration at 1
//! stranger on UpdateAlias at 1
//! stranger UpdateFunctionConfiguration {"FunctionName": "orders", "MemorySize": 512} on PublishVersion at 1
//! roles 10s
//! exhausted concurrency
//! exhausted storage on PublishVersion
//! ```
//!
//! | rule | what happens |
//! |---|---|
//! | `latency D` or `D..D` | the call takes this much longer |
//! | `quotas` | the published request quotas hold: GetFunction 100 a second, GetPolicy 15, all others but Invoke together 15 |
//! | `fail WHAT before` | an error instead of the call: 409, 429, 500, 503 or an error code, with a text if one follows |
//! | `fail WHAT after` | the call is carried out, and its answer is this error |
//! | `reset` | the connection ends without an answer, and nothing was done |
//! | `lose` | the call is carried out, and the connection ends without an answer |
//! | `cut` | the call is carried out, and the answer ends half-way |
//! | `slow D` | the call is carried out, and the second half of the answer comes this much later |
//! | `stale D` or `stale N` | a read sees the account as it was this long ago, or without its last N changes |
//! | `settle-failed CODE` | what the call began ends `Failed`, for this reason |
//! | `stranger` | somebody else first changes what the call is about, or does what is written here |
//! | `roles D` or `roles N` | a role cannot be assumed for this long, or for this many calls, after it is first named |
//! | `exhausted concurrency`, `exhausted storage` | the account has none left |
//!
//! `on` names operations, with `*` for any text; `reads` and `writes` are those whose names say so. `of` keeps to calls that have
//! this text as one of their members. `at 3` or `at 1,4` counts the calls that fit so far, from 1, each rule for itself; `every 5`
//! and `chance 0.1` choose among them, chance by the seed and the count and by nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What goes wrong, and when.
#[derive(Clone, Debug, Default)]
pub struct Misbehaviour {
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
}

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) deed: Deed,
    /// Patterns of operations; none are all.
    pub(super) on: Vec<String>,
    /// A member that the call must have.
    pub(super) of: Option<String>,
    pub(super) when: When,
}

/// Which of the calls that fit.
#[derive(Clone, Debug)]
pub(super) enum When {
    Always,
    At(BTreeSet<u64>),
    Every(u64),
    Chance(f64),
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Deed {
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
pub(super) enum Span {
    Time(Duration),
    Calls(usize),
}

/// What an account can run out of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Supply {
    Concurrency,
    Storage,
}

impl Misbehaviour {
    /// Reads the rules in `text`; an error names the line that cannot be read.
    pub fn read(text: &str) -> anyhow::Result<Misbehaviour> {
        super::misbehaviour_text::read(text)
    }

    /// How far back stale reads look at most; none if no read is stale.
    pub(super) fn memory(&self) -> Option<(Duration, usize)> {
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

    /// A number from 0 to 1 that the seed, the rule and the count decide.
    pub(super) fn draw(&self, rule: usize, count: u64) -> f64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(rule.to_be_bytes());
        hash.update(count.to_be_bytes());
        let hash = hash.finalize();
        let word = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        f64::from(word) / f64::from(u32::MAX)
    }
}

impl Deed {
    /// What the language calls it.
    pub(super) fn name(&self) -> &'static str {
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
    pub(super) fn fits(&self, operation: &str, input: &Map<String, Value>) -> bool {
        let named = self.on.is_empty() || self.on.iter().any(|pattern| is_named(pattern, operation));
        let of = self.of.as_deref().is_none_or(|of| input.values().any(|value| value.as_str() == Some(of)));
        named && of
    }
}

impl When {
    /// Whether the call with this count is chosen; `draw` is its lot.
    pub(super) fn chooses(&self, count: u64, draw: f64) -> bool {
        match self {
            When::Always => true,
            When::At(counts) => counts.contains(&count),
            When::Every(n) => count.is_multiple_of(*n),
            When::Chance(chance) => draw < *chance,
        }
    }
}

/// Whether an operation changes nothing, by its name.
pub(super) fn is_read(operation: &str) -> bool {
    operation.starts_with("Get") || operation.starts_with("List")
}

fn is_named(pattern: &str, operation: &str) -> bool {
    match pattern {
        "reads" => is_read(operation),
        "writes" => !is_read(operation),
        _ => super::world::glob(pattern, operation),
    }
}
