//! The resemblance of a declared and a live mapping, for want of names: the UUID is Lambda's choice.

use super::spec::EventSourceMapping;

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

/// The consumer group of a Kafka mapping.
pub fn group(spec: &EventSourceMapping) -> Option<&str> {
    let managed = spec.amazon_managed_kafka_event_source_config.as_ref();
    let own = spec.self_managed_kafka_event_source_config.as_ref();
    let managed = managed.and_then(|config| config.consumer_group_id.as_deref());
    managed.or(own.and_then(|config| config.consumer_group_id.as_deref()))
}
