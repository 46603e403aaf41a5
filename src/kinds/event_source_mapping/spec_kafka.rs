//! The spec of Kafka sources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings of MSK clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmazonManagedKafkaEventSourceConfig {
    /// The consumer group, no other mapping's; Lambda chooses one if it is left out, and it cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[ a-zA-Z0-9-\/*:_+=.@-]*$"))]
    #[schemars(extend("x-immutable" = true, "x-optional" = true))]
    pub consumer_group_id: Option<String>,
    /// The registry that knows the schemas of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_registry_config: Option<SchemaRegistryConfig>,
}

/// The settings of self-managed Kafka clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfManagedKafkaEventSourceConfig {
    /// The consumer group, no other mapping's; Lambda chooses one if it is left out, and it cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[ a-zA-Z0-9-\/*:_+=.@-]*$"))]
    #[schemars(extend("x-immutable" = true, "x-optional" = true))]
    pub consumer_group_id: Option<String>,
    /// The registry that knows the schemas of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_registry_config: Option<SchemaRegistryConfig>,
    /// The way to read partitions: as a `Stream`, or as a `Queue` by a share group (Kafka 4.2). Default: `Stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-immutable" = true, "enum" = ["Stream", "Queue"]))]
    pub consumption_mode: Option<String>,
}

/// The registry that knows the schemas of the records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaRegistryConfig {
    /// The ARN of a Glue registry, or the URL of a Confluent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 10000), regex(pattern = r"^[a-zA-Z0-9-\/*:_+=.@-]*$"))]
    pub schema_registry_uri: Option<String>,
    /// The format in which records reach the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["JSON", "SOURCE"]))]
    pub event_record_format: Option<String>,
    /// The authentication with a Confluent registry; empty for Glue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-set" = true))]
    pub access_configs: Vec<SchemaRegistryAccess>,
    /// The parts of a record that are validated against their schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-set" = true))]
    pub schema_validation_configs: Vec<SchemaValidation>,
}

/// One credential of a schema registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaRegistryAccess {
    /// The type.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH"
    ]))]
    pub kind: String,
    /// The ARN of the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 10000),
        regex(
            pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$"
        )
    )]
    pub uri: Option<String>,
}

/// One part of a record that is checked against its schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaValidation {
    /// The record's key or its value.
    #[schemars(extend("enum" = ["KEY", "VALUE"]))]
    pub attribute: String,
}
