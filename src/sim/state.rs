//! The documents: what the account holds, and what time does to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::code::Code;
use super::names::LATEST;
use super::shelf::Shelf;

/// Everything in one region.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) functions: Shelf<Function>,
    pub(super) mappings: Shelf<Mapping>,
    timers: BTreeSet<(i64, Thing)>,
}

/// Something that is waiting for time to pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Function(String),
    Mapping(String),
}

/// A function with everything that lives and dies with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) latest: Snapshot,
    /// The number that was given last; numbers are never given twice.
    pub(super) last_version: u64,
    /// Whether `$LATEST` was updated since it was published: publishing is idempotent by this, not by content.
    pub(super) changed: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) versions: BTreeMap<u64, Snapshot>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) aliases: BTreeMap<String, Alias>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reserved: Option<i64>,
    /// By qualifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) provisioned: BTreeMap<String, Provisioned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_signing_config: Option<String>,
}

/// One version: `$LATEST` or a published one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// The members of FunctionConfiguration, but for those that follow from the rest.
    pub(super) members: Map<String, Value>,
    pub(super) code: Code,
    pub(super) revision: String,
    pub(super) state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<Settling>,
}

/// How a version will look when its change is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Settling {
    pub(super) until: i64,
    /// The RevisionId that it will have; none if it keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<String>,
}

/// A name for a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Moving {
    pub(super) from: String,
    pub(super) settling: Settling,
}

/// Provisioned concurrency of one qualifier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Provisioned {
    pub(super) requested: i64,
    pub(super) modified: String,
    /// None once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<Settling>,
}

/// An event source mapping.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mapping {
    /// The members of EventSourceMappingConfiguration, but for the state.
    pub(super) members: Map<String, Value>,
    /// The name of the function; its ARN is among the members.
    pub(super) function: String,
    pub(super) state: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settling: Option<NextState>,
}

/// The state that a mapping is on its way to; none is its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct NextState {
    pub(super) until: i64,
    pub(super) state: Option<String>,
}

impl Region {
    /// Brings everything to how it is at `now`.
    pub(super) fn advance(&mut self, now: i64) {
        while let Some((due, thing)) = self.timers.first().cloned() {
            if due > now {
                break;
            }
            self.timers.pop_first();
            self.settle(&thing, now);
            self.wait_for(thing);
        }
    }

    fn settle(&mut self, thing: &Thing, now: i64) {
        match thing {
            Thing::Function(name) => {
                if let Some(function) = self.functions.settle(name) {
                    function.settle(now);
                }
            }
            Thing::Mapping(uuid) => {
                if self.mappings.settle(uuid).is_some_and(|mapping| mapping.settle(now)) {
                    self.mappings.expire(uuid);
                }
            }
        }
    }

    /// Sees to it that `thing` is settled when its time has come.
    pub(super) fn wait_for(&mut self, thing: Thing) {
        let due = match &thing {
            Thing::Function(name) => self.functions.get(name).and_then(Function::due),
            Thing::Mapping(uuid) => {
                self.mappings.get(uuid).and_then(|mapping| mapping.settling.as_ref().map(|next| next.until))
            }
        };
        if let Some(due) = due {
            self.timers.insert((due, thing));
        }
    }
}

impl Function {
    /// The version that a qualifier leads to, directly or through an alias, if it exists.
    pub(super) fn version_of(&self, qualifier: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(qualifier) {
            return Some(alias.version.clone());
        }
        self.snapshot(qualifier).map(|_| qualifier.to_owned())
    }

    /// The version with this number, or `$LATEST`.
    pub(super) fn snapshot(&self, version: &str) -> Option<&Snapshot> {
        if version == LATEST { Some(&self.latest) } else { self.versions.get(&version.parse().ok()?) }
    }

    /// The provisioned concurrency of all qualifiers.
    pub(super) fn total_provisioned(&self) -> i64 {
        self.provisioned.values().map(|provisioned| provisioned.requested).sum()
    }

    /// The bytes that the account's quota counts for it.
    pub(super) fn code_size(&self) -> i64 {
        self.versions.values().chain([&self.latest]).map(|version| version.code.size).sum()
    }

    fn due(&self) -> Option<i64> {
        let versions = self.versions.values().chain([&self.latest]).filter_map(|version| version.settling.as_ref());
        let aliases = self.aliases.values().filter_map(|alias| alias.moving.as_ref().map(|moving| &moving.settling));
        let provisioned = self.provisioned.values().filter_map(|provisioned| provisioned.settling.as_ref());
        versions.chain(aliases).chain(provisioned).map(|settling| settling.until).min()
    }

    /// Ends every change whose time is over.
    pub(super) fn settle(&mut self, now: i64) {
        // A function of a capacity provider runs its published versions only.
        let managed = self.latest.members.contains_key("CapacityProviderConfig");
        self.latest.settle(now, if managed { "ActiveNonInvocable" } else { "Active" });
        for version in self.versions.values_mut() {
            version.settle(now, "Active");
        }
        for alias in self.aliases.values_mut() {
            if let Some(moving) = alias.moving.take_if(|moving| moving.settling.until <= now)
                && let Some(revision) = moving.settling.revision
            {
                alias.revision = revision;
            }
        }
        let mut moved = Vec::new();
        for (qualifier, provisioned) in &mut self.provisioned {
            if let Some(settling) = provisioned.settling.take_if(|settling| settling.until <= now) {
                moved.extend(settling.revision.map(|revision| (qualifier.clone(), revision)));
            }
        }
        // Recorded: the version's own RevisionId moves when its provisioned concurrency becomes ready.
        for (qualifier, revision) in moved {
            let number = self.version_of(&qualifier).and_then(|version| version.parse().ok());
            if let Some(version) = number.and_then(|number: u64| self.versions.get_mut(&number)) {
                version.revision = revision;
            }
        }
    }
}

impl Snapshot {
    fn settle(&mut self, now: i64, active: &str) {
        let Some(settling) = self.settling.take_if(|settling| settling.until <= now) else { return };
        if self.state == "Pending" {
            active.clone_into(&mut self.state);
        }
        self.update = Some("Successful".to_owned());
        if let Some(revision) = settling.revision {
            self.revision = revision;
        }
    }
}

impl Mapping {
    /// Ends the change whose time is over; says whether that was the mapping's end.
    pub(super) fn settle(&mut self, now: i64) -> bool {
        let Some(next) = self.settling.take_if(|next| next.until <= now) else { return false };
        match next.state {
            Some(state) => {
                self.state = state;
                false
            }
            None => true,
        }
    }
}
