//! Event invoke config: how often and how long Lambda tries an asynchronous invocation, and where its outcome goes.
//!
//! AWS's quirks: there is one for a function, and one for each of its versions and aliases, and publishing copies none;
//! putting it replaces it as a whole, so everything is always sent; a destination that is not set comes back as an empty
//! map; a function cannot be its own destination. No RevisionId guards it.
//! [AWS: PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html).
//!
//! One listing of a function returns those of all its qualifiers.

mod authorize;
pub mod catalog;
mod destinations;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Links, Naming, ResourceRef, TerraformType};
use destinations::InvokeDestinations;
pub use spec::EventInvokeConfig;

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

    fn check(spec: &EventInvokeConfig, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(spec: &EventInvokeConfig, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes.
        let mut before = vec![at.address.outermost(KindId::Version)];
        before.extend(spec.destination_config.iter().flat_map(InvokeDestinations::functions));
        Links::after(before)
    }
}

impl crate::resource::Present for EventInvokeConfig {
    const LABEL: &'static str = "async invocation";
    const TERRAFORM: TerraformType = TerraformType::of(
        "aws_lambda_function_event_invoke_config",
        &[("function_name", Naming::Parent), ("qualifier", Naming::Qualifier)],
    );
}
