//! The writes of functions' code signing configurations: planned, and phrased as calls.

use super::rules::function;
use super::spec::FunctionCodeSigning;
use crate::kinds::code_signing_config::unused;
use crate::model::StepReasonKind;
use crate::resource::{
    Context, Derived, Observed, PlannedWrite, RequestError, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteFunctionCodeSigningConfigInputBuilder, Operation, PutFunctionCodeSigningConfigInputBuilder, Reply,
    TypedCall,
};

impl crate::resource::PlanWrites for FunctionCodeSigning {
    fn derive_from_plan(spec: &mut FunctionCodeSigning, at: &ResourceRef, cx: &dyn Context) -> Derived {
        let created_with_parent = cx.is_recreated(&function(at));
        spec.at_creation = created_with_parent.then_some(true);
        Derived { created_with_parent, ..Derived::default() }
    }

    fn writes(change: &WriteContext<'_, FunctionCodeSigning>) -> Vec<PlannedWrite> {
        let mut write = match change.desired {
            Some(desired) if desired.at_creation.is_some() => return Vec::new(),
            Some(_) => PlannedWrite::new(Operation::PutFunctionCodeSigningConfig, StepReasonKind::CheckNextCode),
            None => PlannedWrite::new(Operation::DeleteFunctionCodeSigningConfig, StepReasonKind::Undeclared),
        };
        write.frees.extend(change.live.map(|live| unused(&live.value.code_signing_config_arn)));
        write.ahead = true;
        vec![write]
    }
}

impl crate::resource::ApplyWrites for FunctionCodeSigning {
    fn request(_operation: Operation, write: &WriteRequest<'_, FunctionCodeSigning>) -> Result<Call, RequestError> {
        let name = write.at.outer();
        Ok(match &write.desired {
            Some(spec) => PutFunctionCodeSigningConfigInputBuilder::default()
                .function_name(name)
                .code_signing_config_arn(&spec.code_signing_config_arn)
                .call(),
            None => DeleteFunctionCodeSigningConfigInputBuilder::default().function_name(name).call(),
        })
    }

    fn read_response(
        _at: &ResourceRef,
        _desired: Option<&FunctionCodeSigning>,
        reply: &Reply,
    ) -> Option<Observed<FunctionCodeSigning>> {
        let arn = match reply {
            Reply::PutFunctionCodeSigningConfig(reply) => reply.code_signing_config_arn(),
            Reply::GetFunctionCodeSigningConfig(reply) => reply.code_signing_config_arn(),
            _ => return None,
        };
        // A function without one is answered with nothing or with an empty ARN.
        let arn = Some(arn).filter(|arn| !arn.is_empty())?;
        let value = FunctionCodeSigning { code_signing_config_arn: arn.to_owned(), at_creation: None };
        Some(Observed::new("code signing", value))
    }
}
