//! Draws progress on stderr: one changing line with step counter and elapsed time on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::status_line::{StatusLine, style};
use crate::apply::{Event, EventReceiver, EventSender, Outcome, QuotaProgress, StepLabel, events};
use crate::model::visible;
use crate::show::estimate::duration;

/// The interval at which a log reports a step that still waits.
const SILENCE: Duration = Duration::from_secs(10);

/// The most steps of which a log has lines of their own; of more it has one for each that fails, and one for the whole from
/// time to time.
const MOST_LOGGED_STEPS: usize = 100;

/// The line for a plan that waits for downloads.
const DOWNLOADING: &str =
    "Downloading live code to compare its files with the packages (skip this with --no-code-diff)";

/// Starts drawing; the task ends when every sender is gone.
pub fn show(status: StatusLine) -> (EventSender, JoinHandle<()>) {
    let (sender, receiver) = events();
    (sender, tokio::spawn(Progress::new(status).run(receiver)))
}

/// The running steps, as far as they are drawn.
struct Progress {
    status: StatusLine,
    running: BTreeMap<u32, Running>,
    /// The operation in progress that planning waits for.
    waited: Option<String>,
    /// The time of the last line about such an operation.
    told: Option<Instant>,
    reading: Option<ReadProgress>,
    /// The reads that had a reply when they were last counted.
    replies: usize,
    /// The steps of the apply, and those that have finished.
    steps: (usize, usize),
    begun: Instant,
    /// The time of the last line about the whole.
    summed_up: Instant,
}

/// The reads of a plan.
struct ReadProgress {
    quotas: Vec<QuotaProgress>,
    /// The time that they still take, if they go on as they did.
    left: Option<Duration>,
}

/// A step in progress.
struct Running {
    step: StepLabel,
    state: String,
    since: Instant,
    /// The time of the last line about the step.
    printed: Instant,
}

impl Progress {
    fn new(status: StatusLine) -> Progress {
        let now = Instant::now();
        Progress {
            status,
            running: BTreeMap::new(),
            waited: None,
            told: None,
            reading: None,
            replies: 0,
            steps: (0, 0),
            begun: now,
            summed_up: now,
        }
    }

    async fn run(mut self, mut events: EventReceiver) {
        while let Some(event) = events.recv().await {
            self.status.record(&event);
            self.draw_bar(&event);
            let is_live = self.status.bar.is_some();
            if let Some(line) = self.line(event, is_live, Instant::now()) {
                self.status.println(&visible(&line));
            }
            if let Some(bar) = &self.status.bar {
                bar.set_message(visible(&self.message()).into_owned());
            }
        }
        if let Some(bar) = &self.status.bar {
            bar.finish_and_clear();
        }
    }

    /// Moves the step counter.
    fn draw_bar(&self, event: &Event) {
        let Some(bar) = &self.status.bar else { return };
        match event {
            Event::Started { steps } => {
                bar.set_length(*steps as u64);
                bar.set_style(style("{spinner} {prefix}{pos}/{len} steps {elapsed} {wide_msg}"));
            }
            Event::StepFinished { .. } => {
                bar.inc(1);
                // Before the first has ended, nothing is known of the others.
                bar.set_style(style("{spinner} {prefix}{pos}/{len} steps {elapsed}, {eta} left {wide_msg}"));
            }
            _ => {}
        }
    }

    /// Takes an event in and returns the line to print for it, if any. Starts and waits are lines in a log only.
    fn line(&mut self, event: Event, is_live: bool, now: Instant) -> Option<String> {
        match event {
            Event::Started { steps } => {
                self.steps = (0, steps);
                self.begun = now;
                self.summed_up = now;
                None
            }
            Event::Reading { quotas } => {
                self.waited = None;
                if quotas.iter().map(|it| it.done).sum::<usize>() < self.replies {
                    // Everything is read once more.
                    self.begun = now;
                }
                self.replies = quotas.iter().map(|it| it.done).sum();
                let each: Option<Vec<Duration>> =
                    quotas.iter().map(|it| remaining(now - self.begun, it.done, it.expected)).collect();
                let left = each.and_then(|each| each.into_iter().max());
                self.reading = Some(ReadProgress { quotas, left });
                self.sums_up(is_live, now).then(|| format!("Reading {}", self.reads()))
            }
            Event::StepStarted { step } => {
                self.reading = None;
                self.waited = None;
                let line = (!is_live && self.steps_are_logged()).then(|| format!("{}…", aligned(&step)));
                self.running.insert(step.id, Running { step, state: "sent".into(), since: now, printed: now });
                line
            }
            Event::StepWaiting { step, reason } => self.waits(&step, reason, is_live, now),
            Event::Retrying { step, reason, .. } => self.waits(&step, format!("retrying: {reason}"), is_live, now),
            Event::StepFinished { step, outcome } => {
                let took = self.running.remove(&step.id).map(|running| now - running.since);
                let took = took.filter(|took| is_live && took.as_secs() > 0);
                let took = took.map_or_else(String::new, |took| format!(" ({} s)", took.as_secs()));
                self.steps.0 += 1;
                if is_live || self.steps_are_logged() || outcome != Outcome::Done {
                    return Some(format!("{}: {}{took}", aligned(&step), outcome.code()));
                }
                self.sums_up(is_live, now).then(|| self.sum())
            }
            Event::DownloadingCode => Some(DOWNLOADING.to_owned()),
            Event::WaitingForLambda { operation } => {
                let is_due = self.told.is_none_or(|told| now - told >= SILENCE);
                let line = (is_due && !is_live).then(|| format!("Waiting for Lambda to finish: {operation}"));
                if is_due {
                    self.told = Some(now);
                }
                self.reading = None;
                self.waited = Some(operation);
                line
            }
        }
    }

    /// Returns true if a log has room for two lines a step.
    fn steps_are_logged(&self) -> bool {
        self.steps.1 <= MOST_LOGGED_STEPS
    }

    /// Returns true if a log has had no line about the whole for some time.
    fn sums_up(&mut self, is_live: bool, now: Instant) -> bool {
        let is_due = !is_live && now - self.summed_up >= SILENCE;
        if is_due {
            self.summed_up = now;
        }
        is_due
    }

    /// Returns how far the apply is.
    fn sum(&self) -> String {
        let (done, all) = self.steps;
        let left = remaining(self.summed_up - self.begun, done, all).map_or_else(String::new, about);
        format!("{done} of {all} steps done{left}")
    }

    /// Returns how far the reads are, by quota.
    fn reads(&self) -> String {
        let Some(ReadProgress { quotas, left }) = &self.reading else { return String::new() };
        let each = quotas.iter().map(|it| format!("{} {} of {}", it.bucket.label(), it.done, it.expected));
        let left = left.filter(|left| !left.is_zero()).map_or_else(String::new, about);
        format!("{}{left}", each.collect::<Vec<_>>().join(", "))
    }

    fn waits(&mut self, step: &StepLabel, reason: String, is_live: bool, now: Instant) -> Option<String> {
        let running = self.running.get_mut(&step.id)?;
        running.state = reason;
        if !self.steps_are_logged() {
            return self.sums_up(is_live, now).then(|| self.sum());
        }
        let running = self.running.get_mut(&step.id)?;
        if is_live || now - running.printed < SILENCE {
            return None;
        }
        running.printed = now;
        let seconds = (now - running.since).as_secs();
        Some(format!("{}: waiting for {seconds} s: {}", aligned(step), running.state))
    }

    /// Returns the text of the status line, which the terminal's width cuts off.
    fn message(&self) -> String {
        let steps = self
            .running
            .values()
            .map(|running| format!("{} {} ({})", running.step.operation, running.step.address, running.state));
        let waited = self.waited.iter().filter(|_| self.running.is_empty());
        let waited = waited.map(|operation| format!("waiting for Lambda to finish: {operation}"));
        let reads =
            self.reading.iter().filter(|_| self.running.is_empty()).map(|_| format!("reading {}", self.reads()));
        reads.chain(waited).chain(steps).collect::<Vec<_>>().join(", ")
    }
}

/// Returns the time that the rest takes, if it goes on as before.
fn remaining(since: Duration, done: usize, all: usize) -> Option<Duration> {
    let done_already = u32::try_from(done).ok()?;
    let rest = u32::try_from(all.checked_sub(done)?).ok()?;
    Some(since.checked_div(done_already)?.saturating_mul(rest))
}

/// Returns a time that is left, in words that follow others.
fn about(left: Duration) -> String {
    format!("; {} left", duration(left.as_secs_f64()))
}

/// Returns the step with its number aligned to three digits.
fn aligned(step: &StepLabel) -> String {
    format!("{:>3}. {} {}", step.id, step.operation, step.address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Bucket;

    fn step(id: u32) -> StepLabel {
        let address = crate::model::Address::try_from("function/orders".to_owned()).unwrap();
        StepLabel { id, operation: crate::wire::Operation::CreateFunction, address }
    }

    fn waiting(id: u32) -> Event {
        Event::StepWaiting { step: step(id), reason: "Pending".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_has_a_line_for_each_start_and_end_and_for_long_waits() {
        let mut progress = Progress::new(StatusLine::drawing_nothing());
        let begun = Instant::now();
        let mut line = |event, seconds| progress.line(event, false, begun + Duration::from_secs(seconds));
        let started = Event::StepStarted { step: step(1) };
        assert_eq!(line(started, 0).as_deref(), Some("  1. CreateFunction function/orders…"));
        assert_eq!(line(waiting(1), 9), None);
        let waits = "  1. CreateFunction function/orders: waiting for 10 s: Pending";
        assert_eq!(line(waiting(1), 10).as_deref(), Some(waits));
        assert_eq!(line(waiting(1), 19), None);
        let finished = Event::StepFinished { step: step(1), outcome: Outcome::Done };
        assert_eq!(line(finished, 21).as_deref(), Some("  1. CreateFunction function/orders: done"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_terminal_has_the_running_steps_in_one_line_and_finished_steps_above_it() {
        let mut progress = Progress::new(StatusLine::drawing_nothing());
        let begun = Instant::now();
        for id in [1, 2] {
            assert_eq!(progress.line(Event::StepStarted { step: step(id) }, true, begun), None);
        }
        assert_eq!(progress.line(waiting(2), true, begun + Duration::from_secs(60)), None);
        let message = "CreateFunction function/orders (sent), CreateFunction function/orders (Pending)";
        assert_eq!(progress.message(), message);
        let finished = Event::StepFinished { step: step(2), outcome: Outcome::Done };
        let line = progress.line(finished, true, begun + Duration::from_secs(61));
        assert_eq!(line.as_deref(), Some("  2. CreateFunction function/orders: done (61 s)"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_of_many_steps_has_a_line_from_time_to_time_and_one_for_each_that_fails() {
        let mut progress = Progress::new(StatusLine::drawing_nothing());
        let begun = Instant::now();
        let mut line = |event, seconds| progress.line(event, false, begun + Duration::from_secs(seconds));
        assert_eq!(line(Event::Started { steps: 400 }, 0), None);
        for id in 1..100 {
            assert_eq!(line(Event::StepStarted { step: step(id) }, 1), None);
            assert_eq!(line(Event::StepFinished { step: step(id), outcome: Outcome::Done }, 9), None);
        }
        let finished = Event::StepFinished { step: step(100), outcome: Outcome::Done };
        assert_eq!(line(finished, 20).as_deref(), Some("100 of 400 steps done; about 60 s left"));
        let failed = Event::StepFinished { step: step(101), outcome: Outcome::Skipped { because: 7 } };
        assert_eq!(line(failed, 21).as_deref(), Some("101. CreateFunction function/orders: skipped"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_plan_says_by_quota_how_far_it_is() {
        let mut progress = Progress::new(StatusLine::drawing_nothing());
        let begun = Instant::now();
        let quotas = |done| {
            vec![
                QuotaProgress { bucket: Bucket::GetFunction, done: 1000, expected: 1000 },
                QuotaProgress { bucket: Bucket::Control, done, expected: 900 },
            ]
        };
        let mut line = |done, seconds| {
            let reading = Event::Reading { quotas: quotas(done) };
            progress.line(reading, false, begun + Duration::from_secs(seconds))
        };
        assert_eq!(line(100, 5), None);
        let text = "Reading GetFunction 1000 of 1000, all others 150 of 900; about 50 s left";
        assert_eq!(line(150, 10).as_deref(), Some(text));
        assert_eq!(line(200, 15), None);
        assert_eq!(progress.message(), "reading GetFunction 1000 of 1000, all others 200 of 900; about 52 s left");
    }
}
