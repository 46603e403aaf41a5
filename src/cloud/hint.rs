//! What to do about a failure, for the user who reads it.

use crate::wire::{Class, Failure};

/// Texts of AWS and what they ask for.
const BY_TEXT: [(&str, &str); 9] = [
    (
        "cannot be assumed by Lambda",
        "check that the role's trust policy names lambda.amazonaws.com; a new role needs some seconds",
    ),
    ("exceeded the 4KB limit", "environment variables hold 4 KB in all: move large values to SSM or Secrets Manager"),
    (
        "Unzipped size must be smaller",
        "the package and its layers unzip to more than 250 MB: leave things out, or use an image",
    ),
    ("Zipped size must be smaller", "a package over 50 MB goes through S3: `code: {s3: {bucket: …, key: …}}`"),
    ("UnreservedConcurrentExecution below", "lower another reservation, or ask AWS for more concurrency"),
    ("no longer supported for creating or updating", "the runtime is retired: name a newer one"),
    ("does not have permissions to call", "give the function's role that permission"),
    ("Layer version ARN does not exist", "check the layer's ARN, its version and its region"),
    ("security token", "the credentials have expired or belong to another partition: sign in again"),
];

/// What to do, if there is something worth saying.
pub fn hint(failure: &Failure) -> Option<String> {
    if let Some((_, hint)) = BY_TEXT.iter().find(|(text, _)| failure.message.contains(text)) {
        return Some((*hint).to_owned());
    }
    match (failure.class, failure.code.as_str()) {
        (Class::Denied, "ExpiredTokenException" | "ExpiredToken") => {
            Some("the credentials have expired: sign in again".to_owned())
        }
        (Class::Denied, _) => Some(format!("allow lambda:{} to the credentials in use", failure.operation)),
        (Class::Throttled, _) => {
            Some("somebody else uses up the account's request quota: lower `--rate`, or run later".to_owned())
        }
        (_, "CodeStorageExceededException") => Some(
            "the account's code storage is full: lower `retain_versions`, or delete old layers and versions".to_owned(),
        ),
        (Class::Failed, "") if failure.status.is_none() => Some("check the endpoint and the network".to_owned()),
        _ => None,
    }
}
