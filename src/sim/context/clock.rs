//! The clock: the real time, the runtime's, or one that a test advances.

#![expect(clippy::disallowed_methods, reason = "this is where the time comes from")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Noon on the first day of 2026, where a clock moved by hand starts.
pub(crate) const MANUAL_START: i64 = 1_767_268_800_000;

/// A source of time. Clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    // Anchored once, so that a correction of the system's clock cannot run a state machine backwards.
    Real { started: Instant, at: i64 },
    Manual(Arc<AtomicI64>),
    Runtime { started: tokio::time::Instant },
}

impl Clock {
    /// The real time.
    pub fn real() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock(Kind::Real { started: Instant::now(), at: millis(since) })
    }

    /// A time that stands still until [`Clock::advance`].
    pub fn manual() -> Self {
        Clock(Kind::Manual(Arc::new(AtomicI64::new(MANUAL_START))))
    }

    /// The time of the asynchronous runtime, from noon on the first day of 2026 on. Where a test pauses the runtime's time,
    /// transitions take their time without waiting, and are the same every time.
    pub fn runtime() -> Self {
        Clock(Kind::Runtime { started: tokio::time::Instant::now() })
    }

    /// Moves a manual clock on; the others move by themselves and ignore it.
    pub fn advance(&self, by: Duration) {
        if let Kind::Manual(now) = &self.0 {
            now.fetch_add(millis(by), Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        match &self.0 {
            Kind::Real { started, at } => at + millis(started.elapsed()),
            Kind::Manual(now) => now.load(Ordering::SeqCst),
            Kind::Runtime { started } => MANUAL_START + millis(started.elapsed()),
        }
    }
}

/// A duration in the clock's unit.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4)
}
