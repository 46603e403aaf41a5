//! The rules of Kafka, Amazon MQ and DocumentDB: how to reach them, and what only they have.

use super::case::Case;
use super::catalog::kafka::{V112, V113, V118, V119, V120, V121, V122, V123, V124, V125, V136};
use super::identity::group;
use super::source::{EventSource, MAXIMUM_POLLERS, reads_as_queue};
use super::spec::{EventSourceMapping, SchemaRegistryConfig};
use crate::model::{FieldLocation, FieldPath, Findings, has_reference};
use crate::resource::{Context, ResourceRef};

/// The most pollers that the mappings of a group may have together.
const GROUP_POLLERS: i64 = 2000;

/// The most mappings of a group.
const GROUP_MAPPINGS: usize = 100;

/// Checks what only Kafka, Amazon MQ and DocumentDB have, and pollers.
pub fn check(spec: &EventSourceMapping, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let case = Case { spec, source: EventSource::of(spec), at, cx };
    pollers(&case, findings);
    poller_group(&case, findings);
    observability(&case, findings);
    access(&case, findings);
    access_words(&case, findings);
    consumers(&case, findings);
    for (config, registry) in [
        (
            "amazon_managed_kafka_event_source_config",
            spec.amazon_managed_kafka_event_source_config.as_ref().map(|it| &it.schema_registry_config),
        ),
        (
            "self_managed_kafka_event_source_config",
            spec.self_managed_kafka_event_source_config.as_ref().map(|it| &it.schema_registry_config),
        ),
    ] {
        if let Some(Some(registry)) = registry {
            schemas(registry, &FieldPath::from(config).then("schema_registry_config"), findings);
        }
    }
    let database = spec.document_db_event_source_config.as_ref().and_then(|config| config.database_name.as_ref());
    if case.source == Some(EventSource::DocumentDb) && database.is_none() {
        findings
            .warning(V125, "document_db_event_source_config", "a DocumentDB mapping requires a database")
            .help("add `document_db_event_source_config` with `database_name`");
    }
}

fn pollers(case: &Case<'_>, findings: &mut Findings) {
    let (Some(config), Some(source)) = (&case.spec.provisioned_poller_config, case.source) else { return };
    let field = "provisioned_poller_config.minimum_pollers";
    let (least, most) = (config.minimum_pollers, config.maximum_pollers);
    if source.is_queue() && (least.is_some_and(|least| least < 2) || most.is_some_and(|most| most < 2)) {
        findings.error(V112, field, "an SQS queue requires at least 2 pollers").help("use 2 or more");
    }
    let least = least.unwrap_or(source.defaults().minimum_pollers);
    if let Some(most) = most.filter(|most| least > *most) {
        findings
            .error(V112, field, format!("the minimum of {least} pollers is more than the maximum of {most}"))
            .help("raise `maximum_pollers`, or lower `minimum_pollers`");
    }
}

fn poller_group(case: &Case<'_>, findings: &mut Findings) {
    let config = case.spec.provisioned_poller_config.as_ref();
    let group = config.and_then(|config| config.poller_group_name.as_deref()).filter(|name| !name.is_empty());
    let Some(group) = group else { return };
    let field = "provisioned_poller_config.poller_group_name";
    if let Some(source) = case.source.filter(|source| !source.is_kafka()) {
        findings
            .error(V113, FieldLocation::key(field), format!("{} does not support poller groups", source.words()))
            .help("remove it; it is for Kafka");
        return;
    }
    let most = |spec: &EventSourceMapping| spec.provisioned_poller_config.as_ref()?.maximum_pollers;
    let others: Vec<_> = case.others_with("/provisioned_poller_config/poller_group_name", group).collect();
    // The last mapping of a group reports for the whole group.
    if others.iter().any(|(other, _)| **other > case.at.address) {
        return;
    }
    let mine = config.and_then(|config| config.maximum_pollers).unwrap_or(MAXIMUM_POLLERS);
    let theirs = others.iter().map(|(_, spec)| most(spec).unwrap_or(MAXIMUM_POLLERS));
    let total = i64::from(mine) + theirs.map(i64::from).sum::<i64>();
    if total > GROUP_POLLERS {
        findings
            .error(
                V113,
                field,
                format!("the poller group `{group}` has up to {total} pollers; Lambda allows {GROUP_POLLERS}"),
            )
            .help("lower `maximum_pollers` of its mappings");
    }
    if others.len() >= GROUP_MAPPINGS {
        findings
            .error(
                V113,
                field,
                format!("the poller group `{group}` has {} mappings; Lambda allows 100", others.len() + 1),
            )
            .help("use a second group");
    }
}

fn observability(case: &Case<'_>, findings: &mut Findings) {
    let Some(source) = case.source.filter(|source| !source.is_kafka()) else { return };
    if case.spec.logging_config.is_some() {
        findings
            .error(V118, "logging_config", format!("`logging_config` is not supported for {}", source.words()))
            .help("remove it; it is for Kafka");
    }
    let metrics = case.spec.metrics_config.iter().flat_map(|config| &config.metrics);
    for metric in metrics.filter(|metric| *metric == "ErrorCount" || *metric == "KafkaMetrics") {
        findings
            .error(V118, "metrics_config.metrics", format!("the metric `{metric}` requires Kafka"))
            .help("use `EventCount` only");
    }
}

/// The types of access that a source takes.
fn takes(source: EventSource, kind: &str) -> bool {
    let kafka = matches!(kind, "SASL_SCRAM_512_AUTH" | "CLIENT_CERTIFICATE_TLS_AUTH");
    match source {
        EventSource::ManagedKafka => kafka,
        EventSource::OwnKafka => kind != "VIRTUAL_HOST",
        EventSource::Broker => matches!(kind, "BASIC_AUTH" | "VIRTUAL_HOST"),
        EventSource::DocumentDb => kind == "BASIC_AUTH",
        _ => false,
    }
}

fn access(case: &Case<'_>, findings: &mut Findings) {
    let Some(source) = case.source else { return };
    for (at, access) in case.spec.source_access_configurations.iter().enumerate() {
        let kind = access.kind.as_str();
        if has_reference(kind) || takes(source, kind) {
            continue;
        }
        let field = FieldPath::from("source_access_configurations").then(at.to_string()).then("type");
        let message = format!("{} does not support {kind}", source.words());
        if kind == "VIRTUAL_HOST" {
            findings.error(V123, field, message).help("remove it; it is for RabbitMQ brokers");
        } else {
            findings.error(V122, field, message).help("remove it");
        }
    }
    let none = case.spec.source_access_configurations.is_empty();
    if none && matches!(source, EventSource::OwnKafka | EventSource::Broker | EventSource::DocumentDb) {
        findings
            .warning(V122, "", format!("no credentials are configured for {}", source.words()))
            .help("add `source_access_configurations`");
    }
}

fn access_words(case: &Case<'_>, findings: &mut Findings) {
    let field = "source_access_configurations";
    let kinds: Vec<&str> = case.spec.source_access_configurations.iter().map(|it| it.kind.as_str()).collect();
    let has = |kind: &str| kinds.contains(&kind);
    if kinds.len() > 22 {
        findings.error(V122, field, "at most 22 access configurations are allowed").help("remove some");
    }
    for kind in ["OAUTHBEARER_SCOPE", "OAUTHBEARER_LOGICAL_CLUSTER", "OAUTHBEARER_IDENTITY_POOL"] {
        if has(kind) && !has("OAUTHBEARER_AUTH") {
            findings.error(V122, field, format!("{kind} requires OAUTHBEARER_AUTH")).help("add OAUTHBEARER_AUTH");
        }
    }
    if has("OAUTHBEARER_AUDIENCE") && !has("OAUTHBEARER_AUTH") && !has("IAM_OAUTHBEARER_AUTH") {
        findings
            .error(V122, field, "OAUTHBEARER_AUDIENCE requires OAUTHBEARER_AUTH or IAM_OAUTHBEARER_AUTH")
            .help("add one of them");
    }
    if has("IAM_OAUTHBEARER_AUTH") {
        let has_other = kinds.iter().any(|kind| kind.starts_with("OAUTHBEARER_") && *kind != "OAUTHBEARER_AUDIENCE");
        if !has("OAUTHBEARER_AUDIENCE") || has_other {
            findings
                .error(
                    V122,
                    field,
                    "IAM_OAUTHBEARER_AUTH requires OAUTHBEARER_AUDIENCE and excludes the other OAUTHBEARER types",
                )
                .help("add OAUTHBEARER_AUDIENCE, and remove the others");
        }
    }
    if has("VPC_SUBNET") != has("VPC_SECURITY_GROUP") {
        findings
            .warning(V124, field, "VPC_SUBNET and VPC_SECURITY_GROUP are required together")
            .help("add the missing one");
    }
}

fn consumers(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    if reads_as_queue(spec) {
        let given = [
            ("starting_position", spec.starting_position.is_some()),
            ("starting_position_timestamp", spec.starting_position_timestamp.is_some()),
            ("maximum_batching_window_in_seconds", spec.maximum_batching_window_in_seconds.is_some()),
        ];
        for (field, _) in given.into_iter().filter(|(_, given)| *given) {
            findings
                .error(
                    V121,
                    FieldLocation::key(field),
                    format!("`{field}` is not supported with `consumption_mode: Queue`"),
                )
                .help(format!("remove `{field}`"));
        }
    }
    let Some(name) = group(spec).filter(|name| !has_reference(name)) else { return };
    let groups = [
        "/amazon_managed_kafka_event_source_config/consumer_group_id",
        "/self_managed_kafka_event_source_config/consumer_group_id",
    ];
    let others = groups.into_iter().flat_map(|group| case.others_with(group, name)).map(|(other, _)| other);
    // Of two mappings with one group, the second is reported.
    if let Some(other) = others.min().filter(|other| **other < case.at.address) {
        let field = match case.source {
            Some(EventSource::OwnKafka) => "self_managed_kafka_event_source_config.consumer_group_id",
            _ => "amazon_managed_kafka_event_source_config.consumer_group_id",
        };
        findings
            .error(V120, field, format!("{other} uses the same consumer group `{name}`"))
            .help("give each mapping its own consumer group");
    }
}

fn schemas(registry: &SchemaRegistryConfig, field: &FieldPath, findings: &mut Findings) {
    let uri = registry.schema_registry_uri.as_deref().unwrap_or_default();
    let is_glue = uri.starts_with("arn:") && uri.split(':').nth(2) == Some("glue");
    if is_glue && !registry.access_configs.is_empty() {
        findings
            .error(
                V136,
                field.then("access_configs"),
                "Lambda reads a schema registry in AWS Glue with the function's role",
            )
            .help("remove `access_configs`");
    }
    if uri.starts_with("http") && registry.access_configs.is_empty() {
        findings
            .warning(V119, field, "no credentials are configured for the schema registry")
            .help("add `access_configs`");
    }
    let missing = [
        ("schema_registry_uri", uri.is_empty()),
        ("event_record_format", registry.event_record_format.is_none()),
        ("schema_validation_configs", registry.schema_validation_configs.is_empty()),
    ];
    for (member, _) in missing.iter().filter(|(_, missing)| *missing) {
        findings.warning(V119, field, format!("a schema registry requires `{member}`")).help(format!("add `{member}`"));
    }
}
