//! How an apply is getting on: one line that changes on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::apply::{Outcome, Watch};
use crate::model::Secrets;
use crate::plan::Step;

/// How long a step may be silent in a log before it is said what it waits for.
const SILENCE: Duration = Duration::from_secs(10);

/// Writes progress to stderr.
pub struct Progress {
    live: bool,
    secrets: Secrets,
    under_way: Mutex<BTreeMap<u32, String>>,
    /// When each step was last heard of, where lines cannot be written over.
    told: Mutex<BTreeMap<u32, Instant>>,
}

impl Progress {
    /// Progress that suits where stderr goes; `CI` and `TERM=dumb` get plain lines too.
    pub fn new(secrets: Secrets, dumb: bool) -> Self {
        Progress {
            live: std::io::stderr().is_terminal() && !dumb,
            secrets,
            under_way: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// Whether the step has not been heard of for a while; it is heard of now.
    fn has_been_silent(&self, step: &Step) -> bool {
        let mut told = self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let last = told.entry(step.id).or_insert_with(Instant::now);
        let is_due = last.elapsed() >= SILENCE;
        if is_due {
            *last = Instant::now();
        }
        is_due
    }

    fn note(&self, step: &Step, state: Option<&str>, line: Option<String>) {
        let mut under_way = self.under_way.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match state {
            Some(state) => under_way
                .insert(step.id, format!("{} {} ({})", step.operation, step.address, self.secrets.scrub(state))),
            None => under_way.remove(&step.id),
        };
        // Progress that cannot be written is not worth failing for.
        let mut stderr = std::io::stderr().lock();
        if self.live {
            let _ = write!(stderr, "\r\x1b[K");
        }
        if let Some(line) = line {
            let _ = writeln!(stderr, "{line}");
        }
        if self.live {
            let shown: Vec<&str> = under_way.values().map(String::as_str).collect();
            let text: String = shown.join(", ").chars().take(110).collect();
            let _ = write!(stderr, "{text}");
            let _ = stderr.flush();
        }
    }
}

impl Watch for Progress {
    fn begins(&self, step: &Step) {
        let line = (!self.live).then(|| format!("{:>3}. {} {}…", step.id, step.operation, step.address));
        self.note(step, Some("sent"), line);
    }

    fn waits(&self, step: &Step, why: &str) {
        let is_due = !self.live && self.has_been_silent(step);
        let why = self.secrets.scrub(why);
        let line = is_due.then(|| format!("{:>3}. {} {}: waiting: {why}", step.id, step.operation, step.address));
        self.note(step, Some(&why), line);
    }

    fn ends(&self, step: &Step, outcome: &Outcome) {
        let word = match outcome {
            Outcome::Done => "done",
            Outcome::Refused { .. } => "refused",
            Outcome::Failed { .. } => "failed",
            Outcome::Skipped { .. } | Outcome::NotBegun => "not begun",
        };
        self.note(step, None, Some(format!("{:>3}. {} {}: {word}", step.id, step.operation, step.address)));
    }
}
