//! Transitions: the changes that documents undergo as time passes.
//!
//! A document stores when its change is over and how it will look then, so that a transition needs nothing but the document and the
//! clock.

use super::before::{Before, current_state};
use super::documents::{
    CapacityProvider, Document, DocumentKey, DocumentVisitor, Layer, Lifecycle, Mapping, Region, SigningConfig,
    Tombstone, visit_document_types,
};
use super::failures::fail_new;
use super::function::{Function, Snapshot};
use crate::sim::context::identifiers::PUBLISHED;

/// A receiver of transitions: the moment, the document as it was before, and the region as it is after it.
pub(crate) type OnTransition<'a> = &'a mut dyn FnMut(i64, Box<dyn Before>, &mut Region);

impl Region {
    /// Applies every transition that is due at `now`, each at its own moment, and reports it to `on_transition`.
    pub(crate) fn advance(&mut self, now: i64, mut on_transition: Option<OnTransition<'_>>) {
        while let Some((due, key)) = self.timers.first().cloned() {
            if due > now {
                break;
            }
            self.timers.pop_first();
            let before = on_transition.as_ref().and_then(|_| current_state(self, &key));
            self.apply_due(&key, due);
            if let (Some(report), Some(before)) = (&mut on_transition, before) {
                report(due, before, self);
            }
            self.schedule(&key);
        }
    }

    fn apply_due(&mut self, key: &DocumentKey, now: i64) {
        struct Apply<'a> {
            region: &'a mut Region,
            key: &'a DocumentKey,
            now: i64,
        }
        impl DocumentVisitor for Apply<'_> {
            fn visit<D: Document>(&mut self) {
                if !self.key.is::<D>() {
                    return;
                }
                let collection = D::collection(self.region);
                if collection.modify_unrecorded(&self.key.key).is_some_and(|document| document.apply_due(self.now)) {
                    collection.expire(&self.key.key);
                }
            }
        }
        visit_document_types(&mut Apply { region: self, key, now });
    }

    /// Sets a timer for the next transition of the document at `key`, if it has one ahead.
    pub(crate) fn schedule(&mut self, key: &DocumentKey) {
        struct Due<'a> {
            region: &'a mut Region,
            key: &'a DocumentKey,
            due: Option<i64>,
        }
        impl DocumentVisitor for Due<'_> {
            fn visit<D: Document>(&mut self) {
                if self.key.is::<D>() {
                    self.due = D::collection(self.region).get(&self.key.key).and_then(D::due);
                }
            }
        }
        let mut visitor = Due { region: self, key, due: None };
        visit_document_types(&mut visitor);
        if let Some(due) = visitor.due {
            self.timers.insert((due, key.clone()));
        }
    }
}

impl Lifecycle for Layer {}

impl Lifecycle for SigningConfig {}

impl Lifecycle for Function {
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

    fn apply_due(&mut self, now: i64) -> bool {
        // A function of a capacity provider runs its published versions only.
        self.latest.apply_due(now, if self.is_managed() { "ActiveNonInvocable" } else { "Active" });
        let numbered = self.versions.iter_mut().map(|(number, version)| (number.to_string(), &mut **version));
        let slot = self.latest_published.iter_mut().map(|version| (PUBLISHED.to_owned(), &mut **version));
        for (name, version) in numbered.chain(slot) {
            if version.apply_due(now, "Active")
                && let Some(scaling) = self.scaling.get_mut(&name)
                && let Some(requested) = scaling.requested.take()
            {
                scaling.applied = requested;
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
        false
    }

    fn fail_new_transitions(&mut self, before: Option<&Self>, code: &str) -> bool {
        self.fail_new(before, code)
    }
}

impl Snapshot {
    /// Applies the transition if it is due; returns whether it was.
    fn apply_due(&mut self, now: i64, active: &str) -> bool {
        let Some(transition) = self.transition.take_if(|transition| transition.until <= now) else { return false };
        self.failure = transition.failure;
        self.update = match (self.state.as_str(), &self.failure) {
            // A version that never existed cannot go on as before.
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

impl Lifecycle for Tombstone {
    fn due(&self) -> Option<i64> {
        Some(self.until)
    }

    fn apply_due(&mut self, now: i64) -> bool {
        self.until <= now
    }
}

impl Lifecycle for Mapping {
    fn due(&self) -> Option<i64> {
        self.transition.as_ref().map(|next| next.until)
    }

    fn apply_due(&mut self, now: i64) -> bool {
        let Some(next) = self.transition.take_if(|next| next.until <= now) else { return false };
        let Some(state) = next.state else { return true };
        self.problem = next.failure.map(|code| format!("PROBLEM: {code}"));
        // A mapping has no state for a failure: it is disabled, and its reason names the failure.
        self.state = if self.problem.is_some() { "Disabled".to_owned() } else { state };
        false
    }

    fn fail_new_transitions(&mut self, before: Option<&Self>, code: &str) -> bool {
        fail_new(&mut self.transition, before.map(|before| &before.transition), code)
    }
}

impl Lifecycle for CapacityProvider {
    fn due(&self) -> Option<i64> {
        self.transition.as_ref().map(|next| next.until)
    }

    fn apply_due(&mut self, now: i64) -> bool {
        let Some(next) = self.transition.take_if(|next| next.until <= now) else { return false };
        let Some(state) = next.state else { return true };
        self.state = if next.failure.is_some() { "Failed".to_owned() } else { state };
        false
    }

    fn fail_new_transitions(&mut self, before: Option<&Self>, code: &str) -> bool {
        fail_new(&mut self.transition, before.map(|before| &before.transition), code)
    }
}
