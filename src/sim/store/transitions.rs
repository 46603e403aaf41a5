//! What time does: everything that is on its way to a state gets there here.
//!
//! A document says when its change is over and how it will look then, so that settling needs nothing but the document and the
//! clock.

use super::documents::{DocumentKey, Mapping, Region};
use super::function::{Function, Snapshot};
use super::history::{Before, History};
use crate::sim::context::identifiers::PUBLISHED;

impl Region {
    /// Brings everything to how it is at `now`, each at its own moment, and notes how it was before where that is remembered.
    pub(crate) fn advance(&mut self, now: i64, mut history: Option<&mut History>) {
        while let Some((due, thing)) = self.timers.first().cloned() {
            if due > now {
                break;
            }
            self.timers.pop_first();
            let before = history.is_some().then(|| Before::of(self, &thing));
            self.apply_due(&thing, due);
            if let (Some(history), Some(before)) = (history.as_deref_mut(), before) {
                history.record_transition(due, before, self);
            }
            self.schedule(thing);
        }
    }

    fn apply_due(&mut self, thing: &DocumentKey, now: i64) {
        match thing {
            DocumentKey::Function(name) => {
                if let Some(function) = self.functions.modify_unrecorded(name) {
                    function.apply_due(now);
                }
            }
            DocumentKey::Tombstone(name) => {
                if self.tombstones.get(name).is_some_and(|tombstone| tombstone.until <= now) {
                    self.tombstones.expire(name);
                }
            }
            DocumentKey::Mapping(uuid) => {
                if self.mappings.modify_unrecorded(uuid).is_some_and(|mapping| mapping.apply_due(now)) {
                    self.mappings.expire(uuid);
                }
            }
            DocumentKey::CapacityProvider(name) => {
                if self.capacity_providers.modify_unrecorded(name).is_some_and(|provider| provider.apply_due(now)) {
                    self.capacity_providers.expire(name);
                }
            }
        }
    }

    /// Sees to it that `thing` is settled when its time has come.
    pub(crate) fn schedule(&mut self, thing: DocumentKey) {
        let due = match &thing {
            DocumentKey::Function(name) => self.functions.get(name).and_then(Function::due),
            DocumentKey::Tombstone(name) => self.tombstones.get(name).map(|tombstone| tombstone.until),
            DocumentKey::Mapping(uuid) => {
                self.mappings.get(uuid).and_then(|mapping| mapping.transition.as_ref().map(|next| next.until))
            }
            DocumentKey::CapacityProvider(name) => self
                .capacity_providers
                .get(name)
                .and_then(|provider| provider.transition.as_ref().map(|next| next.until)),
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
        let versions = versions.filter_map(|version| version.transition.as_ref());
        let aliases = self.aliases.values().filter_map(|alias| alias.shift.as_ref().map(|shift| &shift.transition));
        let provisioned = self.provisioned.values().filter_map(|provisioned| provisioned.transition.as_ref());
        versions.chain(aliases).chain(provisioned).map(|transition| transition.until).min()
    }

    /// Ends every change whose time is over.
    pub(crate) fn apply_due(&mut self, now: i64) {
        // A function of a capacity provider runs its published versions only.
        self.latest.apply_due(now, if self.is_managed() { "ActiveNonInvocable" } else { "Active" });
        let numbered = self.versions.iter_mut().map(|(number, version)| (number.to_string(), &mut **version));
        let slot = self.latest_published.iter_mut().map(|version| (PUBLISHED.to_owned(), &mut **version));
        for (name, version) in numbered.chain(slot) {
            if version.apply_due(now, "Active")
                && let Some(scaling) = self.scaling.get_mut(&name)
            {
                scaling.apply_due();
            }
        }
        for alias in self.aliases.values_mut() {
            if let Some(shift) = alias.shift.take_if(|shift| shift.transition.until <= now)
                && let Some(revision) = shift.transition.revision
            {
                alias.revision = revision;
            }
        }
        let mut moved = Vec::new();
        for (qualifier, provisioned) in &mut self.provisioned {
            if let Some(transition) = provisioned.transition.take_if(|transition| transition.until <= now) {
                provisioned.failure = transition.failure;
                provisioned.keeps_previous = false;
                moved.extend(transition.revision.map(|revision| (qualifier.clone(), revision)));
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
    fn apply_due(&mut self, now: i64, active: &str) -> bool {
        let Some(transition) = self.transition.take_if(|transition| transition.until <= now) else { return false };
        self.failure = transition.failure;
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
        if let Some(revision) = transition.revision {
            self.revision = revision;
        }
        true
    }
}

impl Mapping {
    /// Ends the change whose time is over; says whether that was the mapping's end.
    pub(crate) fn apply_due(&mut self, now: i64) -> bool {
        let Some(next) = self.transition.take_if(|next| next.until <= now) else { return false };
        let Some(state) = next.state else { return true };
        self.problem = next.failure.map(|code| format!("PROBLEM: {code}"));
        // A mapping has no state for what failed: it is off, and its reason says why.
        self.state = if self.problem.is_some() { "Disabled".to_owned() } else { state };
        false
    }
}
