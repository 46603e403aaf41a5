//! The documents: what the account holds, and what time does to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::collection::Collection;
use super::function::{Code, Function};
use super::policy_document::Policy;

/// Everything in one region.
#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) functions: Collection<Function>,
    /// Deleted functions that reads still show for a while.
    pub(crate) tombstones: Collection<Tombstone>,
    pub(crate) mappings: Collection<Mapping>,
    pub(crate) layers: Collection<Layer>,
    pub(crate) signing_configs: Collection<SigningConfig>,
    pub(crate) capacity_providers: Collection<CapacityProvider>,
    /// What is waiting, by when it is due.
    pub(crate) timers: BTreeSet<(i64, DocumentKey)>,
}

/// Something that is waiting for time to pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DocumentKey {
    Function(String),
    Tombstone(String),
    Mapping(String),
    CapacityProvider(String),
}

/// A function that was deleted, until reads notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) until: i64,
    pub(crate) function: Function,
}

/// An event source mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    /// The members of EventSourceMappingConfiguration, but for the state.
    pub(crate) members: Map<String, Value>,
    /// The name of the function; its ARN is among the members.
    pub(crate) function: String,
    pub(crate) state: String,
    /// Why it does not work, as its StateTransitionReason says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transition: Option<StateTransition>,
}

/// The state that a mapping or a capacity provider is on its way to; none is its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StateTransition {
    pub(crate) until: i64,
    pub(crate) state: Option<String>,
    /// Why it will fail instead; none if it will not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}

/// A layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// The number that was given last; numbers are never given twice, even when all versions are gone.
    pub(crate) last_version: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) versions: BTreeMap<u64, LayerVersion>,
}

/// One version of a layer. All but its policy is fixed for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerVersion {
    pub(crate) code: Code,
    pub(crate) description: String,
    pub(crate) created: String,
    /// What was said of it: runtimes, architectures, licence.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) members: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Policy>,
}

/// A code signing configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SigningConfig {
    /// `Description`, `AllowedPublishers`, `CodeSigningPolicies`, as they are shown.
    pub(crate) members: Map<String, Value>,
    pub(crate) modified: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
}

/// A capacity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CapacityProvider {
    pub(crate) members: Map<String, Value>,
    pub(crate) state: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transition: Option<StateTransition>,
}

impl Region {
    /// The same documents, with nothing on its way.
    pub(crate) fn without_timers(&self) -> Region {
        Region {
            functions: self.functions.clone(),
            tombstones: self.tombstones.clone(),
            mappings: self.mappings.clone(),
            layers: self.layers.clone(),
            signing_configs: self.signing_configs.clone(),
            capacity_providers: self.capacity_providers.clone(),
            timers: BTreeSet::new(),
        }
    }
}
