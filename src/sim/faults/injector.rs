//! The injector: decides for each call which faults of the plan are injected into it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::concurrent_writer::conflicting_call;
use super::dice::{Dice, Roll};
use super::errors::{injected_error, throttled};
use super::plan::{Capacity, Fault, FaultPlan, RuleActivity, Window, is_read};
use super::quotas::Quotas;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::clock::Clock;
use crate::sim::http::protocol::ApiRequest;

/// The faults of one call. A fault that takes effect later carries the number of its rule, to be counted then.
#[derive(Debug, Default)]
pub(crate) struct Injection {
    pub(crate) latency: Duration,
    /// The writes of other clients that run first.
    pub(crate) concurrent_calls: Vec<(usize, ApiRequest)>,
    /// The end of the call before it runs.
    pub(crate) before: Option<(usize, Termination)>,
    /// The change to the call's own response.
    pub(crate) after: Option<(usize, Termination)>,
    pub(crate) overrides: Overrides,
}

/// The deviations with which a call runs.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// The window by which a read is stale.
    pub(crate) stale: Option<(usize, Window)>,
    /// The reason for which the transitions that the call starts will fail.
    pub(crate) settle_failed: Option<(usize, String)>,
    /// The windows in which new roles cannot be assumed.
    pub(crate) roles: Vec<(usize, Window)>,
    /// The exhausted capacities.
    pub(crate) exhausted: Vec<(usize, Capacity)>,
}

/// The end of a call that does not return its own response.
#[derive(Debug)]
pub(crate) enum Termination {
    Error(ApiError),
    /// The connection is closed without a byte of a response.
    Severed,
    /// The second half of the response is delayed.
    Slow(Duration),
    /// The connection is closed in the middle of the response.
    Cut,
}

/// The rules with their counters.
pub(crate) struct Injector {
    rules: FaultPlan,
    dice: Vec<Dice>,
    clock: Clock,
    counters: Mutex<Counters>,
}

struct Counters {
    /// By rule: the number of matching calls.
    counts: Vec<u64>,
    /// By rule: the number of calls on which it had an effect.
    acted: Vec<u64>,
    /// By rule: the operation that it selected last.
    selected: Vec<Option<&'static str>>,
    quotas: Quotas,
    /// The number of conflicting writes so far.
    concurrent_calls: u64,
}

impl Injector {
    pub(crate) fn new(rules: FaultPlan, clock: Clock) -> Self {
        let none = vec![0; rules.rules.len()];
        let selected = vec![None; rules.rules.len()];
        let counters =
            Counters { counts: none.clone(), acted: none, selected, quotas: Quotas::default(), concurrent_calls: 0 };
        Injector { dice: Dice::of(&rules), rules, clock, counters: Mutex::new(counters) }
    }

    /// Returns how often each kind of fault was injected so far.
    pub(crate) fn counts_by_rule(&self) -> BTreeMap<&'static str, u64> {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts_by_rule = BTreeMap::new();
        for (rule, activity) in self.rules.rules.iter().zip(&counters.acted).filter(|(_, activity)| **activity > 0) {
            *counts_by_rule.entry(rule.fault.name()).or_default() += activity;
        }
        counts_by_rule
    }

    /// Records that a rule had an effect.
    pub(crate) fn record(&self, rule: usize) {
        self.count_activity(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner), rule);
    }

    /// Returns what each rule has done so far.
    pub(crate) fn rule_activity(&self) -> Vec<RuleActivity> {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        (0..self.rules.rules.len()).map(|rule| self.activity_of(&counters, rule)).collect()
    }

    fn activity_of(&self, counters: &Counters, rule: usize) -> RuleActivity {
        let (times, written) = (counters.acted[rule], &self.rules.rules[rule]);
        let operation = counters.selected[rule].filter(|_| times > 0);
        RuleActivity { place: written.place.clone(), rule: written.text.clone(), times, operation }
    }

    fn count_activity(&self, counters: &mut Counters, rule: usize) {
        counters.acted[rule] += 1;
        if let Some(observer) = self.rules.observer {
            observer(&self.activity_of(counters, rule));
        }
    }

    /// Returns the faults to inject into this call to `region`. Call it once a request, because rules count requests.
    pub(crate) fn injection(&self, request: &ApiRequest, region: &str) -> Injection {
        let mut injection = Injection::default();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut over = None;
        for (index, (rule, die)) in self.rules.rules.iter().zip(&self.dice).enumerate() {
            if !rule.applies_to(request.name, &request.input) {
                continue;
            }
            let count = counters.count(index);
            if !rule.when.selects(count, die.roll(count, Roll::Choice)) {
                continue;
            }
            counters.selected[index] = Some(request.name);
            match &rule.fault {
                Fault::Latency(from, to) => {
                    let delay = *from + (*to - *from).mul_f64(die.roll(count, Roll::Delay));
                    injection.latency = injection.latency.saturating_add(delay);
                    self.count_activity(&mut counters, index);
                }
                // One call is one request, however many rules enforce quotas.
                Fault::Quotas => {
                    let now = self.clock.now();
                    if *over.get_or_insert_with(|| counters.quotas.is_over(region, request.name, now)) {
                        injection.terminate_before(index, Termination::Error(throttled()));
                    }
                }
                Fault::ConcurrentWriter(given) => {
                    counters.concurrent_calls += 1;
                    let given = given.as_ref().map(|(name, input)| request.similar(name, input.clone()));
                    let other = given.unwrap_or_else(|| conflicting_call(request, counters.concurrent_calls));
                    injection.concurrent_calls.extend(other.map(|other| (index, other)));
                }
                fault => injection.apply(index, fault, request.name),
            }
        }
        // The first rule that ends a call ends it; the others have counted it nevertheless.
        if let Some((rule, _)) = injection.before {
            self.count_activity(&mut counters, rule);
        }
        injection
    }
}

impl Counters {
    fn count(&mut self, rule: usize) -> u64 {
        self.counts[rule] += 1;
        self.counts[rule]
    }
}

impl Injection {
    /// Adds a fault that needs nothing but the rule.
    fn apply(&mut self, rule: usize, fault: &Fault, operation: &str) {
        match fault {
            Fault::Fail { code, text, after } => {
                let termination = Termination::Error(injected_error(code, text.as_deref(), operation));
                if *after { self.terminate_after(rule, termination) } else { self.terminate_before(rule, termination) }
            }
            Fault::Reset => self.terminate_before(rule, Termination::Severed),
            Fault::Lose => self.terminate_after(rule, Termination::Severed),
            Fault::Cut => self.terminate_after(rule, Termination::Cut),
            Fault::Slow(wait) => self.terminate_after(rule, Termination::Slow(*wait)),
            Fault::Stale(span) if is_read(operation) => self.overrides.stale = Some((rule, *span)),
            Fault::SettleFailed(code) => self.overrides.settle_failed = Some((rule, code.clone())),
            Fault::Roles(span) => self.overrides.roles.push((rule, *span)),
            Fault::Exhausted(capacity) => self.overrides.exhausted.push((rule, *capacity)),
            Fault::Stale(_) | Fault::Latency(..) | Fault::Quotas | Fault::ConcurrentWriter(_) => {}
        }
    }

    /// Ends the call before it runs, unless another rule did.
    fn terminate_before(&mut self, rule: usize, termination: Termination) {
        self.before.get_or_insert((rule, termination));
    }

    /// Changes the response of the call, unless another rule did.
    fn terminate_after(&mut self, rule: usize, termination: Termination) {
        self.after.get_or_insert((rule, termination));
    }
}
