//! Which failed calls are sent again, and when. Pure.

use std::time::Duration;

use crate::wire::{Class, Failure};

/// How long a throttled call is repeated.
const THROTTLED_FOR: Duration = Duration::from_secs(60);

/// How often a read is sent at most.
const ATTEMPTS: u32 = 4;

/// The pause before the call is sent again; `None` if it is not.
pub fn pause(attempt: u32, is_write: bool, failure: &Failure, spent: Duration) -> Option<Duration> {
    let backoff = Duration::from_millis(200) * 2_u32.pow(attempt.min(6));
    match failure.class {
        Class::Throttled if spent < THROTTLED_FOR => Some(failure.retry_after.unwrap_or(backoff)),
        // Nothing listens where a connection is refused, so asking four times over is enough of a second opinion.
        Class::Failed if is_write || failure.status.is_none() => None,
        Class::Failed | Class::Unknown if !is_write && attempt < ATTEMPTS => Some(backoff / 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_throttled_calls_and_reads_that_were_answered_are_repeated() {
        let failure = |class, status, retry_after: Option<u64>| Failure {
            operation: "GetFunction",
            class,
            code: String::new(),
            message: String::new(),
            status,
            request_id: None,
            retry_after: retry_after.map(Duration::from_secs),
        };
        let now = Duration::ZERO;
        let throttled = failure(Class::Throttled, Some(429), Some(7));
        assert_eq!(pause(1, true, &throttled, now), Some(Duration::from_secs(7)));
        assert_eq!(pause(1, true, &throttled, THROTTLED_FOR), None);
        assert_eq!(pause(1, true, &failure(Class::Unknown, Some(500), None), now), None);
        assert!(pause(1, false, &failure(Class::Failed, Some(500), None), now).is_some());
        assert_eq!(pause(ATTEMPTS, false, &failure(Class::Failed, Some(500), None), now), None);
        assert_eq!(pause(1, false, &failure(Class::Failed, None, None), now), None);
        assert_eq!(pause(1, false, &failure(Class::Invalid, Some(400), None), now), None);
    }
}
