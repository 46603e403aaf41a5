//! The history of a region, for stale reads.
//!
//! Each change is kept as what undoes it: the documents that it changed, as they were before. Documents are shared with their
//! collection until they change, so a read of the past costs a list of pointers and never a copy of the account. Nothing is cut
//! off: whatever a rule can still look back to is kept. What was before the server started is not known.

use std::collections::VecDeque;
use std::time::Duration;

use super::before::Before;
use super::documents::Region;
use crate::sim::context::clock::millis;
use crate::sim::faults::plan::Window;

/// The changes of one region that a read may have to undo.
#[derive(Debug)]
pub(crate) struct History {
    /// The time and the number of writes that reads look back.
    reach: (Duration, usize),
    changes: VecDeque<Change>,
    writes: usize,
}

/// The documents that changed at one moment.
#[derive(Debug)]
struct Change {
    at: i64,
    /// True if a call changed them, false if a transition did.
    written: bool,
    before: Vec<Box<dyn Before>>,
}

impl History {
    pub(crate) fn new(reach: (Duration, usize)) -> Self {
        History { reach, changes: VecDeque::new(), writes: 0 }
    }

    /// Records what a call changed in `region`. A call that left everything as it was is no write.
    pub(crate) fn record_write(&mut self, now: i64, before: Vec<Box<dyn Before>>, region: &mut Region) {
        self.record(now, true, before, region);
    }

    /// Records the transition of one document in `region`.
    pub(crate) fn record_transition(&mut self, due: i64, before: Box<dyn Before>, region: &mut Region) {
        self.record(due, false, vec![before], region);
    }

    fn record(&mut self, at: i64, written: bool, mut before: Vec<Box<dyn Before>>, region: &mut Region) {
        before.retain(|before| before.differs(region));
        if before.is_empty() {
            return;
        }
        self.writes += usize::from(written);
        self.changes.push_back(Change { at, written, before });
        let (time, writes) = self.reach;
        let oldest = at - millis(time);
        while let Some(first) = self.changes.front() {
            let is_beyond = first.at <= oldest && (!first.written || self.writes > writes);
            if !is_beyond {
                break;
            }
            self.writes -= usize::from(first.written);
            self.changes.pop_front();
        }
    }

    /// Returns `region` as it was, if there is anything to undo.
    ///
    /// A time ago is the region as it was then, with the transitions that were under way then. Some writes ago is the region of now
    /// without those writes: transitions that became due since have been applied.
    pub(crate) fn view(&self, region: &Region, now: i64, back: Window) -> Option<Region> {
        let latest = self.changes.iter().rev();
        let undone: Vec<&Change> = match back {
            Window::Time(time) => latest.take_while(|change| change.at > now - millis(time)).collect(),
            Window::Calls(count) => latest.filter(|change| change.written).take(count).collect(),
        };
        let before = || undone.iter().flat_map(|change| &change.before);
        before().next()?;
        let mut view = region.clone();
        view.timers.clear();
        before().for_each(|before| before.revert(&mut view));
        if let Window::Calls(_) = back {
            before().for_each(|before| view.schedule(before.key()));
            view.advance(now, None);
        }
        Some(view)
    }
}
