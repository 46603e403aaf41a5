//! The rules: what breaks each, and what is like it and does not.

/// Something to lay over the base.
#[derive(Clone, Copy)]
pub enum Over {
    /// Fields of the function.
    Function(&'static str),
    /// An event source mapping of the function: its source, and fields.
    Mapping(Source, &'static str),
    /// Fields at the top of the spec.
    Whole(&'static str),
}

use Over::{Function as F, Mapping as M, Whole as W};

/// A source, and what a mapping of it must have.
pub type Source = &'static str;

pub const QUEUE: Source = "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q'";
pub const FIFO: Source = "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q.fifo'";
pub const STREAM: Source =
    "event_source_arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s', starting_position: LATEST";
pub const TABLE: Source =
    "event_source_arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s', starting_position: LATEST";
pub const MSK: Source = "event_source_arn: 'arn:aws:kafka:us-east-1:123456789012:cluster/c/u-1', starting_position: LATEST, \
     topics: [orders], provisioned_poller_config: {minimum_pollers: 1}";
pub const KAFKA: Source = "self_managed_event_source: {endpoints: {KAFKA_BOOTSTRAP_SERVERS: ['b:9092']}}, topics: [orders], \
     starting_position: LATEST, source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: s}]";
pub const BROKER: Source = "event_source_arn: 'arn:aws:mq:us-east-1:123456789012:broker:b:b-1', queues: [orders], \
     source_access_configurations: [{type: BASIC_AUTH, uri: s}]";
pub const DOCUMENTS: Source = "event_source_arn: 'arn:aws:rds:us-east-1:123456789012:cluster:c', starting_position: LATEST, \
     document_db_event_source_config: {database_name: d}, source_access_configurations: [{type: BASIC_AUTH, uri: s}]";

/// Longer values that stand for a word in the rows.
pub const WORDS: &[(&str, &str)] = &[
    ("IMAGE", "zip: null, image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1'"),
    ("NO_ZIP", "runtime: null, handler: null"),
    ("KEY", "'arn:aws:kms:us-east-1:123456789012:key/k'"),
    ("LAYER", "arn:aws:lambda:us-east-1:123456789012:layer:l"),
    ("EFS", "arn: 'arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0'"),
    (
        "S3FILES",
        "arn: 'arn:aws:s3files:us-east-1:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0'",
    ),
    ("NETWORK", "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}"),
    ("SNAP", "snap_start: {apply_on: PublishedVersions}"),
    ("TENANTS", "tenancy_config: {tenant_isolation_mode: PER_TENANT}"),
    ("DURABLE", "durable_config: {execution_timeout: 60}"),
    (
        "MANAGED",
        "capacity_provider_config: {lambda_managed_instances_capacity_provider_config: \
         {capacity_provider_arn: 'arn:aws:lambda:us-east-1:123456789012:capacity-provider:p'}}",
    ),
    ("FILTER", "'{}'"),
    ("SQS", "arn:aws:sqs:us-east-1:123456789012:q"),
    ("SNS", "arn:aws:sns:us-east-1:123456789012:t"),
    ("CONSUMERS", "amazon_managed_kafka_event_source_config: {consumer_group_id: g}"),
    ("REGISTRY", "amazon_managed_kafka_event_source_config: {schema_registry_config: "),
    ("PARTS", "event_record_format: JSON, schema_validation_configs: [{attribute: KEY}]"),
    ("SHARED", "self_managed_kafka_event_source_config: {consumption_mode: Queue}"),
    ("ACCESS", "source_access_configurations"),
    (
        "PROVIDER",
        "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}, \
         permissions_config: {capacity_provider_operator_role_arn: 'arn:aws:iam::123456789012:role/o'}",
    ),
    (
        "POOLED",
        "publish: true, capacity_provider_config: {lambda_managed_instances_capacity_provider_config: \
         {capacity_provider_arn: '${capacity_providers.pool.arn}'}}",
    ),
    (
        "PUBLISHERS",
        "allowed_publishers: {signing_profile_version_arns: \
         ['arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5']}",
    ),
    ("ENFORCED", "code_signing_policies: {untrusted_artifact_on_deployment: Enforce}"),
    ("SIGNED", "code_signing_config_arn: '${code_signing_configs.ours.arn}'"),
    ("STATEMENT", "action: 'lambda:InvokeFunction', principal: '210987654321'"),
    ("LONG", LONG),
];

/// A third of the largest policy, and a little more.
pub const LONG: &str = match std::str::from_utf8(&[b'x'; 7000]) {
    Ok(text) => text,
    Err(_) => "",
};

/// The rule, the codes that are reported where it is broken, what breaks it, and what does not.
/// A rule that a field's type, length, range or form says is reported under the code of its form, `S…`.
pub type Row = (&'static str, &'static [&'static str], Over, Over);

#[rustfmt::skip]
pub const FUNCTIONS: &[Row] = &[
    ("V001", &["V001"], F("runtime: null"), F("code: {IMAGE}, NO_ZIP")),
    ("V002", &["V002"], F("code: {IMAGE}"), F("code: {IMAGE}, NO_ZIP")),
    ("V003", &["V003"], F("image_config: {command: [a]}"), F("image_config: {command: [a]}, code: {IMAGE}, NO_ZIP")),
    ("V004", &["V004"], F("code: {dir: d}"), F("code: {zip: null, dir: d}")),
    ("V004", &["V004"], F("code: {zip: null}"), F("code: external")),
    ("V005", &["V005"], F("package_type: Image"), F("package_type: Zip")),
    ("V006", &["S010"], F("code: {object_storage_mode: COPY}"),
        F("code: {zip: null, s3: {bucket: packages, key: k, object_storage_mode: COPY}}")),
    ("V007", &["V007"], F("code: {IMAGE, source_kms_key_arn: KEY}, NO_ZIP"), F("code: {source_kms_key_arn: KEY}")),
    ("V009", &["S013"], F("architectures: [x86_64, arm64]"), F("architectures: [arm64]")),
    ("V010", &["V010"], F("memory_size: 10241"), F("memory_size: 10240")),
    ("V011", &["V011"], F("timeout: 901"), F("timeout: 900")),
    ("V012", &["V012"], F("ephemeral_storage: {size: 10241}"), F("ephemeral_storage: {size: 10240}")),
    ("V013", &["V013"], F("environment: {variables: {A: x}}"), F("environment: {variables: {AB: x}}")),
    ("V014", &["V014"], F("environment: {variables: {AWS_REGION: x}}"), F("environment: {variables: {REGION: x}}")),
    ("V015", &["S013"], F("handler: app handler"), F("handler: app.other")),
    ("V016", &["V016"], F("layers: ['LAYER:1', 'LAYER:2']"), F("layers: ['LAYER:1', 'LAYERS:2']")),
    ("V017", &["S013", "V017"], F("function_name: a b"), F("function_name: a-b")),
    ("V018", &["V018"], F("dead_letter_config: {target_arn: 'arn:aws:s3:::b'}"), F("dead_letter_config: {target_arn: 'SQS'}")),
    ("V018", &["V018"], F("dead_letter_config: {target_arn: 'SQS.fifo'}"), F("dead_letter_config: {target_arn: 'SNS'}")),
    ("V019", &["V019"], F("role: 'arn:aws:iam::999999999999:role/r'"), F("role: 'arn:aws:iam::123456789012:role/s'")),
    ("V020", &["V020"], F("vpc_config: {subnet_ids: [subnet-1], security_group_ids: []}"), F("NETWORK")),
    ("V021", &["S013"], F("NETWORK, file_system_configs: [{EFS, local_mount_path: /data}]"),
        F("NETWORK, file_system_configs: [{EFS, local_mount_path: /mnt/data}]")),
    ("V022", &["V022"], F("file_system_configs: [{EFS, local_mount_path: /mnt/a}]"),
        F("NETWORK, file_system_configs: [{EFS, local_mount_path: /mnt/a}]")),
    ("V023", &["V023"], F("NETWORK, file_system_configs: [{EFS, local_mount_path: /mnt/a, s3_files_config: {direct_s3_read: AUTO}}]"),
        F("file_system_configs: [{S3FILES, local_mount_path: /mnt/a, s3_files_config: {direct_s3_read: AUTO}}]")),
    ("V024", &["V024"], F("logging_config: {system_log_level: WARN}"), F("logging_config: {log_format: JSON, system_log_level: WARN}")),
    ("V025", &["S013"], F("logging_config: {log_group: a b}"), F("logging_config: {log_group: /a/b}")),
    ("V026", &["V026"], F("runtime: python3.8"), F("runtime: python3.12")),
    ("V027", &["V027"], F("kms_key_arn: 'arn:aws:kms:eu-west-1:123456789012:key/k'"), F("kms_key_arn: KEY")),
    ("V028", &["V028"], F("SNAP, aliases: {live: {function_version: published, provisioned_concurrent_executions: 1}}"),
        F("SNAP, aliases: {live: {function_version: published}}")),
    ("V029", &["V029"], F("SNAP, publish: true, NETWORK, file_system_configs: [{EFS, local_mount_path: /mnt/a}]"), F("SNAP, publish: true, NETWORK")),
    ("V030", &["V030"], F("SNAP, publish: true, ephemeral_storage: {size: 513}"), F("SNAP, publish: true, ephemeral_storage: {size: 512}")),
    ("V031", &["V031"], F("SNAP, publish: true, runtime: python3.11"), F("SNAP, publish: true, runtime: java21")),
    ("V032", &["V032"], F("SNAP"), F("SNAP, publish: true")),
    ("V033", &["V033"], F("TENANTS, SNAP, publish: true"), F("TENANTS, publish: true")),
    ("V033", &["V033"], F("TENANTS, aliases: {live: {function_version: published, provisioned_concurrent_executions: 1}}"),
        F("TENANTS, aliases: {live: {function_version: published}}")),
    ("V033", &["V033"], F("TENANTS, event_source_mappings: {m: {event_source_arn: 'SQS'}}"), F("TENANTS")),
    ("V034", &["V034"], F("TENANTS, DURABLE"), F("DURABLE")),
    ("V037", &["S012"], F("durable_config: {retention_period_in_days: 1}"), F("DURABLE")),
    ("V038", &["V038"], F("DURABLE, SNAP, publish: true"), F("DURABLE, publish: true")),
    ("V039", &["V039"], F("DURABLE, runtime: ruby3.4"), F("DURABLE, runtime: nodejs24.x")),
    ("V040", &["V040"], F("DURABLE, event_source_mappings: {m: {event_source_arn: 'SQS'}}"),
        F("DURABLE, aliases: {live: {function_version: published, event_source_mappings: {m: {event_source_arn: 'SQS'}}}}")),
    ("V041", &["V041"],
        F("durable_config: {execution_timeout: 901}, aliases: {live: {function_version: published, event_source_mappings: {m: {event_source_arn: 'SQS'}}}}"),
        F("durable_config: {execution_timeout: 900}, aliases: {live: {function_version: published, event_source_mappings: {m: {event_source_arn: 'SQS'}}}}")),
    ("V042", &["V042"], F("MANAGED, publish: true, reserved_concurrent_executions: 1"), F("MANAGED, publish: true")),
    ("V043", &["V043"], F("MANAGED, publish: true, memory_size: 2047"), F("MANAGED, publish: true, memory_size: 2048")),
    ("V044", &["V044"], W("capacity_providers: {pool: {PROVIDER}}, functions: {orders: {POOLED, architectures: [arm64]}}"),
        W("capacity_providers: {pool: {PROVIDER, instance_requirements: {architectures: [arm64]}}}, functions: {orders: {POOLED, architectures: [arm64]}}")),
    ("V045", &["V045"], F("publish: true, capacity_provider_config: {lambda_managed_instances_capacity_provider_config: \
        {capacity_provider_arn: 'arn:aws:lambda:eu-west-1:123456789012:capacity-provider:p'}}"), F("MANAGED, publish: true")),
    ("V046", &["V046"], F("function_scaling_config: {min_execution_environments: 1}"),
        F("MANAGED, publish: true, function_scaling_config: {min_execution_environments: 1}")),
    ("V046", &["V046"], F("MANAGED, publish: true, function_scaling_config: {min_execution_environments: 2, max_execution_environments: 1}"),
        F("MANAGED, publish: true, function_scaling_config: {min_execution_environments: 2, max_execution_environments: 2}")),
    ("V047", &["V047"], F("publish: {publish_to: LATEST_PUBLISHED}"), F("MANAGED, publish: {publish_to: LATEST_PUBLISHED}")),
    ("V047", &["V047"], F("aliases: {live: {function_version: $LATEST.PUBLISHED}}"),
        F("MANAGED, publish: true, aliases: {live: {function_version: $LATEST.PUBLISHED}}")),
    ("V048", &["V048"], F("MANAGED"), F("MANAGED, publish: true")),
    ("V051", &["V051"], W("capacity_providers: {pool: {PROVIDER, instance_requirements: {allowed_instance_types: [m7g.large], excluded_instance_types: [m7g.metal]}}}"),
        W("capacity_providers: {pool: {PROVIDER, instance_requirements: {excluded_instance_types: [m7g.metal]}}}")),
    ("V052", &["V052"], W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Manual}}}"),
        W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Auto}}}")),
    ("V052", &["V052"],
        W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Auto, \
           scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]}}}"),
        W("capacity_providers: {pool: {PROVIDER, capacity_provider_scaling_config: {scaling_mode: Manual, \
           scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]}}}")),
    ("V053", &["V053"], W("capacity_providers: {pool: {PROVIDER, propagate_tags: {explicit_tags: {a: b}}}}"),
        W("capacity_providers: {pool: {PROVIDER, propagate_tags: {mode: Explicit, explicit_tags: {a: b}}}}")),
    ("V054", &["V054"], F("aliases: {'7': {function_version: published}}"), F("aliases: {v7: {function_version: published}}")),
    ("V055", &["V055"], F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {next: 0.1}}}}"),
        F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 0.1}}}}")),
    ("V056", &["S013"], F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 1.1}}}}"),
        F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 1.0}}}}")),
    ("V057", &["V057"], F("aliases: {live: {function_version: $LATEST, routing_config: {additional_version_weights: {'2': 0.1}}}}"),
        F("aliases: {live: {function_version: $LATEST}}")),
    ("V058", &["V058"], F("aliases: {live: {function_version: '2', routing_config: {additional_version_weights: {'2': 0.1}}}}"),
        F("aliases: {live: {function_version: '1', routing_config: {additional_version_weights: {'2': 0.1}}}}")),
    ("V064", &["S013"], F("reserved_concurrent_executions: -1"), F("reserved_concurrent_executions: 0")),
    ("V065", &["V065"], F("aliases: {live: {function_version: $LATEST, provisioned_concurrent_executions: 1}}"),
        F("aliases: {live: {function_version: published, provisioned_concurrent_executions: 1}}")),
    ("V066", &["V066"], F("reserved_concurrent_executions: 1, aliases: {live: {function_version: published, provisioned_concurrent_executions: 2}}"),
        F("reserved_concurrent_executions: 2, aliases: {live: {function_version: published, provisioned_concurrent_executions: 2}}")),
    ("V067", &["V067"], F("aliases: {a: {function_version: '1', provisioned_concurrent_executions: 1}, b: {function_version: '1', provisioned_concurrent_executions: 1}}"),
        F("aliases: {a: {function_version: '1', provisioned_concurrent_executions: 1}, b: {function_version: '2', provisioned_concurrent_executions: 1}}")),
    ("V068", &["V068"], F("aliases: {live: {function_version: '1', provisioned_concurrent_executions: 1, routing_config: {additional_version_weights: {'2': 0.1}}}}"),
        F("aliases: {live: {function_version: '1', provisioned_concurrent_executions: 1}}")),
    ("V069", &["V069"], F("reserved_concurrent_executions: 2, event_source_mappings: {m: {event_source_arn: 'SQS', scaling_config: {maximum_concurrency: 3}}}"),
        F("reserved_concurrent_executions: 3, event_source_mappings: {m: {event_source_arn: 'SQS', scaling_config: {maximum_concurrency: 3}}}")),
    ("V070", &["S010"], F("versions: {'7': {url: {auth_type: AWS_IAM}}}"),
        F("aliases: {live: {function_version: published, url: {auth_type: AWS_IAM}}}")),
    ("V071", &["S013"], F("url: {auth_type: AWS_IAM, cors: {allow_methods: [OPTIONS]}}"), F("url: {auth_type: AWS_IAM, cors: {allow_methods: [DELETE]}}")),
    ("V071", &["S013"], F("url: {auth_type: AWS_IAM, cors: {max_age: 86401}}"), F("url: {auth_type: AWS_IAM, cors: {max_age: 86400}}")),
    ("V072", &["V072"], F("url: {auth_type: AWS_IAM, cors: {allow_origins: ['*'], allow_credentials: true}}"),
        F("url: {auth_type: AWS_IAM, cors: {allow_origins: ['https://shop.example'], allow_credentials: true}}")),
    ("V073", &["V073"], F("url: {auth_type: NONE, public_statements: false}"), F("url: {auth_type: NONE}")),
    ("V074", &["V074"], F("permissions: {p: {action: 'lambda:GetFunction', principal: '*', function_url_auth_type: NONE}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunctionUrl', principal: '*', function_url_auth_type: NONE}}")),
    ("V074", &["V074"], F("permissions: {p: {action: 'lambda:InvokeFunctionUrl', principal: '*', invoked_via_function_url: true}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', invoked_via_function_url: true}}")),
    ("V075", &["V075"],
        F("url: {auth_type: AWS_IAM}, permissions: {p: {action: 'lambda:InvokeFunctionUrl', principal: '*', function_url_auth_type: NONE}}"),
        F("url: {auth_type: AWS_IAM}, permissions: {p: {action: 'lambda:InvokeFunctionUrl', principal: '*', function_url_auth_type: AWS_IAM}}")),
    ("V076", &["S013"], F("event_invoke_config: {maximum_retry_attempts: 3}"), F("event_invoke_config: {maximum_retry_attempts: 2}")),
    ("V077", &["V077"], F("event_invoke_config: {destination_config: {on_success: {destination: 'arn:aws:s3:::b'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:s3:::b'}}}")),
    ("V077", &["V077"], F("event_invoke_config: {destination_config: {on_failure: {destination: 'SQS.fifo'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'SQS'}}}")),
    ("V078", &["V078"], F("event_invoke_config: {destination_config: {on_failure: {destination: '${functions.orders.arn}'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:lambda:us-east-1:123456789012:function:other'}}}")),
    ("V078", &["V078"], F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:lambda:us-east-1:123456789012:function:orders'}}}"),
        F("event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:lambda:eu-west-1:123456789012:function:orders'}}}")),
    ("V079", &["S031"], F("versions: {$LATEST: {permissions: {p: {STATEMENT}}}}"), F("versions: {'7': {permissions: {p: {STATEMENT}}}}")),
    ("V079", &["V079"], F("versions: {newest: {permissions: {p: {STATEMENT}}}}"), F("versions: {'7': {permissions: {p: {STATEMENT}}}}")),
    ("V080", &["V080"], F("permissions: {a b: {STATEMENT}}"), F("permissions: {a-b: {STATEMENT}}")),
    ("V081", &["V081"], F("permissions: {p: {action: 'lambda:InvokeFunction', principal: sns.amazonaws.com}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_arn: 'SNS'}}")),
    ("V082", &["V082"], F("permissions: {p: {action: 'lambda:InvokeFunction', principal: s3.amazonaws.com, source_arn: 'arn:aws:s3:::b'}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: s3.amazonaws.com, source_arn: 'arn:aws:s3:::b', source_account: '123456789012'}}")),
    ("V083", &["V083"], F("permissions: {p: {STATEMENT, principal_org_id: o-a1b2c3d4e5}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', principal_org_id: o-a1b2c3d4e5}}")),
    ("V083", &["S013"], F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', principal_org_id: a1b2c3d4e5f6}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: '*', principal_org_id: o-a1b2c3d4e5}}")),
    ("V084", &["V084"], F("permissions: {p: {STATEMENT, event_source_token: t}}"),
        F("permissions: {p: {action: 'lambda:InvokeFunction', principal: alexa-appkit.amazon.com, event_source_token: t}}")),
    ("V086", &["V086"],
        F("permissions: {a: {STATEMENT, source_arn: 'SNSLONG'}, b: {STATEMENT, source_arn: 'SNSLONG'}, c: {STATEMENT, source_arn: 'SNSLONG'}}"),
        F("permissions: {a: {STATEMENT, source_arn: 'SNSLONG'}, b: {STATEMENT, source_arn: 'SNSLONG'}}")),
    ("V087", &["V087"], W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '210987654321', organization_id: o-a1b2c3d4e5}}}}"),
        W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '*', organization_id: o-a1b2c3d4e5}}}}")),
    ("V087", &["S013"], W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '*', action: 'lambda:GetLayer'}}}}"),
        W("layers: {common: {code: {zip: l.zip}, permissions: {p: {principal: '*', action: 'lambda:GetLayerVersion'}}}}")),
    ("V088", &["V088"], W("layers: {common: {code: {zip: l.zip, dir: d}}}"), W("layers: {common: {code: {dir: d}}}")),
    ("V088", &["S013"], W("layers: {common: {code: {zip: l.zip}, compatible_architectures: [arm64, x86_64, riscv]}}"),
        W("layers: {common: {code: {zip: l.zip}, compatible_architectures: [arm64, x86_64]}}")),
    ("V089", &["V089"], W("layers: {common: {code: {zip: l.zip}, compatible_runtimes: [python3.12]}}, functions: {orders: {layers: ['${layers.common.arn}']}}"),
        W("layers: {common: {code: {zip: l.zip}, compatible_runtimes: [python3.13]}}, functions: {orders: {layers: ['${layers.common.arn}']}}")),
    ("V090", &["S013"], W("code_signing_configs: {ours: {allowed_publishers: {signing_profile_version_arns: []}}}"), W("code_signing_configs: {ours: {PUBLISHERS}}")),
    ("V091", &["V091"], W("code_signing_configs: {ours: {PUBLISHERS}}, functions: {orders: {code: {IMAGE}, NO_ZIP, SIGNED}}"),
        W("code_signing_configs: {ours: {PUBLISHERS}}, functions: {orders: {SIGNED}}")),
    ("V091", &["V091"], W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, functions: {orders: {code: {zip: null, dir: d}, SIGNED}}"),
        W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, functions: {orders: {SIGNED}}")),
    ("V091", &["V091"],
        W("code_signing_configs: {ours: {PUBLISHERS, ENFORCED}}, layers: {common: {code: {dir: d}}}, functions: {orders: {layers: ['${layers.common.arn}'], SIGNED}}"),
        W("code_signing_configs: {ours: {PUBLISHERS}}, layers: {common: {code: {dir: d}}}, functions: {orders: {layers: ['${layers.common.arn}'], SIGNED}}")),
    ("V094", &["V094"], F("runtime_management_config: {update_runtime_on: Manual}"),
        F("runtime_management_config: {update_runtime_on: Manual, runtime_version_arn: 'arn:aws:lambda:us-east-1::runtime:b'}")),
    ("V095", &["V095"], F("code: {IMAGE}, NO_ZIP, runtime_management_config: {}"), F("runtime_management_config: {}")),
    ("V096", &["V096"], F("tags: {'aws:x': y}"), F("tags: {x: y}")),
    ("V113", &["V113"], F("event_source_mappings: {a: {event_source_arn: 'SQS', provisioned_poller_config: {poller_group_name: g}}}"),
        F("event_source_mappings: {a: {event_source_arn: 'SQS', provisioned_poller_config: {minimum_pollers: 2}}}")),
    ("V120", &["V120"],
        F("event_source_mappings: {a: {MSK_MAPPING, topics: [first], CONSUMERS}, b: {MSK_MAPPING, topics: [second], CONSUMERS}}"),
        F("event_source_mappings: {a: {MSK_MAPPING, topics: [first], CONSUMERS}, b: {MSK_MAPPING, topics: [second]}}")),
    ("V129", &["V129"], F("event_source_mappings: {a: {event_source_arn: 'SQS'}, b: {event_source_arn: 'SQS'}}"),
        F("event_source_mappings: {a: {event_source_arn: 'SQS'}, b: {event_source_arn: 'SQS2'}}")),
    ("V130", &["V130"], F("MANAGED, publish: true, timeout: 901, event_source_mappings: {m: {BROKER_MAPPING}}"),
        F("MANAGED, publish: true, timeout: 900, event_source_mappings: {m: {BROKER_MAPPING}}")),
    ("V132", &["V132"], F("versions: {new: {event_invoke_config: {}}}"), F("versions: {'7': {event_invoke_config: {}}}")),
    ("V134", &["V134"], F("event_source_mappings: {a: {event_source_arn: 'arn:aws:s3:::uploads'}}"),
        F("event_source_mappings: {a: {event_source_arn: 'SQS'}}")),
];

#[rustfmt::skip]
pub const MAPPINGS: &[Row] = &[
    ("V097", &["V097"], M(QUEUE, "event_source_arn: null"), M(QUEUE, "")),
    ("V098", &["V098"], M(QUEUE, "destination_config: {on_failure: {destination: 'SNS'}}"), M(STREAM, "destination_config: {on_failure: {destination: 'SNS'}}")),
    ("V099", &["V099"], M(QUEUE, "topics: [orders]"), M(MSK, "topics: [orders]")),
    ("V099", &["V099"], M(BROKER, "queues: []"), M(BROKER, "")),
    ("V100", &["V100"], M(STREAM, "starting_position: null"), M(STREAM, "")),
    ("V100", &["V100"], M(QUEUE, "starting_position: LATEST"), M(QUEUE, "")),
    ("V101", &["V101"], M(TABLE, "starting_position: AT_TIMESTAMP, starting_position_timestamp: '2026-01-01T00:00:00Z'"),
        M(STREAM, "starting_position: AT_TIMESTAMP, starting_position_timestamp: '2026-01-01T00:00:00Z'")),
    ("V102", &["V102"], M(STREAM, "starting_position: AT_TIMESTAMP"), M(STREAM, "starting_position: TRIM_HORIZON")),
    ("V103", &["V103"], M(FIFO, "batch_size: 11"), M(FIFO, "batch_size: 10")),
    ("V103", &["S013"], M(STREAM, "batch_size: 10001"), M(STREAM, "batch_size: 10000")),
    ("V104", &["V104"], M(QUEUE, "batch_size: 11"), M(QUEUE, "batch_size: 11, maximum_batching_window_in_seconds: 1")),
    ("V105", &["V105"], M(FIFO, "maximum_batching_window_in_seconds: 1"), M(QUEUE, "maximum_batching_window_in_seconds: 1")),
    ("V106", &["V106"], M(MSK, "maximum_batching_window_in_seconds: 1"), M(STREAM, "maximum_batching_window_in_seconds: 1")),
    ("V107", &["V107"], M(STREAM, "maximum_record_age_in_seconds: 59"), M(STREAM, "maximum_record_age_in_seconds: 60")),
    ("V108", &["V108"], M(KAFKA, "SHARED, starting_position: null, maximum_retry_attempts: -1"), M(KAFKA, "maximum_retry_attempts: -1")),
    ("V109", &["V109"], M(QUEUE, "parallelization_factor: 2"), M(STREAM, "parallelization_factor: 2")),
    ("V110", &["V110"], M(STREAM, "tumbling_window_in_seconds: 1, parallelization_factor: 2"), M(STREAM, "tumbling_window_in_seconds: 1")),
    ("V111", &["V111"], M(STREAM, "scaling_config: {maximum_concurrency: 2}"), M(QUEUE, "scaling_config: {maximum_concurrency: 2}")),
    ("V112", &["V112"], M(QUEUE, "provisioned_poller_config: {minimum_pollers: 1}"), M(QUEUE, "provisioned_poller_config: {minimum_pollers: 2}")),
    ("V114", &["V114"], M(MSK, "provisioned_poller_config: null, maximum_retry_attempts: 3"), M(MSK, "maximum_retry_attempts: 3")),
    ("V115", &["V115"], M(STREAM, "destination_config: {on_failure: {destination: 'kafka://failed'}}"),
        M(MSK, "destination_config: {on_failure: {destination: 'kafka://failed'}}")),
    ("V116", &["V116"], M(STREAM, "destination_config: {on_success: {destination: 'SQS'}}"), M(STREAM, "destination_config: {on_failure: {destination: 'SQS'}}")),
    ("V117", &["V117"], M(BROKER, "function_response_types: [ReportBatchItemFailures]"), M(QUEUE, "function_response_types: [ReportBatchItemFailures]")),
    ("V118", &["V118"], M(QUEUE, "logging_config: {system_log_level: INFO}"), M(MSK, "logging_config: {system_log_level: INFO}")),
    ("V119", &["V119"], M(MSK, "REGISTRY{schema_registry_uri: 'https://r', PARTS}}"),
        M(MSK, "REGISTRY{schema_registry_uri: 'arn:aws:glue:us-east-1:123456789012:registry/r', PARTS}}")),
    ("V121", &["V121"], M(KAFKA, "SHARED"), M(KAFKA, "SHARED, starting_position: null")),
    ("V122", &["V122"], M(QUEUE, "ACCESS: [{type: BASIC_AUTH, uri: s}]"), M(BROKER, "ACCESS: [{type: BASIC_AUTH, uri: s}]")),
    ("V123", &["V123"], M(DOCUMENTS, "ACCESS: [{type: BASIC_AUTH, uri: s}, {type: VIRTUAL_HOST, uri: v}]"),
        M(BROKER, "ACCESS: [{type: BASIC_AUTH, uri: s}, {type: VIRTUAL_HOST, uri: v}]")),
    ("V124", &["V124"], M(KAFKA, "ACCESS: [{type: SASL_SCRAM_256_AUTH, uri: s}, {type: VPC_SUBNET, uri: 'subnet:subnet-1'}]"),
        M(KAFKA, "ACCESS: [{type: VPC_SECURITY_GROUP, uri: 'security_group:sg-1'}, {type: VPC_SUBNET, uri: 'subnet:subnet-1'}]")),
    ("V125", &["V125"], M(DOCUMENTS, "document_db_event_source_config: null"), M(DOCUMENTS, "")),
    ("V126", &["V126"], M(QUEUE, "filter_criteria: {filters: [{pattern: '{'}]}"), M(QUEUE, "filter_criteria: {filters: [{pattern: FILTER}]}")),
    ("V127", &["V127"], M(QUEUE, "kms_key_arn: KEY"), M(QUEUE, "kms_key_arn: KEY, filter_criteria: {filters: [{pattern: FILTER}]}")),
    ("V131", &["V131"], M(QUEUE, "event_source_arn: 'arn:aws:sqs:eu-west-1:123456789012:q'"), M(QUEUE, "")),
];

/// Rules that cannot be told from a spec alone, and what becomes of them.
pub const NOT_OFFLINE: &[(&str, &str)] = &[
    ("V008", "compared with what is live: a difference is a replacement in the plan"),
    ("V035", "about invocations, and nothing is invoked"),
    ("V036", "compared with what is live: a durable_config that appears is a replacement in the plan"),
    ("V049", "accelerators are not in the SDK yet, so they cannot be declared"),
    ("V050", "customer-managed runtimes are not in the SDK yet, so they cannot be declared"),
    ("V059", "about the configuration of two live versions"),
    ("V060", "about the versions that are live; Lambda refuses an alias to none"),
    ("V061", "retention keeps every version that anything uses"),
    ("V062", "only versions by number are ever deleted by qualifier"),
    ("V063", "a plan publishes only what differs from the newest version"),
    ("V085", "there is one way to declare a policy: by its statements"),
    ("V092", "the plan takes functions off before it deletes; Lambda refuses while others use it"),
    ("V093", "the plan takes functions off before it deletes; Lambda refuses while others use it"),
    ("V128", "a queue's visibility timeout is not Lambda's to tell"),
];

/// The largest id of the published list; larger ones are ours.
pub const LAST: u32 = 132;

/// Those of ours that are in the tables.
pub const OURS: &[u32] = &[134];
