//! The end of a wait, as a point in time that cannot overflow.

use std::time::Duration;

use tokio::time::Instant;

/// The end of a wait. A duration beyond what the clock can express never ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// Returns the point in time after `wait` from now.
    pub fn after(wait: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(wait))
    }

    /// Returns true from the deadline on.
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_duration_is_a_deadline() {
        for (wait, passed) in [(Duration::ZERO, true), (Duration::from_secs(1), false), (Duration::MAX, false)] {
            assert_eq!(Deadline::after(wait).has_passed(), passed, "{wait:?}");
        }
        let deadline = Deadline::after(Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(deadline.has_passed());
    }
}
