//! Compares a saved plan with the plan of now.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::SealedPlan;
use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Action, Address, Change};
use crate::plan::{Baseline, Step};

/// A difference between a saved plan and what would happen now.
#[derive(Clone, Debug, PartialEq)]
pub enum Stale {
    /// It was made from another spec, or for another account, region or stack.
    OtherSpec {
        /// The thing that differs.
        what: &'static str,
        /// In the file.
        saved: String,
        /// Now.
        now: String,
    },
    /// A resource that it writes is not as it was.
    Moved {
        /// The resource.
        address: Address,
        /// The fields that differ, from then to now; none if only the revision moved.
        moved: Vec<Change<Value>>,
        /// The change, in words.
        how: &'static str,
    },
    /// The steps would be others.
    OtherSteps {
        /// The first step that differs, as it was and as it would be.
        first: (String, String),
    },
}

/// Everything in which the saved plan differs from the plan of now. Both must be sealed with the same binding.
pub fn stale(saved: &SealedPlan, now: &SealedPlan) -> Vec<Stale> {
    let bound = [
        ("account", &saved.account, &now.account),
        ("region", &saved.region, &now.region),
        ("stack", &saved.stack, &now.stack),
        ("spec", &saved.spec_digest, &now.spec_digest),
    ];
    let other = bound.into_iter().filter(|(_, saved, now)| saved != now);
    let mut stale: Vec<Stale> =
        other.map(|(what, saved, now)| Stale::OtherSpec { what, saved: saved.clone(), now: now.clone() }).collect();
    if !stale.is_empty() {
        return stale;
    }
    let baselines: BTreeMap<_, _> = now.resources.iter().map(|it| (&it.address, it.saw.as_ref())).collect();
    for planned in saved.resources.iter().filter(|planned| planned.action != Action::Keep) {
        let then = planned.saw.as_ref();
        let seen = baselines.get(&planned.address).copied().flatten();
        if then == seen {
            continue;
        }
        let (moved, how) = match (then, seen) {
            (Some(then), Some(seen)) => match moves(&planned.address, then, seen) {
                moved if moved.is_empty() => {
                    (moved, "it was written to, or an update of it settled (its RevisionId moved),")
                }
                moved => (moved, "it was changed"),
            },
            (None, Some(_)) => (Vec::new(), "it was created"),
            _ => (Vec::new(), "it was deleted"),
        };
        stale.push(Stale::Moved { address: planned.address.clone(), moved, how });
    }
    if stale.is_empty() && (saved.steps != now.steps || changes(saved) != changes(now)) {
        let length = saved.steps.len().max(now.steps.len());
        let other = (0..length).map(|at| (saved.steps.get(at), now.steps.get(at))).find(|(then, now)| then != now);
        stale
            .push(Stale::OtherSteps { first: other.map_or_else(Default::default, |(then, now)| described(then, now)) });
    }
    stale
}

/// Two steps in words, with as much detail as it takes to tell them apart.
fn described(then: Option<&Step>, now: Option<&Step>) -> (String, String) {
    let name = |step: Option<&Step>| step.map_or("nothing".to_owned(), |it| format!("{} {}", it.operation, it.address));
    let whole = |step: Option<&Step>| step.and_then(|step| serde_json::to_string(step).ok()).unwrap_or_default();
    if name(then) == name(now) { (whole(then), whole(now)) } else { (name(then), name(now)) }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stale::OtherSpec { what, saved, now } => write!(f, "the plan is for {what} {saved}, and this is {now}"),
            Stale::Moved { address, how, .. } => write!(f, "{address}: {how} since the plan was made"),
            Stale::OtherSteps { first: (then, now) } if then == now => {
                write!(f, "the plan tells of other changes than there would now be")
            }
            Stale::OtherSteps { first: (then, now) } => {
                write!(f, "the plan had `{then}` where there would now be `{now}`")
            }
        }
    }
}

fn changes(plan: &SealedPlan) -> Vec<(&Address, &Vec<Change<Value>>)> {
    let touched = plan.resources.iter().filter(|planned| planned.action != Action::Keep);
    touched.map(|planned| (&planned.address, &planned.changes)).collect()
}

fn moves(address: &Address, then: &Baseline<Value>, now: &Baseline<Value>) -> Vec<Change<Value>> {
    let kind = kinds::entry(address.kind);
    let nothing = BTreeMap::new();
    let terms = Terms { schema: kind.schema(), ignore: &[], pending: &nothing, prune: true };
    let changes = diff(Some(&now.value), Some(&then.value), &terms).changes;
    // Both sides are sealed already.
    changes.iter().map(|change| change.map(|value| value.clone().into_inner())).collect()
}
