//! The writes of runtime management configurations: planned, and phrased as calls.

use aws_sdk_lambda::types::UpdateRuntimeOn;

use super::observe::observed;
use super::spec::{AUTO, RuntimeManagement, qualifier};
use crate::model::{KindId, StepReason, StepReasonKind};
use crate::resource::{Observed, PlannedWrite, RequestError, ResourceRef, WriteContext, WriteRequest};
use crate::wire::{Call, Operation, PutRuntimeManagementConfigInputBuilder, Reply, TypedCall};

impl crate::resource::PlanWrites for RuntimeManagement {
    fn writes(change: &WriteContext<'_, RuntimeManagement>) -> Vec<PlannedWrite> {
        let is_function = change.at.names.len() == 1;
        let reason = match (change.desired, change.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            // A new function is at the default by itself, and a new version as the function is.
            (Some(desired), None) if desired.update_runtime_on == AUTO && is_function => return Vec::new(),
            (_, live) => {
                let now = live.map_or(AUTO, |live| live.value.update_runtime_on.as_str());
                StepReason::live_value("update_runtime_on", now)
            }
        };
        let write = PlannedWrite::new(Operation::PutRuntimeManagementConfig, reason);
        let function = change.at.address.outermost(KindId::Function);
        vec![if is_function { write.moving(function) } else { write }]
    }
}

impl crate::resource::ApplyWrites for RuntimeManagement {
    fn request(_operation: Operation, write: &WriteRequest<'_, RuntimeManagement>) -> Result<Call, RequestError> {
        let on = write.desired.as_ref().map_or(AUTO, |desired| desired.update_runtime_on.as_str());
        Ok(PutRuntimeManagementConfigInputBuilder::default()
            .function_name(write.at.outer())
            .qualifier(qualifier(write.at))
            .update_runtime_on(UpdateRuntimeOn::from(on))
            .set_runtime_version_arn(write.desired.as_ref().and_then(|desired| desired.runtime_version_arn.clone()))
            .call())
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&RuntimeManagement>,
        reply: &Reply,
    ) -> Option<Observed<RuntimeManagement>> {
        match reply {
            Reply::PutRuntimeManagementConfig(reply) => {
                Some(observed(at, reply.update_runtime_on(), reply.runtime_version_arn().map(str::to_owned)))
            }
            _ => None,
        }
    }
}
