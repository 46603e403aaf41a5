//! The part of the spec that says how to reach and read a source; Kafka's is in `spec_kafka`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The brokers of a self-managed Kafka cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfManagedEventSource {
    /// The brokers, by protocol.
    pub endpoints: Endpoints,
}

/// Brokers by protocol; Lambda knows one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// 1 to 10 brokers as `host:port`.
    #[serde(rename = "KAFKA_BOOTSTRAP_SERVERS")]
    #[schemars(length(min = 1, max = 10), inner(length(min = 1, max = 300), regex(pattern = r"^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9]):[0-9]{1,5}$")), extend("x-set" = true))]
    pub kafka_bootstrap_servers: Vec<String>,
}

/// One credential or one piece of the network of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceAccessConfiguration {
    /// The type, such as `BASIC_AUTH` or `VPC_SUBNET`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "BASIC_AUTH", "VPC_SUBNET", "VPC_SECURITY_GROUP", "SASL_SCRAM_512_AUTH", "SASL_SCRAM_256_AUTH", "VIRTUAL_HOST",
        "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH", "OAUTHBEARER_SCOPE",
        "OAUTHBEARER_AUDIENCE", "OAUTHBEARER_LOGICAL_CLUSTER", "OAUTHBEARER_IDENTITY_POOL", "IAM_AUTH",
        "IAM_OAUTHBEARER_AUTH"
    ], "x-open-enum" = "the list of access types grows"))]
    pub kind: String,
    /// The ARN of a secret, `subnet:subnet-…`, `security_group:sg-…` or a plain value, as the type asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[ a-zA-Z0-9-\/*:_+=.@-]*$"))]
    pub uri: Option<String>,
}

/// The settings of DocumentDB clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentDbEventSourceConfig {
    /// The database to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[^ /\.$\x22]*$"))]
    pub database_name: Option<String>,
    /// The collection to read; without it all of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-stays" = true))]
    #[schemars(length(min = 1, max = 57), regex(pattern = r"^(?!(system\x2e))[_a-zA-Z0-9]([^$]*)$"))]
    pub collection_name: Option<String>,
    /// `UpdateLookup` to get the whole document with each update, `Default` for what changed. Default: `Default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["UpdateLookup", "Default"]))]
    pub full_document: Option<String>,
}
