//! The writes of recursion configurations: planned, and phrased as calls.

use aws_sdk_lambda::types::RecursiveLoop;

use super::observe::observed;
use super::spec::{Recursion, TERMINATE};
use crate::model::{RiskKind, StepReason, StepReasonKind};
use crate::resource::{Context, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext, WriteRequest};
use crate::wire::{Call, Operation, PutFunctionRecursionConfigInputBuilder, Reply, TypedCall};

impl crate::resource::PlanWrites for Recursion {
    fn review(change: &WriteContext<'_, Recursion>, _cx: &dyn Context) -> Review {
        let lets_loop = change.desired.is_some_and(|desired| desired.recursive_loop != TERMINATE);
        let protection = "the end that Lambda puts to recursive loops".to_owned();
        let risk = lets_loop.then_some(RiskKind::ProtectionDropped { protection });
        Review { risks: risk.into_iter().collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, Recursion>) -> Vec<PlannedWrite> {
        let reason = match (change.desired, change.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            // A new function is at the default by itself.
            (Some(desired), None) if desired.recursive_loop == TERMINATE => return Vec::new(),
            (Some(_), None) => StepReasonKind::DefaultApplies.into(),
            (Some(_), Some(live)) => StepReason::live_value("recursive_loop", &live.value.recursive_loop),
        };
        vec![PlannedWrite::new(Operation::PutFunctionRecursionConfig, reason)]
    }
}

impl crate::resource::ApplyWrites for Recursion {
    fn request(_operation: Operation, write: &WriteRequest<'_, Recursion>) -> Result<Call, RequestError> {
        let desired = write.desired.as_ref().map_or(TERMINATE, |desired| desired.recursive_loop.as_str());
        Ok(PutFunctionRecursionConfigInputBuilder::default()
            .function_name(write.at.outer())
            .recursive_loop(RecursiveLoop::from(desired))
            .call())
    }

    fn read_response(_at: &ResourceRef, _desired: Option<&Recursion>, reply: &Reply) -> Option<Observed<Recursion>> {
        match reply {
            Reply::PutFunctionRecursionConfig(reply) => reply.recursive_loop().map(observed),
            _ => None,
        }
    }
}
