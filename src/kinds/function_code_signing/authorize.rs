//! The permissions that the code signing of a function takes.

use super::FunctionCodeSigning;
use crate::resource::{Authorize, Grant, GrantedResource, KindCalls};
use crate::wire::Operation;

impl Authorize for FunctionCodeSigning {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetFunctionCodeSigningConfig],
        writes: &[Operation::PutFunctionCodeSigningConfig],
        deletes: &[Operation::DeleteFunctionCodeSigningConfig],
        ..KindCalls::NONE
    };

    fn grants(spec: &Self) -> Vec<Grant> {
        let config = GrantedResource::Arn(spec.code_signing_config_arn.clone());
        vec![Grant::to_write(&["lambda:PutFunctionCodeSigningConfig"], "code_signing_config_arn", config)]
    }
}
