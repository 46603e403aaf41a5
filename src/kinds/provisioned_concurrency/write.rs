//! The writes of provisioned concurrency: planned, and phrased as calls.

use super::observe::{observed, reading};
use super::spec::ProvisionedConcurrency;
use crate::kinds::shared::limits;
use crate::model::{Package, StepReason, StepReasonKind};
use crate::resource::{Observed, PlannedWrite, RequestError, ResourceRef, WriteContext, WriteRequest};
use crate::wire::{
    Call, DeleteProvisionedConcurrencyConfigInputBuilder, Operation, PutProvisionedConcurrencyConfigInputBuilder,
    Reply, TypedCall,
};

impl crate::resource::PlanWrites for ProvisionedConcurrency {
    fn apply_defaults(spec: &mut ProvisionedConcurrency, _at: &ResourceRef, _package: Option<&Package>) {
        spec.failed = Some(false);
    }

    fn writes(change: &WriteContext<'_, ProvisionedConcurrency>) -> Vec<PlannedWrite> {
        let (account, reserved) = (limits::unreserved(), limits::reserved(change.at));
        let provisioned = limits::reserved_above_provisioned(change.at);
        let before = change.live.and_then(|live| live.value.provisioned_concurrent_executions);
        let after = change.desired.and_then(|desired| desired.provisioned_concurrent_executions);
        let field = "provisioned_concurrent_executions";
        let reason = match (change.live, before) {
            (Some(live), _) if live.value.failed == Some(true) => StepReasonKind::AllocationFailed.into(),
            (_, Some(before)) => StepReason::live_value(field, before),
            (_, None) => StepReasonKind::NotSet.into(),
        };
        let Some(after) = after else {
            if change.desired.is_some() && change.live.is_none() {
                return Vec::new();
            }
            let reason = if change.desired.is_some() { reason } else { StepReasonKind::Undeclared.into() };
            let mut write = PlannedWrite::new(Operation::DeleteProvisionedConcurrencyConfig, reason);
            write.frees = vec![account, reserved, provisioned];
            return vec![write];
        };
        let mut write = PlannedWrite::new(Operation::PutProvisionedConcurrencyConfig, reason);
        if before.is_some_and(|before| after < before) {
            write.frees = vec![account, reserved, provisioned];
        } else {
            write.takes = vec![account, reserved];
        }
        vec![write]
    }
}

impl crate::resource::ApplyWrites for ProvisionedConcurrency {
    fn request(operation: Operation, write: &WriteRequest<'_, ProvisionedConcurrency>) -> Result<Call, RequestError> {
        let (function, qualifier) = (write.at.outer(), write.at.own());
        Ok(match (operation, &write.desired) {
            (Operation::PutProvisionedConcurrencyConfig, Some(spec)) => {
                PutProvisionedConcurrencyConfigInputBuilder::default()
                    .function_name(function)
                    .qualifier(qualifier)
                    .set_provisioned_concurrent_executions(spec.provisioned_concurrent_executions)
                    .call()
            }
            _ => DeleteProvisionedConcurrencyConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&ProvisionedConcurrency>,
        reply: &Reply,
    ) -> Option<Observed<ProvisionedConcurrency>> {
        match reply {
            Reply::PutProvisionedConcurrencyConfig(reply) => observed(
                at,
                reply.requested_provisioned_concurrent_executions(),
                reply.status(),
                reply.status_reason().unwrap_or_default(),
            ),
            Reply::GetProvisionedConcurrencyConfig(reply) => observed(
                at,
                reply.requested_provisioned_concurrent_executions(),
                reply.status(),
                reply.status_reason().unwrap_or_default(),
            ),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<ProvisionedConcurrency>>) -> Option<Call> {
        // A deletion is done when it is answered.
        (operation != Operation::DeleteProvisionedConcurrencyConfig).then(|| reading(at).call())
    }
}
