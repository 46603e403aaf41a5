//! Keeps to AWS's request quotas: a turn for each call, so that a healthy run meets no 429.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Quotas;
use crate::wire::Bucket;

/// How much of a second's quota may be drawn at once.
const BURST: f64 = 0.2;

/// One clock a quota.
#[derive(Debug)]
pub struct Pacer {
    get_function: Mutex<Clock>,
    get_policy: Mutex<Clock>,
    control: Mutex<Clock>,
}

#[derive(Debug)]
struct Clock {
    interval: Duration,
    allowance: Duration,
    /// When the next call would be due if all came evenly.
    due: Option<Instant>,
}

impl Pacer {
    /// A pacer that keeps to these quotas.
    pub fn new(quotas: Quotas) -> Self {
        let clock = |rate: f64| {
            let paced = rate.is_finite() && rate > 0.0;
            let interval = if paced { Duration::from_secs_f64(1.0 / rate) } else { Duration::ZERO };
            Mutex::new(Clock { interval, allowance: Duration::from_secs_f64(BURST), due: None })
        };
        Pacer {
            get_function: clock(quotas.get_function),
            get_policy: clock(quotas.get_policy),
            control: clock(quotas.control),
        }
    }

    /// Waits for this call's turn.
    pub async fn turn(&self, bucket: Bucket) {
        let until = self.clock(bucket).lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take(Instant::now());
        if let Some(until) = until {
            sleep_until(until).await;
        }
    }

    /// Lets nobody who draws on this quota go on before the pause is over.
    pub fn hold(&self, bucket: Bucket, pause: Duration) {
        let mut clock = self.clock(bucket).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let until = Instant::now() + pause + clock.allowance;
        clock.due = Some(clock.due.map_or(until, |due| due.max(until)));
    }

    fn clock(&self, bucket: Bucket) -> &Mutex<Clock> {
        match bucket {
            Bucket::GetFunction => &self.get_function,
            Bucket::GetPolicy => &self.get_policy,
            Bucket::Control => &self.control,
        }
    }
}

impl Clock {
    /// Takes a turn: when it is, if not at once.
    fn take(&mut self, now: Instant) -> Option<Instant> {
        let due = self.due.map_or(now, |due| due.max(now));
        self.due = Some(due + self.interval);
        let turn = due.checked_sub(self.allowance).unwrap_or(now);
        (turn > now).then_some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_keep_to_the_quota_over_any_second() {
        let pacer = Pacer::new(Quotas { control: 15.0, ..Quotas::default() });
        let begun = Instant::now();
        let mut sent: Vec<Duration> = Vec::new();
        for _ in 0..60 {
            pacer.turn(Bucket::Control).await;
            sent.push(begun.elapsed());
        }
        for window in sent.windows(20) {
            assert!(window[19] - window[0] > Duration::from_secs(1), "{window:?}");
        }
        assert!(sent[59] < Duration::from_secs(5), "{:?}", sent[59]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_lambda_asks_for_holds_everybody_of_that_quota() {
        let pacer = Pacer::new(Quotas::default());
        pacer.hold(Bucket::Control, Duration::from_secs(7));
        let begun = Instant::now();
        pacer.turn(Bucket::GetFunction).await;
        assert!(begun.elapsed() < Duration::from_secs(1));
        pacer.turn(Bucket::Control).await;
        assert!(begun.elapsed() >= Duration::from_secs(7));
    }
}
