//! Compares a saved plan with the plan of now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::SealedPlan;
use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Action, Address, Change, FieldPath, listed};
use crate::plan::{Baseline, ResourcePlan, Step};
use crate::resource::field_traits;

/// The most resources that are named for which something else would happen.
const NAMED: usize = 8;

/// A difference between a saved plan and what would happen now.
#[derive(Clone, Debug, PartialEq)]
pub enum Stale {
    /// It was made from another spec, or for another account, region or stack.
    OtherSpec {
        /// The part that differs.
        part: BindingPart,
        /// In the file.
        saved: String,
        /// Now.
        now: String,
    },
    /// The spec has changed, or its variables, its code or the names of its secrets.
    SpecChanged {
        /// The resources for which something else would happen now; none if the steps are the same.
        resources: Vec<Address>,
    },
    /// A resource that it writes has changed.
    Changed {
        /// The resource.
        address: Address,
        /// The fields that differ, from then to now.
        fields: Vec<Change<Value>>,
        /// The kind of change.
        change: BaselineChange,
    },
    /// The file lists a resource as it is not: with another action, or with something else that is lost or replaced.
    OtherListing {
        /// The resource.
        address: Address,
        /// Its action in the file; absent if the file does not list it.
        saved: Option<Action>,
        /// Its action now; absent if the plan would not list it.
        now: Option<Action>,
    },
    /// Something else would happen to a resource that has not moved.
    OtherValues {
        /// The resource.
        address: Address,
        /// What the plan does to it, and what would be done now; none if nothing.
        actions: [Option<Action>; 2],
        /// The fields that would get another value, from the one in the plan to the one of now; one is absent where the field
        /// would not change.
        fields: Vec<Change<Value>>,
        /// The package, as it was and as it is, if that can be told apart.
        packages: Option<(String, String)>,
    },
    /// The steps would be others.
    OtherSteps {
        /// The first step that differs, as it was and as it would be.
        first: (String, String),
    },
}

/// A part of what a plan is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingPart {
    /// The AWS account.
    Account,
    /// The region.
    Region,
    /// The stack's name.
    Stack,
    /// The key of the plan, by its fingerprint.
    PlanKey,
}

/// The change of a resource since a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineChange {
    /// It was created.
    Created,
    /// It was deleted.
    Deleted,
    /// Fields of it changed.
    Fields,
    /// Only its RevisionId changed.
    Revision,
}

impl Stale {
    /// Returns the fields with a value then and another one now.
    pub fn fields(&self) -> &[Change<Value>] {
        match self {
            Stale::Changed { fields, .. } => fields,
            Stale::OtherValues { fields, packages: None, .. }
                if fields.iter().all(|it| it.before.is_some() && it.after.is_some()) =>
            {
                fields
            }
            _ => &[],
        }
    }

    /// Tests if the same steps would happen all the same: only the spec has changed, in something else.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Stale::SpecChanged { resources } if resources.is_empty())
    }
}

impl fmt::Display for BaselineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BaselineChange::Created => "it was created",
            BaselineChange::Deleted => "it was deleted",
            BaselineChange::Fields => "it was changed",
            BaselineChange::Revision => "its RevisionId changed (a write, or an update that finished)",
        })
    }
}

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
    if saved.spec_digest != now.spec_digest {
        // For what has moved, that is the reason.
        let moved = |of: &Address| stale.iter().any(|it| matches!(it, Stale::Changed { address, .. } if address == of));
        let resources: Vec<Address> = otherwise_planned(saved, now).into_iter().filter(|it| !moved(it)).collect();
        stale.insert(0, Stale::SpecChanged { resources });
    }
    stale.extend(other_values(saved, now, &stale));
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

/// Returns the resources for which the two plans do different things.
fn otherwise_planned(saved: &SealedPlan, now: &SealedPlan) -> Vec<Address> {
    let [then, now] = [saved, now].map(|plan| {
        let touched = plan.resources.iter().filter(|planned| planned.action != Action::Keep);
        touched.map(|it| (&it.address, (it.action, &it.changes))).collect::<BTreeMap<_, _>>()
    });
    let addresses: BTreeSet<&Address> = then.keys().chain(now.keys()).copied().collect();
    addresses.into_iter().filter(|address| then.get(address) != now.get(address)).cloned().collect()
}

/// Returns the resources that have not moved, and would get other values than the saved plan says.
fn other_values(saved: &SealedPlan, now: &SealedPlan, stale: &[Stale]) -> Vec<Stale> {
    let has_moved = |of: &Address| stale.iter().any(|it| matches!(it, Stale::Changed { address, .. } if address == of));
    let planned = |plan: &SealedPlan, of: &Address| plan.resources.iter().find(|it| it.address == *of).cloned();
    let other = otherwise_planned(saved, now).into_iter().filter(|address| !has_moved(address)).map(|address| {
        let (then, now) = (planned(saved, &address), planned(now, &address));
        let [before, after] = [&then, &now].map(|it| it.as_ref().map_or(&[][..], |it| &it.changes));
        let packages = then.as_ref().and_then(|it| it.code.as_ref()).zip(now.as_ref().and_then(|it| it.code.as_ref()));
        let packages =
            packages.map(|(then, now)| (then.to_string(), now.to_string())).filter(|(then, now)| then != now);
        let actions = [&then, &now].map(|it| it.as_ref().map(|it| it.action).filter(|action| *action != Action::Keep));
        Stale::OtherValues { fields: otherwise_changed(before, after), actions, packages, address }
    });
    let other: Vec<Stale> = other.collect();
    // What follows from others, such as the content of a version, says nothing new.
    let follows = |it: &Stale| match it {
        Stale::OtherValues { address, fields, packages: None, .. } if !fields.is_empty() => {
            fields.iter().all(|change| follows_from_others(address, &change.path))
        }
        _ => false,
    };
    match stale.is_empty() && other.iter().all(follows) {
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
    let [then, now] = [saved, now].map(|plan| {
        let listed = plan.resources.iter().map(|planned| (&planned.address, planned));
        listed.collect::<BTreeMap<&Address, &ResourcePlan<Value>>>()
    });
    let addresses: BTreeSet<&Address> = then.keys().chain(now.keys()).copied().collect();
    let other = addresses.into_iter().filter_map(|address| {
        let (then, now) = (then.get(address).copied(), now.get(address).copied());
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

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stale::SpecChanged { resources } => {
                f.write_str(
                    "the spec, its code, its variables or its sources of secrets have changed since the plan was made",
                )?;
                match resources.is_empty() {
                    true => f.write_str(", though it would do the same"),
                    false => write!(f, "; it would do something else to {}", listed(resources, NAMED)),
                }
            }
            Stale::OtherSpec { part, saved, now } => match part {
                BindingPart::Account => write!(f, "this plan is for account {saved}, and the run is in account {now}"),
                BindingPart::Region => write!(f, "this plan is for {saved}, and the run is in {now}"),
                BindingPart::Stack => write!(f, "this plan is of stack {saved}, and the spec is of stack {now}"),
                BindingPart::PlanKey => f.write_str("this plan was saved with another plan key than the run has"),
            },
            Stale::Changed { address, change, .. } => write!(f, "{address}: {change} since the plan was made"),
            Stale::OtherListing { address, saved, now } if saved == now => {
                write!(f, "{address}: the file says something of it that the plan does not")
            }
            Stale::OtherListing { address, saved, now } => {
                let action = |action: &Option<Action>| action.map_or("absent".to_owned(), |action| action.to_string());
                write!(f, "{address}: the file says `{}`, and the plan is `{}`", action(saved), action(now))
            }
            Stale::OtherValues { address, packages: Some((then, now)), .. } => {
                write!(f, "{address}: its code has changed since the plan was made: {then}, now {now}")
            }
            Stale::OtherValues { address, actions: [None, Some(now)], .. } if *now != Action::Update => {
                write!(f, "{address}: the plan leaves it as it is, and now the action would be `{now}`")
            }
            Stale::OtherValues { address, actions: [Some(then), None], .. } => {
                write!(f, "{address}: the action of the plan is `{then}`, and now nothing would happen to it")
            }
            Stale::OtherValues { address, actions: [Some(then), Some(now)], .. } if then != now => {
                write!(f, "{address}: the action of the plan is `{then}`, and now it would be `{now}`")
            }
            Stale::OtherValues { address, fields, .. } => {
                let names: Vec<String> = fields.iter().map(|change| change.path.shown()).collect();
                let names = listed(names, NAMED);
                match (fields.iter().all(|it| it.before.is_none()), fields.iter().all(|it| it.after.is_none())) {
                    (true, _) => write!(f, "{address}: {names} would be changed now, too"),
                    (_, true) => write!(f, "{address}: {names} would no longer be changed"),
                    _ => write!(f, "{address}: {names} would get another value now than the plan says"),
                }
            }
            Stale::OtherSteps { first: (then, now) } => {
                write!(f, "the plan has `{then}` where `{now}` would run now")
            }
        }
    }
}

fn changed_fields(address: &Address, then: &Baseline<Value>, now: &Baseline<Value>) -> Vec<Change<Value>> {
    let kind = kinds::entry(address.kind);
    let nothing = BTreeMap::new();
    let terms = Terms { schema: kind.schema(), ignore: &[], pending: &nothing, prune: true };
    let changes = diff(Some(&now.value), Some(&then.value), &terms).changes;
    // Both sides are sealed already.
    changes.iter().map(|change| change.map(|value| value.clone().into_inner())).collect()
}
