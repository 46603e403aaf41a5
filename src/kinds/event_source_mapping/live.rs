//! Mappings from Lambda's responses, in the form that users write.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::types;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use jiff::Timestamp;
use serde_json::json;

use crate::model::{AttributeName, FieldPath, Ownership, UnreadablePart};
use crate::resource::{Observed, ResourceRef, STACK_TAG, State};
use crate::wire::Reply;

use super::identity::MAPPING_TAG;
use super::source::normalise;
use super::spec::{
    AmazonManagedKafkaEventSourceConfig, Destination, DocumentDbEventSourceConfig, Endpoints, EventSourceMapping,
    Filter, FilterCriteria, MappingDestinations, MappingLoggingConfig, MetricsConfig, ProvisionedPollerConfig,
    ScalingConfig, SchemaRegistryAccess, SchemaRegistryConfig, SchemaValidation, SelfManagedEventSource,
    SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration,
};

/// The configuration in a reply whose output has the members of one.
macro_rules! configuration {
    ($reply:expr, $($member:ident $set:ident,)*) => {
        EventSourceMappingConfiguration::builder()$(.$set($reply.$member.clone()))*.build()
    };
}

/// The same with every member named once.
macro_rules! whole {
    ($reply:expr) => {
        configuration!(
            $reply,
            uuid set_uuid, starting_position set_starting_position,
            starting_position_timestamp set_starting_position_timestamp, batch_size set_batch_size,
            maximum_batching_window_in_seconds set_maximum_batching_window_in_seconds,
            parallelization_factor set_parallelization_factor, event_source_arn set_event_source_arn,
            filter_criteria set_filter_criteria, filter_criteria_error set_filter_criteria_error,
            kms_key_arn set_kms_key_arn, metrics_config set_metrics_config, logging_config set_logging_config,
            scaling_config set_scaling_config, function_arn set_function_arn, last_modified set_last_modified,
            last_processing_result set_last_processing_result, state set_state,
            state_transition_reason set_state_transition_reason, destination_config set_destination_config,
            topics set_topics, queues set_queues, source_access_configurations set_source_access_configurations,
            self_managed_event_source set_self_managed_event_source,
            maximum_record_age_in_seconds set_maximum_record_age_in_seconds,
            bisect_batch_on_function_error set_bisect_batch_on_function_error,
            maximum_retry_attempts set_maximum_retry_attempts,
            tumbling_window_in_seconds set_tumbling_window_in_seconds,
            function_response_types set_function_response_types,
            amazon_managed_kafka_event_source_config set_amazon_managed_kafka_event_source_config,
            self_managed_kafka_event_source_config set_self_managed_kafka_event_source_config,
            document_db_event_source_config set_document_db_event_source_config,
            event_source_mapping_arn set_event_source_mapping_arn,
            provisioned_poller_config set_provisioned_poller_config,
        )
    };
}

/// The mapping in a reply to a write or to GetEventSourceMapping.
pub fn mapping_in(reply: &Reply) -> Option<EventSourceMappingConfiguration> {
    Some(match reply {
        Reply::CreateEventSourceMapping(reply) => whole!(reply),
        Reply::UpdateEventSourceMapping(reply) => whole!(reply),
        Reply::DeleteEventSourceMapping(reply) => whole!(reply),
        Reply::GetEventSourceMapping(reply) => whole!(reply),
        _ => return None,
    })
}

/// The function that a mapping invokes, with its qualifier: `orders` or `orders:live`.
///
/// `$LATEST` is what the unqualified name means, so it is left out.
pub fn function_of(mapping: &EventSourceMappingConfiguration) -> Option<&str> {
    let arn = mapping.function_arn()?;
    let name = arn.rsplit_once(":function:").map_or(arn, |(_, name)| name);
    Some(name.strip_suffix(":$LATEST").unwrap_or(name))
}

/// The mapping's ARN, by which its tags are read and written.
pub fn arn_of(at: &ResourceRef, mapping: &EventSourceMappingConfiguration) -> String {
    mapping.event_source_mapping_arn().map_or_else(
        || at.scope.arn(&format!("event-source-mapping:{}", mapping.uuid().unwrap_or_default())),
        str::to_owned,
    )
}

/// The mapping as it was observed. Filters that Lambda could not decrypt are taken to be as `desired`.
pub fn observed(
    at: &ResourceRef,
    mapping: &EventSourceMappingConfiguration,
    desired: Option<&EventSourceMapping>,
) -> Observed<EventSourceMapping> {
    let (enabled, state) = standing(mapping.state().unwrap_or_default(), desired);
    let mut live = Observed::new(mapping.uuid().unwrap_or_default(), value(mapping, enabled));
    live.state = state;
    if let Some(error) = mapping.filter_criteria_error() {
        live.unreadable.push(UnreadablePart {
            field: FieldPath::from("filter_criteria"),
            cause: error.message().or(error.error_code()).unwrap_or("Lambda gives no reason").to_owned(),
            permission: Some("kms:Decrypt"),
        });
        presume_filters(&mut live, desired);
    }
    normalise(&mut live.value);
    live.notes.extend(problems(mapping));
    live.owner = Ownership::NotRead;
    live.attributes =
        BTreeMap::from([(AttributeName::UUID, json!(live.identity)), (AttributeName::ARN, json!(arn_of(at, mapping)))])
            .into();
    live
}

/// Takes encrypted filters that were not shown to be as `desired`.
///
/// Only GetEventSourceMapping and DeleteEventSourceMapping show them.
pub fn presume_filters(live: &mut Observed<EventSourceMapping>, desired: Option<&EventSourceMapping>) {
    if live.value.filter_criteria.is_none() {
        live.value.filter_criteria = desired.and_then(|desired| desired.filter_criteria.clone());
    }
}

/// Adds what the tags say: the owner always, the tags themselves without ours and AWS's.
pub fn tagged(live: &mut Observed<EventSourceMapping>, tags: &HashMap<String, String>) {
    live.owner = Ownership::of_tag(tags.get(STACK_TAG).map(String::as_str));
    let own = tags.iter().filter(|(key, _)| !key.starts_with("aws:") && *key != STACK_TAG && *key != MAPPING_TAG);
    live.value.tags = Some(own.map(|(key, value)| (key.clone(), value.clone())).collect());
}

/// Returns true for a mapping that reads its source, with the state that Lambda gives it.
fn standing(state: &str, desired: Option<&EventSourceMapping>) -> (bool, State) {
    let text = format!("State {state}");
    // While it is updated or deleted, Lambda does not say whether it reads.
    let presumed = desired.is_none_or(|desired| desired.enabled);
    match state {
        "Disabled" => (false, State::Settled),
        "Disabling" => (false, State::updating(text)),
        "Enabling" => (true, State::updating(text)),
        "Creating" => (true, State::creating(text)),
        "Updating" => (presumed, State::updating(text)),
        "Deleting" => (presumed, State::deleting(text)),
        _ => (true, State::Settled),
    }
}

/// Returns Lambda's explanations of a mapping that does not work.
fn problems(mapping: &EventSourceMappingConfiguration) -> Vec<String> {
    let usual = ["USER_INITIATED", "User action", "User initiated", "OK", "No records processed", ""];
    let said = [mapping.state_transition_reason(), mapping.last_processing_result()];
    let mut notes: Vec<String> = Vec::new();
    for text in said.into_iter().flatten().filter(|text| !usual.contains(text)) {
        let note = format!("Lambda reports: {text}");
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn value(mapping: &EventSourceMappingConfiguration, enabled: bool) -> EventSourceMapping {
    let texts = |list: &[String]| list.to_vec();
    let time = mapping.starting_position_timestamp();
    EventSourceMapping {
        event_source_arn: mapping.event_source_arn().map(str::to_owned),
        self_managed_event_source: mapping.self_managed_event_source().map(servers),
        enabled,
        batch_size: mapping.batch_size(),
        maximum_batching_window_in_seconds: mapping.maximum_batching_window_in_seconds(),
        starting_position: mapping.starting_position().map(|position| position.as_str().to_owned()),
        starting_position_timestamp: time.and_then(|time| {
            let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
            Some(Timestamp::new(time.secs(), nanoseconds).ok()?.to_string())
        }),
        topics: texts(mapping.topics()),
        queues: texts(mapping.queues()),
        filter_criteria: mapping.filter_criteria().map(|criteria| FilterCriteria {
            filters: criteria.filters().iter().map(|it| Filter { pattern: owned(it.pattern()) }).collect(),
        }),
        kms_key_arn: mapping.kms_key_arn().map(str::to_owned),
        destination_config: mapping.destination_config().map(|config| MappingDestinations {
            on_success: config.on_success().map(|to| Destination { destination: owned(to.destination()) }),
            on_failure: config.on_failure().map(|to| Destination { destination: owned(to.destination()) }),
        }),
        maximum_record_age_in_seconds: mapping.maximum_record_age_in_seconds(),
        maximum_retry_attempts: mapping.maximum_retry_attempts(),
        bisect_batch_on_function_error: mapping.bisect_batch_on_function_error(),
        parallelization_factor: mapping.parallelization_factor(),
        tumbling_window_in_seconds: mapping.tumbling_window_in_seconds(),
        function_response_types: mapping.function_response_types().iter().map(|it| it.as_str().to_owned()).collect(),
        scaling_config: mapping
            .scaling_config()
            .map(|scaling| ScalingConfig { maximum_concurrency: scaling.maximum_concurrency() }),
        provisioned_poller_config: mapping.provisioned_poller_config().map(|pollers| ProvisionedPollerConfig {
            minimum_pollers: pollers.minimum_pollers(),
            maximum_pollers: pollers.maximum_pollers(),
            poller_group_name: pollers.poller_group_name().map(str::to_owned),
        }),
        source_access_configurations: mapping.source_access_configurations().iter().map(access).collect(),
        amazon_managed_kafka_event_source_config: mapping.amazon_managed_kafka_event_source_config().map(managed_kafka),
        self_managed_kafka_event_source_config: mapping.self_managed_kafka_event_source_config().map(own_kafka),
        document_db_event_source_config: mapping.document_db_event_source_config().map(document_db),
        metrics_config: mapping.metrics_config().map(|config| MetricsConfig {
            metrics: config.metrics().iter().map(|metric| metric.as_str().to_owned()).collect(),
        }),
        logging_config: mapping.logging_config().map(|config| MappingLoggingConfig {
            system_log_level: config.system_log_level().map(|level| level.as_str().to_owned()),
        }),
        tags: None,
        function: function_of(mapping).map(str::to_owned),
        virtual_host: None,
        misplaced_tag: None,
        same_key_declarations: Vec::new(),
    }
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn servers(source: &types::SelfManagedEventSource) -> SelfManagedEventSource {
    let servers = source.endpoints().into_iter().flat_map(|endpoints| endpoints.values().flatten());
    SelfManagedEventSource { endpoints: Endpoints { kafka_bootstrap_servers: servers.cloned().collect() } }
}

fn access(access: &types::SourceAccessConfiguration) -> SourceAccessConfiguration {
    SourceAccessConfiguration {
        kind: access.r#type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        uri: access.uri().map(str::to_owned),
    }
}

fn managed_kafka(config: &types::AmazonManagedKafkaEventSourceConfig) -> AmazonManagedKafkaEventSourceConfig {
    AmazonManagedKafkaEventSourceConfig {
        consumer_group_id: config.consumer_group_id().map(str::to_owned),
        schema_registry_config: config.schema_registry_config().map(registry),
    }
}

fn own_kafka(config: &types::SelfManagedKafkaEventSourceConfig) -> SelfManagedKafkaEventSourceConfig {
    SelfManagedKafkaEventSourceConfig {
        consumer_group_id: config.consumer_group_id().map(str::to_owned),
        schema_registry_config: config.schema_registry_config().map(registry),
        consumption_mode: config.consumption_mode().map(|mode| mode.as_str().to_owned()),
    }
}

fn document_db(config: &types::DocumentDbEventSourceConfig) -> DocumentDbEventSourceConfig {
    DocumentDbEventSourceConfig {
        database_name: config.database_name().map(str::to_owned),
        collection_name: config.collection_name().map(str::to_owned),
        full_document: config.full_document().map(|which| which.as_str().to_owned()),
    }
}

fn registry(config: &types::KafkaSchemaRegistryConfig) -> SchemaRegistryConfig {
    let access = |access: &types::KafkaSchemaRegistryAccessConfig| SchemaRegistryAccess {
        kind: access.r#type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        uri: access.uri().map(str::to_owned),
    };
    SchemaRegistryConfig {
        schema_registry_uri: config.schema_registry_uri().map(str::to_owned),
        event_record_format: config.event_record_format().map(|format| format.as_str().to_owned()),
        access_configs: config.access_configs().iter().map(access).collect(),
        schema_validation_configs: config
            .schema_validation_configs()
            .iter()
            .filter_map(|it| it.attribute())
            .map(|attribute| SchemaValidation { attribute: attribute.as_str().to_owned() })
            .collect(),
    }
}
