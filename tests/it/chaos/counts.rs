//! Counts of what was done and found.

use std::collections::BTreeMap;

use crate::recordings::Replayed;

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    pub fn of(counts: BTreeMap<&'static str, u64>) -> Counts {
        Counts(counts)
    }

    pub fn add(&mut self, what: &'static str, count: u64) {
        *self.0.entry(what).or_default() += count;
    }

    /// Keeps the larger of two.
    pub fn most(&mut self, what: &'static str, count: u64) {
        let most = self.0.entry(what).or_default();
        *most = (*most).max(count);
    }

    /// Returns true if every count is zero.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|count| *count == 0)
    }

    pub fn get(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Counts a failed schedule by the cause of its failure.
    pub fn failed(&mut self, why: &str) {
        let of = [
            ("panicked", "panics"),
            ("false drift", "drifts"),
            ("lost updates", "lost"),
            ("it ends otherwise", "duplicates"),
            ("there is still", "stuck"),
        ];
        self.add("schedules", 1);
        self.add(of.iter().find(|(text, _)| why.contains(text)).map_or("stuck", |(_, what)| what), 1);
    }

    pub fn merge(&mut self, other: &Counts) {
        for (what, count) in &other.0 {
            match *what {
                WIDTH => self.most(WIDTH, *count),
                what => self.add(what, *count),
            }
        }
    }
}

/// The result of one schedule: counts, and every request and reply.
pub struct ScheduleResult {
    pub counts: Counts,
    pub trace: String,
}

/// The widest race window, in calls of the writer.
pub const WIDTH: &str = "widest window";

/// The description of each fault in the table, by its name in the counts.
const FAULTS: [(&str, &str); 13] = [
    (
        "fail before",
        "an error before the call took effect (403, 409, 429 with Retry-After, 500, 503, a missing permission)",
    ),
    ("fail after", "500 or 503 after it took effect"),
    ("reset", "connection reset before it took effect"),
    ("lose", "reply lost after it took effect"),
    ("cut", "reply cut off in the middle"),
    ("latency", "no reply before the timeout"),
    ("slow", "a reply whose second half arrives after the timeout"),
    ("stale", "a stale read, behind by one to four changes or by three seconds"),
    ("settle-failed", "an update that ends as Failed"),
    ("concurrent writer", "a concurrent writer's write or tag just before the call"),
    ("roles", "a role that IAM has not propagated yet"),
    ("exhausted", "no concurrency or code storage left"),
    ("died", "the run killed at a call, before or after its effect"),
];

/// The beginning of the table's row about recordings.
pub const RECORDINGS: &str = "| recordings of the real service that the simulator reproduces |";

/// The reliability section: counts only, the same for the same code. Without recordings it has no row for them.
pub fn section(counts: &Counts, recordings: Option<&Replayed>) -> String {
    let mut text = String::from("| what | count |\n|---|---|\n");
    if let Some(Replayed { all, failed }) = recordings {
        text.push_str(&format!("{RECORDINGS} {} of {all} |\n", all - failed.len()));
    }
    let mut row = |what: &str, count: u64| text.push_str(&format!("| {what} | {count} |\n"));
    row("schedules run, each from a seed", counts.get("schedules"));
    row("… with one or more faults during an apply or destroy, and the runs after it", counts.get("faulted"));
    row("… with two appliers and a third writer in one account", counts.get("writers"));
    row("… with spec edits, manual edits, applies, prunes and destroys, compared with a model", counts.get("model"));
    row("faults injected", FAULTS.iter().map(|(name, _)| counts.get(name)).sum());
    for (name, description) in FAULTS {
        row(&format!("… {description}"), counts.get(name));
    }
    row("… not counted above: a fault that had no effect", counts.get("idle"));
    row("killed runs that the next runs finished", counts.get("died"));
    row("schedules that gave the same bytes when run twice", counts.get("repeated"));
    row("writes checked in the runs with several writers", counts.get("writes"));
    row("… values of another writer replaced after a plan had shown them", counts.get("replaced"));
    row("… values of another writer overwritten in the window of a call without RevisionId", counts.get("windows"));
    row(
        "… the widest window, in our calls about that function: the write and those since the last read",
        counts.get(WIDTH),
    );
    row("lost updates: values overwritten despite a RevisionId or a read", counts.get("lost"));
    row("runs that did not converge", counts.get("stuck"));
    row("duplicate versions, or a final state that differs from a run without faults", counts.get("duplicates"));
    row("false drifts", counts.get("drifts"));
    row("panics", counts.get("panics"));
    text
}
