//! The documents: what the account holds, and what time does to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::function::{Code, Function};
use super::policy_text::Policy;
use super::shelf::Shelf;

/// Everything in one region.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) functions: Shelf<Function>,
    /// Deleted functions that reads still show for a while.
    pub(super) leaving: Shelf<Leaving>,
    pub(super) mappings: Shelf<Mapping>,
    pub(super) layers: Shelf<Layer>,
    pub(super) signing_configs: Shelf<SigningConfig>,
    pub(super) capacity_providers: Shelf<CapacityProvider>,
    /// What is waiting, by when it is due.
    pub(super) timers: BTreeSet<(i64, Thing)>,
}

/// Something that is waiting for time to pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Function(String),
    Leaving(String),
    Mapping(String),
    CapacityProvider(String),
}

/// A function that was deleted, until reads notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Leaving {
    pub(super) until: i64,
    pub(super) function: Function,
}

/// An event source mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mapping {
    /// The members of EventSourceMappingConfiguration, but for the state.
    pub(super) members: Map<String, Value>,
    /// The name of the function; its ARN is among the members.
    pub(super) function: String,
    pub(super) state: String,
    /// Why it does not work, as its StateTransitionReason says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<NextState>,
}

/// The state that a mapping or a capacity provider is on its way to; none is its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NextState {
    pub(super) until: i64,
    pub(super) state: Option<String>,
    /// Why it will fail instead; none if it will not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
}

/// A layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Layer {
    /// The number that was given last; numbers are never given twice, even when all versions are gone.
    pub(super) last_version: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) versions: BTreeMap<u64, LayerVersion>,
}

/// One version of a layer. All but its policy is fixed for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LayerVersion {
    pub(super) code: Code,
    pub(super) description: String,
    pub(super) created: String,
    /// What was said of it: runtimes, architectures, licence.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) members: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<Policy>,
}

/// A code signing configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SigningConfig {
    /// `Description`, `AllowedPublishers`, `CodeSigningPolicies`, as they are shown.
    pub(super) members: Map<String, Value>,
    pub(super) modified: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
}

/// A capacity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CapacityProvider {
    pub(super) members: Map<String, Value>,
    pub(super) state: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<NextState>,
}

impl Region {
    /// The same documents, with nothing on its way.
    pub(super) fn still(&self) -> Region {
        Region {
            functions: self.functions.clone(),
            leaving: self.leaving.clone(),
            mappings: self.mappings.clone(),
            layers: self.layers.clone(),
            signing_configs: self.signing_configs.clone(),
            capacity_providers: self.capacity_providers.clone(),
            timers: BTreeSet::new(),
        }
    }
}
