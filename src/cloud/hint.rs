//! What a user can do about a failure, where that is known.

use crate::wire::{Failure, FailureClass};

/// A sentence of advice on the failure, without a full stop.
pub fn hint(failure: &Failure) -> Option<String> {
    by_text(&failure.code, &failure.message).map(str::to_owned).or_else(|| by_class(failure))
}

/// What a piece of AWS's text means.
const TEXTS: [(&str, &str); 25] = [
    ("with an explicit deny", "an explicit deny outweighs every allow: look at the policy that AWS names"),
    (
        "cannot be assumed by Lambda",
        "let the role's trust policy name lambda.amazonaws.com; a role made seconds ago needs up to a minute to spread",
    ),
    (
        "exceeded the 4KB limit",
        "keep environment variables within 4 KB as JSON; put the large ones into Parameter Store, Secrets Manager or the package",
    ),
    ("Code storage limit exceeded", CODE_STORAGE),
    ("CodeStorageExceeded", CODE_STORAGE),
    ("The security token included in the request is expired", EXPIRED),
    ("ExpiredToken", EXPIRED),
    ("RequestExpired", "check this machine's clock: the signature is too old for AWS"),
    ("Signature expired", "check this machine's clock: the signature is too old for AWS"),
    ("SignatureDoesNotMatch", "check the secret access key, and this machine's clock"),
    ("InvalidSignatureException", "check the secret access key, and this machine's clock"),
    ("UnrecognizedClientException", "check the access key, and that the region is enabled for the account"),
    ("InvalidClientTokenId", "check the access key: AWS does not know it"),
    ("OptInRequired", "enable the region for the account, or choose another region"),
    ("are not reachable in this region", "the ARN names another region: give --region, or correct the ARN"),
    ("decreases account's UnreservedConcurrentExecution below", CONCURRENCY),
    ("greater than account's unreserved concurrency", CONCURRENCY),
    (
        "should not be greater than the reservedConcurrentExecution",
        "provision at most what is reserved for the function, or reserve more for it",
    ),
    (
        "has been throttled by EC2",
        "creating network interfaces is limited by EC2: lower --parallelism, or try again later",
    ),
    (
        "Unzipped size must be smaller",
        "the package and its layers unzip to more than 250 MB: leave things out, or use an image",
    ),
    ("Zipped size must be smaller", THROUGH_S3),
    ("no longer supported for creating or updating", "the runtime is retired: name a newer one"),
    ("does not have permissions to call", "give the function's role that permission"),
    ("Layer version ARN does not exist", "check the layer's ARN, its version and its region"),
    ("RequestEntityTooLarge", THROUGH_S3),
];

const THROUGH_S3: &str = "a package over 50 MB goes through S3: `code: {s3: {bucket: …, key: …}}`";
const CODE_STORAGE: &str = "the account's code storage (75 GB a region unless raised) is full: lower `retain_versions`, or delete old layers and versions";
const CONCURRENCY: &str =
    "leave at least 100 executions unreserved, reserve less elsewhere, or have the account's concurrency limit raised";
const EXPIRED: &str = "log in again: the credentials have expired (`aws sso login` for SSO profiles)";

fn by_text(code: &str, message: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(text, _)| code.starts_with(text) || message.contains(text)).map(|(_, hint)| *hint)
}

fn by_class(failure: &Failure) -> Option<String> {
    let operation = failure.operation;
    Some(match failure.class {
        FailureClass::AccessDenied => match iam_action(failure) {
            Some(action) => format!("allow {action} for these credentials"),
            None => "check the credentials: `aws sts get-caller-identity` shows whose they are".into(),
        },
        FailureClass::Throttled => {
            "others draw on the account's request quota at the same time: try again later, or lower --parallelism"
                .into()
        }
        FailureClass::PreconditionFailed => "somebody else wrote meanwhile; nothing was overwritten: plan again".into(),
        FailureClass::Conflict if failure.message.contains("already exist") => {
            "something of that name is there: plan again to see it".into()
        }
        FailureClass::Conflict if failure.message.contains("progress") || failure.message.contains("at this time") => {
            "another change to it is under way: wait for it to end, then plan again".into()
        }
        FailureClass::Conflict => {
            "something else stands in the way, as AWS says: change that first, then plan again".into()
        }
        FailureClass::EffectUnknown => format!("{operation} may have taken effect: plan again to see what is there"),
        FailureClass::Unavailable if failure.status.is_none() => {
            "check the network, the region and --endpoint-url".into()
        }
        FailureClass::Unavailable => "the server is at fault: try again later".into(),
        FailureClass::NotFound | FailureClass::Invalid => return None,
    })
}

/// The action to allow: the one that AWS's text names, else the one of the operation; `None` if it is the
/// credentials themselves that were rejected.
///
/// They differ where Lambda needs rights of the caller in other services, such as `iam:PassRole`.
fn iam_action(failure: &Failure) -> Option<String> {
    if let Some((_, rest)) = failure.message.split_once("to perform: ") {
        return Some(rest.split_whitespace().next()?.trim_end_matches(['.', ',']).to_owned());
    }
    failure.code.starts_with("AccessDenied").then(|| format!("lambda:{}", failure.operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(class: FailureClass, code: &str, message: &str) -> Failure {
        Failure {
            operation: "UpdateAlias",
            class,
            code: code.into(),
            message: message.into(),
            status: Some(400),
            request_id: None,
            retry_after: None,
        }
    }

    #[test]
    fn each_known_trouble_has_its_advice() {
        let rows = [
            (
                FailureClass::Invalid,
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.",
                "trust policy",
            ),
            (
                FailureClass::Invalid,
                "InvalidParameterValueException",
                "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
                "4 KB",
            ),
            (FailureClass::Invalid, "CodeStorageExceededException", "", "code storage"),
            (
                FailureClass::AccessDenied,
                "ExpiredTokenException",
                "The security token included in the request is expired",
                "log in",
            ),
            (
                FailureClass::AccessDenied,
                "AccessDeniedException",
                "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: y",
                "allow iam:PassRole",
            ),
            (FailureClass::AccessDenied, "AccessDeniedException", "", "allow lambda:UpdateAlias"),
            (FailureClass::Throttled, "TooManyRequestsException", "Rate exceeded", "quota"),
            (FailureClass::PreconditionFailed, "PreconditionFailedException", "", "plan again"),
            (FailureClass::EffectUnknown, "", "no answer in time", "UpdateAlias may have taken effect"),
        ];
        for (class, code, message, expected) in rows {
            let hint = hint(&failure(class, code, message)).unwrap_or_default();
            assert!(hint.contains(expected), "{code} {message}: {hint}");
        }
        assert_eq!(hint(&failure(FailureClass::Invalid, "ValidationException", "1 validation error")), None);
    }
}
