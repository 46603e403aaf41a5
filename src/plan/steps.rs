//! Turns the writes of all decisions into steps: each with its precondition, and the outputs of earlier steps that it uses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::ancestors::Ancestors;
use super::context::PlanInputs;
use super::decision::{Decision, Decisions};
use super::unordered_step::UnorderedStep;
use super::{Operand, Precondition, REVISION, Step};
use crate::kinds;
use crate::model::{Action, Address, FieldPath};
use crate::resource::{Attribute, PlannedWrite, PreconditionKind};
use crate::wire::Effect;

/// Returns the steps of all decisions, each resource's in their order. What another deletion deletes has none. What stands
/// alone comes first, because one step of a function runs at a time, and a rollback must not wait for an update.
pub(super) fn steps(inputs: PlanInputs<'_>, decisions: &Decisions) -> Vec<UnorderedStep> {
    let ancestors = Ancestors::of(inputs);
    let (revision, last_step, creation) = (BTreeMap::new(), BTreeMap::new(), HashMap::new());
    let mut outputs = Outputs { decisions, ancestors, revision, last_step, creation };
    let mut steps: Vec<UnorderedStep> = Vec::new();
    let mut in_order: Vec<&Decision> = decisions.in_order.iter().collect();
    in_order.retain(|decision| decision.cascades_from.is_none());
    in_order.sort_by_key(|decision| !decision.stands_alone(inputs.stack));
    for decision in in_order {
        let address = &decision.state.at.address;
        if let Some(at) = outputs.creation_of_parent(decision).filter(|_| has_outputs(decision)) {
            steps[at].step.also_creates.push(address.clone());
            outputs.last_step.insert(address, steps[at].step.id);
        }
        let mut is_absent = decision.action == Action::Create;
        for write in &decision.writes {
            let id = u32::try_from(steps.len()).unwrap_or(u32::MAX - 1) + 1;
            let step = outputs.step(id, decision, write, is_absent);
            steps.push(unordered(decision, write, step, decision.stands_alone(inputs.stack)));
            outputs.add(id, address, write);
            // A replaced resource is deleted first, and must not exist after that.
            is_absent = decision.action == Action::Replace && write.operation.effect() == Effect::Delete;
        }
    }
    attach_cascades(&mut steps, decisions);
    delete_before_replacement(&mut steps, decisions);
    steps
}

/// Returns true if Lambda returns something of the created resource that others may need.
fn has_outputs(decision: &Decision) -> bool {
    decision.state.attributes.iter().any(|(_, attribute)| !matches!(attribute, Attribute::Known(_)))
}

fn unordered(decision: &Decision, write: &PlannedWrite, step: Step, stands_alone: bool) -> UnorderedStep {
    let dependencies = &decision.dependencies;
    UnorderedStep {
        step,
        depends_on: dependencies.depends_on.clone(),
        outlasted_by: dependencies.outlasted_by.clone(),
        better_after: BTreeSet::new(),
        frees: write.frees.clone(),
        takes: write.takes.clone(),
        stands_alone,
        ahead_of: dependencies.parent.clone().filter(|_| write.ahead),
    }
}

/// Lets what is deleted below a replaced resource go before it does, where the replacement would not delete it.
fn delete_before_replacement(steps: &mut [UnorderedStep], decisions: &Decisions) {
    let mut before: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
    for decision in decisions.in_order.iter().filter(|decision| decision.action == Action::Delete) {
        let parent = decision.dependencies.parent.as_ref().filter(|_| decision.cascades_from.is_none());
        if let Some(parent) = parent {
            before.entry(parent).or_default().insert(decision.state.at.address.clone());
        }
    }
    for unordered in steps.iter_mut().filter(|unordered| unordered.step.action == Action::Replace) {
        if unordered.step.operation.effect() == Effect::Delete {
            unordered.outlasted_by.extend(before.remove(&unordered.step.address).into_iter().flatten());
        }
    }
}

/// Adds to each deletion the effects of those that it cascades to: it frees their shared limits, and comes after what
/// refers to them.
fn attach_cascades(steps: &mut [UnorderedStep], decisions: &Decisions) {
    let mut cascades: BTreeMap<&Address, Vec<&Decision>> = BTreeMap::new();
    for decision in decisions.in_order.iter() {
        if let Some(root) = &decision.cascades_from {
            cascades.entry(root).or_default().push(decision);
        }
    }
    let root = |address: &Address| {
        let root = decisions.get(address).and_then(|decision| decision.cascades_from.as_ref());
        root.unwrap_or(address).clone()
    };
    for unordered in steps.iter_mut().filter(|unordered| unordered.step.action == Action::Delete) {
        let address = &unordered.step.address;
        let cascades = cascades.get(address).into_iter().flatten();
        let writes = cascades.clone().flat_map(|decision| &decision.writes);
        unordered.frees.extend(writes.flat_map(|write| write.frees.iter().cloned()));
        let users = cascades.flat_map(|decision| &decision.dependencies.outlasted_by).chain(&unordered.outlasted_by);
        unordered.better_after = users.map(root).filter(|user| user != address).collect();
    }
}

/// The outputs that the steps so far have, for those that come later to use.
struct Outputs<'a> {
    decisions: &'a Decisions,
    ancestors: Ancestors<'a>,
    /// The source of the newest RevisionId of each resource.
    revision: BTreeMap<Address, Operand>,
    /// The last step of each resource.
    last_step: BTreeMap<&'a Address, u32>,
    /// The step that creates each resource, by its position.
    creation: HashMap<&'a Address, usize>,
}

impl<'a> Outputs<'a> {
    /// Adds the outputs of a write: the RevisionId that the written resource has after it, and of one whose it moves.
    fn add(&mut self, id: u32, address: &'a Address, write: &PlannedWrite) {
        let revised = match &write.guard {
            PreconditionKind::RevisionOf(other) => other,
            _ => address,
        };
        let output = Operand::Output { step: id, member: REVISION.to_owned() };
        for revised in write.moves.iter().chain([revised]) {
            self.revision.insert(revised.clone(), output.clone());
        }
        self.last_step.insert(address, id);
        if write.operation.effect() == Effect::Create {
            self.creation.insert(address, id as usize - 1);
        }
    }

    /// Returns the position of the step that creates the parent, if the resource is created by it.
    fn creation_of_parent(&self, decision: &Decision) -> Option<usize> {
        let is_created_with = decision.action == Action::Create && decision.writes.is_empty();
        let parent = decision.dependencies.parent.as_ref().filter(|_| is_created_with)?;
        self.creation.get(parent).copied()
    }

    /// Returns the step for a write.
    fn step(&self, id: u32, decision: &Decision, write: &PlannedWrite, is_absent: bool) -> Step {
        let address = &decision.state.at.address;
        Step {
            id,
            address: address.clone(),
            action: decision.action,
            operation: write.operation,
            covers: write.covers.clone(),
            reason: write.reason.clone(),
            precondition: self.precondition(address, write, is_absent),
            owned_by: self.owned_by(decision),
            operands: self.operands(decision, &write.covers),
            moves: write.moves.clone(),
            unreturned: write.unreturned.clone(),
            also_creates: Vec::new(),
            after: Vec::new(),
            after_freed: Vec::new(),
            frees: Vec::new(),
        }
    }

    /// Returns the resource whose tags name the owner, if it is not the written one: a resource that is yet to be created
    /// has no tags of its own.
    fn owned_by(&self, decision: &Decision) -> Option<Address> {
        let is_tagged = |address: &Address| kinds::entry(address.kind).lifecycle().is_tagged;
        if is_tagged(&decision.state.at.address) && decision.action != Action::Create {
            return None;
        }
        self.ancestors.from(decision.dependencies.parent.as_ref()?).find(|address| is_tagged(address)).cloned()
    }

    fn precondition(&self, address: &Address, write: &PlannedWrite, is_absent: bool) -> Precondition {
        let of = match &write.guard {
            PreconditionKind::Unchanged => None,
            PreconditionKind::Revision => Some(address),
            PreconditionKind::RevisionOf(of) => Some(of),
        };
        if let Some((of, value)) = of.and_then(|of| Some((of, self.revision(of)?))) {
            return Precondition::Revision { of: of.clone(), value };
        }
        // Fail closed: an unknown revision cannot be sent, so the resource that would have it is read and compared.
        let also = of.filter(|of| *of != address).cloned();
        match is_absent {
            true => Precondition::Absent { enforced: write.is_exclusive, also },
            false => Precondition::Unchanged { also },
        }
    }

    /// Returns the source of a resource's RevisionId, if one is known or will be.
    fn revision(&self, of: &Address) -> Option<Operand> {
        let live = || self.decisions.get(of)?.state.live.as_ref()?.revision.clone();
        self.revision.get(of).cloned().or_else(|| Some(Operand::Known(Value::String(live()?))))
    }

    /// Returns the fields of a step that take their value from earlier steps.
    fn operands(&self, decision: &Decision, covers: &[FieldPath]) -> BTreeMap<String, Operand> {
        let covered =
            |path: &FieldPath| covers.is_empty() || covers.iter().any(|cover| path.within(cover) || cover.within(path));
        let fields = decision.state.pending.iter().filter(|(path, _)| covered(path));
        let outputs = fields.filter_map(|(path, template)| {
            let reference = template.references().find(|reference| self.last_step.contains_key(&reference.target))?;
            let step = self.last_step[&reference.target];
            Some((path.to_string(), Operand::Output { step, member: reference.attribute.to_string() }))
        });
        outputs.collect()
    }
}
