//! Deployment packages: what is inside them, how they are identified, where their bytes are.

use std::io::{Cursor, Read as _, Write as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::is_account;
use crate::sim::context::request::{Arguments, RequestContext};
use crate::sim::store::function::Code;
use crate::sim::store::packages::{CODE_PATH, PackageStore};

const ZIPPED_LIMIT: usize = 52_428_800;

/// The limit of a package and its layers together, unzipped, in bytes.
pub(crate) const UNZIPPED_LIMIT: u64 = 262_144_000;

impl Code {
    /// The `Code` member of GetFunction.
    pub(crate) fn location(&self, context: RequestContext<'_>) -> Value {
        let mut out = self.given.clone();
        if let Some(image) = &self.image {
            let repository = image.split(['@', ':']).next().unwrap_or(image);
            out.insert("RepositoryType".to_owned(), json!("ECR"));
            out.insert("ImageUri".to_owned(), json!(image));
            out.insert("ResolvedImageUri".to_owned(), json!(format!("{repository}@sha256:{}", self.sha256)));
        } else {
            out.insert("RepositoryType".to_owned(), json!("S3"));
            out.insert("Location".to_owned(), json!(address(context, self.blob.as_deref().unwrap_or_default())));
        }
        Value::Object(out)
    }

    /// The `Content` member of a layer version.
    pub(crate) fn content(&self, context: RequestContext<'_>) -> Value {
        let location = address(context, self.blob.as_deref().unwrap_or_default());
        json!({"CodeSha256": self.sha256, "CodeSize": self.size, "Location": location})
    }

    /// Refuses to store the code if the storage is exhausted. An image is stored elsewhere.
    pub(crate) fn check_code_storage(&self, context: RequestContext<'_>) -> Result<(), ApiError> {
        if self.is_image() { Ok(()) } else { context.shortages.check_storage() }
    }

    /// Returns whether this is a container image.
    pub(crate) fn is_image(&self) -> bool {
        self.image.is_some()
    }
}

/// Returns the address from which the package with this hash can be downloaded.
fn address(context: RequestContext<'_>, blob: &str) -> String {
    format!("http://{}{CODE_PATH}{blob}", context.host)
}

/// Takes the code that `given` names (`ZipFile`, `S3Bucket` and `S3Key`, or `ImageUri`).
pub(crate) fn take(args: &mut Arguments<'_>, given: &Map<String, Value>) -> Result<Code, ApiError> {
    let text = |member: &str| given.get(member).and_then(Value::as_str);
    let mut code = if let Some(image) = text("ImageUri") {
        take_image(args.context, image)?
    } else if let Some(zip) = text("ZipFile") {
        let bytes = BASE64_STANDARD.decode(zip.trim()).map_err(|_| bad_zip())?;
        let unzipped = check_zip(&bytes)?;
        Code { unzipped, ..persist(args.packages, bytes)? }
    } else if let (Some(bucket), Some(key)) = (text("S3Bucket"), text("S3Key")) {
        take_object(args, bucket, key, text("S3ObjectVersion").unwrap_or_default())?
    } else {
        return Err(ApiError::invalid_parameter("Please provide a source for function code."));
    };
    for member in ["SourceKMSKeyArn", "S3ObjectStorageMode"] {
        if let Some(value) = given.get(member).filter(|value| value.as_str() != Some("")) {
            code.given.insert(member.to_owned(), value.clone());
        }
    }
    Ok(code)
}

/// Returns whether the package comes with the request.
pub(crate) fn is_inline(input: &Map<String, Value>) -> bool {
    input.contains_key("ZipFile") || input.get("Code").is_some_and(|code| code.get("ZipFile").is_some())
}

fn take_image(context: RequestContext<'_>, image: &str) -> Result<Code, ApiError> {
    if !is_image_of_ecr(image) || !context.options.external.exist(&format!("arn:{}:ecr:::{image}", context.partition()))
    {
        return Err(ApiError::invalid_parameter(format!(
            "Source image {image} is not valid. Provide a valid source image."
        )));
    }
    // An image that is named by digest has it; any other gets one that its name decides.
    let digest = image
        .split_once("@sha256:")
        .map_or_else(|| hex::encode(Sha256::digest(image)), |(_, digest)| digest.to_owned());
    Ok(Code { sha256: digest, size: 0, unzipped: 0, blob: None, image: Some(image.to_owned()), given: Map::new() })
}

/// Returns whether `image` is in a registry of ECR and named by a tag or by a digest, and not by both.
fn is_image_of_ecr(image: &str) -> bool {
    let Some((registry, rest)) = image.split_once('/') else { return false };
    let is_registry = registry.split_once('.').is_some_and(|(account, host)| {
        is_account(account) && (host.starts_with("dkr.ecr.") || host.starts_with("dkr-ecr."))
    });
    let (repository, version) = rest.split_once('@').or_else(|| rest.split_once(':')).unwrap_or_default();
    is_registry && !repository.is_empty() && !repository.contains(':') && !version.is_empty()
}

/// Returns the code of an S3 object. There are no objects here, so its content is made from its name: a package with one file.
fn take_object(args: &mut Arguments<'_>, bucket: &str, key: &str, version: &str) -> Result<Code, ApiError> {
    let failed = |code: &str, text: &str| {
        ApiError::invalid_parameter(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {text}"
        ))
    };
    let external = &args.context.options.external;
    let partition = args.context.partition();
    if !external.exist(&format!("arn:{partition}:s3:::{bucket}")) {
        return Err(failed("NoSuchBucket", "The specified bucket does not exist"));
    }
    if !external.exist(&format!("arn:{partition}:s3:::{bucket}/{key}")) {
        return Err(failed("NoSuchKey", "The specified key does not exist."));
    }
    let bytes =
        made_zip(&format!("s3://{bucket}/{key} {version}\n")).map_err(|error| ApiError::internal(error.to_string()))?;
    persist(args.packages, bytes)
}

fn made_zip(content: &str) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    zip.start_file("object.txt", options)?;
    zip.write_all(content.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}

fn persist(packages: &mut PackageStore, bytes: Vec<u8>) -> Result<Code, ApiError> {
    let hash = Sha256::digest(&bytes);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let blob = hex::encode(hash);
    packages.put(&blob, bytes).map_err(|error| ApiError::not_persisted(&error.cause()))?;
    Ok(Code {
        sha256: BASE64_STANDARD.encode(hash),
        size,
        unzipped: 0,
        blob: Some(blob),
        image: None,
        given: Map::new(),
    })
}

fn bad_zip() -> ApiError {
    ApiError::invalid_parameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

/// Checks a package and gives its size when it is unpacked.
fn check_zip(bytes: &[u8]) -> Result<u64, ApiError> {
    if bytes.len() > ZIPPED_LIMIT {
        let text = format!("Zipped size must be smaller than {ZIPPED_LIMIT} bytes");
        return Err(ApiError::new("RequestEntityTooLargeException", text).untyped());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| bad_zip())?;
    let mut size = 0_u64;
    for index in 0..archive.len() {
        size = size.saturating_add(archive.by_index_raw(index).map_err(|_| bad_zip())?.size());
    }
    if size >= UNZIPPED_LIMIT {
        return Err(ApiError::invalid_parameter(format!("Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes")));
    }
    for index in 0..archive.len() {
        unpack(&mut archive, index)?;
    }
    Ok(size)
}

/// Reads one entry to its end, which is where its checksum is compared; it may not have more in it than it says.
fn unpack(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<(), ApiError> {
    let entry = archive.by_index(index).map_err(|_| bad_zip())?;
    let size = entry.size();
    let read = std::io::copy(&mut entry.take(size.saturating_add(1)), &mut std::io::sink()).map_err(|_| bad_zip())?;
    if read == size { Ok(()) } else { Err(bad_zip()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_the_hash_of_what_can_be_downloaded() {
        let mut packages = PackageStore::new(None);
        let code = persist(&mut packages, made_zip("s3://b/k").expect("a zip")).expect("kept");
        let bytes = packages.get(code.blob.as_deref().expect("a blob")).expect("whole").expect("bytes");
        assert_eq!(BASE64_STANDARD.encode(Sha256::digest(&*bytes)), code.sha256);
        check_zip(&bytes).expect("a package");
    }
}
