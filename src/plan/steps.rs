//! From what a kind drafts to the steps of a plan: their preconditions, and the outputs that they take from each other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::build::Planner;
use super::schedule::UnorderedStep;
use super::{Operand, Precondition, REVISION, Step};
use crate::model::{Action, Address, FieldPath};
use crate::resource::{PlannedWrite, PreconditionKind};
use crate::wire::Effect;

/// The dependencies of a resource, and so of its steps.
pub(super) struct Dependencies<'a> {
    /// Its parent.
    pub parent: Option<&'a Address>,
    /// The resources whose steps come first while it exists.
    pub depends_on: BTreeSet<Address>,
    /// The resources that are deleted first when it is deleted.
    pub outlasted_by: BTreeSet<Address>,
}

impl Planner<'_> {
    /// Turns a kind's drafts into steps.
    pub(super) fn steps(
        &mut self,
        address: &Address,
        action: Action,
        drafts: Vec<PlannedWrite>,
        ties: &Dependencies<'_>,
    ) {
        let mut is_gone = action == Action::Create && !self.last_step.contains_key(address);
        for draft in drafts {
            let id = u32::try_from(self.unordered.len()).unwrap_or(u32::MAX - 1) + 1;
            let step = Step {
                id,
                address: address.clone(),
                action,
                operation: draft.operation,
                operands: self.operands(address, &draft.covers),
                covers: draft.covers,
                because: draft.because,
                precondition: self.precondition(address, &draft.guard, is_gone),
                moves: draft.moves.clone(),
                unreturned: draft.unreturned,
                after: Vec::new(),
            };
            let output = Operand::Output { step: id, member: REVISION.to_owned() };
            if let Some(other) = draft.moves {
                self.revision.insert(other, output.clone());
            }
            match draft.guard {
                PreconditionKind::RevisionOf(other) => drop(self.revision.insert(other, output)),
                _ => drop(self.revision.insert(address.clone(), output)),
            }
            // What is made anew is deleted first, and then it has to be away.
            is_gone = action == Action::Replace && draft.operation.effect() == Effect::Delete;
            self.last_step.insert(address.clone(), id);
            self.unordered.push(UnorderedStep {
                step,
                depends_on: ties.depends_on.clone(),
                outlasted_by: ties.outlasted_by.clone(),
                better_after: BTreeSet::new(),
                frees: draft.frees,
                takes: draft.takes,
                ahead_of: ties.parent.filter(|_| draft.ahead).cloned(),
            });
        }
    }

    fn precondition(&self, address: &Address, guard: &PreconditionKind, is_gone: bool) -> Precondition {
        let revision = |of: &Address| {
            let live = self.planned.get(of).and_then(|subject| subject.live.as_ref());
            let known = live.and_then(|live| live.revision.clone()).map(|id| Operand::Known(Value::String(id)));
            self.revision.get(of).cloned().or(known)
        };
        let own = match guard {
            PreconditionKind::Unchanged => None,
            PreconditionKind::Revision => {
                revision(address).map(|is| Precondition::Revision { of: address.clone(), is })
            }
            PreconditionKind::RevisionOf(of) => revision(of).map(|is| Precondition::Revision { of: of.clone(), is }),
        };
        own.unwrap_or_else(|| {
            // Fail closed: a revision that nobody knows cannot be sent, so what it stands for is read and compared.
            let also = match guard {
                PreconditionKind::RevisionOf(of) => Some(of.clone()),
                _ => None,
            };
            if is_gone { Precondition::Absent { also } } else { Precondition::Unchanged { also } }
        })
    }

    /// The fields of a step that take their value from earlier steps.
    fn operands(&self, address: &Address, covers: &[FieldPath]) -> BTreeMap<String, Operand> {
        let pending = self.planned.get(address).map(|subject| &subject.pending);
        let covered =
            |path: &FieldPath| covers.is_empty() || covers.iter().any(|cover| path.within(cover) || cover.within(path));
        let fields = pending.into_iter().flatten().filter(|(path, _)| covered(path));
        let outputs = fields.filter_map(|(path, template)| {
            let reference = template.references().find(|reference| self.last_step.contains_key(&reference.target))?;
            let step = self.last_step[&reference.target];
            Some((path.to_string(), Operand::Output { step, member: reference.attribute.clone() }))
        });
        outputs.collect()
    }
}
