//! The destinations of asynchronous invocations.

use super::catalog::{V077, V078};
use aws_sdk_lambda::types as aws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Address, FieldPath, Findings, KindId, TargetPart, has_reference};
use crate::resource::ResourceRef;

/// The destinations of invocation records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvokeDestinations {
    /// The destination for records of successful invocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<OnSuccess>,
    /// The destination for records of events that could not be processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
}

/// The destination for records of successful invocations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnSuccess {
    /// The ARN of another function, a standard SQS queue, a standard SNS topic or an EventBridge bus.
    #[schemars(
        length(max = 350),
        regex(
            pattern = r"^($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$"
        ),
        extend("x-resolved" = true)
    )]
    pub destination: String,
}

/// The destination for records of events that could not be processed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnFailure {
    /// The ARN of another function, a standard SQS queue, a standard SNS topic, an EventBridge bus or an S3 bucket.
    #[schemars(
        length(max = 350),
        regex(
            pattern = r"^($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$"
        ),
        extend("x-resolved" = true)
    )]
    pub destination: String,
}

impl InvokeDestinations {
    /// The two sides with the destinations that they have.
    fn sides(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let success = self.on_success.as_ref().map(|to| ("on_success", to.destination.as_str()));
        let failure = self.on_failure.as_ref().map(|to| ("on_failure", to.destination.as_str()));
        success.into_iter().chain(failure).filter(|(_, to)| !to.is_empty())
    }

    /// Finds what is no destination.
    pub fn check(&self, at: &ResourceRef, findings: &mut Findings) {
        for (side, to) in self.sides() {
            destination(side, to, at, &FieldPath::from("destination_config").then(side).then("destination"), findings);
        }
    }

    /// The functions and aliases that are destinations: Lambda wants them to be there before, however the spec names them.
    pub fn functions(&self) -> Vec<Address> {
        let addresses = self.sides().filter_map(|(_, to)| match function_of(to)?.as_slice() {
            [name] => Some(Address::new(KindId::Function, &[*name])),
            [name, alias] => Some(Address::new(KindId::Alias, &[*name, *alias])),
            _ => None,
        });
        addresses.collect()
    }

    /// The same without empty destinations, which are none to Lambda; nothing if there are no others.
    pub fn given(mut self) -> Option<InvokeDestinations> {
        self.on_success.take_if(|to| to.destination.is_empty());
        self.on_failure.take_if(|to| to.destination.is_empty());
        (self != InvokeDestinations::default()).then_some(self)
    }

    /// Returns the destinations as Lambda takes them.
    pub fn sent(&self) -> aws::DestinationConfig {
        let success = self.on_success.as_ref().map(|to| aws::OnSuccess::builder().destination(&to.destination).build());
        let failure = self.on_failure.as_ref().map(|to| aws::OnFailure::builder().destination(&to.destination).build());
        aws::DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build()
    }

    /// As Lambda shows it.
    pub fn observed(config: &aws::DestinationConfig) -> InvokeDestinations {
        let success = config.on_success().and_then(|to| to.destination());
        let failure = config.on_failure().and_then(|to| to.destination());
        InvokeDestinations {
            on_success: success.map(|to| OnSuccess { destination: to.to_owned() }),
            on_failure: failure.map(|to| OnFailure { destination: to.to_owned() }),
        }
    }
}

/// The name of the function that an ARN means, and the qualifier if it has one.
fn function_of(arn: &str) -> Option<Vec<&str>> {
    let mut parts = arn.splitn(7, ':');
    let is_function = parts.nth(2) == Some("lambda") && parts.nth(2) == Some("function");
    is_function.then(|| parts.next().unwrap_or_default().split(':').collect())
}

/// Returns `Some` if a destination is the very function that it is for, with true if it is named without a qualifier.
fn circle(to: &str, at: &ResourceRef) -> Option<bool> {
    let reference = format!("${{functions.{}.", at.address.keys[0]);
    if to.contains(&reference) {
        return Some(to == format!("{reference}arn}}"));
    }
    let names = function_of(to).filter(|_| to.starts_with(&at.scope.arn("function:")))?;
    (names[0] == at.outer()).then_some(names.len() == 1)
}

fn destination(side: &str, to: &str, at: &ResourceRef, field: &FieldPath, findings: &mut Findings) {
    if let Some(is_whole) = circle(to, at) {
        let help = "name another function, a queue, a topic or a bus";
        // Lambda was seen to reject the function for the function; of aliases and versions nothing is recorded.
        if is_whole && at.address.keys.len() == 1 {
            findings
                .error(V078, field, "the function is its own destination, which would invoke it in a loop")
                .help(help);
        } else {
            findings
                .warning(V078, field, "the function is its own destination, which may invoke it in a loop")
                .help(help);
        }
    }
    if has_reference(to) {
        return;
    }
    let mut parts = to.strip_prefix("arn:").unwrap_or_default().split(':').skip(1);
    let (service, region) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if service == "s3" && side == "on_success" {
        findings
            .error(V077, field, "an S3 bucket can be a destination only for failures")
            .help("use `on_failure`, or name a queue, a topic, a bus or a function");
    } else if !matches!(service, "lambda" | "sqs" | "sns" | "events" | "s3") {
        findings
            .error(V077, field, format!("`{to}` is not a valid destination"))
            .help("use the ARN of a function, an SQS queue, an SNS topic or an EventBridge bus");
    } else if service == "lambda" && at.scope.differs(TargetPart::Region, region) {
        findings
            .error(V077, field, format!("functions in {region} are not reachable as destinations"))
            .help("name a function of the same region");
    } else if matches!(service, "sqs" | "sns") && to.ends_with(".fifo") {
        findings.error(V077, field, "FIFO queues and topics cannot be destinations").help("use a standard one");
    }
}
