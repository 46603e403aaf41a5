//! How an apply is getting on: one line that changes on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::apply::{Outcome, ProgressObserver};
use crate::plan::Step;
use crate::session::Session;

/// How long a step may be silent in a log before it is said what it waits for.
const SILENCE: Duration = Duration::from_secs(10);

/// Writes progress to stderr.
pub struct Progress {
    live: bool,
    session: Session,
    under_way: Mutex<BTreeMap<u32, String>>,
    /// When each step began to wait and when it was last heard of, where lines cannot be written over.
    told: Mutex<BTreeMap<u32, (Instant, Instant)>>,
}

impl Progress {
    /// Progress that suits where stderr goes; `CI` and `TERM=dumb` get plain lines too.
    pub fn new(session: Session, dumb: bool) -> Self {
        Progress {
            live: std::io::stderr().is_terminal() && !dumb,
            session,
            under_way: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// How long the step has waited, if it has not been heard of for a while; it is heard of now.
    fn waited(&self, step: &Step) -> Option<Duration> {
        let mut told = self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = Instant::now();
        let (begun, last) = told.entry(step.id).or_insert((now, now));
        (now.duration_since(*last) >= SILENCE).then(|| {
            *last = now;
            now.duration_since(*begun)
        })
    }

    fn note(&self, step: &Step, state: Option<&str>, line: Option<String>) {
        let mut under_way = self.under_way.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match state {
            Some(state) => under_way
                .insert(step.id, format!("{} {} ({})", step.operation, step.address, self.session.scrub(state))),
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

impl ProgressObserver for Progress {
    fn begins(&self, step: &Step) {
        let line = (!self.live).then(|| format!("{:>3}. {} {}…", step.id, step.operation, step.address));
        self.note(step, Some("sent"), line);
    }

    fn waits(&self, step: &Step, why: &str) {
        let why = self.session.scrub(why);
        let waited = if self.live { None } else { self.waited(step) };
        let line = waited.map(|waited| {
            let seconds = waited.as_secs();
            format!("{:>3}. {} {}: waiting for {seconds} s: {why}", step.id, step.operation, step.address)
        });
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
