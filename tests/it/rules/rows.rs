//! Further cases of the rules, in addition to the examples of the table.

/// Something to lay over the base.
#[derive(Clone, Copy)]
pub enum Over {
    /// Fields of the function.
    Function(&'static str),
    /// Fields at the top of the spec.
    Whole(&'static str),
}

use Over::{Function as F, Whole as W};

/// Longer values that stand for a word in the cases.
pub const WORDS: &[(&str, &str)] = &[
    ("EFS", "arn: 'arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0'"),
    ("NETWORK", "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}"),
    ("SNAP", "snap_start: {apply_on: PublishedVersions}"),
    ("TENANTS", "tenancy_config: {tenant_isolation_mode: PER_TENANT}"),
    ("DURABLE", "durable_config: {execution_timeout: 60}"),
    (
        "MANAGED",
        "capacity_provider_config: {lambda_managed_instances_capacity_provider_config: \
         {capacity_provider_arn: 'arn:aws:lambda:us-east-1:123456789012:capacity-provider:p'}}",
    ),
    ("SQS", "arn:aws:sqs:us-east-1:123456789012:q"),
    ("SNS", "arn:aws:sns:us-east-1:123456789012:t"),
    (
        "PROVIDER",
        "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}, \
         permissions_config: {capacity_provider_operator_role_arn: 'arn:aws:iam::123456789012:role/o'}",
    ),
    (
        "PUBLISHERS",
        "allowed_publishers: {signing_profile_version_arns: \
         ['arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5']}",
    ),
    ("ENFORCED", "code_signing_policies: {untrusted_artifact_on_deployment: Enforce}"),
    ("SIGNED", "code_signing_config_arn: '${code_signing_configs.ours.arn}'"),
    ("STATEMENT", "action: 'lambda:InvokeFunction', principal: '210987654321'"),
    (
        "BROKER",
        "event_source_arn: 'arn:aws:mq:us-east-1:123456789012:broker:b:b-1', \
         source_access_configurations: [{type: BASIC_AUTH, uri: s}]",
    ),
    ("STREAM", "event_source_arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s', starting_position: LATEST"),
];

/// A rule of the published list, the codes that are reported where it is broken, what breaks it, and what does not.
/// A rule that follows from a field's type, length, range or form is reported under a code of the declaration language, `S…`.
pub type Case = (&'static str, &'static [&'static str], Over, Over);

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    ("V004", &["V004"], F("code: {zip: null}"), F("code: external")),
    ("V006", &["S010"], F("code: {object_storage_mode: COPY}"),
        F("code: {zip: null, s3: {bucket: packages, key: k, object_storage_mode: COPY}}")),
    ("V009", &["S013"], F("architectures: [x86_64, arm64]"), F("architectures: [arm64]")),
    ("V015", &["S013"], F("handler: app handler"), F("handler: app.other")),
    ("V017", &["S013"], F("function_name: a b"), F("function_name: a-b")),
    ("V018", &["V018"], F("dead_letter_config: {target_arn: 'SQS.fifo'}"), F("dead_letter_config: {target_arn: 'SNS'}")),
    ("V021", &["S013"], F("NETWORK, file_system_configs: [{EFS, local_mount_path: /data}]"),
        F("NETWORK, file_system_configs: [{EFS, local_mount_path: /mnt/data}]")),
    ("V025", &["S013"], F("logging_config: {log_group: a b}"), F("logging_config: {log_group: /a/b}")),
    ("V031", &["V031"], F("SNAP, publish: true, runtime: python3.11"), F("SNAP, publish: true, runtime: java21")),
    ("V033", &["V033"], F("TENANTS, SNAP, publish: true"), F("TENANTS, publish: true")),
    ("V033", &["V033"], F("TENANTS, aliases: {live: {function_version: published, provisioned_concurrent_executions: 1}}"),
        F("TENANTS, aliases: {live: {function_version: published}}")),
    ("V033", &["V033"], F("TENANTS, event_source_mappings: {m: {event_source_arn: 'SQS'}}"), F("TENANTS")),
    ("V037", &["S012"], F("durable_config: {retention_period_in_days: 1}"), F("DURABLE")),
    ("V046", &["V046"], F("MANAGED, publish: true, function_scaling_config: {min_execution_environments: 2, max_execution_environments: 1}"),
        F("MANAGED, publish: true, function_scaling_config: {min_execution_environments: 2, max_execution_environments: 2}")),
    ("V047", &["V047"], F("aliases: {live: {function_version: $LATEST.PUBLISHED}}"),
        F("MANAGED, publish: true, aliases: {live: {function_version: $LATEST.PUBLISHED}}")),
    ("V052", &["V052"],
        W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Auto, \
           scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]}}}"),
        W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Manual, \
           scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]}}}")),
    ("V056", &["S013"], F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 1.1}}}}"),
        F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 1.0}}}}")),
    ("V064", &["S013"], F("reserved_concurrent_executions: -2"), F("reserved_concurrent_executions: 0")),
    ("V070", &["S010"], F("versions: {'7': {url: {auth_type: AWS_IAM}}}"),
        F("aliases: {live: {function_version: published, url: {auth_type: AWS_IAM}}}")),
    ("V071", &["S013"], F("url: {auth_type: AWS_IAM, cors: {allow_methods: [OPTIONS]}}"), F("url: {auth_type: AWS_IAM, cors: {allow_methods: [DELETE]}}")),
    ("V071", &["S013"], F("url: {auth_type: AWS_IAM, cors: {max_age: 86401}}"), F("url: {auth_type: AWS_IAM, cors: {max_age: 86400}}")),
    ("V074", &["V074"], F("permissions: {p: {action: 'lambda:InvokeFunctionUrl', principal: '*', invoked_via_function_url: true}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', invoked_via_function_url: true}}")),
    ("V076", &["S013"], F("event_invoke_config: {maximum_retry_attempts: 3}"), F("event_invoke_config: {maximum_retry_attempts: 2}")),
    ("V077", &["V077"], F("event_invoke_config: {destination_config: {on_failure: {destination: 'SQS.fifo'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'SQS'}}}")),
    ("V078", &["V078"], F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:lambda:us-east-1:123456789012:function:orders'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:lambda:us-east-1:123456789012:function:other'}}}")),
    ("V079", &["S031"], F("versions: {$LATEST: {permissions: {p: {STATEMENT}}}}"), F("versions: {'7': {permissions: {p: {STATEMENT}}}}")),
    ("V083", &["S013"], F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', principal_org_id: a1b2c3d4e5f6}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', principal_org_id: o-a1b2c3d4e5}}")),
    ("V087", &["S013"], W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '*', action: 'lambda:GetLayer'}}}}"),
        W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '*', action: 'lambda:GetLayerVersion'}}}}")),
    ("V088", &["S013"], W("layers: {common: {code: {zip: l.zip}, compatible_architectures: [arm64, x86_64, riscv]}}"),
        W("layers: {common: {code: {zip: l.zip}, compatible_architectures: [arm64, x86_64]}}")),
    ("V090", &["S013"], W("code_signing_configs: {ours: {allowed_publishers: {signing_profile_version_arns: []}}}"), W("code_signing_configs: {ours: {PUBLISHERS}}")),
    ("V091", &["V091"], W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, functions: {orders: {code: {zip: null, dir: d}, SIGNED}}"),
        W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, functions: {orders: {SIGNED}}")),
    ("V091", &["V091"],
        W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, layers: {common: {code: {dir: d}}}, functions: {orders: {layers: ['${layers.common.arn}'], SIGNED}}"),
        W("code_signing_configs: {ours: {PUBLISHERS}}, layers: {common: {code: {dir: d}}}, functions: {orders: {layers: ['${layers.common.arn}'], SIGNED}}")),
    ("V099", &["V099"], F("event_source_mappings: {m: {BROKER, queues: []}}"), F("event_source_mappings: {m: {BROKER, queues: [orders]}}")),
    ("V100", &["V100"], F("event_source_mappings: {m: {event_source_arn: 'SQS', starting_position: LATEST}}"),
        F("event_source_mappings: {m: {event_source_arn: 'SQS'}}")),
    ("V103", &["S013"], F("event_source_mappings: {m: {STREAM, batch_size: 10001}}"), F("event_source_mappings: {m: {STREAM, batch_size: 10000}}")),
];

/// Rules of the published list that a spec alone cannot break, and why.
pub const NOT_OFFLINE: &[(&str, &str)] = &[
    ("V008", "compared with the live function: a difference is a replacement in the plan"),
    ("V035", "about invocations, and trueup invokes nothing"),
    ("V036", "compared with the live function: adding a durable_config is a replacement in the plan"),
    ("V049", "accelerators are not in the SDK yet, so they cannot be declared"),
    ("V050", "customer-managed runtimes are not in the SDK yet, so they cannot be declared"),
    ("V059", "about the configuration of two live versions"),
    ("V060", "about the versions that are live; Lambda refuses an alias to none"),
    ("V061", "retention keeps every version that anything uses"),
    ("V062", "only versions by number are ever deleted by qualifier"),
    ("V063", "a plan publishes only what differs from the newest version"),
    ("V085", "there is one way to declare a policy: by its statements"),
    ("V092", "the plan detaches functions first; Lambda refuses the deletion while others use it"),
    ("V093", "the plan detaches functions first; Lambda refuses the deletion while others use it"),
    ("V128", "Lambda's API does not return a queue's visibility timeout"),
];

/// The last number of the published list; trueup's own rules follow it.
pub const LAST: u32 = 132;
