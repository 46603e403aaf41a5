//! The writes as calls: creating says only what is not a default anyway, updating says only what changes.
//!
//! To Lambda a member that is left out of an update keeps its value, so each field has its own way of being cleared.

use std::collections::HashMap;

use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types::{self, EndPointType};
use jiff::Timestamp;

use super::identity::{MAPPING_TAG, function_at};
use super::source::defaults;
use super::spec::{
    Destination, EventSourceMapping, MappingDestinations, ProvisionedPollerConfig, SchemaRegistryConfig,
    SelfManagedEventSource, SourceAccessConfiguration,
};
use crate::model::FieldPath;
use crate::resource::{RequestError, ResourceRef, STACK_TAG, WriteRequest};
use crate::wire::{
    Call, CreateEventSourceMappingInputBuilder, TagResourceInputBuilder, TypedCall, UntagResourceInputBuilder,
    UpdateEventSourceMappingInputBuilder,
};

/// The call that creates the mapping, with the tags by which we know it again.
pub fn create(at: &ResourceRef, spec: &EventSourceMapping) -> Result<Call, RequestError> {
    let plain = defaults(spec);
    let said = |value: Option<i32>, default: Option<i32>| value.filter(|value| Some(*value) != default);
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let mut tags = ours(at);
    tags.extend(spec.tags.clone().unwrap_or_default());
    let call = CreateEventSourceMappingInputBuilder::default()
        .function_name(function_at(at))
        .set_event_source_arn(spec.event_source_arn.clone())
        .set_self_managed_event_source(spec.self_managed_event_source.as_ref().map(servers))
        .enabled(spec.enabled)
        .set_batch_size(said(spec.batch_size, plain.map(|plain| plain.batch_size)))
        .set_maximum_batching_window_in_seconds(said(
            spec.maximum_batching_window_in_seconds,
            plain.and_then(|plain| plain.window),
        ))
        .set_starting_position(spec.starting_position.as_deref().map(Into::into))
        .set_starting_position_timestamp(instant(spec)?)
        .set_topics(some(&spec.topics))
        .set_queues(some(&spec.queues))
        .set_filter_criteria(spec.filter_criteria.as_ref().map(|_| filters(spec)))
        .set_kms_key_arn(spec.kms_key_arn.clone())
        .set_destination_config(spec.destination_config.as_ref().map(destinations))
        .set_maximum_record_age_in_seconds(said(spec.maximum_record_age_in_seconds, plain.and_then(|plain| plain.age)))
        .set_maximum_retry_attempts(said(spec.maximum_retry_attempts, plain.and_then(|plain| plain.attempts)))
        .set_bisect_batch_on_function_error(spec.bisect_batch_on_function_error.filter(|bisect| *bisect))
        .set_parallelization_factor(said(spec.parallelization_factor, plain.and_then(|plain| plain.parallelization)))
        .set_tumbling_window_in_seconds(said(spec.tumbling_window_in_seconds, plain.and_then(|plain| plain.tumbling)))
        .set_function_response_types((!spec.function_response_types.is_empty()).then(|| response_types(spec)))
        .set_scaling_config(spec.scaling_config.as_ref().map(|_| scaling(spec)))
        .set_provisioned_poller_config(spec.provisioned_poller_config.as_ref().map(pollers))
        .set_source_access_configurations((!spec.source_access_configurations.is_empty()).then(|| accesses(spec)))
        .set_amazon_managed_kafka_event_source_config(managed_kafka(spec))
        .set_self_managed_kafka_event_source_config(own_kafka(spec))
        .set_document_db_event_source_config(spec.document_db_event_source_config.as_ref().map(|_| document_db(spec)))
        .set_metrics_config(spec.metrics_config.as_ref().map(|_| metrics(spec)))
        .set_logging_config(spec.logging_config.as_ref().map(|_| logging(spec)))
        .set_tags(Some(tags));
    Ok(call.call())
}

/// The call that changes the covered fields of the mapping with that UUID.
pub fn update(uuid: &str, write: &WriteRequest<'_, EventSourceMapping>, spec: &EventSourceMapping) -> Call {
    let changes = |field: &'static str| write.changes(field);
    let number = |field: &'static str, value: Option<i32>| value.filter(|_| changes(field));
    let kms_key_arn = spec.kms_key_arn.clone().unwrap_or_default();
    UpdateEventSourceMappingInputBuilder::default()
        .uuid(uuid)
        .set_function_name(changes("function").then(|| function_at(write.at)))
        .set_enabled(changes("enabled").then_some(spec.enabled))
        .set_batch_size(number("batch_size", spec.batch_size))
        .set_maximum_batching_window_in_seconds(number(
            "maximum_batching_window_in_seconds",
            spec.maximum_batching_window_in_seconds,
        ))
        .set_filter_criteria(changes("filter_criteria").then(|| filters(spec)))
        .set_kms_key_arn(changes("kms_key_arn").then_some(kms_key_arn))
        .set_destination_config(
            changes("destination_config").then(|| destinations(&spec.destination_config.clone().unwrap_or_default())),
        )
        .set_maximum_record_age_in_seconds(number("maximum_record_age_in_seconds", spec.maximum_record_age_in_seconds))
        .set_maximum_retry_attempts(number("maximum_retry_attempts", spec.maximum_retry_attempts))
        .set_bisect_batch_on_function_error(
            spec.bisect_batch_on_function_error.filter(|_| changes("bisect_batch_on_function_error")),
        )
        .set_parallelization_factor(number("parallelization_factor", spec.parallelization_factor))
        .set_tumbling_window_in_seconds(number("tumbling_window_in_seconds", spec.tumbling_window_in_seconds))
        .set_function_response_types(changes("function_response_types").then(|| response_types(spec)))
        .set_scaling_config(changes("scaling_config").then(|| scaling(spec)))
        .set_provisioned_poller_config(
            changes("provisioned_poller_config")
                .then(|| pollers(&spec.provisioned_poller_config.clone().unwrap_or_default())),
        )
        .set_source_access_configurations(changes("source_access_configurations").then(|| changeable_accesses(spec)))
        .set_amazon_managed_kafka_event_source_config(changes("amazon_managed_kafka_event_source_config").then(|| {
            let config = spec.amazon_managed_kafka_event_source_config.as_ref();
            let schemas = config.and_then(|config| config.schema_registry_config.clone()).unwrap_or_default();
            types::AmazonManagedKafkaEventSourceConfig::builder().schema_registry_config(registry(&schemas)).build()
        }))
        .set_self_managed_kafka_event_source_config(changes("self_managed_kafka_event_source_config").then(|| {
            let config = spec.self_managed_kafka_event_source_config.as_ref();
            let schemas = config.and_then(|config| config.schema_registry_config.clone()).unwrap_or_default();
            types::SelfManagedKafkaEventSourceConfig::builder().schema_registry_config(registry(&schemas)).build()
        }))
        .set_document_db_event_source_config(changes("document_db_event_source_config").then(|| document_db(spec)))
        .set_metrics_config(changes("metrics_config").then(|| metrics(spec)))
        .set_logging_config(changes("logging_config").then(|| logging(spec)))
        .call()
}

/// The call that writes the covered tags that are declared, and ours.
pub fn tag(arn: &str, write: &WriteRequest<'_, EventSourceMapping>, spec: &EventSourceMapping) -> Call {
    let mut tags = ours(write.at);
    for (key, value) in spec.tags.iter().flatten() {
        if write.covers.is_empty() || write.covers.iter().any(|path| tag_path(key).within(path)) {
            tags.insert(key.clone(), value.clone());
        }
    }
    TagResourceInputBuilder::default().resource(arn).set_tags(Some(tags)).call()
}

/// The call that removes the covered tags that are not declared.
pub fn untag(arn: &str, write: &WriteRequest<'_, EventSourceMapping>, spec: &EventSourceMapping) -> Call {
    let declared = |key: &str| spec.tags.as_ref().is_some_and(|tags| tags.contains_key(key));
    let keys = write.covers.iter().filter(|path| path.first() == Some("tags"));
    let keys = keys.filter_map(|path| path.keys().get(1)).filter(|key| !declared(key)).cloned();
    UntagResourceInputBuilder::default().resource(arn).set_tag_keys(Some(keys.collect())).call()
}

/// The call that gives a live mapping back to the declaration that describes it.
pub fn retag(spec: &EventSourceMapping) -> Option<Call> {
    let misplaced_tag = spec.misplaced_tag.as_ref()?;
    Some(
        TagResourceInputBuilder::default()
            .resource(&misplaced_tag.arn)
            .tags(MAPPING_TAG, &misplaced_tag.declared_as)
            .call(),
    )
}

fn tag_path(key: &str) -> FieldPath {
    FieldPath::from("tags").then(key)
}

/// The tags by which we know a mapping again.
fn ours(at: &ResourceRef) -> HashMap<String, String> {
    HashMap::from([(STACK_TAG.to_owned(), at.scope.stack.clone()), (MAPPING_TAG.to_owned(), at.address.to_string())])
}

fn instant(spec: &EventSourceMapping) -> Result<Option<DateTime>, RequestError> {
    let Some(text) = &spec.starting_position_timestamp else { return Ok(None) };
    let malformed = |_| RequestError::Malformed { text: text.clone(), expected: "a timestamp" };
    let instant: Timestamp = text.parse().map_err(malformed)?;
    let nanoseconds = u32::try_from(instant.subsec_nanosecond()).unwrap_or_default();
    Ok(Some(DateTime::from_secs_and_nanos(instant.as_second(), nanoseconds)))
}

fn servers(source: &SelfManagedEventSource) -> types::SelfManagedEventSource {
    let servers = source.endpoints.kafka_bootstrap_servers.clone();
    types::SelfManagedEventSource::builder().endpoints(EndPointType::KafkaBootstrapServers, servers).build()
}

fn filters(spec: &EventSourceMapping) -> types::FilterCriteria {
    let filters = spec.filter_criteria.iter().flat_map(|criteria| &criteria.filters);
    let filters: Vec<_> = filters.map(|it| types::Filter::builder().pattern(&it.pattern).build()).collect();
    types::FilterCriteria::builder().set_filters((!filters.is_empty()).then_some(filters)).build()
}

fn destinations(config: &MappingDestinations) -> types::DestinationConfig {
    let text = |to: &Option<Destination>| to.as_ref().map(|to| to.destination.clone());
    let success = text(&config.on_success).map(|arn| types::OnSuccess::builder().destination(arn).build());
    let failure = text(&config.on_failure).map(|arn| types::OnFailure::builder().destination(arn).build());
    types::DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build()
}

fn response_types(spec: &EventSourceMapping) -> Vec<types::FunctionResponseType> {
    spec.function_response_types.iter().map(|text| text.as_str().into()).collect()
}

fn scaling(spec: &EventSourceMapping) -> types::ScalingConfig {
    let maximum = spec.scaling_config.as_ref().and_then(|scaling| scaling.maximum_concurrency);
    types::ScalingConfig::builder().set_maximum_concurrency(maximum).build()
}

fn pollers(config: &ProvisionedPollerConfig) -> types::ProvisionedPollerConfig {
    types::ProvisionedPollerConfig::builder()
        .set_minimum_pollers(config.minimum_pollers)
        .set_maximum_pollers(config.maximum_pollers)
        .set_poller_group_name(config.poller_group_name.clone())
        .build()
}

/// The access configurations of an update, in which Lambda refuses a virtual host: it is fixed at creation.
fn changeable_accesses(spec: &EventSourceMapping) -> Vec<types::SourceAccessConfiguration> {
    accesses(spec).into_iter().filter(|it| it.r#type() != Some(&types::SourceAccessType::VirtualHost)).collect()
}

fn accesses(spec: &EventSourceMapping) -> Vec<types::SourceAccessConfiguration> {
    let access = |access: &SourceAccessConfiguration| {
        types::SourceAccessConfiguration::builder().r#type(access.kind.as_str().into()).set_uri(access.uri.clone())
    };
    spec.source_access_configurations.iter().map(|it| access(it).build()).collect()
}

fn managed_kafka(spec: &EventSourceMapping) -> Option<types::AmazonManagedKafkaEventSourceConfig> {
    let config = spec.amazon_managed_kafka_event_source_config.as_ref()?;
    let config = types::AmazonManagedKafkaEventSourceConfig::builder()
        .set_consumer_group_id(config.consumer_group_id.clone())
        .set_schema_registry_config(config.schema_registry_config.as_ref().map(registry));
    Some(config.build())
}

fn own_kafka(spec: &EventSourceMapping) -> Option<types::SelfManagedKafkaEventSourceConfig> {
    let config = spec.self_managed_kafka_event_source_config.as_ref()?;
    let config = types::SelfManagedKafkaEventSourceConfig::builder()
        .set_consumer_group_id(config.consumer_group_id.clone())
        .set_schema_registry_config(config.schema_registry_config.as_ref().map(registry))
        .set_consumption_mode(config.consumption_mode.as_deref().map(Into::into));
    Some(config.build())
}

fn registry(config: &SchemaRegistryConfig) -> types::KafkaSchemaRegistryConfig {
    let accesses = config.access_configs.iter().map(|access| {
        types::KafkaSchemaRegistryAccessConfig::builder()
            .r#type(access.kind.as_str().into())
            .set_uri(access.uri.clone())
            .build()
    });
    let checks = config
        .schema_validation_configs
        .iter()
        .map(|check| types::KafkaSchemaValidationConfig::builder().attribute(check.attribute.as_str().into()).build());
    let (accesses, checks): (Vec<_>, Vec<_>) = (accesses.collect(), checks.collect());
    types::KafkaSchemaRegistryConfig::builder()
        .set_schema_registry_uri(config.schema_registry_uri.clone())
        .set_event_record_format(config.event_record_format.as_deref().map(Into::into))
        .set_access_configs((!accesses.is_empty()).then_some(accesses))
        .set_schema_validation_configs((!checks.is_empty()).then_some(checks))
        .build()
}

fn document_db(spec: &EventSourceMapping) -> types::DocumentDbEventSourceConfig {
    let config = spec.document_db_event_source_config.clone().unwrap_or_default();
    types::DocumentDbEventSourceConfig::builder()
        .set_database_name(config.database_name)
        .set_collection_name(config.collection_name)
        .set_full_document(config.full_document.as_deref().map(Into::into))
        .build()
}

fn metrics(spec: &EventSourceMapping) -> types::EventSourceMappingMetricsConfig {
    let metrics = spec.metrics_config.iter().flat_map(|config| &config.metrics);
    let metrics = metrics.map(|metric| metric.as_str().into()).collect();
    types::EventSourceMappingMetricsConfig::builder().set_metrics(Some(metrics)).build()
}

fn logging(spec: &EventSourceMapping) -> types::EventSourceMappingLoggingConfig {
    let level = spec.logging_config.as_ref().and_then(|config| config.system_log_level.as_deref());
    types::EventSourceMappingLoggingConfig::builder().set_system_log_level(level.map(Into::into)).build()
}
