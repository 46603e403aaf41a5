//! What a function names in other services: its role, its key, where its events go that it could not process.

use serde_json::{Map, Value};

use super::calls::Here;
use super::fault::Fault;
use super::lacks::no_role;

/// Refuses what is not there, or cannot be used yet.
pub(super) fn check(here: Here<'_>, input: &Map<String, Value>) -> Result<(), Fault> {
    let world = &here.options.world;
    let missing = |arn: &&str| !arn.is_empty() && !world.has(arn);
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    if let Some(role) = text("Role") {
        if missing(&role) {
            return Err(no_role());
        }
        here.lacks.check_role()?;
    }
    if text("KMSKeyArn").filter(missing).is_some() {
        return Err(Fault::invalid(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. \
             Please check your KMS key settings.",
        ));
    }
    let target = input.get("DeadLetterConfig").and_then(|config| config.get("TargetArn")).and_then(Value::as_str);
    let denied = |what: &str| {
        // What is not there cannot be written to, and that is all that the service says.
        Fault::invalid(format!("The provided execution role does not have permissions to call {what}"))
    };
    match target.filter(missing).and_then(|target| target.split(':').nth(2)) {
        Some("sqs") => Err(denied("SendMessage on SQS")),
        Some("sns") => Err(denied("Publish on SNS")),
        _ => Ok(()),
    }
}
