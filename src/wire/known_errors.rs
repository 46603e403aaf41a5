//! The one table of AWS's error texts on which trueup decides or which it explains.
//!
//! AWS's error codes are too coarse to act on: `InvalidParameterValueException` stands for a typing error and for a role
//! that IAM has not propagated yet. Only the text distinguishes them. A text becomes a [`Cause`] here, once; `apply` and
//! `cloud` decide on the cause and never look at the text.
//!
//! # Assumptions
//! AWS writes a text in more than one way, so a row holds the part that stays the same. Rows are tried in order and the
//! first one that matches gives the cause, so a narrow text stands before a wide one.
//!
//! # Caveats
//! The texts are not part of AWS's contract. A text that changes loses its hint or its retry, never its error: a failure
//! without a known cause is reported with AWS's own words.

use super::{FailureClass, Operation};

/// The reason for a failure, as far as AWS's text gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An IAM, organization or resource policy denies the call explicitly.
    ExplicitDeny,
    /// A policy that bounds those of the identity allows it not.
    OutsideBoundary,
    /// Lambda cannot assume the execution role: its trust policy is wrong, or IAM has not propagated it yet.
    RoleNotAssumable,
    /// The execution role lacks a permission that Lambda checks, or IAM has not propagated it yet.
    RoleLacksPermission,
    /// KMS does not accept the grant for the key yet.
    KmsGrantRejected,
    /// Mount targets of the EFS file system are not available yet.
    MountTargetsNotReady,
    /// IAM does not know the principal of a policy statement, or has not propagated it yet.
    PrincipalNotFound,
    /// AWS rejects the call for now, and asks to send it again.
    RetryRequested,
    /// Lambda cannot read the stream yet.
    StreamNotAccessible,
    /// EC2 throttles the creation of network interfaces.
    ThrottledByEc2,
    /// The account's request quota is exceeded.
    RateExceeded,
    /// Lambda shifts traffic of the alias, so that provisioned concurrency cannot be set now.
    AliasShiftsTraffic,
    /// A resource of that name exists already.
    AlreadyExists,
    /// Another operation on the resource is in progress.
    OperationInProgress,
    /// Another resource uses the resource.
    InUse,
    /// The environment variables exceed 4 KB.
    EnvironmentTooLarge,
    /// The account's code storage is full.
    CodeStorageFull,
    /// The credentials have expired.
    CredentialsExpired,
    /// The signature is too old or too new for AWS.
    ClockSkew,
    /// The signature does not match the secret access key.
    WrongSignature,
    /// AWS does not know the access key in this region.
    UnknownAccessKey,
    /// The region is not enabled for the account.
    RegionNotEnabled,
    /// The region does not offer the operation.
    NotOffered,
    /// The ARN names another region.
    OtherRegion,
    /// Reserved concurrency leaves too little unreserved concurrency.
    UnreservedConcurrencyTooLow,
    /// Provisioned concurrency exceeds the function's reserved concurrency.
    ProvisionedAboveReserved,
    /// The package and its layers exceed 250 MB unzipped.
    UnzippedTooLarge,
    /// The package exceeds the size of a direct upload.
    UploadTooLarge,
    /// The runtime is deprecated and can no longer be used.
    RuntimeDeprecated,
    /// The layer version does not exist.
    LayerVersionNotFound,
}

/// One text of AWS and its meaning.
struct KnownError {
    /// The constant part of AWS's message, or the beginning of its error code.
    text: &'static str,
    /// The operations that the row is about; empty for all.
    operations: &'static [Operation],
    /// The class that the row is about; `None` for all. Set where the text is too short to be unambiguous.
    class: Option<FailureClass>,
    /// The meaning of the text.
    cause: Cause,
    /// The place where the text is documented or was recorded.
    #[cfg_attr(not(test), expect(dead_code, reason = "evidence for readers; a test demands one for each row"))]
    source: &'static str,
}

impl KnownError {
    const fn any(text: &'static str, cause: Cause, source: &'static str) -> KnownError {
        KnownError { text, operations: &[], class: None, cause, source }
    }

    const fn conflict(text: &'static str, cause: Cause, source: &'static str) -> KnownError {
        KnownError { text, operations: &[], class: Some(FailureClass::Conflict), cause, source }
    }

    const fn invalid(text: &'static str, cause: Cause, source: &'static str) -> KnownError {
        KnownError { text, operations: &[], class: Some(FailureClass::Invalid), cause, source }
    }
}

/// [AWS: Common errors](https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html).
const COMMON: &str = "https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html";
const QUOTAS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const RESERVED: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html";
const DEPLOYMENT: &str = "https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html";
const RUNTIMES: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html";
const IAM_DENY: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";
const STATES: &str = "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html";
/// The provider retries on the text: `internal/service/lambda` of terraform-provider-aws.
const TERRAFORM: &str = "https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/lambda";
/// Lambda answers so where the operation has not reached the region yet.
const NOT_OFFERED: &str = "https://github.com/hashicorp/terraform-provider-aws/issues/27986";
const IAM_PROPAGATION: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency";
const EFS: &str = "https://github.com/hashicorp/terraform-provider-aws/issues/15053";
/// The text was recorded from the real service.
const RECORDED: &str = "recorded from AWS Lambda";

const KNOWN_ERRORS: &[KnownError] = &[
    KnownError::any("with an explicit deny", Cause::ExplicitDeny, IAM_DENY),
    KnownError::any("no permissions boundary allows", Cause::OutsideBoundary, IAM_DENY),
    KnownError::any("no service control policy allows", Cause::OutsideBoundary, IAM_DENY),
    KnownError::any("no resource control policy allows", Cause::OutsideBoundary, IAM_DENY),
    KnownError::any("no session policy allows", Cause::OutsideBoundary, IAM_DENY),
    KnownError::any("no VPC endpoint policy allows", Cause::OutsideBoundary, IAM_DENY),
    KnownError::any("cannot be assumed by Lambda", Cause::RoleNotAssumable, DEPLOYMENT),
    KnownError::any("exceeded the 4KB limit", Cause::EnvironmentTooLarge, QUOTAS),
    KnownError::any("Code storage limit exceeded", Cause::CodeStorageFull, QUOTAS),
    KnownError::any("CodeStorageExceeded", Cause::CodeStorageFull, QUOTAS),
    KnownError::any("The security token included in the request is expired", Cause::CredentialsExpired, COMMON),
    KnownError::any("ExpiredToken", Cause::CredentialsExpired, COMMON),
    KnownError::any("RequestExpired", Cause::ClockSkew, COMMON),
    KnownError::any("Signature expired", Cause::ClockSkew, COMMON),
    KnownError::any("SignatureDoesNotMatch", Cause::WrongSignature, COMMON),
    KnownError::any("InvalidSignatureException", Cause::WrongSignature, COMMON),
    KnownError::any("UnrecognizedClientException", Cause::UnknownAccessKey, COMMON),
    KnownError::any("InvalidClientTokenId", Cause::UnknownAccessKey, COMMON),
    KnownError::any("OptInRequired", Cause::RegionNotEnabled, COMMON),
    KnownError::any("Unable to determine service/operation name to be authorized", Cause::NotOffered, NOT_OFFERED),
    KnownError::any("are not reachable in this region", Cause::OtherRegion, RECORDED),
    KnownError::any(
        "decreases account's UnreservedConcurrentExecution below",
        Cause::UnreservedConcurrencyTooLow,
        RESERVED,
    ),
    KnownError::any("greater than account's unreserved concurrency", Cause::UnreservedConcurrencyTooLow, RESERVED),
    KnownError::any(
        "should not be greater than the reservedConcurrentExecution",
        Cause::ProvisionedAboveReserved,
        RESERVED,
    ),
    KnownError::any("has been throttled by EC2", Cause::ThrottledByEc2, TERRAFORM),
    KnownError::any("Unzipped size must be smaller", Cause::UnzippedTooLarge, QUOTAS),
    KnownError::any("Zipped size must be smaller", Cause::UploadTooLarge, QUOTAS),
    KnownError::any("RequestEntityTooLarge", Cause::UploadTooLarge, QUOTAS),
    KnownError::any("no longer supported for creating or updating", Cause::RuntimeDeprecated, RUNTIMES),
    KnownError::any("does not have permissions to call", Cause::RoleLacksPermission, DEPLOYMENT),
    KnownError::any("Please ensure the role can perform", Cause::RoleLacksPermission, TERRAFORM),
    KnownError::any("Layer version ARN does not exist", Cause::LayerVersionNotFound, RECORDED),
    KnownError::any("is invalid for CreateGrant", Cause::KmsGrantRejected, TERRAFORM),
    KnownError::any("Cannot access stream", Cause::StreamNotAccessible, TERRAFORM),
    KnownError {
        text: "Alias with weights can not be used with Provisioned Concurrency",
        operations: &[Operation::PutProvisionedConcurrencyConfig],
        class: None,
        cause: Cause::AliasShiftsTraffic,
        source: TERRAFORM,
    },
    KnownError {
        text: "principal was invalid",
        operations: &[Operation::AddPermission, Operation::AddLayerVersionPermission, Operation::PutResourcePolicy],
        class: Some(FailureClass::Invalid),
        cause: Cause::PrincipalNotFound,
        source: IAM_PROPAGATION,
    },
    KnownError {
        text: "Invalid principal in policy",
        operations: &[Operation::AddPermission, Operation::AddLayerVersionPermission, Operation::PutResourcePolicy],
        class: Some(FailureClass::Invalid),
        cause: Cause::PrincipalNotFound,
        source: IAM_PROPAGATION,
    },
    KnownError::any("available life cycle state", Cause::MountTargetsNotReady, EFS),
    KnownError::any("because it is in use", Cause::InUse, TERRAFORM),
    KnownError::any("Rate exceeded", Cause::RateExceeded, COMMON),
    KnownError::conflict("already exist", Cause::AlreadyExists, RECORDED),
    KnownError::conflict("FunctionUrlConfig exists", Cause::AlreadyExists, RECORDED),
    KnownError::conflict("progress", Cause::OperationInProgress, RECORDED),
    KnownError::conflict("at this time", Cause::OperationInProgress, RECORDED),
    KnownError::conflict("try again", Cause::OperationInProgress, STATES),
    KnownError::conflict("currently", Cause::OperationInProgress, STATES),
    KnownError::conflict("Pending", Cause::OperationInProgress, STATES),
    KnownError::conflict("in use", Cause::InUse, STATES),
    KnownError::invalid("try the request again", Cause::RetryRequested, EFS),
    KnownError::invalid("Please try again", Cause::RetryRequested, TERRAFORM),
    KnownError::invalid("try again later", Cause::RetryRequested, TERRAFORM),
];

impl Cause {
    /// Returns the cause that AWS's error code and message name, if the table has it.
    ///
    /// Without a class only the rows that hold for every class are tried: the class itself is decided on some of them.
    pub fn of(operation: Option<Operation>, class: Option<FailureClass>, code: &str, message: &str) -> Option<Cause> {
        let applies = |known: &&KnownError| {
            (known.operations.is_empty() || operation.is_some_and(|operation| known.operations.contains(&operation)))
                && (known.class.is_none() || known.class == class)
                && (code.starts_with(known.text) || message.contains(known.text))
        };
        KNOWN_ERRORS.iter().find(applies).map(|known| known.cause)
    }
}

/// Returns the IAM action that AWS's message of a denied call names, such as `iam:PassRole`.
///
/// It differs from the operation where Lambda needs rights of the caller in other services.
/// Source: [AWS: access denied errors](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
pub fn denied_action(message: &str) -> Option<&str> {
    word_after(message, "to perform: ")
}

/// Returns the resource that AWS's text denies an action on.
pub fn denied_resource(message: &str) -> Option<&str> {
    word_after(message, "on resource: ")
}

fn word_after<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(words)?;
    Some(rest.split_whitespace().next()?.trim_end_matches(['.', ',']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_match_and_has_a_source() {
        for (at, known) in KNOWN_ERRORS.iter().enumerate() {
            let found = Cause::of(known.operations.first().copied(), known.class, "", known.text);
            assert_eq!(found, Some(known.cause), "an earlier row shadows row {at}, `{}`", known.text);
            assert!(known.source == RECORDED || known.source.starts_with("https://"), "{}", known.text);
        }
    }

    #[test]
    fn the_rejection_of_every_write_that_is_its_own_precondition_is_known() {
        // Recorded, each for a second creation of the same.
        let rejections = [
            (Operation::CreateFunction, "Function already exist: orders"),
            (
                Operation::CreateAlias,
                "Alias already exists: arn:aws:lambda:us-east-1:123456789012:function:orders:live",
            ),
            (
                Operation::CreateFunctionUrlConfig,
                "Failed to create function url config for [functionArn = arn]. Error message:  FunctionUrlConfig exists \
                 for this Lambda function",
            ),
            (
                Operation::AddPermission,
                "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing \
                 statement.",
            ),
            (
                Operation::CreateEventSourceMapping,
                "An event source mapping with SQS arn (\" arn \") and function (\" orders \") already exists. Please \
                 update or delete the existing mapping with UUID 1",
            ),
            (
                Operation::CreateEventSourceMapping,
                "The event source arn (\" arn \") and function (\" orders \") provided mapping already exists. Please \
                 update or delete the existing mapping with UUID 1",
            ),
        ];
        for (operation, text) in rejections {
            let cause = Cause::of(Some(operation), Some(FailureClass::Conflict), "ResourceConflictException", text);
            assert_eq!(cause, Some(Cause::AlreadyExists), "{text}");
        }
    }

    #[test]
    fn short_texts_count_in_conflicts_only() {
        let message = "The function is currently in the following state: Pending";
        let of = |class| Cause::of(Some(Operation::UpdateFunctionCode), class, "", message);
        assert_eq!(of(Some(FailureClass::Conflict)), Some(Cause::OperationInProgress));
        assert_eq!(of(Some(FailureClass::Invalid)), None);
        assert_eq!(of(None), None);
    }

    #[test]
    fn a_text_about_one_operation_means_nothing_in_others() {
        let message = "Alias with weights can not be used with Provisioned Concurrency";
        let of = |operation| Cause::of(Some(operation), Some(FailureClass::Invalid), "", message);
        assert_eq!(of(Operation::PutProvisionedConcurrencyConfig), Some(Cause::AliasShiftsTraffic));
        assert_eq!(of(Operation::UpdateAlias), None);
    }
}
