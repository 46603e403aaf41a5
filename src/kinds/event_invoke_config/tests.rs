//! Tests of what is peculiar to asynchronous invocation configurations: the owner of each, and the destinations it may have.

use aws_sdk_lambda::types as aws;
use aws_sdk_lambda::types::FunctionEventInvokeConfig;

use super::destinations::{InvokeDestinations, OnFailure};
use super::observe::*;
use super::spec::*;
use crate::model::{Findings, KindId, Severity};
use crate::resource::testing::TestContext;
use crate::resource::{Declare as _, Observe as _, Observed, ResourceRef, testing};
use crate::wire::{ListFunctionEventInvokeConfigsOutput, ReadCache, ReadResult, Reply, TypedCall};

fn at(names: &[&str]) -> ResourceRef {
    testing::at(KindId::Function, names)
}

fn failures(to: &str) -> InvokeDestinations {
    InvokeDestinations { on_success: None, on_failure: Some(OnFailure { destination: to.to_owned() }) }
}

fn replies() -> ReadCache {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    let item = |qualifier: &str| {
        let empty = aws::OnFailure::builder().build();
        let config = aws::DestinationConfig::builder().on_failure(empty).build();
        let item = FunctionEventInvokeConfig::builder().function_arn(format!("{arn}:{qualifier}"));
        item.destination_config(config).maximum_retry_attempts(1).build()
    };
    let items = ["$LATEST", "7", "live", "next", "$LATEST.PUBLISHED"].map(item).to_vec();
    let reply = ListFunctionEventInvokeConfigsOutput::builder().set_function_event_invoke_configs(Some(items)).build();
    let mut replies = ReadCache::default();
    let pages = vec![Reply::ListFunctionEventInvokeConfigs(Box::new(reply))];
    replies.insert(&listing("orders").call(), ReadResult::Pages(pages));
    replies
}

#[test]
fn each_is_found_below_what_it_is_for() {
    let addresses = |names: &[&str]| {
        let found = EventInvokeConfig::discover(&at(names), &TestContext::default(), &replies()).unwrap();
        found.into_iter().map(|found| found.at.address.to_string()).collect::<Vec<_>>()
    };
    let published = "event_invoke_config/orders/$LATEST.PUBLISHED";
    assert_eq!(addresses(&["orders"]), ["event_invoke_config/orders", "event_invoke_config/orders/7", published]);
    assert_eq!(addresses(&["orders", "live"]), ["event_invoke_config/orders/live"]);
}

#[test]
fn what_is_not_set_is_the_default() {
    let live = EventInvokeConfig::observe(&at(&["orders", "7"]), None, &replies()).unwrap().unwrap();
    let value =
        EventInvokeConfig { maximum_retry_attempts: 1, maximum_event_age_in_seconds: 21600, destination_config: None };
    assert_eq!(live, Observed::new("7", value));
    assert_eq!(EventInvokeConfig::observe(&at(&["orders", "8"]), None, &replies()).unwrap(), None);
}

#[test]
fn the_function_for_itself_is_refused_and_under_another_qualifier_only_pointed_out() {
    let severities = |names: &[&str], to: &str| {
        let mut findings = Findings::default();
        failures(to).check(&at(names), &mut findings);
        findings.0.iter().map(|finding| (finding.code.as_str(), finding.severity)).collect::<Vec<_>>()
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
    let follows = |name: &str| {
        let config = failures(&format!("arn:aws:lambda:eu-west-1:1:function:{name}"));
        let spec = EventInvokeConfig {
            maximum_retry_attempts: 0,
            maximum_event_age_in_seconds: 60,
            destination_config: Some(config),
        };
        let follows = EventInvokeConfig::links(&spec, &at(&["orders"])).runs_after;
        follows.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(follows("receipts"), ["version/orders", "function/receipts"]);
    assert_eq!(follows("receipts:live"), ["version/orders", "alias/receipts/live"]);
}
