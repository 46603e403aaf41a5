//! The writes of asynchronous invocation configurations: planned, and phrased as calls.

use aws_sdk_lambda::types::FunctionEventInvokeConfig;

use super::destinations::InvokeDestinations;
use super::observe::observed;
use super::spec::{EventInvokeConfig, qualifier};
use crate::model::{Package, RiskKind, StepReason, StepReasonKind};
use crate::resource::{Context, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext, WriteRequest};
use crate::wire::{
    Call, DeleteFunctionEventInvokeConfigInputBuilder, GetFunctionEventInvokeConfigInputBuilder, Operation,
    PutFunctionEventInvokeConfigInputBuilder, Reply, TypedCall,
};

impl crate::resource::PlanWrites for EventInvokeConfig {
    fn apply_defaults(spec: &mut EventInvokeConfig, _at: &ResourceRef, _package: Option<&Package>) {
        spec.destination_config = spec.destination_config.take().and_then(InvokeDestinations::given);
    }

    fn review(change: &WriteContext<'_, EventInvokeConfig>, _cx: &dyn Context) -> Review {
        let keeps_failed =
            |spec: &EventInvokeConfig| spec.destination_config.as_ref().is_some_and(|to| to.on_failure.is_some());
        let had = change.live.is_some_and(|live| keeps_failed(&live.value));
        let drops = had && change.desired.is_some_and(|desired| !keeps_failed(desired));
        let protection = "the destination of events that fail".to_owned();
        let risk = drops.then_some(RiskKind::ProtectionDropped { protection });
        Review { risks: risk.into_iter().collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, EventInvokeConfig>) -> Vec<PlannedWrite> {
        vec![match (change.desired, change.live) {
            (None, _) => PlannedWrite::new(Operation::DeleteFunctionEventInvokeConfig, StepReasonKind::Undeclared),
            (_, None) => PlannedWrite::new(Operation::PutFunctionEventInvokeConfig, StepReasonKind::DefaultApplies),
            _ => PlannedWrite::new(
                Operation::PutFunctionEventInvokeConfig,
                StepReason::fields_differ(change.changes.iter().map(|change| &change.path)),
            ),
        }]
    }
}

impl crate::resource::ApplyWrites for EventInvokeConfig {
    fn request(operation: Operation, write: &WriteRequest<'_, EventInvokeConfig>) -> Result<Call, RequestError> {
        let (function, qualifier) = (write.at.outer(), qualifier(write.at));
        Ok(match (operation, &write.desired) {
            (Operation::PutFunctionEventInvokeConfig, Some(spec)) => {
                PutFunctionEventInvokeConfigInputBuilder::default()
                    .function_name(function)
                    .qualifier(qualifier)
                    .maximum_retry_attempts(spec.maximum_retry_attempts)
                    .maximum_event_age_in_seconds(spec.maximum_event_age_in_seconds)
                    .set_destination_config(spec.destination_config.as_ref().map(InvokeDestinations::sent))
                    .call()
            }
            _ => DeleteFunctionEventInvokeConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&EventInvokeConfig>,
        reply: &Reply,
    ) -> Option<Observed<EventInvokeConfig>> {
        let config = FunctionEventInvokeConfig::builder();
        let config = match reply {
            Reply::PutFunctionEventInvokeConfig(reply) => config
                .set_maximum_retry_attempts(reply.maximum_retry_attempts)
                .set_maximum_event_age_in_seconds(reply.maximum_event_age_in_seconds)
                .set_destination_config(reply.destination_config.clone()),
            Reply::GetFunctionEventInvokeConfig(reply) => config
                .set_maximum_retry_attempts(reply.maximum_retry_attempts)
                .set_maximum_event_age_in_seconds(reply.maximum_event_age_in_seconds)
                .set_destination_config(reply.destination_config.clone()),
            _ => return None,
        };
        Some(observed(at, &config.build()))
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<EventInvokeConfig>>) -> Option<Call> {
        // A deletion is done when it is answered.
        let reading = GetFunctionEventInvokeConfigInputBuilder::default().function_name(at.outer());
        (operation != Operation::DeleteFunctionEventInvokeConfig).then(|| reading.qualifier(qualifier(at)).call())
    }
}
