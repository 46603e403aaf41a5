//! How a region was, for reads that see it late.
//!
//! Each change is kept as what it takes to undo it: the documents that it touched, as they were. Documents are shared with
//! their shelf until they change, so a read of the past costs a list of pointers and never a copy of the account. Nothing is cut
//! off: what a rule can still look back to is there. What was before the server started is not known.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::documents::{CapacityProvider, Layer, Leaving, Mapping, Region, SigningConfig, Thing};
use super::function::Function;
use crate::sim::context::clock::millis;
use crate::sim::faults::plan::Span;

/// A document as it was before a change; none if it was not there.
#[derive(Debug)]
pub(crate) enum Former {
    Function(String, Option<Arc<Function>>),
    Leaving(String, Option<Arc<Leaving>>),
    Mapping(String, Option<Arc<Mapping>>),
    Layer(String, Option<Arc<Layer>>),
    SigningConfig(String, Option<Arc<SigningConfig>>),
    CapacityProvider(String, Option<Arc<CapacityProvider>>),
}

/// The changes of one region that a read may have to undo.
#[derive(Debug)]
pub(crate) struct Past {
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
    formers: Vec<Former>,
}

impl Past {
    pub(crate) fn new(memory: (Duration, usize)) -> Self {
        Past { memory, changes: VecDeque::new(), writes: 0 }
    }

    /// Remembers what a call changed in `region`. A call that left everything as it was did not write.
    pub(crate) fn note_written(&mut self, now: i64, formers: Vec<Former>, region: &Region) {
        self.note(now, true, formers, region);
    }

    /// Remembers what time changed in `region`.
    pub(crate) fn note_settled(&mut self, due: i64, former: Former, region: &Region) {
        self.note(due, false, vec![former], region);
    }

    fn note(&mut self, at: i64, written: bool, mut formers: Vec<Former>, region: &Region) {
        formers.retain(|former| former.differs(region));
        if formers.is_empty() {
            return;
        }
        self.writes += usize::from(written);
        self.changes.push_back(Change { at, written, formers });
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
        let formers = || undone.iter().flat_map(|change| &change.formers);
        formers().next()?;
        let mut view = region.still();
        formers().for_each(|former| former.put_back(&mut view));
        if let Span::Calls(_) = back {
            formers().filter_map(Former::thing).for_each(|thing| view.wait_for(thing));
            view.advance(now, None);
        }
        Some(view)
    }
}

impl Former {
    /// How `thing` is now, before it settles.
    pub(crate) fn of(region: &Region, thing: &Thing) -> Former {
        match thing {
            Thing::Function(name) => Former::Function(name.clone(), region.functions.share(name)),
            Thing::Leaving(name) => Former::Leaving(name.clone(), region.leaving.share(name)),
            Thing::Mapping(uuid) => Former::Mapping(uuid.clone(), region.mappings.share(uuid)),
            Thing::CapacityProvider(name) => {
                Former::CapacityProvider(name.clone(), region.capacity_providers.share(name))
            }
        }
    }

    /// What has to be waited for, if it is something that settles.
    pub(crate) fn thing(&self) -> Option<Thing> {
        Some(match self {
            Former::Function(name, _) => Thing::Function(name.clone()),
            Former::Leaving(name, _) => Thing::Leaving(name.clone()),
            Former::Mapping(uuid, _) => Thing::Mapping(uuid.clone()),
            Former::CapacityProvider(name, _) => Thing::CapacityProvider(name.clone()),
            Former::Layer(..) | Former::SigningConfig(..) => return None,
        })
    }

    fn differs(&self, region: &Region) -> bool {
        match self {
            Former::Function(key, was) => region.functions.get(key) != was.as_deref(),
            Former::Leaving(key, was) => region.leaving.get(key) != was.as_deref(),
            Former::Mapping(key, was) => region.mappings.get(key) != was.as_deref(),
            Former::Layer(key, was) => region.layers.get(key) != was.as_deref(),
            Former::SigningConfig(key, was) => region.signing_configs.get(key) != was.as_deref(),
            Former::CapacityProvider(key, was) => region.capacity_providers.get(key) != was.as_deref(),
        }
    }

    fn put_back(&self, region: &mut Region) {
        match self {
            Former::Function(key, was) => region.functions.put_back(key, was.clone()),
            Former::Leaving(key, was) => region.leaving.put_back(key, was.clone()),
            Former::Mapping(key, was) => region.mappings.put_back(key, was.clone()),
            Former::Layer(key, was) => region.layers.put_back(key, was.clone()),
            Former::SigningConfig(key, was) => region.signing_configs.put_back(key, was.clone()),
            Former::CapacityProvider(key, was) => region.capacity_providers.put_back(key, was.clone()),
        }
    }
}
