//! Where a command shows what it does: on the terminal, in its reports, in the log of events.

use serde::Serialize;

use super::event_log::EventLog;
use super::problems::of_error;
use super::report_files::ReportArgs;
use super::sections::Sections;
use super::status_line::StatusLine;
use super::{CommandError, Exit, OutputArgs, SpecArgs};
use crate::show::reports::ReportProblem;

/// Where a command shows what it does.
#[derive(Clone, Copy)]
pub struct Showing<'a> {
    /// The command's name, which its reports have too.
    pub command: &'static str,
    /// The spec, which reports point to.
    pub spec: &'a SpecArgs,
    /// The form of what it prints.
    pub output: &'a OutputArgs,
    /// The reports.
    pub reports: &'a ReportArgs,
    /// The log of events.
    pub log: &'a EventLog,
}

impl<'a> Showing<'a> {
    /// Returns the lines of progress, which the log takes in too.
    pub fn status(&self) -> StatusLine {
        StatusLine::new(self.output.json).with_log(self.log)
    }

    /// Returns the sections of what is printed: nothing, if a report takes stdout.
    pub fn sections<D: Serialize>(&self) -> Sections<'a, D> {
        Sections::new(self.output).quiet(self.reports.takes_stdout()).with_log(self.log)
    }

    /// Writes why there is nothing to show, in the reports that have a form for it, and ends so.
    pub fn fail(&self, error: CommandError) -> Result<Exit, CommandError> {
        let problems = of_error(self.spec, &error);
        self.end(error, self.reports.write_failed(self.command, &problems))
    }

    /// Writes why nothing was applied, in the reports that have a form for it, and ends so.
    pub fn withhold(&self, error: CommandError) -> Result<Exit, CommandError> {
        let problems = of_error(self.spec, &error);
        self.end(error, self.write_withheld(&problems))
    }

    /// Writes why nothing was applied, in the reports that have a form for it.
    pub fn write_withheld(&self, problems: &[ReportProblem]) -> anyhow::Result<()> {
        self.reports.write_withheld(self.command, problems)
    }

    /// Ends with an error, whether it could be written or not.
    fn end(&self, error: CommandError, written: anyhow::Result<()>) -> Result<Exit, CommandError> {
        if let Err(unwritten) = written {
            CommandError::from(unwritten).report();
        }
        Err(error)
    }
}
