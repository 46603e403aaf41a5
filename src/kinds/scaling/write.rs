//! The writes of scaling configurations: planned, and phrased as calls.

use aws_sdk_lambda::types::FunctionScalingConfig;

use super::observe::{observed, reading};
use super::spec::{Scaling, qualifier};
use crate::model::{StepReason, StepReasonKind};
use crate::resource::{Observed, PlannedWrite, RequestError, ResourceRef, State, WriteContext, WriteRequest};
use crate::wire::{Call, Operation, PutFunctionScalingConfigInputBuilder, Reply, TypedCall};

/// The least that Lambda keeps by default.
pub(super) const LEAST: i32 = 3;

impl crate::resource::PlanWrites for Scaling {
    fn canonicalize(desired: &Scaling, live: &mut Scaling) {
        if desired.min_execution_environments.is_none() {
            live.min_execution_environments.take_if(|least| *least == LEAST);
        }
    }

    fn writes(change: &WriteContext<'_, Scaling>) -> Vec<PlannedWrite> {
        let reason = match (change.desired, change.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            (_, None) => StepReasonKind::DefaultApplies.into(),
            _ => StepReason::fields_differ(change.changes.iter().map(|change| &change.path)),
        };
        vec![PlannedWrite::new(Operation::PutFunctionScalingConfig, reason)]
    }
}

impl crate::resource::ApplyWrites for Scaling {
    fn request(_operation: Operation, write: &WriteRequest<'_, Scaling>) -> Result<Call, RequestError> {
        let config = write.desired.as_ref().map(|desired| {
            FunctionScalingConfig::builder()
                .set_min_execution_environments(desired.min_execution_environments)
                .set_max_execution_environments(desired.max_execution_environments)
                .build()
        });
        Ok(PutFunctionScalingConfigInputBuilder::default()
            .function_name(write.at.outer())
            .qualifier(qualifier(write.at))
            .set_function_scaling_config(config)
            .call())
    }

    fn read_response(at: &ResourceRef, desired: Option<&Scaling>, reply: &Reply) -> Option<Observed<Scaling>> {
        match reply {
            Reply::PutFunctionScalingConfig(_) => {
                let mut live = Observed::new(qualifier(at), desired.cloned().unwrap_or_default());
                live.state = State::updating("execution environments start and stop");
                Some(live)
            }
            Reply::GetFunctionScalingConfig(reply) => Some(observed(at, reply)),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, _operation: Operation, last: Option<&Observed<Scaling>>) -> Option<Call> {
        let is_settled = last.is_some_and(|live| live.state == State::Settled);
        (!is_settled).then(|| reading(at).call())
    }
}
