//! The calls that create, read and change the estate, and what their replies say.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, FunctionVersion, LastUpdateStatus, Runtime, State};
use trueup::wire::{
    AddPermissionInputBuilder, Call, CreateAliasInputBuilder, CreateEventSourceMappingInputBuilder,
    CreateFunctionInputBuilder, GetAliasInputBuilder, GetEventSourceMappingInputBuilder, GetFunctionInputBuilder,
    GetPolicyInputBuilder, ListAliasesInputBuilder, ListEventSourceMappingsInputBuilder, ListFunctionsInputBuilder,
    PublishVersionInputBuilder, PutFunctionConcurrencyInputBuilder, Reply, TypedCall as _, UpdateAliasInputBuilder,
    UpdateFunctionConfigurationInputBuilder,
};

use crate::estate::{CHANGED_HANDLER, HANDLER};

/// The tags by which trueup knows what is the stack's, so that its plan of what another client made is empty.
const STACK_TAG: (&str, &str) = ("trueup:stack", "estate");
const MAPPING_TAG: &str = "trueup:mapping";

/// The state of a mapping that invokes its function.
const ENABLED: &str = "Enabled";

fn name(number: usize) -> String {
    format!("f{number}")
}

/// Creates a function with version 1.
pub fn create_function(number: usize, package: &[u8]) -> Call {
    CreateFunctionInputBuilder::default()
        .function_name(name(number))
        .runtime(Runtime::Python313)
        .handler(HANDLER)
        .role("arn:aws:iam::123456789012:role/f")
        .code(FunctionCode::builder().zip_file(Blob::new(package)).build())
        .tags("number", number.to_string())
        .tags("team", "orders")
        .tags(STACK_TAG.0, STACK_TAG.1)
        .publish(true)
        .call()
}

/// Creates the alias of version 1.
pub fn create_alias(number: usize) -> Call {
    CreateAliasInputBuilder::default().function_name(name(number)).name("live").function_version("1").call()
}

/// Reserves concurrency.
pub fn put_function_concurrency(number: usize) -> Call {
    PutFunctionConcurrencyInputBuilder::default().function_name(name(number)).reserved_concurrent_executions(1).call()
}

/// Lets a topic invoke the function.
pub fn add_permission(number: usize) -> Call {
    AddPermissionInputBuilder::default()
        .function_name(name(number))
        .statement_id("topic")
        .action("lambda:InvokeFunction")
        .principal("sns.amazonaws.com")
        .source_account("123456789012")
        .call()
}

/// Lets a queue invoke the alias.
pub fn create_event_source_mapping(number: usize) -> Call {
    CreateEventSourceMappingInputBuilder::default()
        .function_name(format!("f{number}:live"))
        .event_source_arn(format!("arn:aws:sqs:us-east-1:123456789012:q{number}"))
        .tags(STACK_TAG.0, STACK_TAG.1)
        .tags(MAPPING_TAG, format!("event_source_mapping/f{number}/live/queue"))
        .call()
}

/// Reads a function with its tags and its concurrency.
pub fn get_function(number: usize) -> Call {
    GetFunctionInputBuilder::default().function_name(name(number)).call()
}

/// Reads one version.
pub fn get_version(number: usize, version: &str) -> Call {
    GetFunctionInputBuilder::default().function_name(name(number)).qualifier(version).call()
}

/// Reads one mapping.
pub fn get_event_source_mapping(uuid: &str) -> Call {
    GetEventSourceMappingInputBuilder::default().uuid(uuid).call()
}

/// Lists every version of the account's functions.
pub fn list_versions() -> Call {
    ListFunctionsInputBuilder::default().function_version(FunctionVersion::All).call()
}

/// Lists every mapping of the account.
pub fn list_event_source_mappings() -> Call {
    ListEventSourceMappingsInputBuilder::default().call()
}

/// Reads the policy of a function.
pub fn get_policy(number: usize) -> Call {
    GetPolicyInputBuilder::default().function_name(name(number)).call()
}

/// Reads the alias.
pub fn get_alias(number: usize) -> Call {
    GetAliasInputBuilder::default().function_name(name(number)).name("live").call()
}

/// Every read that the whole state of the estate takes; listings have more pages.
pub fn reads(functions: usize) -> Vec<Call> {
    let of_each = (0..functions).flat_map(|number| {
        let aliases = ListAliasesInputBuilder::default().function_name(name(number)).call();
        [get_function(number), aliases, get_policy(number)]
    });
    [list_versions(), list_event_source_mappings()].into_iter().chain(of_each).collect()
}

/// Changes the handler.
pub fn update_function_configuration(number: usize) -> Call {
    UpdateFunctionConfigurationInputBuilder::default().function_name(name(number)).handler(CHANGED_HANDLER).call()
}

/// Publishes the function as it is.
pub fn publish_version(number: usize) -> Call {
    PublishVersionInputBuilder::default().function_name(name(number)).call()
}

/// Points the alias to another version.
pub fn update_alias(number: usize, version: &str) -> Call {
    UpdateAliasInputBuilder::default().function_name(name(number)).name("live").function_version(version).call()
}

/// Returns true if the function that was read is active, and no update is in progress.
pub fn is_settled(replies: &[Reply]) -> bool {
    replies.iter().all(|reply| {
        let Reply::GetFunction(found) = reply else { return false };
        found.configuration().is_some_and(|config| {
            config.state() == Some(&State::Active) && config.last_update_status() != Some(&LastUpdateStatus::InProgress)
        })
    })
}

/// Returns true if the mapping that was read is enabled.
pub fn is_enabled(replies: &[Reply]) -> bool {
    replies.iter().all(|reply| match reply {
        Reply::GetEventSourceMapping(found) => found.state() == Some(ENABLED),
        _ => false,
    })
}

/// Returns the number of enabled mappings in all pages of a listing.
pub fn enabled(replies: &[Reply]) -> usize {
    let mappings = replies.iter().flat_map(|reply| match reply {
        Reply::ListEventSourceMappings(page) => page.event_source_mappings(),
        _ => &[],
    });
    mappings.filter(|mapping| mapping.state() == Some(ENABLED)).count()
}

/// Returns the identity of the mapping that was created.
pub fn created_mapping(reply: &Reply) -> &str {
    match reply {
        Reply::CreateEventSourceMapping(made) => made.uuid().expect("a new mapping has a UUID"),
        other => panic!("this is no reply to CreateEventSourceMapping: {other:?}"),
    }
}

/// Returns the number of the version that was published, and whether it is still being created.
pub fn published_version(reply: &Reply) -> (&str, bool) {
    match reply {
        Reply::PublishVersion(made) => {
            (made.version().expect("a new version has a number"), made.state() == Some(&State::Pending))
        }
        other => panic!("this is no reply to PublishVersion: {other:?}"),
    }
}
