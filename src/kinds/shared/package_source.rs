//! A zip file for Lambda, built here or stored in S3: what the code of functions and layers has in common.

use std::sync::Arc;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::ResolvedS3Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{FieldPath, LinkPolicy, Package, PackageSource};
use crate::resource::{Grant, GrantedResource, ObservedPackage, RequestError};

/// The value of `links` by which links are packed as links.
const KEEP: &str = "keep";

/// A zip file in S3, in the function's region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// The bucket.
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[0-9A-Za-z\.\-_]*(?<!\.)$"))]
    pub bucket: String,
    /// The object's key.
    #[schemars(length(min = 1, max = 1024))]
    pub key: String,
    /// The object's version. Without it a changed object is not noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub object_version: Option<String>,
    /// `COPY` into Lambda's storage, or `REFERENCE` the object in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["COPY", "REFERENCE"], "x-source" = true))]
    pub object_storage_mode: Option<String>,
    /// The SHA-256 of the zip file in base64, which Lambda calls CodeSha256. With it a changed object is noticed whatever its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9+/]{43}=$"), extend("x-source" = true))]
    pub sha256: Option<String>,
}

impl S3 {
    /// Returns the permission to read the object, which whoever deploys it must have.
    pub fn grant(&self) -> Grant {
        let actions: &[&str] = if self.object_version.is_some() { &["s3:GetObjectVersion"] } else { &["s3:GetObject"] };
        Grant::to_write(actions, "code.s3", GrantedResource::Object(format!("{}/{}", self.bucket, self.key)))
    }
}

/// Returns the source of the zip file, if it is built here.
pub fn source(dir: Option<&String>, links: Option<&String>, zip: Option<&String>) -> Option<PackageSource> {
    let links = if links.is_some_and(|links| links == KEEP) { LinkPolicy::Keep } else { LinkPolicy::Follow };
    dir.map(|dir| PackageSource::Directory { path: dir.into(), links })
        .or_else(|| zip.map(|zip| PackageSource::ZipFile(zip.into())))
}

/// Returns the CodeSha256 that Lambda will compute, as far as it is known beforehand.
pub fn sha256(package: Option<&Package>, s3: Option<&S3>) -> Option<String> {
    package.map(|package| package.sha256.clone()).or_else(|| s3?.sha256.clone())
}

/// Returns the field of an S3 object whose content may change unnoticed, with what would pin it.
pub fn unpinned(s3: Option<&S3>) -> Option<(FieldPath, &'static str)> {
    s3.filter(|s3| s3.object_version.is_none() && s3.sha256.is_none())?;
    Some((FieldPath::from("code.s3"), "an object in S3 with neither `object_version` nor `sha256` may have changed"))
}

/// The bytes of a package that was built here.
pub fn bytes(package: Option<&Arc<Package>>) -> Result<Blob, RequestError> {
    let package = package.ok_or(RequestError::NoPackage)?;
    Ok(Blob::new(package.bytes.to_vec()))
}

/// Returns the package that Lambda shows with its hash and a URL.
pub fn observed(sha256: Option<&str>, location: Option<&str>) -> Option<ObservedPackage> {
    let (sha256, location) = sha256.zip(location)?;
    Some(ObservedPackage { sha256: sha256.to_owned(), location: location.to_owned() })
}

/// Returns the S3 object that Lambda names as the source of the zip file.
pub fn resolved(object: &ResolvedS3Object) -> Option<S3> {
    Some(S3 {
        bucket: object.s3_bucket()?.to_owned(),
        key: object.s3_key()?.to_owned(),
        object_version: object.s3_object_version().filter(|version| !version.is_empty()).map(str::to_owned),
        object_storage_mode: None,
        sha256: None,
    })
}

/// Puts the live place into the words of the declared one where both mean the same.
pub fn canonicalize(desired: Option<&S3>, live: &mut Option<S3>) {
    match (desired, live) {
        // The hash has spoken for the package, wherever it came from.
        (Some(want), have) if want.sha256.is_some() => *have = Some(want.clone()),
        // A spec that does not pin the object's version accepts any.
        (Some(want), Some(have)) if want.object_version.is_none() => have.object_version = None,
        _ => {}
    }
}
