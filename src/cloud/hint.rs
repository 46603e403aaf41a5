//! Advice on a failure, where trueup knows any.

use crate::model::IamStatement;
use crate::wire::{Cause, Failure, FailureClass};

/// Returns a sentence of advice on the failure, without a full stop; `None` if AWS's own text says it all.
pub fn hint(failure: &Failure) -> Option<String> {
    failure.cause().and_then(of_cause).map(str::to_owned).or_else(|| of_class(failure))
}

/// Returns the advice on a cause; `None` where the class of the failure gives the better one.
fn of_cause(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::ExplicitDeny => "an explicit deny outweighs every allow: check the policy that AWS names",
        Cause::OutsideBoundary => {
            "the policy that AWS names bounds all others: it must allow the action too, whatever the credentials' own policy allows"
        }
        Cause::RoleNotAssumable => {
            "the role's trust policy must allow lambda.amazonaws.com; a new role takes up to a minute to propagate"
        }
        Cause::RoleLacksPermission => "grant the function's role that permission",
        Cause::KmsGrantRejected => {
            "the key policy must allow kms:CreateGrant for these credentials; a new key takes up to a minute to propagate"
        }
        Cause::StreamNotAccessible => {
            "grant the function's role read access to the stream; a new policy takes up to a minute to propagate"
        }
        Cause::MountTargetsNotReady => {
            "EFS needs up to two minutes for new mount targets: check that they become available, then run apply again"
        }
        Cause::PrincipalNotFound => {
            "check that the principal exists; a new role or user takes up to a minute to propagate"
        }
        Cause::RetryRequested => "AWS asks to try again later: run apply again",
        Cause::ThrottledByEc2 => {
            "EC2 limits the creation of network interfaces: lower --parallelism, or try again later"
        }
        Cause::AliasShiftsTraffic => "Lambda is shifting the alias's traffic: run apply again when it has finished",
        Cause::AlreadyExists => "a resource of that name exists: run plan again to see it",
        Cause::OperationInProgress => "another operation on it is in progress: wait for it to end, then run plan again",
        Cause::InUse => "another resource still uses it: remove that use, or wait for it to end, then run plan again",
        Cause::EnvironmentTooLarge => {
            "keep environment variables within 4 KB as JSON; move large ones to Parameter Store, Secrets Manager or the package"
        }
        Cause::CodeStorageFull => {
            "the account's code storage (75 GB a region by default) is full: lower `retain_versions`, or delete old layers and versions"
        }
        Cause::CredentialsExpired => "log in again: the credentials have expired (`aws sso login` for SSO profiles)",
        Cause::ClockSkew => "check this machine's clock: the signature is too old for AWS",
        Cause::WrongSignature => "check the secret access key, and this machine's clock",
        Cause::UnknownAccessKey => "check the access key, and that the region is enabled for the account",
        Cause::RegionNotEnabled => "enable the region for the account, or choose another region",
        Cause::NotOffered => "the operation is not offered in this region; no permission helps",
        Cause::OtherRegion => "the ARN names another region: pass --region, or correct the ARN",
        Cause::UnreservedConcurrencyTooLow => {
            "leave at least 100 executions unreserved, reserve less elsewhere, or have the account's concurrency limit raised"
        }
        Cause::ProvisionedAboveReserved => {
            "provision at most the function's reserved concurrency, or reserve more for the function"
        }
        Cause::UnzippedTooLarge => {
            "the package and its layers exceed 250 MB unzipped: remove files, or use a container image"
        }
        Cause::UploadTooLarge => "a package over 50 MB must be uploaded to S3: `code: {s3: {bucket: …, key: …}}`",
        Cause::RuntimeDeprecated => "the runtime is deprecated: choose a newer one",
        Cause::LayerVersionNotFound => "check the layer's ARN, its version and its region",
        Cause::RateExceeded => return None,
    })
}

fn of_class(failure: &Failure) -> Option<String> {
    Some(match failure.class {
        FailureClass::AccessDenied => match failure.missing_permission() {
            Some(action) => {
                let statement = failure.missing_resource().map(|resource| {
                    format!(": {}", IamStatement { action: action.clone(), resource: resource.to_owned() })
                });
                format!("allow {action} for these credentials{}", statement.unwrap_or_default())
            }
            None => "check the credentials: `aws sts get-caller-identity` shows whose they are".into(),
        },
        FailureClass::Throttled => {
            "other clients use the account's request quota at the same time: try again later, or lower --parallelism"
                .into()
        }
        FailureClass::PreconditionFailed => {
            "another client wrote to it meanwhile; nothing was overwritten: run plan again".into()
        }
        FailureClass::Conflict => "resolve the conflict that AWS names, then run plan again".into(),
        FailureClass::EffectUnknown => {
            format!("{} may have taken effect: run plan again to see the live state", failure.request)
        }
        FailureClass::Unavailable if failure.status.is_none() => {
            "check the network, the region and --endpoint-url".into()
        }
        FailureClass::Unavailable => "the server failed: try again later".into(),
        FailureClass::NotFound | FailureClass::Invalid => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Operation, Request};

    fn failure(class: FailureClass, code: &str, message: &str) -> Failure {
        Failure {
            request: Operation::UpdateAlias.into(),
            class,
            code: code.into(),
            message: message.into(),
            status: Some(400),
            request_id: None,
            retry_after: None,
        }
    }

    #[test]
    fn known_failures_have_a_hint() {
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
            (
                FailureClass::AccessDenied,
                "AccessDeniedException",
                "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: y because no",
                r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "y"}"#,
            ),
            (FailureClass::AccessDenied, "AccessDeniedException", "", "allow lambda:UpdateAlias"),
            (FailureClass::Throttled, "TooManyRequestsException", "Rate exceeded", "quota"),
            (FailureClass::PreconditionFailed, "PreconditionFailedException", "", "run plan again"),
            (FailureClass::EffectUnknown, "", "no answer in time", "UpdateAlias may have taken effect"),
        ];
        for (class, code, message, expected) in rows {
            let hint = hint(&failure(class, code, message)).unwrap_or_default();
            assert!(hint.contains(expected), "{code} {message}: {hint}");
        }
        assert_eq!(hint(&failure(FailureClass::Invalid, "ValidationException", "1 validation error")), None);
    }

    #[test]
    fn the_action_to_allow_is_one_of_the_service_that_denied() {
        let denied = failure(FailureClass::AccessDenied, "AccessDenied", "");
        let of = |request| hint(&Failure { request, ..denied.clone() }).unwrap();
        assert_eq!(of(Request::GetCallerIdentity), "allow sts:GetCallerIdentity for these credentials");
        assert!(!of(Request::Download).contains("allow"), "a download is signed by Lambda");
    }
}
