//! Recognises a live mapping as a declared one, for want of names: the UUID is Lambda's choice.

use super::spec::EventSourceMapping;
use crate::model::KindId;
use crate::resource::ResourceRef;

/// The kind's name.
pub(super) const KIND: KindId = KindId::EventSourceMapping;

/// The tag on live mappings that names the address of their declaration.
pub const MAPPING_TAG: &str = "trueup:mapping";

/// The function that a mapping at this place invokes: `orders`, or `orders:live` below an alias.
pub fn function_at(at: &ResourceRef) -> String {
    match &*at.names {
        [function, alias, _] => format!("{function}:{alias}"),
        _ => at.outer().to_owned(),
    }
}

/// The degrees to which a declared mapping describes a live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// Another function or another source.
    Other,
    /// The function and the source, topic and queue.
    Source,
    /// The consumer group, the database and the collection too, as far as they are declared.
    Whole,
}

/// Returns the degree to which `spec`, declared for `function`, describes the live mapping. Both are in normal form.
pub fn closeness(spec: &EventSourceMapping, function: &str, live: &EventSourceMapping) -> Closeness {
    if live.function.as_deref() != Some(function) || !same_source(spec, live) {
        return Closeness::Other;
    }
    let group = group(spec).is_none_or(|own| group(live) == Some(own));
    let part = |spec: &EventSourceMapping| {
        let config = spec.document_db_event_source_config.as_ref();
        config.map(|config| (config.database_name.clone(), config.collection_name.clone()))
    };
    if group && part(spec) == part(live) { Closeness::Whole } else { Closeness::Source }
}

pub(super) fn same_source(one: &EventSourceMapping, other: &EventSourceMapping) -> bool {
    one.event_source_arn == other.event_source_arn
        && one.self_managed_event_source == other.self_managed_event_source
        && one.topics == other.topics
        && one.queues == other.queues
}

/// Returns true if two mappings read the same Kafka cluster: a broker belongs to one cluster.
pub fn same_cluster(one: &EventSourceMapping, other: &EventSourceMapping) -> bool {
    match (&one.self_managed_event_source, &other.self_managed_event_source) {
        (Some(one), Some(other)) => {
            let brokers = &other.endpoints.kafka_bootstrap_servers;
            one.endpoints.kafka_bootstrap_servers.iter().any(|broker| brokers.contains(broker))
        }
        (None, None) => one.event_source_arn == other.event_source_arn,
        _ => false,
    }
}

/// The consumer group of a Kafka mapping.
pub fn group(spec: &EventSourceMapping) -> Option<&str> {
    let managed = spec.amazon_managed_kafka_event_source_config.as_ref();
    let own = spec.self_managed_kafka_event_source_config.as_ref();
    let managed = managed.and_then(|config| config.consumer_group_id.as_deref());
    managed.or(own.and_then(|config| config.consumer_group_id.as_deref()))
}
