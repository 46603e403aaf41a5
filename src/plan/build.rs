//! From what is declared and what was observed to a plan. Pure: the same values in, the same plan out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::deletions::CascadeDelete;
use super::executable::{ExecutablePlan, ResourceState};
use super::listing::{baseline, data_loss, notes_of, predicted};
use super::live_state::LiveState;
use super::options::PlanOptions;
use super::saved::Binding;
use super::schedule::{UnorderedStep, schedule};
use super::select::chosen;
use super::steps::Dependencies;
use super::{Operand, Plan, ResourcePlan, Unmanaged, preflight};
use crate::declaration::{Desired, Stack};
use crate::diff::{Difference, Terms, after, diff};
use crate::kinds;
use crate::model::{
    Action, Address, FieldPath, KindId, NotChecked, Package, ProtectedEffect, Refusal, RefusalKind, Template, plain,
};
use crate::resource::{Attribute, Context, Derived, KindEntry, Observed, Review, WriteContext, addresses_below};

/// Makes the plan.
pub fn build(
    stack: &Stack,
    packages: &BTreeMap<Address, Arc<Package>>,
    observed: &LiveState,
    choice: &PlanOptions,
) -> ExecutablePlan {
    let mut planner = Planner {
        stack,
        packages,
        observed,
        choice,
        plan: Plan::empty(&stack.scope, &Binding::of(stack).digest, choice),
        planned: BTreeMap::new(),
        deleted: BTreeSet::new(),
        cascades: BTreeMap::new(),
        chosen: chosen(stack, choice).into(),
        unordered: Vec::new(),
        revision: BTreeMap::new(),
        unmanaged_parents: observed
            .unmanaged
            .iter()
            .filter_map(|it| Some((&it.at.address, it.parent.as_ref()?)))
            .collect(),
        last_step: BTreeMap::new(),
    };
    planner.unknown();
    if choice.destroy {
        planner.destroy();
    } else {
        for address in planner.chosen.clone().iter() {
            planner.resource(address);
        }
        planner.refuse_excluded_dependents();
    }
    planner.plan_unmanaged();
    planner.attach_cascades();
    let mut plan = planner.plan;
    plan.steps = schedule(planner.unordered);
    plan.unmanaged.sort_by(|a, b| (&a.address, &a.field).cmp(&(&b.address, &b.field)));
    plan.remarks = observed.remarks.clone();
    plan.not_compared = observed.not_compared.clone();
    let left_out = stack.resources.len() - planner.chosen.len();
    if left_out > 0 {
        plan.not_compared.push(NotChecked::excluded(left_out));
    }
    plan.refusals.extend(preflight::exceeded(&plan, &choice.limits));
    ExecutablePlan { plan, resources: planner.planned }
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub stack: &'a Stack,
    packages: &'a BTreeMap<Address, Arc<Package>>,
    pub observed: &'a LiveState,
    pub choice: &'a PlanOptions,
    pub plan: Plan,
    pub planned: BTreeMap<Address, ResourceState>,
    /// The resources that are deleted, replaced, or deleted with another one.
    pub deleted: BTreeSet<Address>,
    /// The resources that Lambda deletes together with another one, without a step of their own.
    pub cascades: BTreeMap<Address, CascadeDelete>,
    /// The declared resources that this plan is about, each after what it needs.
    pub chosen: Arc<[Address]>,
    pub unordered: Vec<UnorderedStep>,
    /// The source of the newest RevisionId of each resource.
    pub revision: BTreeMap<Address, Operand>,
    /// The resource that each live resource which the spec does not name belongs to.
    pub unmanaged_parents: BTreeMap<&'a Address, &'a Address>,
    pub last_step: BTreeMap<Address, u32>,
}

impl Planner<'_> {
    /// Refuses choices that name what the spec does not declare, because they would choose something else.
    fn unknown(&mut self) {
        let chosen = self.choice.targets.iter().chain(&self.choice.excludes);
        for address in chosen.filter(|address| !self.stack.resources.contains_key(*address)) {
            self.plan.refusals.push(Refusal::of(address, RefusalKind::UndeclaredAddress));
        }
    }

    /// Returns what survives of a declared resource once its parent may have been replaced.
    fn surviving(&mut self, kind: &KindEntry, desired: &Desired, derived: &Derived) -> Option<Observed> {
        let address = &desired.at.address;
        let live = self.observed.live.get(address).cloned();
        if desired.parent.as_ref().is_some_and(|parent| self.deleted.contains(parent))
            && !kind.lifecycle().outlives_parent
        {
            self.deleted.insert(address.clone());
            if live.is_some() && desired.prevent_destroy {
                let effect = ProtectedEffect::DeletedWithParent;
                self.plan.refusals.push(Refusal::of(address, RefusalKind::PreventDestroy { effect }));
            }
            return None;
        }
        live.filter(|_| !derived.drops_live)
    }

    /// Plans one declared resource.
    fn resource(&mut self, address: &Address) {
        let kind = kinds::entry(address.kind);
        let desired = &self.stack.resources[address];
        let package = self.packages.get(address).cloned();
        let (value, pending, derived) = self.wanted(kind, desired, package.as_deref());
        let live = self.surviving(kind, desired, &derived);
        let mut seen = live.as_ref().map(|live| live.value.clone());
        if let Some(seen) = &mut seen {
            kind.canonicalize(&value, seen);
        }
        let prune = self.choice.prune || desired.prune;
        let ignore = [desired.ignore.as_slice(), &derived.ignore].concat();
        let terms = Terms { schema: kind.schema(), ignore: &ignore, pending: &pending, prune };
        let mut difference = diff(Some(&value), seen.as_ref(), &terms);
        let action = decide(live.as_ref(), &difference);
        if action == Action::Create {
            difference.changes.iter_mut().for_each(|change| change.forces_replacement = false);
        }
        let changes = &difference.changes;
        let work = WriteContext { at: &desired.at, action, desired: Some(&value), live: live.as_ref(), changes };
        let drafts = if action == Action::Keep { Vec::new() } else { kind.writes(&work) };
        let comes_with_parent = action == Action::Create && derived.created_with_parent;
        let action = if drafts.is_empty() && !comes_with_parent { Action::Keep } else { action };
        let work = WriteContext { action, ..work };
        let review = if action == Action::Keep { Review::default() } else { kind.review(&work, &*self) };
        self.refuse(desired, live.as_ref(), action);
        if action == Action::Replace {
            self.deleted.insert(address.clone());
        }
        let after = after(&value, seen.as_ref(), &difference, &ignore);
        let attributes = kind.attributes(&desired.at, &after, live.as_ref(), action);
        let planned = ResourcePlan {
            address: address.clone(),
            action,
            predicted: predicted(&attributes, action),
            changes: if action == Action::Keep { Vec::new() } else { difference.changes.clone() },
            data_loss: data_loss(&review, action),
            notes: notes_of(live.as_ref(), &review, action),
            saw: live.as_ref().map(baseline),
            surplus: false,
            with: None,
        };
        self.record(planned, desired, live.is_none());
        let unmanaged = difference.unmanaged.into_iter().map(|field| {
            let live = seen.as_ref().and_then(|seen| field.get(seen)).cloned().map(Into::into);
            Unmanaged { address: address.clone(), field: Some(field), live }
        });
        self.plan.unmanaged.extend(unmanaged);
        self.object(desired, review.objections);
        let subject = ResourceState {
            at: desired.at.clone(),
            desired: Some(value),
            pending,
            live,
            after: Some(after),
            ignore,
            package,
            attributes,
        };
        self.planned.insert(address.clone(), subject);
        let ties = Dependencies {
            parent: desired.parent.as_ref(),
            depends_on: desired.depends_on.clone(),
            outlasted_by: BTreeSet::new(),
        };
        self.steps(address, action, drafts, &ties);
    }

    /// The declared value with all that could be worked out, and the fields that are settled only while applying.
    fn wanted(
        &self,
        kind: &KindEntry,
        desired: &Desired,
        package: Option<&Package>,
    ) -> (Value, BTreeMap<FieldPath, Template>, Derived) {
        let (mut value, mut pending) = (desired.value.clone(), desired.pending.clone());
        self.fill(&mut value, &mut pending);
        kind.apply_defaults(&mut value, &desired.at, package);
        let mut derived = kind.derive_from_plan(&mut value, &desired.at, self);
        pending.extend(derived.pending.drain(..));
        self.fill(&mut value, &mut pending);
        (value, pending, derived)
    }

    /// Replaces the references that are known, and shows what is expected of the others.
    fn fill(&self, value: &mut Value, pending: &mut BTreeMap<FieldPath, Template>) {
        pending.retain(|path, template| {
            let mut certain = true;
            let text = template.fill(|reference| match self.attribute(&reference.target, &reference.attribute) {
                Some(Attribute::Known(known)) => Some(plain(&known)),
                Some(Attribute::Predicted(likely)) => {
                    certain = false;
                    Some(plain(&likely))
                }
                _ => None,
            });
            let settled = certain && text.is_some();
            path.set(value, Some(Value::String(text.unwrap_or_else(|| template.to_string()))));
            !settled
        });
    }
}

impl Context for Planner<'_> {
    fn declared(&self, address: &Address) -> Option<&Value> {
        self.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, address: &Address) -> Option<&Value> {
        self.planned.get(address).and_then(|subject| subject.after.as_ref())
    }

    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute> {
        if let Some(subject) = self.planned.get(address) {
            return subject.attributes.get(name).cloned();
        }
        let live = self.observed.live.get(address)?;
        live.attributes.get(name).cloned().map(Attribute::Known)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        addresses_below(&self.stack.resources, kind, keys)
    }

    fn observed(&self, address: &Address) -> Option<&Observed> {
        self.observed.live.get(address)
    }

    fn ignored(&self, address: &Address) -> &[FieldPath] {
        self.stack.resources.get(address).map_or(&[], |desired| &desired.ignore)
    }

    fn pending(&self, address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        self.planned.get(address).map(|subject| &subject.pending)
    }

    fn is_made_anew(&self, address: &Address) -> bool {
        self.deleted.contains(address) || self.planned.get(address).is_some_and(|subject| subject.live.is_none())
    }
}

/// Decides what a difference means for the resource.
fn decide(live: Option<&Observed>, difference: &Difference) -> Action {
    let Some(live) = live else { return Action::Create };
    if difference.changes.is_empty() {
        Action::Keep
    } else if difference.changes.iter().any(|change| change.forces_replacement) {
        Action::Replace
    } else if live.owner == Some(None) {
        Action::Adopt
    } else {
        Action::Update
    }
}
