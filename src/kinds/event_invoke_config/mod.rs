//! Event invoke config: how often and how long Lambda tries an asynchronous invocation, and where its outcome goes.
//!
//! AWS's quirks: there is one for a function, and one for each of its versions and aliases, and publishing copies none;
//! putting it replaces it as a whole, so everything is always sent; a destination that is not set comes back as an empty
//! map; a function cannot be its own destination. No RevisionId guards it.
//! [AWS: PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html).
//!
//! One listing a function tells those of all its qualifiers.

pub mod catalog;
mod destinations;

use aws_sdk_lambda::types::FunctionEventInvokeConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::version;
use crate::model::{Findings, KindId, Package, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{Context, Discovered, Links, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest};
use crate::wire::{
    Call, DeleteFunctionEventInvokeConfigInputBuilder, GetFunctionEventInvokeConfigInputBuilder,
    ListFunctionEventInvokeConfigsInputBuilder, Missing, Operation, PutFunctionEventInvokeConfigInputBuilder,
    ReadCache, Reply, TypedCall,
};

use destinations::DestinationConfig;

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

fn two() -> i32 {
    2
}

fn six_hours() -> i32 {
    21600
}

impl crate::resource::Declare for EventInvokeConfig {
    const KIND: KindId = KindId::EventInvokeConfig;
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

    fn check(spec: &EventInvokeConfig, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        version::check_number(at, around, findings);
        if let Some(config) = &spec.destination_config {
            config.check(at, findings);
        }
    }

    fn links(spec: &EventInvokeConfig, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes.
        let mut before = vec![at.address.outermost(KindId::Version)];
        before.extend(spec.destination_config.iter().flat_map(DestinationConfig::functions));
        Links::after(before)
    }
}

impl crate::resource::Observe for EventInvokeConfig {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&EventInvokeConfig>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<EventInvokeConfig>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        let mut items = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        Ok(items.find(|item| of(item, at) == Some(qualifier(at))).map(|item| observed(at, item)))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let pages = cache.pages(listing(parent.outer()))?;
        let is_alias = parent.names.len() > 1;
        let qualifiers = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        let found = qualifiers.filter_map(|item| of(item, parent)).filter_map(|name| match name {
            name if is_alias => (name == parent.own()).then(|| Discovered::new(parent.beside(Self::KIND), name)),
            LATEST => Some(Discovered::new(parent.beside(Self::KIND), name)),
            name if version::is_number(name) || name == version::LATEST_PUBLISHED => {
                Some(Discovered::new(parent.below(Self::KIND, name, name), name))
            }
            // What belongs to an alias is found below the alias.
            _ => None,
        });
        Ok(found.collect())
    }
}

impl crate::resource::PlanWrites for EventInvokeConfig {
    fn apply_defaults(spec: &mut EventInvokeConfig, _at: &ResourceRef, _package: Option<&Package>) {
        spec.destination_config = spec.destination_config.take().and_then(DestinationConfig::given);
    }

    fn writes(work: &WriteContext<'_, EventInvokeConfig>) -> Vec<PlannedWrite> {
        vec![match (work.desired, work.live) {
            (None, _) => PlannedWrite::new(Operation::DeleteFunctionEventInvokeConfig, StepReasonKind::Undeclared),
            (_, None) => PlannedWrite::new(Operation::PutFunctionEventInvokeConfig, StepReasonKind::DefaultApplies),
            _ => PlannedWrite::new(
                Operation::PutFunctionEventInvokeConfig,
                StepReason::fields_differ(work.changes.iter().map(|change| &change.path)),
            ),
        }]
    }
}

impl crate::resource::ApplyWrites for EventInvokeConfig {
    fn request(operation: Operation, doing: &WriteRequest<'_, EventInvokeConfig>) -> anyhow::Result<Call> {
        let (function, qualifier) = (doing.at.outer(), qualifier(doing.at));
        Ok(match (operation, &doing.desired) {
            (Operation::PutFunctionEventInvokeConfig, Some(spec)) => {
                PutFunctionEventInvokeConfigInputBuilder::default()
                    .function_name(function)
                    .qualifier(qualifier)
                    .maximum_retry_attempts(spec.maximum_retry_attempts)
                    .maximum_event_age_in_seconds(spec.maximum_event_age_in_seconds)
                    .set_destination_config(spec.destination_config.as_ref().map(DestinationConfig::sent))
                    .call()
            }
            _ => DeleteFunctionEventInvokeConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&EventInvokeConfig>,
        reply: &Reply,
    ) -> Option<Observed<EventInvokeConfig>> {
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

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<EventInvokeConfig>>) -> Option<Call> {
        // A deletion is done when it is answered.
        let reading = GetFunctionEventInvokeConfigInputBuilder::default().function_name(at.outer());
        (operation != Operation::DeleteFunctionEventInvokeConfig).then(|| reading.qualifier(qualifier(at)).call())
    }
}

/// The read that knows every one of a function.
fn listing(function: &str) -> ListFunctionEventInvokeConfigsInputBuilder {
    ListFunctionEventInvokeConfigsInputBuilder::default().function_name(function)
}

/// The version or alias that it is for.
fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(LATEST, String::as_str)
}

/// The qualifier of a listed one, if it is of this function.
fn of<'i>(item: &'i FunctionEventInvokeConfig, at: &ResourceRef) -> Option<&'i str> {
    let (arn, qualifier) = item.function_arn()?.rsplit_once(':')?;
    arn.ends_with(&format!(":function:{}", at.outer())).then_some(qualifier)
}

fn observed(at: &ResourceRef, item: &FunctionEventInvokeConfig) -> Observed<EventInvokeConfig> {
    let value = EventInvokeConfig {
        maximum_retry_attempts: item.maximum_retry_attempts().unwrap_or_else(two),
        maximum_event_age_in_seconds: item.maximum_event_age_in_seconds().unwrap_or_else(six_hours),
        destination_config: item
            .destination_config()
            .map(DestinationConfig::observed)
            .and_then(DestinationConfig::given),
    };
    Observed::new(qualifier(at), value)
}

#[cfg(test)]
mod tests;
