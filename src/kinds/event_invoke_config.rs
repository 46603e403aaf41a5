//! Event invoke config: how often and how long Lambda tries an asynchronous invocation, and where its outcome goes.
//!
//! AWS's quirks: there is one for a function, and one for each of its versions and aliases, and publishing copies none;
//! putting it replaces it as a whole, so everything is always sent; a destination that is not set comes back as an empty
//! map; a function cannot be its own destination. No RevisionId guards it.
//! [AWS: PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html).
//!
//! One listing a function tells those of all its qualifiers.

use aws_sdk_lambda::types::{self as aws, FunctionEventInvokeConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Around, At, Doing, Draft, Found, Live, Work, version};
use crate::model::{Address, Findings, Package};
use crate::wire::{
    Call, DeleteFunctionEventInvokeConfigInputBuilder, GetFunctionEventInvokeConfigInputBuilder,
    ListFunctionEventInvokeConfigsInputBuilder, Operation, PutFunctionEventInvokeConfigInputBuilder, Reply, Seen,
    Unread,
};

/// The kind's line in the table.
pub struct Room;

/// What Lambda calls the function itself.
const LATEST: &str = "$LATEST";

/// How a function, a version or an alias is invoked asynchronously.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventInvokeConfig {
    /// How often Lambda tries again when the function returns an error: 0 to 2.
    #[serde(default = "two")]
    #[schemars(range(min = 0, max = 2))]
    pub maximum_retry_attempts: i32,
    /// How long an event may wait to be processed, in seconds: 60 to 21600, which is 6 hours.
    #[serde(default = "six_hours")]
    #[schemars(range(min = 60, max = 21600))]
    pub maximum_event_age_in_seconds: i32,
    /// Where the outcome of an invocation goes. The function's role must be allowed to send it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<DestinationConfig>,
}

/// Where the outcome of an invocation goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// Where the record of a successful invocation goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<OnSuccess>,
    /// Where the record of an event goes that could not be processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
}

/// Where the record of a successful invocation goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnSuccess {
    /// The ARN of another function, a standard SQS queue, a standard SNS topic or an EventBridge bus.
    #[schemars(
        length(max = 350),
        regex(
            pattern = r"^($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$"
        )
    )]
    pub destination: String,
}

/// Where the record of an event goes that could not be processed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnFailure {
    /// The ARN of another function, a standard SQS queue, a standard SNS topic, an EventBridge bus or an S3 bucket.
    #[schemars(
        length(max = 350),
        regex(
            pattern = r"^($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$"
        )
    )]
    pub destination: String,
}

fn two() -> i32 {
    2
}

fn six_hours() -> i32 {
    21600
}

impl super::Room for Room {
    type Spec = EventInvokeConfig;
    const NAME: &'static str = "event_invoke_config";
    const PLACES: &'static [&'static str] = &[
        "functions.*.event_invoke_config",
        "functions.*.aliases.*.event_invoke_config",
        "functions.*.versions.*.event_invoke_config",
    ];
    const EXAMPLE: &'static str = function_with!(
        r#"
    event_invoke_config:
      maximum_retry_attempts: 1
      maximum_event_age_in_seconds: 3600
      destination_config:
        on_success: {destination: "${functions.receipts.arn}"}
        on_failure: {destination: "arn:aws:sqs:us-east-1:123456789012:failed"}
    aliases:
      live: {function_version: published, event_invoke_config: {maximum_retry_attempts: 0}}
    versions:
      "1": {event_invoke_config: {maximum_event_age_in_seconds: 60}}
  receipts:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/receipts
    code: {zip: package.zip}
"#
    );

    fn check(&self, spec: &EventInvokeConfig, at: &At, around: &dyn Around, findings: &mut Findings) {
        version::check_number(at, around, findings);
        let Some(config) = &spec.destination_config else { return };
        let sides = [
            ("on_success", config.on_success.as_ref().map(|to| to.destination.as_str())),
            ("on_failure", config.on_failure.as_ref().map(|to| to.destination.as_str())),
        ];
        for (side, to) in sides {
            let Some(to) = to.filter(|to| !to.is_empty()) else { continue };
            let field = format!("destination_config.{side}.destination");
            destination(side, to, at, &field, findings);
        }
    }

    fn follows(&self, spec: &EventInvokeConfig, at: &At) -> Vec<Address> {
        // A number may be that of the version which the same plan publishes.
        let mut before = vec![Address::new("version", &at.address.keys[..1])];
        let config = spec.destination_config.clone().unwrap_or_default();
        let destinations =
            [config.on_success.map(|to| to.destination), config.on_failure.map(|to| to.destination)].into_iter();
        for to in destinations.flatten() {
            // Lambda wants a function to be there before it is a destination, however the spec names it.
            match function_of(&to).as_deref() {
                Some([name]) => before.push(Address::new("function", &[name])),
                Some([name, alias]) => before.push(Address::new("alias", &[name, alias])),
                _ => {}
            }
        }
        before
    }

    fn complete(&self, spec: &mut EventInvokeConfig, _at: &At, _package: Option<&Package>) {
        // An empty destination and none are the same to Lambda.
        if let Some(config) = &mut spec.destination_config {
            config.on_success.take_if(|to| to.destination.is_empty());
            config.on_failure.take_if(|to| to.destination.is_empty());
        }
        spec.destination_config.take_if(|config| *config == DestinationConfig::default());
    }

    fn reads(&self, at: &At, _desired: Option<&EventInvokeConfig>, _seen: &Seen) -> Vec<Call> {
        vec![listing(at.outer()).call()]
    }

    fn live(
        &self,
        at: &At,
        _desired: Option<&EventInvokeConfig>,
        seen: &Seen,
    ) -> Result<Option<Live<EventInvokeConfig>>, Unread> {
        let pages = seen.pages(listing(at.outer()))?;
        let mut items = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        Ok(items.find(|item| of(item, at) == Some(qualifier(at))).map(|item| observed(at, item)))
    }

    fn found_reads(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Vec<Call> {
        self.reads(parent, None, seen)
    }

    fn found(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Unread> {
        let pages = seen.pages(listing(parent.outer()))?;
        let is_alias = parent.names.len() > 1;
        let qualifiers = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        let found = qualifiers.filter_map(|item| of(item, parent)).filter_map(|name| match name {
            name if is_alias => (name == parent.own()).then(|| Found::new(parent.beside(Self::NAME), name)),
            LATEST => Some(Found::new(parent.beside(Self::NAME), name)),
            name if version::is_number(name) || name == version::LATEST_PUBLISHED => {
                Some(Found::new(parent.below(Self::NAME, name, name), name))
            }
            // What belongs to an alias is found below the alias.
            _ => None,
        });
        Ok(found.collect())
    }

    fn drafts(&self, work: &Work<'_, EventInvokeConfig>) -> Vec<Draft> {
        vec![match (work.desired, work.live) {
            (None, _) => Draft::new("DeleteFunctionEventInvokeConfig", "the spec no longer names it"),
            (_, None) => Draft::new("PutFunctionEventInvokeConfig", "AWS's defaults hold"),
            _ => Draft::new("PutFunctionEventInvokeConfig", "asynchronous invocations go otherwise than declared"),
        }]
    }

    fn call(&self, operation: &str, doing: &Doing<'_, EventInvokeConfig>) -> anyhow::Result<Call> {
        let (function, qualifier) = (doing.at.outer(), qualifier(doing.at));
        Ok(match (operation, &doing.desired) {
            ("PutFunctionEventInvokeConfig", Some(spec)) => PutFunctionEventInvokeConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .maximum_retry_attempts(spec.maximum_retry_attempts)
                .maximum_event_age_in_seconds(spec.maximum_event_age_in_seconds)
                .set_destination_config(spec.destination_config.as_ref().map(written))
                .call(),
            _ => DeleteFunctionEventInvokeConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .call(),
        })
    }

    fn reply(&self, at: &At, _desired: Option<&EventInvokeConfig>, reply: &Reply) -> Option<Live<EventInvokeConfig>> {
        let config = FunctionEventInvokeConfig::builder();
        let config = match reply {
            Reply::PutFunctionEventInvokeConfig(reply) => config
                .set_maximum_retry_attempts(reply.maximum_retry_attempts)
                .set_maximum_event_age_in_seconds(reply.maximum_event_age_in_seconds)
                .set_destination_config(reply.destination_config.clone()),
            Reply::GetFunctionEventInvokeConfig(reply) => config
                .set_maximum_retry_attempts(reply.maximum_retry_attempts)
                .set_maximum_event_age_in_seconds(reply.maximum_event_age_in_seconds)
                .set_destination_config(reply.destination_config.clone()),
            _ => return None,
        };
        Some(observed(at, &config.build()))
    }

    fn poll(&self, at: &At, operation: &str, _last: Option<&Live<EventInvokeConfig>>) -> Option<Call> {
        // A deletion is done when it is answered.
        let reading = GetFunctionEventInvokeConfigInputBuilder::default().function_name(at.outer());
        (operation != "DeleteFunctionEventInvokeConfig").then(|| reading.qualifier(qualifier(at)).call())
    }
}

/// The read that knows every one of a function.
fn listing(function: &str) -> ListFunctionEventInvokeConfigsInputBuilder {
    ListFunctionEventInvokeConfigsInputBuilder::default().function_name(function)
}

/// The version or alias that it is for.
fn qualifier(at: &At) -> &str {
    at.names.get(1).map_or(LATEST, String::as_str)
}

/// The qualifier of a listed one, if it is of this function.
fn of<'i>(item: &'i FunctionEventInvokeConfig, at: &At) -> Option<&'i str> {
    let (arn, qualifier) = item.function_arn()?.rsplit_once(':')?;
    arn.ends_with(&format!(":function:{}", at.outer())).then_some(qualifier)
}

/// The name of the function that an ARN means, and the qualifier if it has one.
fn function_of(arn: &str) -> Option<Vec<&str>> {
    let mut parts = arn.splitn(7, ':');
    let is_function = parts.nth(2) == Some("lambda") && parts.nth(2) == Some("function");
    is_function.then(|| parts.next().unwrap_or_default().split(':').collect())
}

/// Whether a destination is the very function that it is for, and if so whether it is meant without a qualifier.
fn circle(to: &str, at: &At) -> Option<bool> {
    let reference = format!("${{functions.{}.", at.address.keys[0]);
    if to.contains(&reference) {
        return Some(to == format!("{reference}arn}}"));
    }
    let names = function_of(to).filter(|_| to.starts_with(&at.scope.arn("function:")))?;
    (names[0] == at.outer()).then_some(names.len() == 1)
}

fn destination(side: &str, to: &str, at: &At, field: &str, findings: &mut Findings) {
    if let Some(is_whole) = circle(to, at) {
        let help = "name another function, a queue, a topic or a bus";
        // Lambda was seen to refuse the function for the function; of aliases and versions nothing is recorded.
        if is_whole && at.address.keys.len() == 1 {
            findings
                .error("V078", field, "a function cannot be its own destination: it would run in a circle")
                .help(help);
        } else {
            findings.warning("V078", field, "the function is its own destination, and may run in a circle").help(help);
        }
    }
    if to.contains("${") {
        return;
    }
    let service = to.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1)).unwrap_or_default();
    if service == "s3" && side == "on_success" {
        findings
            .error("V077", field, "an S3 bucket takes only what failed")
            .help("use `on_failure`, or name a queue, a topic, a bus or a function");
    } else if !matches!(service, "lambda" | "sqs" | "sns" | "events" | "s3") {
        findings
            .error("V077", field, format!("`{to}` is no destination"))
            .help("name the ARN of a function, an SQS queue, an SNS topic or an EventBridge bus");
    } else if matches!(service, "sqs" | "sns") && to.ends_with(".fifo") {
        findings.error("V077", field, "FIFO queues and topics are no destinations").help("name a standard one");
    }
}

fn written(config: &DestinationConfig) -> aws::DestinationConfig {
    let success = config.on_success.as_ref().map(|to| aws::OnSuccess::builder().destination(&to.destination).build());
    let failure = config.on_failure.as_ref().map(|to| aws::OnFailure::builder().destination(&to.destination).build());
    aws::DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build()
}

fn observed(at: &At, item: &FunctionEventInvokeConfig) -> Live<EventInvokeConfig> {
    let config = item.destination_config().cloned().unwrap_or_else(|| aws::DestinationConfig::builder().build());
    let given = |to: Option<String>| to.filter(|to| !to.is_empty());
    let config = DestinationConfig {
        on_success: given(config.on_success.and_then(|to| to.destination)).map(|destination| OnSuccess { destination }),
        on_failure: given(config.on_failure.and_then(|to| to.destination)).map(|destination| OnFailure { destination }),
    };
    let value = EventInvokeConfig {
        maximum_retry_attempts: item.maximum_retry_attempts().unwrap_or_else(two),
        maximum_event_age_in_seconds: item.maximum_event_age_in_seconds().unwrap_or_else(six_hours),
        destination_config: (config != DestinationConfig::default()).then_some(config),
    };
    Live::new(qualifier(at), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Room as _;
    use crate::kinds::beside::{self, Beside};
    use crate::model::Severity;
    use crate::wire::{Answer, ListFunctionEventInvokeConfigsOutput};

    fn at(names: &[&str]) -> At {
        beside::at("function", names)
    }

    fn seen() -> Seen {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        let item = |qualifier: &str| {
            let empty = aws::OnFailure::builder().build();
            let config = aws::DestinationConfig::builder().on_failure(empty).build();
            let item = FunctionEventInvokeConfig::builder().function_arn(format!("{arn}:{qualifier}"));
            item.destination_config(config).maximum_retry_attempts(1).build()
        };
        let items = ["$LATEST", "7", "live", "next", "$LATEST.PUBLISHED"].map(item).to_vec();
        let reply =
            ListFunctionEventInvokeConfigsOutput::builder().set_function_event_invoke_configs(Some(items)).build();
        let mut seen = Seen::default();
        let pages = vec![Reply::ListFunctionEventInvokeConfigs(Box::new(reply))];
        seen.note(&listing("orders").call(), Answer::Pages(pages));
        seen
    }

    #[test]
    fn each_is_found_below_what_it_is_for() {
        let addresses = |names: &[&str]| {
            let found = Room.found(&at(names), &Beside::default(), &seen()).unwrap();
            found.into_iter().map(|found| found.at.address.to_string()).collect::<Vec<_>>()
        };
        let published = "event_invoke_config/orders/$LATEST.PUBLISHED";
        assert_eq!(addresses(&["orders"]), ["event_invoke_config/orders", "event_invoke_config/orders/7", published]);
        assert_eq!(addresses(&["orders", "live"]), ["event_invoke_config/orders/live"]);
    }

    #[test]
    fn what_is_not_set_is_the_default() {
        let live = Room.live(&at(&["orders", "7"]), None, &seen()).unwrap().unwrap();
        let value = EventInvokeConfig {
            maximum_retry_attempts: 1,
            maximum_event_age_in_seconds: 21600,
            destination_config: None,
        };
        assert_eq!(live, Live::new("7", value));
        assert_eq!(Room.live(&at(&["orders", "8"]), None, &seen()), Ok(None));
    }

    #[test]
    fn the_function_for_itself_is_refused_and_under_another_qualifier_only_pointed_out() {
        let severities = |names: &[&str], to: &str| {
            let mut findings = Findings::default();
            destination("on_failure", to, &at(names), "x", &mut findings);
            findings.0.iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
        };
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        let (error, warning) = (("V078", Severity::Error), ("V078", Severity::Warning));
        assert_eq!(severities(&["orders"], arn), [error]);
        assert_eq!(severities(&["orders"], "${functions.orders.arn}"), [error]);
        assert_eq!(severities(&["orders"], &format!("{arn}:live")), [warning]);
        assert_eq!(severities(&["orders"], "${functions.orders.aliases.live.arn}"), [warning]);
        assert_eq!(severities(&["orders", "live"], arn), [warning]);
        assert_eq!(severities(&["orders"], &format!("{arn}-receipts")), []);
    }

    #[test]
    fn a_destination_that_is_a_function_comes_first() {
        let to = |name: &str| OnFailure { destination: format!("arn:aws:lambda:eu-west-1:1:function:{name}") };
        let follows = |name: &str| {
            let config = DestinationConfig { on_success: None, on_failure: Some(to(name)) };
            let spec = EventInvokeConfig {
                maximum_retry_attempts: 0,
                maximum_event_age_in_seconds: 60,
                destination_config: Some(config),
            };
            let follows = Room.follows(&spec, &at(&["orders"]));
            follows.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(follows("receipts"), ["version/orders", "function/receipts"]);
        assert_eq!(follows("receipts:live"), ["version/orders", "alias/receipts/live"]);
    }
}
