//! A mapping in words: its source and the size of its batches.

use serde_json::Value;

use super::spec::EventSourceMapping;
use crate::model::{FieldPath, plain};
use crate::resource::{Present, Presentation, PresentedChange, TerraformType};

/// The fields that one line tells of a whole mapping.
const TOLD: [&str; 5] = ["event_source_arn", "batch_size", "function_response_types", "enabled", "topics"];

impl Present for EventSourceMapping {
    const LABEL: &'static str = "event source";
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[
            ("function", "function_name"),
            ("filter_criteria.filters", "filter_criteria.filter"),
            ("source_access_configurations", "source_access_configuration"),
            ("destination_config.on_failure.destination", "destination_config.on_failure.destination_arn"),
            (
                "amazon_managed_kafka_event_source_config.schema_registry_config.access_configs",
                "amazon_managed_kafka_event_source_config.schema_registry_config.access_config",
            ),
            (
                "amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_configs",
                "amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_config",
            ),
            (
                "self_managed_kafka_event_source_config.schema_registry_config.access_configs",
                "self_managed_kafka_event_source_config.schema_registry_config.access_config",
            ),
            (
                "self_managed_kafka_event_source_config.schema_registry_config.schema_validation_configs",
                "self_managed_kafka_event_source_config.schema_registry_config.schema_validation_config",
            ),
        ],
        ..TerraformType::of("aws_lambda_event_source_mapping", &[])
    };

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let mut words = Presentation::default();
        if !change.is_whole() {
            return words;
        }
        let list = |path: &'static str| change.any(path).and_then(Value::as_array).into_iter().flatten().map(plain);
        let source = change.any("event_source_arn").map_or_else(|| "Kafka".to_owned(), |arn| source(&plain(arn)));
        let topics: Vec<String> = list("topics").collect();
        let source = [vec![format!("← {source}")], topics].concat().join(" ");
        let batch = change.any("batch_size").map(|size| format!("batch {}", plain(size)));
        let is_disabled = change.any("enabled") == Some(&Value::Bool(false));
        let disabled = is_disabled.then(|| "disabled".to_owned());
        let facts = [source].into_iter().chain(batch).chain(list("function_response_types")).chain(disabled);
        words.fact(change.action, "", facts.collect::<Vec<_>>().join(" · "));
        words.told.extend(TOLD.map(FieldPath::from));
        words
    }
}

/// Returns the service and the name in an ARN, such as `sqs orders`.
fn source(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        [_, _, service, _, _, name] => {
            let name = name.split_once('/').filter(|_| *service != "sqs").map_or(*name, |(_, name)| name);
            format!("{service} {}", name.split('/').next().unwrap_or(name))
        }
        _ => arn.to_owned(),
    }
}
