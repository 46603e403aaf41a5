//! The checks of resources of other services that a function names: its role, its key, its dead-letter target.

use serde_json::{Map, Value};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::request::RequestContext;
use crate::sim::faults::shortages::no_role;

/// Refuses resources that do not exist or cannot be used yet.
pub(crate) fn check(context: RequestContext<'_>, input: &Map<String, Value>) -> Result<(), ApiError> {
    let missing = |arn: &&str| !arn.is_empty() && !context.exists(arn);
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    if let Some(role) = text("Role") {
        if part(role, ACCOUNT) != Some(&context.options.account) {
            return Err(ApiError::new("AccessDeniedException", "Cross-account pass role is not allowed.").untyped());
        }
        if missing(&role) {
            return Err(no_role());
        }
        context.shortages.check_role()?;
    }
    if text("KMSKeyArn").filter(missing).is_some() {
        return Err(ApiError::invalid_parameter(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. \
             Please check your KMS key settings.",
        ));
    }
    let target = input.get("DeadLetterConfig").and_then(|config| config.get("TargetArn")).and_then(Value::as_str);
    target.filter(|target| !target.is_empty()).map_or(Ok(()), |target| check_dead_letters(context, target))
}

/// Refuses to send dead letters where they cannot be sent.
fn check_dead_letters(context: RequestContext<'_>, target: &str) -> Result<(), ApiError> {
    let invalid = |why: &str| Err(ApiError::invalid_parameter(format!("Invalid dead letter queue ARN: {why}")));
    let service = part(target, SERVICE).unwrap_or_default();
    if !matches!(service, "sqs" | "sns") {
        return invalid("The service specified by the TargetArn is not supported for dead letter configuration.");
    }
    if part(target, REGION).is_some_and(|region| region != context.region) {
        return invalid(
            "The resource specified by the TargetArn must be in the same region as the Lambda function it's associated with.",
        );
    }
    if service == "sqs" && target.ends_with(".fifo") {
        return invalid("FIFO SQS queue is not supported for dead letter configuration");
    }
    if context.exists(target) {
        return Ok(());
    }
    // The service reports a missing target as a missing permission.
    let what = if service == "sqs" { "SendMessage on SQS" } else { "Publish on SNS" };
    Err(ApiError::invalid_parameter(format!("The provided execution role does not have permissions to call {what}")))
}

/// The positions of these parts in an ARN.
const SERVICE: usize = 2;
const REGION: usize = 3;
const ACCOUNT: usize = 4;

fn part(arn: &str, at: usize) -> Option<&str> {
    arn.split(':').nth(at)
}
