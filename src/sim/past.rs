//! How the account was, for reads that see it late.

use std::collections::VecDeque;
use std::time::Duration;

use super::clock::millis;
use super::misbehaviour::Span;
use super::state::Region;

/// The most changes that are remembered.
const MOST: usize = 1000;

/// A region as it was before each of its last changes.
///
/// It is copied as a whole before each change, which only an account does that was told to be stale.
#[derive(Default)]
pub(super) struct Past {
    before: VecDeque<(i64, String, Region)>,
}

impl Past {
    /// Remembers `region`, which is about to change; what no read will look back to is forgotten.
    pub(super) fn remember(&mut self, now: i64, name: &str, region: &Region, memory: (Duration, usize)) {
        self.before.push_back((now, name.to_owned(), region.clone()));
        let oldest = now - millis(memory.0);
        let spare = |past: &VecDeque<(i64, String, Region)>| {
            past.len() > memory.1.max(1) && past.front().is_some_and(|(at, ..)| *at < oldest)
        };
        while self.before.len() > MOST || spare(&self.before) {
            self.before.pop_front();
        }
    }

    /// The region as it was, if it was another than it is now.
    pub(super) fn look(&self, now: i64, name: &str, back: Span) -> Option<Region> {
        let mut changes = self.before.iter().filter(|(_, region, _)| region == name);
        let (_, _, region) = match back {
            Span::Time(time) => changes.find(|(at, ..)| *at > now - millis(time))?,
            Span::Calls(0) => return None,
            Span::Calls(count) => {
                let known = changes.clone().count();
                changes.nth(known.saturating_sub(count))?
            }
        };
        let mut region = region.clone();
        if let Span::Time(time) = back {
            region.advance(now - millis(time));
        }
        Some(region)
    }
}
