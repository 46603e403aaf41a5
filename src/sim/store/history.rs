//! How a region was, for reads that see it late.
//!
//! Each change is kept as what it takes to undo it: the documents that it touched, as they were. Documents are shared with
//! their shelf until they change, so a read of the past costs a list of pointers and never a copy of the account. Nothing is cut
//! off: what a rule can still look back to is there. What was before the server started is not known.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::documents::{CapacityProvider, DocumentKey, Layer, Mapping, Region, SigningConfig, Tombstone};
use super::function::Function;
use crate::sim::context::clock::millis;
use crate::sim::faults::plan::Span;

/// A document as it was before a change; none if it was not there.
#[derive(Debug)]
pub(crate) enum Before {
    Function(String, Option<Arc<Function>>),
    Tombstone(String, Option<Arc<Tombstone>>),
    Mapping(String, Option<Arc<Mapping>>),
    Layer(String, Option<Arc<Layer>>),
    SigningConfig(String, Option<Arc<SigningConfig>>),
    CapacityProvider(String, Option<Arc<CapacityProvider>>),
}

/// The changes of one region that a read may have to undo.
#[derive(Debug)]
pub(crate) struct History {
    /// How far back reads look: this long, and this many writes.
    memory: (Duration, usize),
    changes: VecDeque<Change>,
    writes: usize,
}

/// What changed at one moment.
#[derive(Debug)]
struct Change {
    at: i64,
    /// Whether a call did it; time did otherwise.
    written: bool,
    previous: Vec<Before>,
}

impl History {
    pub(crate) fn new(memory: (Duration, usize)) -> Self {
        History { memory, changes: VecDeque::new(), writes: 0 }
    }

    /// Remembers what a call changed in `region`. A call that left everything as it was did not write.
    pub(crate) fn record_write(&mut self, now: i64, previous: Vec<Before>, region: &Region) {
        self.note(now, true, previous, region);
    }

    /// Remembers what time changed in `region`.
    pub(crate) fn record_transition(&mut self, due: i64, before: Before, region: &Region) {
        self.note(due, false, vec![before], region);
    }

    fn note(&mut self, at: i64, written: bool, mut previous: Vec<Before>, region: &Region) {
        previous.retain(|before| before.differs(region));
        if previous.is_empty() {
            return;
        }
        self.writes += usize::from(written);
        self.changes.push_back(Change { at, written, previous });
        let (time, writes) = self.memory;
        let oldest = at - millis(time);
        while let Some(first) = self.changes.front() {
            let spare = first.at <= oldest && (!first.written || self.writes > writes);
            if !spare {
                break;
            }
            self.writes -= usize::from(first.written);
            self.changes.pop_front();
        }
    }

    /// `region` as it was, if there is anything to undo.
    ///
    /// So long ago is as it was then, on its way where it was on its way. Without the last writes is without those and nothing
    /// more: time goes on, and what has settled since is settled.
    pub(crate) fn look(&self, region: &Region, now: i64, back: Span) -> Option<Region> {
        let latest = self.changes.iter().rev();
        let undone: Vec<&Change> = match back {
            Span::Time(time) => latest.take_while(|change| change.at > now - millis(time)).collect(),
            Span::Calls(count) => latest.filter(|change| change.written).take(count).collect(),
        };
        let previous = || undone.iter().flat_map(|change| &change.previous);
        previous().next()?;
        let mut view = region.without_timers();
        previous().for_each(|before| before.revert(&mut view));
        if let Span::Calls(_) = back {
            previous().filter_map(Before::thing).for_each(|thing| view.schedule(thing));
            view.advance(now, None);
        }
        Some(view)
    }
}

impl Before {
    /// How `thing` is now, before it settles.
    pub(crate) fn of(region: &Region, thing: &DocumentKey) -> Before {
        match thing {
            DocumentKey::Function(name) => Before::Function(name.clone(), region.functions.get_shared(name)),
            DocumentKey::Tombstone(name) => Before::Tombstone(name.clone(), region.tombstones.get_shared(name)),
            DocumentKey::Mapping(uuid) => Before::Mapping(uuid.clone(), region.mappings.get_shared(uuid)),
            DocumentKey::CapacityProvider(name) => {
                Before::CapacityProvider(name.clone(), region.capacity_providers.get_shared(name))
            }
        }
    }

    /// What has to be waited for, if it is something that settles.
    pub(crate) fn thing(&self) -> Option<DocumentKey> {
        Some(match self {
            Before::Function(name, _) => DocumentKey::Function(name.clone()),
            Before::Tombstone(name, _) => DocumentKey::Tombstone(name.clone()),
            Before::Mapping(uuid, _) => DocumentKey::Mapping(uuid.clone()),
            Before::CapacityProvider(name, _) => DocumentKey::CapacityProvider(name.clone()),
            Before::Layer(..) | Before::SigningConfig(..) => return None,
        })
    }

    fn differs(&self, region: &Region) -> bool {
        match self {
            Before::Function(key, was) => region.functions.get(key) != was.as_deref(),
            Before::Tombstone(key, was) => region.tombstones.get(key) != was.as_deref(),
            Before::Mapping(key, was) => region.mappings.get(key) != was.as_deref(),
            Before::Layer(key, was) => region.layers.get(key) != was.as_deref(),
            Before::SigningConfig(key, was) => region.signing_configs.get(key) != was.as_deref(),
            Before::CapacityProvider(key, was) => region.capacity_providers.get(key) != was.as_deref(),
        }
    }

    fn revert(&self, region: &mut Region) {
        match self {
            Before::Function(key, was) => region.functions.revert(key, was.clone()),
            Before::Tombstone(key, was) => region.tombstones.revert(key, was.clone()),
            Before::Mapping(key, was) => region.mappings.revert(key, was.clone()),
            Before::Layer(key, was) => region.layers.revert(key, was.clone()),
            Before::SigningConfig(key, was) => region.signing_configs.revert(key, was.clone()),
            Before::CapacityProvider(key, was) => region.capacity_providers.revert(key, was.clone()),
        }
    }
}
