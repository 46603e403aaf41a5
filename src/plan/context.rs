//! The read-only view of a plan in the making: its inputs, and the decisions made so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decision::Decisions;
use super::live_state::LiveState;
use super::options::PlanOptions;
use crate::declaration::Stack;
use crate::model::{Address, AttributeName, FieldPath, KindId, Package, Template};
use crate::resource::{Attribute, Context, Document, Observed};

/// The inputs of a plan, which no phase changes.
#[derive(Clone, Copy)]
pub(super) struct PlanInputs<'a> {
    /// The declared stack.
    pub stack: &'a Stack,
    /// The deployment packages of the resources that have one.
    pub packages: &'a BTreeMap<Address, Arc<Package>>,
    /// The live state.
    pub observed: &'a LiveState,
    /// The user's options.
    pub options: &'a PlanOptions,
}

/// The view that a decision is made from: the inputs, and the decisions about the resources before.
#[derive(Clone, Copy)]
pub(super) struct PlanContext<'a> {
    /// The inputs of the plan.
    pub inputs: PlanInputs<'a>,
    /// The decisions so far.
    pub decisions: &'a Decisions,
}

impl Context for PlanContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Document> {
        self.inputs.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, address: &Address) -> Option<&Document> {
        self.decisions.get(address).and_then(|decision| decision.state.after.as_ref())
    }

    fn attribute(&self, address: &Address, name: &AttributeName) -> Option<Attribute> {
        if let Some(decision) = self.decisions.get(address) {
            let attributes = &decision.state.attributes;
            return attributes.iter().find(|(own, _)| own == name).map(|(_, attribute)| attribute.clone());
        }
        let live = self.inputs.observed.live.get(address)?;
        live.attributes.get(name).cloned().map(Attribute::Known)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        self.inputs.stack.resources.below(kind, keys)
    }

    fn observed(&self, address: &Address) -> Option<&Observed> {
        self.inputs.observed.live.get(address)
    }

    fn ignored(&self, address: &Address) -> &[FieldPath] {
        self.inputs.stack.resources.get(address).map_or(&[], |desired| &desired.ignore)
    }

    fn pending(&self, address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        self.decisions.get(address).map(|decision| &decision.state.pending)
    }

    fn is_unreadable(&self, address: &Address) -> bool {
        self.inputs.observed.unreadable.contains_key(address)
    }

    fn is_recreated(&self, address: &Address) -> bool {
        self.decisions.get(address).is_some_and(|decision| decision.deletes_live || decision.state.live.is_none())
    }
}
