//! Draws progress on stderr: one changing line with step counter and elapsed time on a terminal, plain lines elsewhere.
#![expect(clippy::disallowed_methods, reason = "the environment describes the terminal")]

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{logging, output};
use crate::apply::{Event, EventReceiver, EventSender, StepLabel, events};
use crate::model::visible;

/// The interval at which a log reports a step that still waits.
const SILENCE: Duration = Duration::from_secs(10);

/// The line for a plan that waits for downloads.
const DOWNLOADING: &str =
    "Downloading live code to compare its files with the packages (skip this with --no-code-diff)";

/// The interval at which the elapsed time is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The lines at the bottom of the terminal, one for each target; nothing elsewhere.
#[derive(Clone)]
pub struct StatusLine {
    lines: Option<MultiProgress>,
    bar: Option<ProgressBar>,
    /// The target before each text; empty if the spec has no `targets`.
    label: String,
}

impl StatusLine {
    /// A status line if stderr is a terminal that can redraw a line, unless `plain` or a log asks for plain lines.
    pub fn new(plain: bool) -> StatusLine {
        let is_dumb = std::env::var_os("CI").is_some() || std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let is_drawn = std::io::stderr().is_terminal() && !is_dumb && !plain && !logging::is_on();
        StatusLine { lines: is_drawn.then(MultiProgress::new), bar: None, label: String::new() }
    }

    #[cfg(test)]
    fn drawing_nothing() -> StatusLine {
        StatusLine { lines: None, bar: None, label: String::new() }
    }

    /// Adds the line of a target.
    pub fn of_target(&self, name: Option<&str>) -> StatusLine {
        let label = name.map_or_else(String::new, |name| format!("{}: ", visible(name)));
        let bar = self.lines.as_ref().map(|lines| {
            let bar = lines.add(ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {prefix}{elapsed} {wide_msg}"));
            bar.set_prefix(label.clone());
            bar.enable_steady_tick(TICK);
            bar
        });
        StatusLine { lines: self.lines.clone(), bar, label }
    }

    /// Prints a line to stderr, above the status lines if there are any.
    pub fn println(&self, line: &str) {
        let line = format!("{}{line}", self.label);
        match &self.lines {
            // Without a reader of stderr there is nobody to report the failure to.
            Some(lines) => drop(lines.println(output::printable(&line))),
            None => output::eprint(&line),
        }
    }
}

/// Returns the style of a template; a template with a mistake falls back to indicatif's own style.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Starts drawing; the task ends when every sender is gone.
pub fn show(status: StatusLine) -> (EventSender, JoinHandle<()>) {
    let (sender, receiver) = events();
    (sender, tokio::spawn(Progress::new(status).run(receiver)))
}

/// The running steps, as far as they are drawn.
struct Progress {
    status: StatusLine,
    running: BTreeMap<u32, Running>,
    /// The last operation in progress that planning waited for, and when it was printed.
    waited: Option<(String, Instant)>,
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
        Progress { status, running: BTreeMap::new(), waited: None }
    }

    async fn run(mut self, mut events: EventReceiver) {
        while let Some(event) = events.recv().await {
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
            Event::StepFinished { .. } => bar.inc(1),
            _ => {}
        }
    }

    /// Takes an event in and returns the line to print for it, if any. Starts and waits are lines in a log only.
    fn line(&mut self, event: Event, is_live: bool, now: Instant) -> Option<String> {
        match event {
            Event::StepStarted { step } => {
                let line = (!is_live).then(|| format!("{}…", aligned(&step)));
                self.running.insert(step.id, Running { step, state: "sent".into(), since: now, printed: now });
                line
            }
            Event::StepWaiting { step, reason } => self.waits(&step, reason, is_live, now),
            Event::Retrying { step, reason, .. } => self.waits(&step, format!("retrying: {reason}"), is_live, now),
            Event::StepFinished { step, outcome } => {
                let took = self.running.remove(&step.id).map(|running| now - running.since);
                let took = took.filter(|took| is_live && took.as_secs() > 0);
                let took = took.map_or_else(String::new, |took| format!(" ({} s)", took.as_secs()));
                Some(format!("{}: {}{took}", aligned(&step), outcome.code()))
            }
            Event::DownloadingCode => Some(DOWNLOADING.to_owned()),
            Event::WaitingForLambda { operation } => {
                let is_news =
                    self.waited.as_ref().is_none_or(|(last, printed)| *last != operation || now - *printed >= SILENCE);
                let line = (is_news && !is_live).then(|| format!("Waiting for Lambda to finish: {operation}"));
                if is_news {
                    self.waited = Some((operation, now));
                }
                line
            }
            _ => None,
        }
    }

    fn waits(&mut self, step: &StepLabel, reason: String, is_live: bool, now: Instant) -> Option<String> {
        let running = self.running.get_mut(&step.id)?;
        running.state = reason;
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
        let waited = waited.map(|(operation, _)| format!("waiting for Lambda to finish: {operation}"));
        waited.chain(steps).collect::<Vec<_>>().join(", ")
    }
}

/// Returns the step with its number aligned to three digits.
fn aligned(step: &StepLabel) -> String {
    format!("{:>3}. {} {}", step.id, step.operation, step.address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Outcome;

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
}
