//! The output of a command, target by target, in the order of the spec.

use indexmap::IndexMap;
use serde::Serialize;

use super::event_log::EventLog;
use super::{CommandError, Exit, OutputArgs, output};
use crate::model::{OfTarget, PerTarget, visible};
use crate::show::Style;

/// Prints what each target has to show: as text under its name, or as a document, all in one.
pub struct Sections<'a, D> {
    args: &'a OutputArgs,
    documents: IndexMap<String, OfTarget<D>>,
    /// The targets that have printed text, each with its result in one line.
    lines: Vec<(String, String)>,
    sums_up: bool,
    /// True if nothing is printed, because a report takes stdout.
    is_quiet: bool,
    /// Takes in the error of each target.
    log: EventLog,
}

impl<D: Serialize> Sections<'_, D> {
    /// The sections of a command's output; the text of each ends with a line that sums it up.
    pub fn new(args: &OutputArgs) -> Sections<'_, D> {
        Sections {
            args,
            documents: IndexMap::new(),
            lines: Vec::new(),
            sums_up: true,
            is_quiet: false,
            log: EventLog::default(),
        }
    }

    /// The sections of texts that have no such line.
    pub fn without_summary(args: &OutputArgs) -> Sections<'_, D> {
        Sections { sums_up: false, ..Sections::new(args) }
    }

    /// Prints nothing, if a report takes stdout.
    #[must_use]
    pub fn quiet(self, is_quiet: bool) -> Self {
        Sections { is_quiet, ..self }
    }

    /// Writes the error of each target to a log of events too.
    #[must_use]
    pub fn with_log(self, log: &EventLog) -> Self {
        Sections { log: log.clone(), ..self }
    }

    /// Returns whether text is printed.
    pub fn prints_text(&self) -> bool {
        !self.args.json && !self.is_quiet
    }

    /// Returns whether documents are printed, and no text.
    pub fn is_json(&self) -> bool {
        self.args.json
    }

    /// Prints the text of a target, or its document.
    pub fn print(
        &mut self,
        name: Option<&str>,
        text: impl FnOnce(Style) -> String,
        document: impl FnOnce() -> D,
    ) -> anyhow::Result<()> {
        if self.is_quiet {
            return Ok(());
        }
        match (self.args.json, name) {
            (true, None) => output::print_json(&document()),
            (true, Some(name)) => {
                self.documents.insert(name.to_owned(), OfTarget::Done(document()));
                Ok(())
            }
            (false, name) => self.print_text(name, text(output::style(self.args))),
        }
    }

    /// Prints text under the name of its target.
    fn print_text(&mut self, name: Option<&str>, text: String) -> anyhow::Result<()> {
        let Some(name) = name else { return output::print(&text) };
        let gap = if self.lines.is_empty() { "" } else { "\n" };
        let heading = output::style(self.args).strong(&format!("target {}", visible(name)));
        let last = text.trim_end().lines().next_back().unwrap_or_default().to_owned();
        output::print(&format!("{gap}{heading}\n{text}"))?;
        self.lines.push((name.to_owned(), last));
        Ok(())
    }

    /// Takes in the one line that says how a target ended, where its text does not end with it.
    pub fn sum_up(&mut self, name: Option<&str>, line: impl FnOnce(Style) -> String) {
        if let Some(name) = name {
            self.lines.retain(|(of, _)| of != name);
            self.lines.push((name.to_owned(), line(output::style(self.args))));
        }
    }

    /// Takes in a target that was left out because of another one.
    pub fn leave_out(&mut self, name: Option<&str>, reason: &str) {
        if let Some(name) = name {
            self.documents.insert(name.to_owned(), OfTarget::Failed { error: reason.to_owned() });
        }
    }

    /// Takes in how a target ended, and reports its error.
    pub fn end(&mut self, name: Option<&str>, ended: Result<Exit, CommandError>) -> Exit {
        if let Err(error) = &ended {
            self.log.failed(name, error);
        }
        let Some(name) = name else { return ended.unwrap_or_else(|error| error.report()) };
        let style = output::style(self.args);
        let (exit, line) = match ended {
            Ok(Exit::Refused) => (Exit::Refused, Some(style.wrong("Refused."))),
            Ok(exit) => (exit, None),
            Err(error) => {
                let text = error.shown();
                let line = format!("{} {}", style.wrong("error:"), text.lines().next().unwrap_or_default());
                self.documents.entry(name.to_owned()).or_insert(OfTarget::Failed { error: text });
                (error.of_target(name).report(), Some(line))
            }
        };
        if let Some(line) = line {
            self.lines.retain(|(of, _)| of != name);
            self.lines.push((name.to_owned(), line));
        }
        exit
    }

    /// Prints the document of several targets, or how each ended in one line.
    pub fn finish(self) -> anyhow::Result<()> {
        if self.is_quiet {
            return Ok(());
        }
        if self.args.json {
            let has_any = !self.documents.is_empty();
            return if has_any { output::print_json(&PerTarget::Several { targets: self.documents }) } else { Ok(()) };
        }
        if self.lines.len() < 2 || !self.sums_up {
            return Ok(());
        }
        let width = self.lines.iter().map(|(name, _)| visible(name).chars().count()).max().unwrap_or_default();
        let lines = self.lines.iter().map(|(name, line)| format!("  {:width$}  {line}\n", visible(name)));
        let heading = output::style(self.args).strong(&format!("{} targets", self.lines.len()));
        output::print(&format!("\n{heading}\n{}", lines.collect::<String>()))
    }
}
