//! The decision whether a failed call is sent again: one pure function.
//!
//! # Guarantees
//! Only reads are retried here. A write goes back to the caller even if it had no effect: another client may write during the
//! pause, so the caller reads again first. A conflict or a failed precondition is never retried, because that would hide it.

use std::time::Duration;

use crate::wire::{Failure, FailureClass, RetryAfter};

/// The largest number of attempts of a read.
const ATTEMPTS: u32 = 4;

/// The duration of retries after each class of failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// The time from the first attempt for which a throttled call is retried.
    pub throttled: Duration,
    /// The time from the first attempt for which an unreachable server is retried.
    pub unreached: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { throttled: Duration::from_secs(60), unreached: Duration::from_secs(10) }
    }
}

impl Patience {
    /// The same durations, none of them longer than `limit`.
    #[must_use]
    pub fn within(self, limit: Duration) -> Patience {
        Patience { throttled: self.throttled.min(limit), unreached: self.unreached.min(limit) }
    }
}

/// The decision after a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RetryDecision {
    /// Send the call again after this long.
    After(Duration),
    /// Return the failure to the caller.
    GiveUp,
}

/// Decides after the `attempt`-th attempt (from 1), `elapsed` after the first one started.
///
/// `jitter` is from 0 to 1 and spreads callers that failed together.
pub(super) fn decide(
    attempt: u32,
    write: bool,
    failure: &Failure,
    elapsed: Duration,
    patience: Patience,
    jitter: f64,
) -> RetryDecision {
    let (first, limit) = match failure.class {
        _ if write => return RetryDecision::GiveUp,
        FailureClass::Throttled => (Duration::from_millis(500), patience.throttled),
        // No status: the call never reached a server.
        FailureClass::Unavailable if failure.status.is_none() && attempt < ATTEMPTS => {
            (Duration::from_millis(100), patience.unreached)
        }
        FailureClass::Unavailable | FailureClass::EffectUnknown if attempt < ATTEMPTS => {
            (Duration::from_millis(200), patience.throttled)
        }
        _ => return RetryDecision::GiveUp,
    };
    let backoff = backoff(first, attempt, jitter);
    let wait = failure.retry_after.map_or(backoff, RetryAfter::pause);
    if elapsed.saturating_add(wait) > limit { RetryDecision::GiveUp } else { RetryDecision::After(wait) }
}

/// Returns a pause that doubles from `first` up to ten seconds, of which `jitter` takes between half and all.
fn backoff(first: Duration, attempt: u32, jitter: f64) -> Duration {
    let full = first.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(Duration::from_secs(10));
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// Returns a number from 0 to 1 that depends on the seed, the call and the attempt only (SplitMix64), so that a run can be
/// repeated.
pub(super) fn jitter(seed: u64, call: u64, attempt: u32) -> f64 {
    let mut z = seed
        .wrapping_add(call.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(u64::from(attempt).wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    // The upper 32 bits suffice, and convert without loss.
    f64::from(((z ^ (z >> 31)) >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Operation;

    fn failure(class: FailureClass, status: Option<u16>) -> Failure {
        Failure {
            request: Operation::GetAlias.into(),
            class,
            code: String::new(),
            message: String::new(),
            status,
            request_id: None,
            retry_after: None,
        }
    }

    fn after(attempt: u32, write: bool, failure: &Failure, elapsed: u64) -> RetryDecision {
        decide(attempt, write, failure, Duration::from_millis(elapsed), Patience::default(), 1.0)
    }

    #[test]
    fn only_reads_are_retried_and_only_if_they_had_no_effect() {
        let rows = [
            // class, status, a read is retried, a write is retried
            (FailureClass::Throttled, Some(429), true, false),
            (FailureClass::Unavailable, None, true, false),
            (FailureClass::Unavailable, Some(500), true, false),
            (FailureClass::EffectUnknown, None, true, false),
            (FailureClass::EffectUnknown, Some(500), true, false),
            (FailureClass::PreconditionFailed, Some(412), false, false),
            (FailureClass::AccessDenied, Some(403), false, false),
            (FailureClass::Conflict, Some(409), false, false),
            (FailureClass::NotFound, Some(404), false, false),
            (FailureClass::Invalid, Some(400), false, false),
        ];
        for (class, status, read, write) in rows {
            let failure = failure(class, status);
            assert_eq!(after(1, false, &failure, 0) != RetryDecision::GiveUp, read, "read, {class:?} {status:?}");
            assert_eq!(after(1, true, &failure, 0) != RetryDecision::GiveUp, write, "write, {class:?} {status:?}");
        }
    }

    #[test]
    fn retries_end_by_number_and_by_time() {
        assert_eq!(
            after(3, false, &failure(FailureClass::Unavailable, Some(500)), 0),
            RetryDecision::After(Duration::from_millis(800))
        );
        assert_eq!(after(4, false, &failure(FailureClass::Unavailable, Some(500)), 0), RetryDecision::GiveUp);
        assert_eq!(after(1, false, &failure(FailureClass::Unavailable, None), 9_950), RetryDecision::GiveUp);
        assert_eq!(
            after(9, false, &failure(FailureClass::Throttled, Some(429)), 40_000),
            RetryDecision::After(Duration::from_secs(10))
        );
        assert_eq!(after(9, false, &failure(FailureClass::Throttled, Some(429)), 50_001), RetryDecision::GiveUp);
    }

    #[test]
    fn a_retry_waits_as_long_as_aws_asks() {
        let mut throttled = failure(FailureClass::Throttled, Some(429));
        throttled.retry_after = Some(Duration::from_secs(7).into());
        assert_eq!(after(1, false, &throttled, 0), RetryDecision::After(Duration::from_secs(7)));
        assert_eq!(after(1, false, &throttled, 53_001), RetryDecision::GiveUp);
        throttled.retry_after = Some(Duration::ZERO.into());
        assert_eq!(after(1, false, &throttled, 0), RetryDecision::After(Duration::from_millis(100)));
    }

    #[test]
    fn jitter_is_repeatable_and_spread() {
        let numbers: Vec<f64> = (0..1000).map(|call| jitter(7, call, 1)).collect();
        assert!(numbers.iter().all(|n| (0.0..=1.0).contains(n)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(jitter(7, 3, 1), numbers[3]);
        assert_ne!(jitter(8, 3, 1), numbers[3]);
    }
}
