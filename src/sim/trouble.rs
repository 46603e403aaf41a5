//! A misbehaviour at work: decides for each call what goes wrong with it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Clock;
use super::clock::millis;
use super::fault::Fault;
use super::misbehaviour::{Acted, Deed, Misbehaviour, Rule, Span, Supply, is_read};
use super::protocol::Asked;

/// What goes wrong with one call.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) latency: Duration,
    /// What somebody else does first.
    pub(super) strangers: Vec<(&'static str, Map<String, Value>)>,
    /// The answer instead of the call.
    pub(super) before: Option<Ending>,
    /// The answer instead of the call's own.
    pub(super) after: Option<Ending>,
    pub(super) stale: Option<Span>,
    /// The reason for which what the call begins will fail.
    pub(super) settle_failed: Option<String>,
}

/// How a call ends that does not end well.
#[derive(Debug)]
pub(super) enum Ending {
    Fault(Fault),
    /// Without a byte of an answer.
    Severed,
    /// Whole, but its second half comes later.
    Slow(std::time::Duration),
    /// In the middle of the answer.
    Cut,
}

/// The rules with what they have counted so far.
pub(super) struct Troubles {
    rules: Misbehaviour,
    clock: Clock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// By rule.
    counts: HashMap<usize, u64>,
    /// By quota.
    buckets: HashMap<&'static str, Bucket>,
    /// By ARN: when it was first named, and how often since.
    roles: HashMap<String, (i64, usize)>,
    strangers: u64,
    /// By name: how often it happened.
    happened: BTreeMap<&'static str, u64>,
    /// By rule: how often it acted, and on what last.
    acted: HashMap<usize, (u64, &'static str)>,
}

struct Bucket {
    tokens: f64,
    at: i64,
}

impl Troubles {
    pub(super) fn new(rules: Misbehaviour, clock: Clock) -> Self {
        Troubles { rules, clock, seen: Mutex::default() }
    }

    /// What has gone wrong so far, and how often.
    pub(super) fn happened(&self) -> BTreeMap<&'static str, u64> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).happened.clone()
    }

    /// What goes wrong with this call. Every call must be asked about once: rules count.
    pub(super) fn of(&self, asked: &Asked) -> Trouble {
        let mut trouble = Trouble::default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        for (index, rule) in self.rules.rules.iter().enumerate() {
            if !rule.fits(asked.name, &asked.input) {
                continue;
            }
            let count = seen.counts.entry(index).or_insert(0);
            *count += 1;
            let draw = self.rules.draw(index, *count);
            if rule.when.chooses(*count, draw) && seen.act(&rule.deed, asked, now, draw, &mut trouble) {
                seen.acted.entry(index).or_default().0 += 1;
                seen.acted.entry(index).or_default().1 = asked.name;
                if let Some(witness) = self.rules.witness {
                    witness(&seen.told(index, rule));
                }
            }
        }
        trouble
    }

    /// What each rule has done so far.
    pub(super) fn acted(&self) -> Vec<Acted> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.rules.rules.iter().enumerate().map(|(index, rule)| seen.told(index, rule)).collect()
    }
}

impl Seen {
    fn told(&self, index: usize, rule: &Rule) -> Acted {
        let (times, operation) = self.acted.get(&index).map_or((0, None), |(times, last)| (*times, Some(*last)));
        Acted { place: rule.place.clone(), rule: rule.text.clone(), times, operation }
    }

    /// Does what a rule says; says whether that is anything.
    fn act(&mut self, deed: &Deed, asked: &Asked, now: i64, draw: f64, trouble: &mut Trouble) -> bool {
        let before = match deed {
            Deed::Latency(from, to) => {
                trouble.latency += *from + (*to - *from).mul_f64(draw);
                None
            }
            // Invocations have limits of their own, which are not those of the control plane.
            Deed::Quotas if asked.name == "Invoke" => None,
            Deed::Quotas => self.over_quota(asked.name, now).then(|| Ending::Fault(throttled())),
            Deed::Fail { code, text, done: false } => Some(Ending::Fault(fault(code, text.as_deref()))),
            Deed::Fail { code, text, done: true } => {
                trouble.after.get_or_insert(Ending::Fault(fault(code, text.as_deref())));
                None
            }
            Deed::Reset => Some(Ending::Severed),
            Deed::Lose => {
                trouble.after.get_or_insert(Ending::Severed);
                None
            }
            Deed::Cut => {
                trouble.after.get_or_insert(Ending::Cut);
                None
            }
            Deed::Slow(wait) => {
                trouble.after.get_or_insert(Ending::Slow(*wait));
                None
            }
            Deed::Stale(span) => {
                trouble.stale = is_read(asked.name).then_some(*span);
                None
            }
            Deed::SettleFailed(code) => {
                trouble.settle_failed = Some(code.clone());
                None
            }
            Deed::Stranger(given) => {
                self.strangers += 1;
                trouble.strangers.extend(given.clone().or_else(|| stranger(asked, self.strangers)));
                None
            }
            Deed::Roles(span) => self.too_young(asked, *span, now).then(|| {
                Ending::Fault(Fault::invalid("The role defined for the function cannot be assumed by Lambda."))
            }),
            Deed::Exhausted(supply) => exhausted(*supply, asked).map(Ending::Fault),
        };
        let effective = match deed {
            Deed::Quotas | Deed::Roles(_) | Deed::Exhausted(_) => before.is_some(),
            Deed::Stale(_) => trouble.stale.is_some(),
            Deed::Stranger(_) => !trouble.strangers.is_empty(),
            _ => true,
        };
        if effective {
            *self.happened.entry(deed.name()).or_default() += 1;
        }
        // The first rule that ends a call ends it; the others have counted it all the same.
        if trouble.before.is_none() {
            trouble.before = before;
        }
        effective
    }

    /// Takes one call out of its quota; says whether there was none left.
    fn over_quota(&mut self, operation: &str, now: i64) -> bool {
        let (name, rate) = match operation {
            "GetFunction" => ("GetFunction", 100.0),
            "GetPolicy" => ("GetPolicy", 15.0),
            _ => ("others", 15.0),
        };
        let bucket = self.buckets.entry(name).or_insert(Bucket { tokens: rate, at: now });
        let passed = u32::try_from((now - bucket.at).clamp(0, 3_600_000)).unwrap_or(0);
        bucket.tokens = (bucket.tokens + rate * f64::from(passed) / 1000.0).min(rate);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return true;
        }
        bucket.tokens -= 1.0;
        false
    }

    /// Whether the role that the call names was first named too short a while ago.
    fn too_young(&mut self, asked: &Asked, span: Span, now: i64) -> bool {
        let about_functions = matches!(asked.name, "CreateFunction" | "UpdateFunctionConfiguration");
        let Some(role) = asked.input.get("Role").and_then(Value::as_str).filter(|_| about_functions) else {
            return false;
        };
        let (since, times) = self.roles.entry(role.to_owned()).or_insert((now, 0));
        *times += 1;
        match span {
            Span::Time(time) => now - *since < millis(time),
            Span::Calls(calls) => *times <= calls,
        }
    }
}

fn throttled() -> Fault {
    Fault::new("TooManyRequestsException", "Rate exceeded").with("Reason", json!("CallerRateLimitExceeded"))
}

fn fault(code: &str, text: Option<&str>) -> Fault {
    let usual = match code {
        "TooManyRequestsException" if text.is_none() => return throttled(),
        "ResourceConflictException" => "The function could not be updated due to a concurrent update operation.",
        "ServiceUnavailable" => "Service Unavailable",
        "ServiceException" => "An error occurred and the request cannot be processed.",
        _ => "This call was chosen to fail.",
    };
    let text = text.unwrap_or(usual);
    Fault::chosen(code, text)
}

fn exhausted(supply: Supply, asked: &Asked) -> Option<Fault> {
    let reserves = asked.input.get("ReservedConcurrentExecutions").and_then(Value::as_i64) != Some(0);
    match (supply, asked.name) {
        // To reserve nothing takes nothing from anybody.
        (Supply::Concurrency, "PutFunctionConcurrency") if reserves => Some(
            Fault::invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
                 minimum value of [100].",
            )
            .untyped(),
        ),
        (Supply::Concurrency, "PutProvisionedConcurrencyConfig") => Some(
            Fault::invalid(
                "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [0].",
            )
            .untyped(),
        ),
        (Supply::Storage, "CreateFunction" | "UpdateFunctionCode" | "PublishVersion" | "PublishLayerVersion") => {
            Some(Fault::new("CodeStorageExceededException", "Code storage limit exceeded."))
        }
        _ => None,
    }
}

/// A change of what a call is about, as somebody else could make it. What it writes differs from one stranger to the next.
fn stranger(asked: &Asked, count: u64) -> Option<(&'static str, Map<String, Value>)> {
    let text = format!("stranger {count}");
    let member = |name: &str| asked.input.get(name).filter(|value| value.is_string()).cloned();
    let (name, input) = if let Some(uuid) = member("UUID") {
        ("UpdateEventSourceMapping", json!({"UUID": uuid, "BatchSize": 1 + count % 10}))
    } else if let Some(resource) = member("Resource") {
        ("TagResource", json!({"Resource": resource, "Tags": {"stranger": text}}))
    } else if let (Some(function), Some(alias)) = (member("FunctionName"), member("Name")) {
        ("UpdateAlias", json!({"FunctionName": function, "Name": alias, "Description": text}))
    } else {
        let function = member("FunctionName")?;
        ("UpdateFunctionConfiguration", json!({"FunctionName": function, "Description": text}))
    };
    Some((name, input.as_object()?.clone()))
}
