//! Compares a saved plan with the plan of now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::SealedPlan;
use super::stale::{BaselineChange, BindingPart, Stale};
use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Action, Address, Change, FieldPath};
use crate::plan::{Baseline, ResourcePlan, Step};
use crate::resource::field_traits;

/// Returns everything in which the saved plan differs from the plan of now. Both must be sealed with the same binding.
pub fn stale(saved: &SealedPlan, now: &SealedPlan) -> Vec<Stale> {
    let bound = [
        (BindingPart::Account, &saved.account, &now.account),
        (BindingPart::Region, &saved.region, &now.region),
        (BindingPart::Stack, &saved.stack, &now.stack),
    ];
    let keys = [saved, now].map(|plan| plan.plan_key.clone().unwrap_or_else(|| "none".to_owned()));
    let bound = bound.into_iter().chain([(BindingPart::PlanKey, &keys[0], &keys[1])]);
    let other = bound.filter(|(_, saved, now)| saved != now);
    let mut stale: Vec<Stale> =
        other.map(|(part, saved, now)| Stale::OtherSpec { part, saved: saved.clone(), now: now.clone() }).collect();
    if !stale.is_empty() {
        return stale;
    }
    let baselines: BTreeMap<_, _> = now.resources.iter().map(|it| (&it.address, it.baseline.as_ref())).collect();
    for planned in saved.resources.iter().filter(|planned| planned.action != Action::Keep) {
        let then = planned.baseline.as_ref();
        let now = baselines.get(&planned.address).copied().flatten();
        if then == now {
            continue;
        }
        let (fields, change) = match (then, now) {
            (Some(then), Some(now)) => match changed_fields(&planned.address, then, now) {
                fields if fields.is_empty() => (fields, BaselineChange::Revision),
                fields => (fields, BaselineChange::Fields),
            },
            (None, Some(_)) => (Vec::new(), BaselineChange::Created),
            _ => (Vec::new(), BaselineChange::Deleted),
        };
        stale.push(Stale::Changed { address: planned.address.clone(), fields, change });
    }
    // For what has moved, that is the reason.
    let moved: BTreeSet<Address> = stale.iter().filter_map(Stale::moved).cloned().collect();
    let otherwise: Vec<_> =
        otherwise_planned(saved, now).into_iter().filter(|it| !moved.contains(it.address)).collect();
    let values = other_values(&otherwise, stale.is_empty() && saved.spec_digest == now.spec_digest);
    if saved.spec_digest != now.spec_digest {
        let resources = otherwise.iter().map(|it| it.address.clone()).collect();
        stale.insert(0, Stale::SpecChanged { resources });
    }
    stale.extend(values);
    if stale.iter().all(Stale::is_harmless) {
        let length = saved.steps.len().max(now.steps.len());
        let other = (0..length).map(|at| (saved.steps.get(at), now.steps.get(at))).find(|(then, now)| then != now);
        stale.extend(other.map(|(then, now)| Stale::OtherSteps { first: described(then, now) }));
    }
    if stale.iter().all(Stale::is_harmless) {
        stale.extend(other_listings(saved, now));
    }
    stale
}

/// A resource of two plans: as the saved one lists it, and as that of now does.
struct PlannedTwice<'p> {
    address: &'p Address,
    plans: [Option<&'p ResourcePlan<Value>>; 2],
}

/// Returns the resources of both plans, each as both list it.
fn in_both<'p>(saved: &'p SealedPlan, now: &'p SealedPlan) -> Vec<PlannedTwice<'p>> {
    let mut both: BTreeMap<&Address, [Option<&ResourcePlan<Value>>; 2]> = BTreeMap::new();
    for (at, plan) in [saved, now].into_iter().enumerate() {
        plan.resources.iter().for_each(|planned| both.entry(&planned.address).or_default()[at] = Some(planned));
    }
    both.into_iter().map(|(address, plans)| PlannedTwice { address, plans }).collect()
}

/// Returns the resources for which the two plans do different things.
fn otherwise_planned<'p>(saved: &'p SealedPlan, now: &'p SealedPlan) -> Vec<PlannedTwice<'p>> {
    let touched = |it: Option<&'p ResourcePlan<Value>>| it.filter(|it| it.action != Action::Keep);
    let does = |it: Option<&'p ResourcePlan<Value>>| touched(it).map(|it| (it.action, &it.changes));
    in_both(saved, now).into_iter().filter(|it| does(it.plans[0]) != does(it.plans[1])).collect()
}

/// Returns what these resources would get that the saved plan does not say. What follows from others, such as the content of a
/// version, says nothing new, unless it is all that there is to say.
fn other_values(otherwise: &[PlannedTwice<'_>], is_all: bool) -> Vec<Stale> {
    let other = otherwise.iter().map(|PlannedTwice { address, plans }| {
        let [before, after] = plans.map(|it| it.map_or(&[][..], |it| &it.changes));
        let [then, now] = plans.map(|it| it.and_then(|it| it.code.as_ref()).map(ToString::to_string));
        let packages = then.zip(now).filter(|(then, now)| then != now);
        let actions = plans.map(|it| it.map(|it| it.action).filter(|action| *action != Action::Keep));
        Stale::OtherValues { address: (*address).clone(), fields: otherwise_changed(before, after), actions, packages }
    });
    let follows = |it: &Stale| match it {
        Stale::OtherValues { address, fields, packages: None, .. } if !fields.is_empty() => {
            fields.iter().all(|change| follows_from_others(address, &change.path))
        }
        _ => false,
    };
    let other: Vec<Stale> = other.collect();
    match is_all && other.iter().all(follows) {
        true => other,
        false => other.into_iter().filter(|it| !follows(it)).collect(),
    }
}

/// Returns the fields that two plans of a resource set to other values.
fn otherwise_changed(before: &[Change<Value>], after: &[Change<Value>]) -> Vec<Change<Value>> {
    let mut fields: BTreeMap<&FieldPath, Change<Value>> = BTreeMap::new();
    for change in before.iter().filter(|change| !after.contains(change)) {
        fields.insert(&change.path, Change { before: change.after.clone(), after: None, ..change.clone() });
    }
    for change in after.iter().filter(|change| !before.contains(change)) {
        let field = fields.entry(&change.path).or_insert_with(|| Change { before: None, ..change.clone() });
        field.after.clone_from(&change.after);
        field.secret |= change.secret;
    }
    fields.into_values().map(|change| Change { forces_replacement: false, ..change }).collect()
}

/// Tests for a field that follows from others: nobody declares it.
pub(super) fn follows_from_others(address: &Address, path: &FieldPath) -> bool {
    let schema = kinds::entry(address.kind).schema();
    path.first().is_some_and(|key| field_traits::has(field_traits::field(schema, key), field_traits::DERIVED))
}

/// Returns the resources that the file lists in another way than the plan of now, with the same steps. trueup writes no such
/// file: what people read in it was edited.
fn other_listings(saved: &SealedPlan, now: &SealedPlan) -> Vec<Stale> {
    let other = in_both(saved, now).into_iter().filter_map(|PlannedTwice { address, plans: [then, now] }| {
        let is_kept = |planned: Option<&ResourcePlan<Value>>| planned.is_none_or(|it| it.action == Action::Keep);
        let facts = |it: &ResourcePlan<Value>| {
            // A note on an update tells which files differ, if the live package can be downloaded.
            let notes = if it.action == Action::Update { Vec::new() } else { it.notes.clone() };
            let effects = (it.data_loss.clone(), it.replaced_with.clone(), it.replaces.clone(), it.surplus);
            let package = it.code.as_ref().map(|code| (code.source.clone(), code.files, code.bytes));
            (it.action, effects, it.predicted.clone(), notes, it.risks.clone(), it.name.clone(), package)
        };
        // What is kept may have changed in ways that do not matter.
        if (is_kept(then) && is_kept(now)) || then.map(facts) == now.map(facts) {
            return None;
        }
        let (saved, now) = (then.map(|it| it.action), now.map(|it| it.action));
        Some(Stale::OtherListing { address: address.clone(), saved, now })
    });
    other.collect()
}

/// Returns two steps in words, with as much detail as it takes to distinguish them.
fn described(then: Option<&Step>, now: Option<&Step>) -> (String, String) {
    let name = |step: Option<&Step>| step.map_or("nothing".to_owned(), |it| format!("{} {}", it.operation, it.address));
    let fields = |step: Option<&Step>| {
        let covers = step.into_iter().flat_map(|it| &it.covers).map(ToString::to_string);
        format!("{} of {}", name(step), covers.collect::<Vec<_>>().join(", "))
    };
    let whole = |step: Option<&Step>| step.and_then(|step| serde_json::to_string(step).ok()).unwrap_or_default();
    let mut described = [(name(then), name(now)), (fields(then), fields(now)), (whole(then), whole(now))].into_iter();
    described.find(|(then, now)| then != now).unwrap_or_default()
}

fn changed_fields(address: &Address, then: &Baseline<Value>, now: &Baseline<Value>) -> Vec<Change<Value>> {
    let kind = kinds::entry(address.kind);
    let nothing = BTreeMap::new();
    let terms = Terms { schema: kind.schema(), ignore: &[], pending: &nothing, prune: true };
    let changes = diff(Some(&now.value), Some(&then.value), &terms).changes;
    // Both sides are sealed already.
    changes.iter().map(|change| change.map(|value| value.clone().into_inner())).collect()
}
