//! The document of a function, with everything that lives and dies with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::policy_document::Policy;
use crate::sim::context::identifiers::{LATEST, PUBLISHED};

/// A function with everything that lives and dies with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) latest: Snapshot,
    /// The number that was given last; numbers are never given twice.
    pub(crate) last_version: u64,
    /// True if `$LATEST` was updated since it was published: publishing is idempotent by this, not by content.
    pub(crate) changed: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    // In boxes, because a map has room for eleven of what it holds as soon as it holds one.
    pub(crate) versions: BTreeMap<u64, Box<Snapshot>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) aliases: BTreeMap<String, Box<Alias>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reserved: Option<i64>,
    /// By qualifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) provisioned: BTreeMap<String, Provisioned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code_signing_config: Option<String>,
    /// By qualifier; the function's own is without one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) policies: BTreeMap<String, Policy>,
    /// By alias; the function's own is without one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) urls: BTreeMap<String, FunctionUrl>,
    /// By qualifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) invoke_configs: BTreeMap<String, InvokeConfig>,
    /// By version; one that is not here is `Auto`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) runtime_management: BTreeMap<String, RuntimeManagement>,
    /// By version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) scaling: BTreeMap<String, Scaling>,
    #[serde(default)]
    pub(crate) recursion_allowed: bool,
    /// `$LATEST.PUBLISHED`, which only a function of a capacity provider can have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latest_published: Option<Box<Snapshot>>,
}

/// One version: `$LATEST` or a published one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The members of FunctionConfiguration, but for those that follow from the rest. They are most of what an account takes of
    /// memory, and a version shares them with `$LATEST` until one of the two changes.
    #[serde(with = "shared")]
    pub(crate) members: Arc<Map<String, Value>>,
    pub(crate) code: Code,
    pub(crate) revision: String,
    pub(crate) state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) update: Option<String>,
    /// The reason code of its last change, if that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transition: Option<Transition>,
}

/// The code of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// As `CodeSha256` shows it: base64 for a package, hexadecimal for an image.
    pub(crate) sha256: String,
    pub(crate) size: i64,
    /// The bytes that the package has when it is unpacked.
    #[serde(default)]
    pub(crate) unzipped: u64,
    /// The package's hash in hexadecimal, by which its bytes are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blob: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    /// Members that were given with the code and are shown with it (`SourceKMSKeyArn` and the like).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) given: Map<String, Value>,
}

/// The end of a change of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Transition {
    pub(crate) until: i64,
    /// The reason code if it will fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// The RevisionId that it will have; none if it keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<String>,
}

/// A name for a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) revision: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) weights: BTreeMap<String, f64>,
    /// Weights of the service's own, while provisioned concurrency moves over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shift: Option<AliasShift>,
}

/// An alias on its way to another version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AliasShift {
    pub(crate) from: String,
    pub(crate) transition: Transition,
}

/// Provisioned concurrency of one qualifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Provisioned {
    pub(crate) requested: i64,
    pub(crate) modified: String,
    /// The reason code if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// True if the previous environments serve until the new ones are ready, as when its alias moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) keeps_previous: bool,
    /// None once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transition: Option<Transition>,
}

/// A function URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionUrl {
    pub(crate) address: String,
    pub(crate) auth: String,
    /// The mode of the request; none is `BUFFERED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invoke_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) cors: Map<String, Value>,
    pub(crate) created: String,
    pub(crate) modified: String,
}

/// An event invoke configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InvokeConfig {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) age: Option<i64>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) destinations: Map<String, Value>,
    pub(crate) modified: i64,
}

/// The runtime management of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RuntimeManagement {
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub(crate) update: String,
    /// The version to stay at; `Manual` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
}

/// The scaling of one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scaling {
    /// In force.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) applied: Map<String, Value>,
    /// Asked for, and in force when the version has settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) requested: Option<Map<String, Value>>,
}

impl Function {
    /// A function of which nothing but `$LATEST` is known yet.
    pub(crate) fn new(name: &str, latest: Snapshot) -> Self {
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
    pub(crate) fn share_members(mut self) -> Self {
        for version in self.versions.values_mut().filter(|version| version.members == self.latest.members) {
            version.members = Arc::clone(&self.latest.members);
        }
        self
    }

    /// The version that a qualifier leads to, directly or through an alias, if it exists.
    pub(crate) fn version_of(&self, qualifier: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(qualifier) {
            return Some(alias.version.clone());
        }
        self.snapshot(qualifier).map(|_| qualifier.to_owned())
    }

    /// The version with this number, or one of the two that have a name.
    pub(crate) fn snapshot(&self, version: &str) -> Option<&Snapshot> {
        match version {
            LATEST => Some(&self.latest),
            PUBLISHED => self.latest_published.as_deref(),
            number => self.versions.get(&number.parse().ok()?).map(|version| &**version),
        }
    }

    /// The same, to be changed.
    pub(crate) fn snapshot_mut(&mut self, version: &str) -> Option<&mut Snapshot> {
        match version {
            LATEST => Some(&mut self.latest),
            PUBLISHED => self.latest_published.as_deref_mut(),
            number => self.versions.get_mut(&number.parse().ok()?).map(|version| &mut **version),
        }
    }

    /// Returns whether it runs on the instances of a capacity provider.
    pub(crate) fn is_managed(&self) -> bool {
        self.latest.members.contains_key("CapacityProviderConfig")
    }

    /// The provisioned concurrency of all qualifiers.
    pub(crate) fn total_provisioned(&self) -> i64 {
        self.provisioned.values().map(|provisioned| provisioned.requested).sum()
    }

    /// The bytes that the account's quota counts for it.
    pub(crate) fn code_size(&self) -> i64 {
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

    pub(crate) fn serialize<S: Serializer>(members: &Arc<Map<String, Value>>, to: S) -> Result<S::Ok, S::Error> {
        members.as_ref().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Map<String, Value>>, D::Error> {
        Map::deserialize(from).map(Arc::new)
    }
}
