//! The lines at the bottom of the terminal that change while a command works, and the lines above them.
#![expect(clippy::disallowed_methods, reason = "the environment describes the terminal")]

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::event_log::EventLog;
use super::{logging, output};
use crate::apply::Event;
use crate::model::visible;

/// The interval at which the elapsed time is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The lines at the bottom of the terminal, one for each target; nothing elsewhere.
#[derive(Clone)]
pub struct StatusLine {
    lines: Option<MultiProgress>,
    /// The line of the target.
    pub bar: Option<ProgressBar>,
    /// The target; none if the spec has no `targets`.
    target: Option<String>,
    log: EventLog,
}

impl StatusLine {
    /// A status line if stderr is a terminal that can redraw a line, unless `plain` or a log asks for plain lines.
    pub fn new(plain: bool) -> StatusLine {
        // Without a word on the terminal, nothing is drawn on it.
        let is_plain = std::env::var("TERM").map_or(!cfg!(windows), |term| term.is_empty() || term == "dumb");
        let is_dumb = std::env::var_os("CI").is_some() || is_plain;
        let is_drawn = std::io::stderr().is_terminal() && !is_dumb && !plain && !logging::is_on();
        StatusLine { lines: is_drawn.then(MultiProgress::new), bar: None, target: None, log: EventLog::default() }
    }

    #[cfg(test)]
    pub fn drawing_nothing() -> StatusLine {
        StatusLine { lines: None, bar: None, target: None, log: EventLog::default() }
    }

    /// Writes what happens to a log as well.
    #[must_use]
    pub fn with_log(self, log: &EventLog) -> StatusLine {
        StatusLine { log: log.clone(), ..self }
    }

    /// Takes an event in before it is drawn.
    pub fn record(&self, event: &Event) {
        self.log.progress(self.target.as_deref(), event);
    }

    /// Adds the line of a target.
    pub fn of_target(&self, name: Option<&str>) -> StatusLine {
        let bar = self.lines.as_ref().map(|lines| {
            let bar = lines.add(ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {prefix}{elapsed} {wide_msg}"));
            bar.set_prefix(label(name));
            bar.enable_steady_tick(TICK);
            bar
        });
        let (target, log) = (name.map(str::to_owned), self.log.clone());
        StatusLine { lines: self.lines.clone(), bar, target, log }
    }

    /// Prints a line to stderr, above the status lines if there are any.
    pub fn println(&self, line: &str) {
        let line = format!("{}{line}", label(self.target.as_deref()));
        match &self.lines {
            // Without a reader of stderr there is nobody to report the failure to.
            Some(lines) => drop(lines.println(output::printable(&line))),
            None => output::eprint(&line),
        }
    }
}

/// Returns the target before each text; it is empty if the spec has no `targets`.
fn label(target: Option<&str>) -> String {
    target.map_or_else(String::new, |target| format!("{}: ", visible(target)))
}

/// Returns the style of a template; a template with a mistake falls back to indicatif's own style.
pub fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
