//! A function's code between the words of the spec and the SDK's types, and how two packages are known to be the same.
//!
//! Directories and zip files are known by CodeSha256, images by URI or resolved digest, and so is a package in S3 whose
//! hash the spec gives. For the rest of S3 the API mostly does not return where the code came from, so the place is kept
//! as a digest in the tag `trueup:code`, together with the CodeSha256 that Lambda computed: the tag counts only as long
//! as that is still the live one. A function that is yet to be adopted has no such tag, and its code is taken to be that of the
//! object: nobody wants an adoption to deploy code. Its tag says so, and every plan says it until the code is deployed.

use std::sync::Arc;

use aws_sdk_lambda::types as aws;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::spec::{Code, Function};
use crate::kinds::shared::package_source::{self, S3};
use crate::model::Package;
use crate::resource::RequestError;
use crate::wire::UpdateFunctionCodeInputBuilder;

/// The tag that remembers where code from S3 came from.
pub const CODE_TAG: &str = "trueup:code";

/// The field that is known again only once the tag `trueup:code` is written.
pub const PLACE_FIELD: &str = "code.s3";

/// The field that stands for code which is adopted without being compared.
pub const ADOPTED_FIELD: &str = "code.sha256";

/// The word in the tag for code that was adopted, and never compared with the object.
const ADOPTED: &str = "adopted";

/// The mark of live code that is taken to be that of an object in S3, and was never compared with it.
pub struct PresumedCode;

/// The code for the call that creates the function.
pub fn create(code: &Code, package: Option<&Arc<Package>>) -> Result<aws::FunctionCode, RequestError> {
    let mut call = aws::FunctionCode::builder().set_source_kms_key_arn(code.source_kms_key_arn.clone());
    if let Some(s3) = &code.s3 {
        call = call.s3_bucket(&s3.bucket).s3_key(&s3.key).set_s3_object_version(s3.object_version.clone());
        call = call.set_s3_object_storage_mode(s3.object_storage_mode.as_deref().map(aws::S3ObjectStorageMode::from));
    } else if let Some(image) = &code.image {
        call = call.image_uri(image);
    } else if code.external {
        return Err(RequestError::ExternalCode);
    } else {
        call = call.zip_file(package_source::bytes(package)?);
    }
    Ok(call.build())
}

/// The call that replaces the code. It always names what an omitted member could lose.
pub fn update(
    function: &str,
    spec: &Function,
    package: Option<&Arc<Package>>,
) -> Result<UpdateFunctionCodeInputBuilder, RequestError> {
    let code = &spec.code;
    let mut call = UpdateFunctionCodeInputBuilder::default()
        .function_name(function)
        .set_architectures(Some(spec.architectures.iter().map(|it| aws::Architecture::from(it.as_str())).collect()))
        .set_source_kms_key_arn(code.source_kms_key_arn.clone());
    if let Some(s3) = &code.s3 {
        call = call.s3_bucket(&s3.bucket).s3_key(&s3.key).set_s3_object_version(s3.object_version.clone());
        call = call.set_s3_object_storage_mode(s3.object_storage_mode.as_deref().map(aws::S3ObjectStorageMode::from));
    } else if let Some(image) = &code.image {
        call = call.image_uri(image);
    } else {
        call = call.zip_file(package_source::bytes(package)?);
    }
    Ok(call)
}

/// The value of the tag for code from S3 that Lambda knows by this CodeSha256.
pub fn remembered(s3: &S3, sha256: &str) -> String {
    format!("{} {sha256}", place(s3))
}

/// The value of the tag for code that is adopted as that of an object in S3.
pub fn adopted(s3: &S3, sha256: &str) -> String {
    format!("{} {ADOPTED}", remembered(s3, sha256))
}

/// Sets the source of the live code, as far as the tag still names it. Returns a mark if the code was adopted.
pub fn recall(live: &mut Code, desired: Option<&S3>, tag: &str) -> Option<PresumedCode> {
    let mut words = tag.split(' ');
    let (place_then, sha_then) = words.next().zip(words.next())?;
    let desired = desired.filter(|s3| place_then == place(s3) && live.sha256.as_deref() == Some(sha_then))?;
    live.s3 = Some(desired.clone());
    (words.next() == Some(ADOPTED) && desired.sha256.is_none()).then_some(PresumedCode)
}

/// Takes the live code to be that of an object whose hash the spec does not give.
pub fn presume(live: &mut Code, desired: Option<&S3>) -> Option<PresumedCode> {
    live.s3 = Some(desired.filter(|s3| s3.sha256.is_none())?.clone());
    Some(PresumedCode)
}

/// A name for the place, made of the letters that tags may have.
fn place(s3: &S3) -> String {
    let version = s3.object_version.as_deref().unwrap_or_default();
    let hash = Sha256::digest(format!("{}\0{}\0{version}", s3.bucket, s3.key));
    URL_SAFE_NO_PAD.encode(hash)[..22].to_owned()
}
