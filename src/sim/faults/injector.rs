//! A misbehaviour at work: decides for each call what goes wrong with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::concurrent_writer::rival;
use super::dice::{Lot, Question};
use super::errors::{chosen, throttled};
use super::plan::{Acted, Deed, Misbehaviour, Span, Supply, is_read};
use super::quotas::Quotas;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::clock::Clock;
use crate::sim::http::protocol::ApiRequest;

/// What goes wrong with one call. Whatever has yet to come about has the number of its rule with it, to be counted then.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) latency: Duration,
    /// What somebody else does first.
    pub(crate) rivals: Vec<(usize, ApiRequest)>,
    /// The answer instead of the call.
    pub(crate) before: Option<(usize, Ending)>,
    /// What becomes of the call's own answer.
    pub(crate) after: Option<(usize, Ending)>,
    pub(crate) manner: Manner,
}

/// How a call is carried out, if not in the usual way.
#[derive(Debug, Default)]
pub(crate) struct Manner {
    /// How far behind a read is.
    pub(crate) stale: Option<(usize, Span)>,
    /// The reason for which what the call begins will fail.
    pub(crate) settle_failed: Option<(usize, String)>,
    /// How long new roles are held back.
    pub(crate) roles: Vec<(usize, Span)>,
    /// What the account has none left of.
    pub(crate) exhausted: Vec<(usize, Supply)>,
}

/// How a call ends that does not end well.
#[derive(Debug)]
pub(crate) enum Ending {
    Error(ApiError),
    /// Without a byte of an answer.
    Severed,
    /// Whole, but its second half comes later.
    Slow(Duration),
    /// In the middle of the answer.
    Cut,
}

/// The rules with what they have counted so far.
pub(crate) struct Troubles {
    rules: Misbehaviour,
    lots: Vec<Lot>,
    clock: Clock,
    seen: Mutex<Seen>,
}

struct Seen {
    /// By rule: how many calls fitted, and how often it made a difference.
    counts: Vec<u64>,
    acted: Vec<u64>,
    /// By rule: the operation that it chose last.
    chose: Vec<Option<&'static str>>,
    quotas: Quotas,
    /// How many rivals there were.
    rivals: u64,
}

impl Troubles {
    pub(crate) fn new(rules: Misbehaviour, clock: Clock) -> Self {
        let none = vec![0; rules.rules.len()];
        let chose = vec![None; rules.rules.len()];
        let seen = Seen { counts: none.clone(), acted: none, chose, quotas: Quotas::default(), rivals: 0 };
        Troubles { lots: Lot::of(&rules), rules, clock, seen: Mutex::new(seen) }
    }

    /// What has gone wrong so far, and how often.
    pub(crate) fn happened(&self) -> BTreeMap<&'static str, u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut happened = BTreeMap::new();
        for (rule, acted) in self.rules.rules.iter().zip(&seen.acted).filter(|(_, acted)| **acted > 0) {
            *happened.entry(rule.deed.name()).or_default() += acted;
        }
        happened
    }

    /// Notes that what a rule said has come about.
    pub(crate) fn note(&self, rule: usize) {
        self.act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner), rule);
    }

    /// What each rule has done so far.
    pub(crate) fn acted(&self) -> Vec<Acted> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (0..self.rules.rules.len()).map(|rule| self.told(&seen, rule)).collect()
    }

    fn told(&self, seen: &Seen, rule: usize) -> Acted {
        let (times, written) = (seen.acted[rule], &self.rules.rules[rule]);
        let operation = seen.chose[rule].filter(|_| times > 0);
        Acted { place: written.place.clone(), rule: written.text.clone(), times, operation }
    }

    fn act(&self, seen: &mut Seen, rule: usize) {
        seen.acted[rule] += 1;
        if let Some(witness) = self.rules.witness {
            witness(&self.told(seen, rule));
        }
    }

    /// What goes wrong with this call to `region`. Every call must be asked about once: rules count.
    pub(crate) fn of(&self, request: &ApiRequest, region: &str) -> Trouble {
        let mut trouble = Trouble::default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut over = None;
        for (index, (rule, lot)) in self.rules.rules.iter().zip(&self.lots).enumerate() {
            if !rule.fits(request.name, &request.input) {
                continue;
            }
            let count = seen.count(index);
            if !rule.when.chooses(count, lot.draw(count, Question::Choice)) {
                continue;
            }
            seen.chose[index] = Some(request.name);
            match &rule.deed {
                Deed::Latency(from, to) => {
                    let delay = *from + (*to - *from).mul_f64(lot.draw(count, Question::Delay));
                    trouble.latency = trouble.latency.saturating_add(delay);
                    self.act(&mut seen, index);
                }
                // One call is one request, however many rules say that requests are limited.
                Deed::Quotas => {
                    let now = self.clock.now();
                    if *over.get_or_insert_with(|| seen.quotas.is_over(region, request.name, now)) {
                        trouble.end(index, Ending::Error(throttled()));
                    }
                }
                Deed::Stranger(given) => {
                    seen.rivals += 1;
                    let given = given.as_ref().map(|(name, input)| request.similar(name, input.clone()));
                    let other = given.unwrap_or_else(|| rival(request, seen.rivals));
                    trouble.rivals.extend(other.map(|other| (index, other)));
                }
                deed => trouble.befall(index, deed, request.name),
            }
        }
        // The first rule that ends a call ends it; the others have counted it all the same.
        if let Some((rule, _)) = trouble.before {
            self.act(&mut seen, rule);
        }
        trouble
    }
}

impl Seen {
    fn count(&mut self, rule: usize) -> u64 {
        self.counts[rule] += 1;
        self.counts[rule]
    }
}

impl Trouble {
    /// Adds what needs nothing but the rule.
    fn befall(&mut self, rule: usize, deed: &Deed, operation: &str) {
        match deed {
            Deed::Fail { code, text, done } => {
                let ending = Ending::Error(chosen(code, text.as_deref(), operation));
                if *done { self.alter(rule, ending) } else { self.end(rule, ending) }
            }
            Deed::Reset => self.end(rule, Ending::Severed),
            Deed::Lose => self.alter(rule, Ending::Severed),
            Deed::Cut => self.alter(rule, Ending::Cut),
            Deed::Slow(wait) => self.alter(rule, Ending::Slow(*wait)),
            Deed::Stale(span) if is_read(operation) => self.manner.stale = Some((rule, *span)),
            Deed::SettleFailed(code) => self.manner.settle_failed = Some((rule, code.clone())),
            Deed::Roles(span) => self.manner.roles.push((rule, *span)),
            Deed::Exhausted(supply) => self.manner.exhausted.push((rule, *supply)),
            Deed::Stale(_) | Deed::Latency(..) | Deed::Quotas | Deed::Stranger(_) => {}
        }
    }

    /// Ends the call before it is carried out, if nothing else did.
    fn end(&mut self, rule: usize, ending: Ending) {
        self.before.get_or_insert((rule, ending));
    }

    /// Alters the call's answer, if nothing else did.
    fn alter(&mut self, rule: usize, ending: Ending) {
        self.after.get_or_insert((rule, ending));
    }
}
