//! Answers of a server in which single members are wrong, which mutations of bytes seldom make.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{APPLIED_CASES, within_bounds};
use crate::fuzz_bodies::answers;

/// The places of what a server lists or describes.
const PLACES: &[&str] = &[
    "",
    "/Configuration",
    "/Configuration/Environment",
    "/Configuration/Layers/0",
    "/Configuration/LoggingConfig",
    "/Code",
    "/Concurrency",
    "/Tags",
    "/Functions/0",
    "/Versions/0",
    "/Versions/1",
    "/Aliases/0",
    "/Aliases/0/RoutingConfig",
    "/RoutingConfig",
    "/EventSourceMappings/0",
    "/EventSourceMappings/0/FilterCriteria",
    "/LayerVersions/0",
    "/Layers/0",
    "/Content",
    "/FunctionUrlConfigs/0",
    "/FunctionUrlConfigs/0/Cors",
    "/FunctionEventInvokeConfigs/0",
    "/DestinationConfig",
    "/ProvisionedConcurrencyConfigs/0",
    "/CodeSigningConfigs/0",
    "/CapacityProviders/0",
];

/// Members of many answers.
const MEMBERS: &[&str] = &[
    "AdditionalVersionWeights",
    "AliasArn",
    "AllocatedProvisionedConcurrentExecutions",
    "Architectures",
    "Arn",
    "AuthType",
    "BatchSize",
    "CodeSha256",
    "CodeSize",
    "ConfigSha256",
    "Cors",
    "CreatedDate",
    "Description",
    "DestinationConfig",
    "Environment",
    "EphemeralStorage",
    "Error",
    "EventSourceArn",
    "EventSourceMappingArn",
    "FunctionArn",
    "FunctionName",
    "FunctionUrl",
    "FunctionVersion",
    "Functions",
    "Handler",
    "LastModified",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LayerVersionArn",
    "LayerVersions",
    "Layers",
    "Location",
    "MemorySize",
    "Name",
    "NextMarker",
    "PackageType",
    "Policy",
    "ProvisionedConcurrencyConfigs",
    "RequestedProvisionedConcurrentExecutions",
    "ReservedConcurrentExecutions",
    "RevisionId",
    "Role",
    "Runtime",
    "RuntimeVersionConfig",
    "SnapStart",
    "State",
    "StateReason",
    "StateTransitionReason",
    "Status",
    "StatusReason",
    "Tags",
    "TagsError",
    "Timeout",
    "UUID",
    "UpdateRuntimeOn",
    "Variables",
    "Version",
    "VpcConfig",
    "trueup:mapping",
    "trueup:stack",
];

/// Values that no answer, or only a strange one, has in such a place.
const VALUES: &[&str] = &[
    "null",
    "{}",
    "[]",
    "[null]",
    "[{}]",
    "\"\"",
    "\"x\"",
    "\"0\"",
    "\"$LATEST\"",
    "\"shop\"",
    "\":::::::\"",
    "\"arn:aws:lambda:us-east-1:123456789012:function:\"",
    "\"arn:aws:lambda:us-east-1:123456789012:layer:common:99999999999999999999\"",
    "\"event_source_mapping/orders/queue\"",
    "\"\\u001b[2J\\n\\u202e\"",
    "\"{\\\"Statement\\\": [{}]}\"",
    "\"Pending\"",
    "\"Failed\"",
    "\"InProgress\"",
    "\"Deleting\"",
    "true",
    "0",
    "-1",
    "2147483647",
    "-9223372036854775808",
    "1e300",
    "0.5",
];

fn patch() -> impl Strategy<Value = String> {
    let one = (0..PLACES.len(), 0..MEMBERS.len(), 0..VALUES.len())
        .prop_map(|(place, member, value)| format!("{}/{} {}", PLACES[place], MEMBERS[member], VALUES[value]));
    proptest::collection::vec(one, 1..40).prop_map(|lines| format!("=\n{}", lines.join("\n")))
}

#[test]
fn any_members_of_answers_end_in_a_plan_or_an_error() {
    let mut runner =
        TestRunner::new(Config { cases: 3 * APPLIED_CASES, failure_persistence: None, ..Config::default() });
    let answer = prop_oneof![1 => Just("=".to_owned()), 2 => patch()];
    runner
        .run(&proptest::collection::vec(answer, 1..8), |script| {
            within_bounds("answers", answers, script.join("\n---\n").as_bytes());
            Ok(())
        })
        .unwrap();
}
