//! What time does: everything that is on its way to a state gets there here.
//!
//! A document says when its change is over and how it will look then, so that settling needs nothing but the document and the
//! clock.

use super::documents::{Mapping, Region, Thing};
use super::function::{Function, Snapshot};
use super::history::{Former, Past};
use crate::sim::context::identifiers::PUBLISHED;

impl Region {
    /// Brings everything to how it is at `now`, each at its own moment, and notes how it was before where that is remembered.
    pub(crate) fn advance(&mut self, now: i64, mut past: Option<&mut Past>) {
        while let Some((due, thing)) = self.timers.first().cloned() {
            if due > now {
                break;
            }
            self.timers.pop_first();
            let former = past.is_some().then(|| Former::of(self, &thing));
            self.settle(&thing, due);
            if let (Some(past), Some(former)) = (past.as_deref_mut(), former) {
                past.note_settled(due, former, self);
            }
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
            Thing::Leaving(name) => {
                if self.leaving.get(name).is_some_and(|leaving| leaving.until <= now) {
                    self.leaving.expire(name);
                }
            }
            Thing::Mapping(uuid) => {
                if self.mappings.settle(uuid).is_some_and(|mapping| mapping.settle(now)) {
                    self.mappings.expire(uuid);
                }
            }
            Thing::CapacityProvider(name) => {
                if self.capacity_providers.settle(name).is_some_and(|provider| provider.settle(now)) {
                    self.capacity_providers.expire(name);
                }
            }
        }
    }

    /// Sees to it that `thing` is settled when its time has come.
    pub(crate) fn wait_for(&mut self, thing: Thing) {
        let due = match &thing {
            Thing::Function(name) => self.functions.get(name).and_then(Function::due),
            Thing::Leaving(name) => self.leaving.get(name).map(|leaving| leaving.until),
            Thing::Mapping(uuid) => {
                self.mappings.get(uuid).and_then(|mapping| mapping.settling.as_ref().map(|next| next.until))
            }
            Thing::CapacityProvider(name) => {
                self.capacity_providers.get(name).and_then(|provider| provider.settling.as_ref().map(|next| next.until))
            }
        };
        if let Some(due) = due {
            self.timers.insert((due, thing));
        }
    }
}

impl Function {
    fn due(&self) -> Option<i64> {
        let versions = self
            .versions
            .values()
            .map(|version| &**version)
            .chain([&self.latest])
            .chain(self.latest_published.as_deref());
        let versions = versions.filter_map(|version| version.settling.as_ref());
        let aliases = self.aliases.values().filter_map(|alias| alias.moving.as_ref().map(|moving| &moving.settling));
        let provisioned = self.provisioned.values().filter_map(|provisioned| provisioned.settling.as_ref());
        versions.chain(aliases).chain(provisioned).map(|settling| settling.until).min()
    }

    /// Ends every change whose time is over.
    pub(crate) fn settle(&mut self, now: i64) {
        // A function of a capacity provider runs its published versions only.
        self.latest.settle(now, if self.is_managed() { "ActiveNonInvocable" } else { "Active" });
        let numbered = self.versions.iter_mut().map(|(number, version)| (number.to_string(), &mut **version));
        let slot = self.latest_published.iter_mut().map(|version| (PUBLISHED.to_owned(), &mut **version));
        for (name, version) in numbered.chain(slot) {
            if version.settle(now, "Active")
                && let Some(scaling) = self.scaling.get_mut(&name)
            {
                scaling.settle();
            }
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
                provisioned.failure = settling.failure;
                provisioned.stays = false;
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
    /// Ends the change whose time is over; says whether there was one.
    fn settle(&mut self, now: i64, active: &str) -> bool {
        let Some(settling) = self.settling.take_if(|settling| settling.until <= now) else { return false };
        self.failure = settling.failure;
        self.update = match (self.state.as_str(), &self.failure) {
            // What never was there cannot go on as before.
            ("Pending", Some(_)) => {
                "Failed".clone_into(&mut self.state);
                None
            }
            (_, Some(_)) => Some("Failed".to_owned()),
            ("Pending", None) => {
                active.clone_into(&mut self.state);
                Some("Successful".to_owned())
            }
            ("Deactivating", None) => {
                "Deactivated".clone_into(&mut self.state);
                Some("Successful".to_owned())
            }
            (_, None) => Some("Successful".to_owned()),
        };
        if let Some(revision) = settling.revision {
            self.revision = revision;
        }
        true
    }
}

impl Mapping {
    /// Ends the change whose time is over; says whether that was the mapping's end.
    pub(crate) fn settle(&mut self, now: i64) -> bool {
        let Some(next) = self.settling.take_if(|next| next.until <= now) else { return false };
        let Some(state) = next.state else { return true };
        self.problem = next.failure.map(|code| format!("PROBLEM: {code}"));
        // A mapping has no state for what failed: it is off, and its reason says why.
        self.state = if self.problem.is_some() { "Disabled".to_owned() } else { state };
        false
    }
}
