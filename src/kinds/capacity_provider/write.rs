//! The writes of capacity providers: planned, and phrased as calls.

use super::observe::{observed, reading};
use super::spec::{CapacityProvider, arn, names};
use crate::kinds::shared::{settled, tags};
use crate::model::{Action, AttributeName, FieldPath, Package, ReplacementConsequence, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, RequestError, ResourceRef, Review, STACK_TAG,
    WriteContext, WriteRequest,
};
use crate::wire::{Call, DeleteCapacityProviderInputBuilder, Operation, Reply, TypedCall};

impl crate::resource::PlanWrites for CapacityProvider {
    fn apply_defaults(spec: &mut CapacityProvider, at: &ResourceRef, _package: Option<&Package>) {
        let logging = &mut spec.telemetry_config.logging_config;
        logging.log_group.get_or_insert_with(|| super::calls::log_group(at.own()));
        spec.tags.get_or_insert_default().insert(STACK_TAG.to_owned(), at.scope.stack.clone());
    }

    fn derive_from_plan(spec: &mut CapacityProvider, at: &ResourceRef, cx: &dyn Context) -> Derived {
        spec.settled = settled::wanted(cx.get_live::<CapacityProvider>(&at.address).and_then(|live| live.settled));
        Derived::default()
    }

    fn canonicalize(desired: &CapacityProvider, live: &mut CapacityProvider) {
        settled::canonicalize(desired.settled, &mut live.settled);
    }

    fn review(change: &WriteContext<'_, CapacityProvider>, _cx: &dyn Context) -> Review {
        // One that Lambda could not set up has no instances.
        if change.live.is_none_or(|live| live.value.settled == Some(false)) {
            return Review::default();
        }
        // Only Lambda knows whether a version runs on it, and a replacement never frees one: what refers to the provider
        // of the same name goes on doing so.
        let loss = "its instances, and Lambda rejects it while a version of a function runs on it: rather declare another \
             provider, move the functions there, delete their old versions, and then remove this one";
        Review { data_loss: Some(loss), ..Review::default() }
    }

    fn attributes(
        at: &ResourceRef,
        _after: &CapacityProvider,
        _live: Option<&Observed<CapacityProvider>>,
        _action: Action,
    ) -> Attributes {
        names(at).into_iter().map(|(name, value)| (name, Attribute::Known(value))).collect()
    }

    fn writes(change: &WriteContext<'_, CapacityProvider>) -> Vec<PlannedWrite> {
        let create = |reason: StepReasonKind| PlannedWrite::new(Operation::CreateCapacityProvider, reason);
        match change.action {
            Action::Create => vec![create(StepReasonKind::Absent)],
            Action::Delete => vec![delete(change, StepReasonKind::Undeclared)],
            Action::Replace => {
                let fixed = change.changes.iter().filter(|change| change.forces_replacement);
                let fixed: Vec<&FieldPath> = fixed.map(|change| &change.path).collect();
                let reason = match &fixed[..] {
                    [field] if field.first() == Some("settled") => StepReasonKind::CreationFailed.into(),
                    fixed => StepReason::fixed(fixed.iter().copied(), Some(ReplacementConsequence::MustBeUnused)),
                };
                vec![delete(change, reason), create(StepReasonKind::Recreated)]
            }
            _ => {
                let (mut writes, rest) = tags::planned_writes(change.changes);
                if !rest.is_empty() {
                    writes.push(
                        PlannedWrite::new(Operation::UpdateCapacityProvider, StepReason::fields_differ(&rest))
                            .covering(rest),
                    );
                }
                writes
            }
        }
    }
}

impl crate::resource::ApplyWrites for CapacityProvider {
    fn request(operation: Operation, write: &WriteRequest<'_, CapacityProvider>) -> Result<Call, RequestError> {
        let name = write.at.own();
        if operation == Operation::DeleteCapacityProvider {
            return Ok(DeleteCapacityProviderInputBuilder::default().capacity_provider_name(name).call());
        }
        let spec = write.declared(operation)?;
        match operation {
            Operation::CreateCapacityProvider => super::calls::create(name, spec),
            Operation::UpdateCapacityProvider => super::calls::update(name, spec, |field| write.changes(field)),
            _ => Ok(tags::call(operation, &arn(write.at), write.covers, spec.tags.as_ref())),
        }
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&CapacityProvider>,
        reply: &Reply,
    ) -> Option<Observed<CapacityProvider>> {
        let provider = match reply {
            Reply::CreateCapacityProvider(reply) => reply.capacity_provider(),
            Reply::GetCapacityProvider(reply) => reply.capacity_provider(),
            Reply::UpdateCapacityProvider(reply) => reply.capacity_provider(),
            Reply::DeleteCapacityProvider(reply) => reply.capacity_provider(),
            _ => None,
        };
        provider.map(|live| observed(at, live))
    }

    fn poll(at: &ResourceRef, _operation: Operation, _last: Option<&Observed<CapacityProvider>>) -> Option<Call> {
        Some(reading(at).call())
    }
}

/// The deletion, after everything that this plan moves off the provider.
pub(super) fn delete(change: &WriteContext<'_, CapacityProvider>, reason: impl Into<StepReason>) -> PlannedWrite {
    let mut write = PlannedWrite::new(Operation::DeleteCapacityProvider, reason);
    let arn = change.live.and_then(|live| live.text(&AttributeName::ARN));
    write.takes.extend(arn.map(unused));
    write
}

/// The limit in which a function makes room that stops running on the provider.
pub fn unused(arn: &str) -> String {
    format!("functions off {arn}")
}
