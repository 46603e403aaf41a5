//! The planned writes of a function, each as a call.

use std::collections::BTreeMap;

use super::code::{self, ADOPTED_FIELD, PLACE_FIELD};
use super::spec::{Function, arn};
use crate::model::{FieldPath, KindId};
use crate::resource::{RequestError, WriteRequest};
use crate::wire::{
    Call, CreateFunctionInputBuilder, DeleteFunctionInputBuilder, Operation, TagResourceInputBuilder, TypedCall,
    UntagResourceInputBuilder,
};

/// Returns a planned write as a call.
pub fn call(operation: Operation, write: &WriteRequest<'_, Function>) -> Result<Call, RequestError> {
    let function = write.at.outer();
    if operation == Operation::DeleteFunction {
        return Ok(DeleteFunctionInputBuilder::default().function_name(function).call());
    }
    let spec = write.declared(operation)?;
    Ok(match operation {
        Operation::CreateFunction => {
            let call = CreateFunctionInputBuilder::default().function_name(function);
            let call = super::configuration::create(call, spec)?;
            let publish = write.creates(KindId::Version).then_some(true);
            call.code(code::create(&spec.code, write.package.as_ref())?).set_publish(publish).call()
        }
        Operation::UpdateFunctionCode => code::update(function, spec, write.package.as_ref())?.call(),
        Operation::UpdateFunctionConfiguration => super::configuration::update(spec, write)?.call(),
        Operation::UntagResource => untag(write, spec),
        Operation::TagResource => tag(write, spec)?,
        other => return Err(RequestError::ForeignOperation(other)),
    })
}

/// Takes away the covered tags that are not declared.
fn untag(write: &WriteRequest<'_, Function>, spec: &Function) -> Call {
    let covered = write.covers.iter().filter_map(|path| path.keys().get(1));
    let gone = covered.filter(|key| !spec.tags.contains_key(*key)).cloned().collect();
    UntagResourceInputBuilder::default().resource(arn(write.at)).set_tag_keys(Some(gone)).call()
}

/// Writes the covered tags, among them the one that remembers where the code came from.
fn tag(write: &WriteRequest<'_, Function>, spec: &Function) -> Result<Call, RequestError> {
    let covered = |key: &str| write.covers.iter().any(|path| path.keys().get(1).is_some_and(|covered| covered == key));
    let tags = spec.tags.iter().filter(|(key, _)| covered(key));
    let mut tags: BTreeMap<String, String> = tags.map(|(key, value)| (key.clone(), value.clone())).collect();
    let covers = |field: &'static str| write.covers.contains(&FieldPath::from(field));
    if let Some(s3) = spec.code.s3.as_ref().filter(|_| covers(PLACE_FIELD) || covers(ADOPTED_FIELD)) {
        let sha256 = write.live.as_ref().and_then(|live| live.value.code.sha256.clone());
        let sha256 = sha256.ok_or(RequestError::Unknown("the CodeSha256 of the new code"))?;
        let value = if covers(PLACE_FIELD) { code::remembered(s3, &sha256) } else { code::adopted(s3, &sha256) };
        tags.insert(code::CODE_TAG.to_owned(), value);
    }
    let tags = Some(tags.into_iter().collect());
    Ok(TagResourceInputBuilder::default().resource(arn(write.at)).set_tags(tags).call())
}
