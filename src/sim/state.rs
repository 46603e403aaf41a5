//! The documents: what the account holds, and what time does to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::capacity::CapacityProvider;
use super::code::Code;
use super::invoke_configs::InvokeConfig;
use super::layers::Layer;
use super::names::{LATEST, PUBLISHED};
use super::policy_text::Policy;
use super::runtimes::RuntimeManagement;
use super::scaling::Scaling;
use super::shelf::Shelf;
use super::signing::SigningConfig;
use super::urls::Url;

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

/// A function with everything that lives and dies with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) latest: Snapshot,
    /// The number that was given last; numbers are never given twice.
    pub(super) last_version: u64,
    /// Whether `$LATEST` was updated since it was published: publishing is idempotent by this, not by content.
    pub(super) changed: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    // In boxes, because a map has room for eleven of what it holds as soon as it holds one.
    pub(super) versions: BTreeMap<u64, Box<Snapshot>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) aliases: BTreeMap<String, Box<Alias>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reserved: Option<i64>,
    /// By qualifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) provisioned: BTreeMap<String, Provisioned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_signing_config: Option<String>,
    /// By qualifier; the function's own is without one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) policies: BTreeMap<String, Policy>,
    /// By alias; the function's own is without one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) urls: BTreeMap<String, Url>,
    /// By qualifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) invoke_configs: BTreeMap<String, InvokeConfig>,
    /// By version; one that is not here is `Auto`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) runtime_management: BTreeMap<String, RuntimeManagement>,
    /// By version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) scaling: BTreeMap<String, Scaling>,
    #[serde(default)]
    pub(super) recursion_allowed: bool,
    /// `$LATEST.PUBLISHED`, which only a function of a capacity provider can have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) latest_published: Option<Box<Snapshot>>,
}

/// A function that was deleted, until reads notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Leaving {
    pub(super) until: i64,
    pub(super) function: Function,
}

/// One version: `$LATEST` or a published one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// The members of FunctionConfiguration, but for those that follow from the rest. They are most of what an account takes of
    /// memory, and a version shares them with `$LATEST` until one of the two changes.
    #[serde(with = "shared")]
    pub(super) members: Arc<Map<String, Value>>,
    pub(super) code: Code,
    pub(super) revision: String,
    pub(super) state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<String>,
    /// Why its last change failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<Settling>,
}

/// How a version will look when its change is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settling {
    pub(super) until: i64,
    /// Why it will fail; none if it will not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
    /// The RevisionId that it will have; none if it keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<String>,
}

/// A name for a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alias {
    pub(super) version: String,
    pub(super) description: String,
    pub(super) revision: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) weights: BTreeMap<String, f64>,
    /// Weights of the service's own, while provisioned concurrency moves over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) moving: Option<Moving>,
}

/// An alias on its way to another version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Moving {
    pub(super) from: String,
    pub(super) settling: Settling,
}

/// Provisioned concurrency of one qualifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Provisioned {
    pub(super) requested: i64,
    pub(super) modified: String,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
    /// Whether what was ready stays until the new is, as when its alias moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) stays: bool,
    /// None once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<Settling>,
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

impl Function {
    /// A function of which nothing but `$LATEST` is known yet.
    pub(super) fn new(name: &str, latest: Snapshot) -> Self {
        Function {
            name: name.to_owned(),
            latest,
            last_version: 0,
            changed: true,
            versions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            tags: BTreeMap::new(),
            reserved: None,
            provisioned: BTreeMap::new(),
            code_signing_config: None,
            policies: BTreeMap::new(),
            urls: BTreeMap::new(),
            invoke_configs: BTreeMap::new(),
            runtime_management: BTreeMap::new(),
            scaling: BTreeMap::new(),
            recursion_allowed: false,
            latest_published: None,
        }
    }

    /// Has its versions share what they have in common with `$LATEST`, which a file has written out for each.
    pub(super) fn share(mut self) -> Self {
        for version in self.versions.values_mut().filter(|version| version.members == self.latest.members) {
            version.members = Arc::clone(&self.latest.members);
        }
        self
    }

    /// The version that a qualifier leads to, directly or through an alias, if it exists.
    pub(super) fn version_of(&self, qualifier: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(qualifier) {
            return Some(alias.version.clone());
        }
        self.snapshot(qualifier).map(|_| qualifier.to_owned())
    }

    /// The version with this number, or one of the two that have a name.
    pub(super) fn snapshot(&self, version: &str) -> Option<&Snapshot> {
        match version {
            LATEST => Some(&self.latest),
            PUBLISHED => self.latest_published.as_deref(),
            number => self.versions.get(&number.parse().ok()?).map(|version| &**version),
        }
    }

    /// The same, to be changed.
    pub(super) fn snapshot_mut(&mut self, version: &str) -> Option<&mut Snapshot> {
        match version {
            LATEST => Some(&mut self.latest),
            PUBLISHED => self.latest_published.as_deref_mut(),
            number => self.versions.get_mut(&number.parse().ok()?).map(|version| &mut **version),
        }
    }

    /// Whether it runs on the instances of a capacity provider.
    pub(super) fn is_managed(&self) -> bool {
        self.latest.members.contains_key("CapacityProviderConfig")
    }

    /// The provisioned concurrency of all qualifiers.
    pub(super) fn total_provisioned(&self) -> i64 {
        self.provisioned.values().map(|provisioned| provisioned.requested).sum()
    }

    /// The bytes that the account's quota counts for it.
    pub(super) fn code_size(&self) -> i64 {
        let numbered = self.versions.values().map(|version| &**version);
        let versions = numbered.chain([&self.latest]).chain(self.latest_published.as_deref());
        versions.map(|version| version.code.size).sum()
    }
}

/// Shared members on disk: as if they were not shared.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use serde_json::{Map, Value};

    pub(super) fn serialize<S: Serializer>(members: &Arc<Map<String, Value>>, to: S) -> Result<S::Ok, S::Error> {
        members.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Map<String, Value>>, D::Error> {
        Map::deserialize(from).map(Arc::new)
    }
}
