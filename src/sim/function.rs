//! The document of a function, with everything that lives and dies with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::{LATEST, PUBLISHED};
use super::policy_text::Policy;

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

/// The code of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Code {
    /// As `CodeSha256` shows it: base64 for a package, hexadecimal for an image.
    pub(super) sha256: String,
    pub(super) size: i64,
    /// The bytes that the package has when it is unpacked.
    #[serde(default)]
    pub(super) unzipped: u64,
    /// The package's hash in hexadecimal, by which its bytes are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) blob: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    /// What was given with the code and is shown with it (`SourceKMSKeyArn` and the like).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) given: Map<String, Value>,
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

/// A function URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Url {
    pub(super) address: String,
    pub(super) auth: String,
    /// What was asked for; nothing is `BUFFERED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) invoke_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) cors: Map<String, Value>,
    pub(super) created: String,
    pub(super) modified: String,
}

/// An event invoke configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct InvokeConfig {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retries: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) age: Option<i64>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) destinations: Map<String, Value>,
    pub(super) modified: i64,
}

/// The runtime management of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RuntimeManagement {
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub(super) update: String,
    /// The version to stay at; `Manual` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

/// The scaling of one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Scaling {
    /// In force.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) applied: Map<String, Value>,
    /// Asked for, and in force when the version has settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) requested: Option<Map<String, Value>>,
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
