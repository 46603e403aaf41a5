//! The writes of reserved concurrency: planned, and phrased as calls.

use super::observe::observed;
use super::spec::ReservedConcurrency;
use crate::kinds::shared::limits;
use crate::model::{RiskKind, StepReason, StepReasonKind};
use crate::resource::{Context, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext, WriteRequest};
use crate::wire::{
    Call, DeleteFunctionConcurrencyInputBuilder, GetFunctionConcurrencyInputBuilder, Operation,
    PutFunctionConcurrencyInputBuilder, Reply, TypedCall,
};

/// The only field.
pub(super) const FIELD: &str = "reserved_concurrent_executions";

impl crate::resource::PlanWrites for ReservedConcurrency {
    fn review(change: &WriteContext<'_, ReservedConcurrency>, _cx: &dyn Context) -> Review {
        let stops = change.desired.and_then(|desired| desired.reserved_concurrent_executions) == Some(0);
        Review { risks: stops.then_some(RiskKind::ConcurrencyZero).into_iter().collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, ReservedConcurrency>) -> Vec<PlannedWrite> {
        let (account, reserved) = (limits::unreserved(), limits::reserved(change.at));
        let provisioned = limits::reserved_above_provisioned(change.at);
        let before = change.live.and_then(|live| live.value.reserved_concurrent_executions);
        let after = change.desired.and_then(|desired| desired.reserved_concurrent_executions);
        match (before, after) {
            (None, None) if change.desired.is_some() => Vec::new(),
            (_, None) => {
                let reason = match (before, change.desired) {
                    (Some(before), Some(_)) => StepReason::live_value(FIELD, before),
                    _ => StepReasonKind::Undeclared.into(),
                };
                let mut write = PlannedWrite::new(Operation::DeleteFunctionConcurrency, reason);
                write.frees = vec![account, reserved];
                vec![write]
            }
            (Some(before), Some(after)) if after < before => {
                let mut write =
                    PlannedWrite::new(Operation::PutFunctionConcurrency, StepReason::live_value(FIELD, before));
                write.frees = vec![account];
                write.takes = vec![provisioned];
                vec![write]
            }
            (before, Some(_)) => {
                let reason =
                    before.map_or(StepReasonKind::NotSet.into(), |before| StepReason::live_value(FIELD, before));
                let mut write = PlannedWrite::new(Operation::PutFunctionConcurrency, reason);
                write.frees = vec![reserved];
                write.takes = vec![account];
                vec![write]
            }
        }
    }
}

impl crate::resource::ApplyWrites for ReservedConcurrency {
    fn request(operation: Operation, write: &WriteRequest<'_, ReservedConcurrency>) -> Result<Call, RequestError> {
        let function = write.at.outer();
        Ok(match (operation, &write.desired) {
            (Operation::PutFunctionConcurrency, Some(spec)) => PutFunctionConcurrencyInputBuilder::default()
                .function_name(function)
                .set_reserved_concurrent_executions(spec.reserved_concurrent_executions)
                .call(),
            _ => DeleteFunctionConcurrencyInputBuilder::default().function_name(function).call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&ReservedConcurrency>,
        reply: &Reply,
    ) -> Option<Observed<ReservedConcurrency>> {
        let reserved = match reply {
            Reply::PutFunctionConcurrency(reply) => reply.reserved_concurrent_executions(),
            Reply::GetFunctionConcurrency(reply) => reply.reserved_concurrent_executions(),
            _ => None,
        };
        reserved.map(|reserved| observed(at, reserved))
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<ReservedConcurrency>>) -> Option<Call> {
        (operation != Operation::DeleteFunctionConcurrency)
            .then(|| GetFunctionConcurrencyInputBuilder::default().function_name(at.outer()).call())
    }
}
