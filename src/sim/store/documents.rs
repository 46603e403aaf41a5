//! The documents of an account, by region.
//!
//! A new type of document implements [`Document`] and [`Lifecycle`], gets a collection in [`Region`] and a line in
//! [`visit_document_types`]. Persistence, transitions, history and injected failures follow from these.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::collection::Collection;
use super::function::{Code, Function};
use super::policy_document::Policy;

/// The documents of one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    pub(crate) functions: Collection<Function>,
    /// Deleted functions that reads still show for a while.
    pub(crate) tombstones: Collection<Tombstone>,
    pub(crate) mappings: Collection<Mapping>,
    pub(crate) layers: Collection<Layer>,
    pub(crate) signing_configs: Collection<SigningConfig>,
    pub(crate) capacity_providers: Collection<CapacityProvider>,
    /// The documents that have a transition ahead, by when the next one is due.
    pub(crate) timers: BTreeSet<(i64, DocumentKey)>,
}

/// A type of document: stored as a whole, one file each.
pub(crate) trait Document:
    Clone + Debug + PartialEq + Serialize + DeserializeOwned + Lifecycle + Send + Sync + 'static
{
    /// The folder of these documents in the folder of their region; it also identifies the type.
    const FOLDER: &'static str;

    /// Returns the collection of these documents.
    fn collection(region: &mut Region) -> &mut Collection<Self>;

    /// Returns the document after it was read from disk, with what it shares in memory shared again.
    fn restored(self) -> Self {
        self
    }
}

/// The changes that a document undergoes without a call. By default there are none.
pub(crate) trait Lifecycle: Sized {
    /// Returns when the next transition is due.
    fn due(&self) -> Option<i64> {
        None
    }

    /// Applies every transition that is due at `now`; returns whether that was the end of the document.
    fn apply_due(&mut self, _now: i64) -> bool {
        false
    }

    /// Makes each transition that `before` did not have end in failure, for the reason `code`; returns whether there was one.
    fn fail_new_transitions(&mut self, _before: Option<&Self>, _code: &str) -> bool {
        false
    }
}

/// A visitor of all types of documents.
pub(crate) trait DocumentVisitor {
    /// Visits one type.
    fn visit<D: Document>(&mut self);
}

/// Visits every type of document: the one list of them.
pub(crate) fn visit_document_types(visitor: &mut impl DocumentVisitor) {
    visitor.visit::<Function>();
    visitor.visit::<Mapping>();
    visitor.visit::<Tombstone>();
    visitor.visit::<Layer>();
    visitor.visit::<SigningConfig>();
    visitor.visit::<CapacityProvider>();
}

/// The identity of a document in its region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DocumentKey {
    /// The type, by its [`Document::FOLDER`].
    pub(crate) folder: &'static str,
    pub(crate) key: String,
}

impl DocumentKey {
    /// Returns the identity of the document of type `D` at `key`.
    pub(crate) fn new<D: Document>(key: String) -> Self {
        DocumentKey { folder: D::FOLDER, key }
    }

    /// Returns whether the document is of type `D`.
    pub(crate) fn is<D: Document>(&self) -> bool {
        self.folder == D::FOLDER
    }
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
    /// The problem of a mapping that failed, as its StateTransitionReason shows it.
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
    /// The reason code if it will fail instead.
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
    /// The compatible runtimes and architectures, and the licence.
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

impl Document for Function {
    const FOLDER: &'static str = "functions";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.functions
    }

    fn restored(self) -> Self {
        self.share_members()
    }
}

impl Document for Mapping {
    const FOLDER: &'static str = "mappings";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.mappings
    }
}

impl Document for Tombstone {
    const FOLDER: &'static str = "tombstones";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.tombstones
    }
}

impl Document for Layer {
    const FOLDER: &'static str = "layers";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.layers
    }
}

impl Document for SigningConfig {
    const FOLDER: &'static str = "signing";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.signing_configs
    }
}

impl Document for CapacityProvider {
    const FOLDER: &'static str = "capacity";

    fn collection(region: &mut Region) -> &mut Collection<Self> {
        &mut region.capacity_providers
    }
}
