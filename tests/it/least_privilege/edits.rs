//! What is edited and fails beside what every kind lives through.

use trueup::model::KindId;

/// An edit of a kind's example: a text of it and another one, applied with or without pruning.
pub type Edit = (KindId, bool, &'static str, &'static str);

/// Edits for which a kind makes calls that neither creation nor the change of one plain field takes.
pub const EDITS: &[Edit] = &[
    (KindId::Layer, false, "what all of us need", "second"),
    (KindId::Layer, false, "what all of us need", "third"),
    (KindId::Layer, false, "what all of us need", "fourth"),
    (KindId::LayerPermissions, false, "principal: \"210987654321\"", "principal: \"210987654322\""),
    (KindId::CodeSigningConfig, false, "{team: payments}", "{team: a, cost: b}"),
    (KindId::CodeSigningConfig, true, "{team: payments}", "{team: a}"),
    (KindId::CapacityProvider, false, "max_v_cpu_count: 64", "max_v_cpu_count: 96"),
    (KindId::CapacityProvider, false, "    tags: {team: payments}", "    tags: {team: a, cost: b}"),
    (KindId::CapacityProvider, true, "    tags: {team: payments}", "    tags: {team: a}"),
    (KindId::Function, false, "tags: {team: payments}", "tags: {team: a, cost: b}"),
    (KindId::Function, true, "tags: {team: payments}", "tags: {team: a}"),
    (
        KindId::FunctionCodeSigning,
        false,
        "code_signing_configs:\n",
        "code_signing_configs:\n  theirs:\n    allowed_publishers:\n      signing_profile_version_arns: \
         [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/other/a1b2c3d4e5\"]\n",
    ),
    (KindId::Version, false, "publish: {", "memory_size: 256\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 257\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 258\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 259\n    publish: {"),
    (KindId::ReservedConcurrency, false, "reserved_concurrent_executions: 20", "reserved_concurrent_executions: 30"),
    (KindId::ReservedConcurrency, false, "reserved_concurrent_executions: 20", "reserved_concurrent_executions: -1"),
    (KindId::ReservedConcurrency, false, "    reserved_concurrent_executions: 20\n", ""),
    (KindId::ProvisionedConcurrency, false, "executions: 4", "executions: 5"),
    (KindId::ProvisionedConcurrency, false, "executions: 4", "executions: 0"),
    (KindId::Permissions, false, "210987654321:root", "210987654322:root"),
    (KindId::Permissions, false, "sns:us-east-1:123456789012:orders", "sns:us-east-1:123456789012:others"),
    (KindId::Permissions, true, "organization: {", "others: {"),
    (KindId::Url, false, "invoke_mode: RESPONSE_STREAM", "invoke_mode: BUFFERED"),
    (KindId::Url, false, "auth_type: NONE\n", "auth_type: AWS_IAM\n"),
    (KindId::EventSourceMapping, false, "batch_size: 5", "batch_size: 5, tags: {team: a, cost: b}"),
    (KindId::EventSourceMapping, true, "batch_size: 5", "batch_size: 5, tags: {team: a}"),
    (KindId::EventSourceMapping, false, ":orders\"", ":others\""),
    (KindId::EventSourceMapping, false, "live:", "next:"),
];

/// Faults after which a kind makes other calls, for the first apply and the edits.
pub const FAULTS: &[(KindId, &str)] = &[
    (KindId::ReservedConcurrency, "lose on PutFunctionConcurrency"),
    (KindId::EventInvokeConfig, "lose on PutFunctionEventInvokeConfig"),
    (KindId::Url, "lose on CreateFunctionUrlConfig"),
    (KindId::Permissions, "fail UnknownOperationException before on *ResourcePolicy"),
];
