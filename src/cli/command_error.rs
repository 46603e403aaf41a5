//! The error of a command: its kind gives the exit code, its hints the way out. Printed in one place, [`CommandError::report`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Exit, output, quoted};
use crate::cloud::{self, ConnectError};
use crate::forge::ForgeError;
use crate::model::suggest::{listed, nearest};
use crate::model::{Address, NotChecked, TargetPart, visible, without_users};
use crate::observe::{FailedRead, ReadsFailed};
use crate::plan::RefusedPlan;
use crate::plan::saved::{Stale, Verification};
use crate::session::{SessionError, SpecDiagnostics};
use crate::show::report;
use crate::wire::Missing;

/// The sort of an error, which scripts see as the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something went wrong, or the user answered no.
    Failed,
    /// The live state is not the one that the plan was made from.
    Stale,
    /// A guard refused: another account, a protected resource, too many deletions.
    Refused,
}

/// The way out where a plan has been applied.
const NOTHING_LEFT: &str = "there is nothing left to do";

/// An error that ends a command before anything was written.
#[derive(Debug)]
pub struct CommandError {
    /// The sort of the error.
    pub kind: ErrorKind,
    /// The message, which says what happened to what and why.
    pub error: anyhow::Error,
    /// The ways out, each a sentence without a full stop.
    pub hints: Vec<String>,
    /// What is wrong with the spec or its packages, if that is the error.
    pub findings: Option<Box<SpecDiagnostics>>,
    /// Lines that are printed before the message: diagnostics, refusals.
    details: Option<String>,
}

impl CommandError {
    /// Returns how a command ends that could not write all that it was asked to write: with this error, unless it ends otherwise than
    /// well anyway. What was done to the account comes first.
    pub fn unless_worse(self, exit: Exit) -> Result<Exit, CommandError> {
        match exit {
            Exit::Success | Exit::Changes | Exit::Other(_) => Err(self),
            Exit::Error | Exit::Stale | Exit::Refused | Exit::Partial => {
                self.report();
                Ok(exit)
            }
        }
    }

    /// An error of this kind.
    pub fn new(kind: ErrorKind, error: impl Into<anyhow::Error>) -> CommandError {
        CommandError { kind, error: error.into(), hints: Vec::new(), findings: None, details: None }
    }

    /// An error that consists of a message.
    pub fn message(kind: ErrorKind, message: impl Into<String>) -> CommandError {
        CommandError::new(kind, anyhow::Error::msg(message.into()))
    }

    /// Fails a command that did its work as far as it could read.
    ///
    /// # Errors
    /// If a resource that it should have written or deleted could not be read.
    pub fn for_unreadable(not_compared: &[NotChecked]) -> Result<(), CommandError> {
        let message = match not_compared.iter().filter(|it| it.is_unreadable_resource()).count() {
            0 => return Ok(()),
            1 => "1 resource could not be read, and was left as it is".to_owned(),
            count => format!("{count} resources could not be read, and were left as they are"),
        };
        Err(CommandError::message(ErrorKind::Failed, message))
    }

    /// Returns the message and its causes, for documents and logs.
    pub fn shown(&self) -> String {
        let message = without_users(&format!("{:#}", self.error));
        message.lines().map(visible).collect::<Vec<_>>().join("\n")
    }

    /// Returns the message with the lines that are printed before it.
    pub fn with_details(&self) -> String {
        let details = self.details.as_deref().map(|lines| without_users(&format!("\n{}", lines.trim_end())));
        self.shown() + &details.unwrap_or_default()
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> CommandError {
        self.hints.push(hint.into());
        self
    }

    /// Names the target in which it happened.
    #[must_use]
    pub fn of_target(self, name: &str) -> CommandError {
        // Of the other targets there may be something left.
        let hints = self.hints.into_iter().filter(|hint| hint != NOTHING_LEFT).collect();
        CommandError { error: self.error.context(format!("target {}", visible(name))), hints, ..self }
    }

    /// Adds lines that are printed before the message.
    #[must_use]
    fn details(mut self, details: String) -> CommandError {
        self.details = Some(details);
        self
    }

    /// The refusal of a saved plan that differs from the plan of now.
    pub fn stale(verification: &Verification) -> CommandError {
        let mut details = String::new();
        for stale in &verification.differences {
            let _ = writeln!(details, "refused: {}", visible(&stale.to_string()));
            report::changed_lines(&mut details, stale.fields());
        }
        if verification.is_applied() {
            let last = verification.resources.iter().filter_map(|it| Some((it.modified.as_ref()?, &it.address))).max();
            let on = last.map_or_else(String::new, |(at, address)| format!(" ({address} was last modified on {at})"));
            let message = format!("the saved plan has already been applied{on}; nothing was changed");
            return CommandError::message(ErrorKind::Stale, message).hint(NOTHING_LEFT);
        }
        let is_other = |stale: &Stale| matches!(stale, Stale::OtherSpec { .. } | Stale::SpecChanged { .. });
        let is_other_spec = verification.differences.iter().any(is_other);
        let what = if is_other_spec { "was made for something else" } else { "is stale" };
        CommandError::message(ErrorKind::Stale, format!("the saved plan {what}; nothing was changed"))
            .details(details)
            .hint("run plan again and review it")
    }

    /// Prints the error to stderr and returns the exit code.
    pub fn report(&self) -> Exit {
        let style = output::stderr_style();
        if let Some(details) = &self.details {
            output::eprint(&format!("{}\n", details.trim_end()));
        }
        output::eprint(&without_users(&format!("{} {:#}", style.wrong("error:"), self.error)));
        for hint in &self.hints {
            output::eprint(&without_users(&format!("{} {hint}", style.strong("hint:"))));
        }
        match self.kind {
            ErrorKind::Failed => Exit::Error,
            ErrorKind::Stale => Exit::Stale,
            ErrorKind::Refused => Exit::Refused,
        }
    }
}

impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        CommandError::new(ErrorKind::Failed, error)
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        CommandError::new(ErrorKind::Failed, error)
    }
}

impl From<ForgeError> for CommandError {
    fn from(error: ForgeError) -> Self {
        let hint = error.hint();
        let error = CommandError::message(ErrorKind::Failed, visible(&error.to_string()).into_owned());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<SessionError> for CommandError {
    fn from(error: SessionError) -> Self {
        let (kind, hint, details) = match &error {
            SessionError::Spec(findings) | SessionError::Packages(findings) => {
                (ErrorKind::Failed, None, Some(output::diagnostics(findings)))
            }
            SessionError::WrongTarget { part: TargetPart::Account, .. } => {
                (ErrorKind::Refused, Some("choose the account with --profile or other credentials".to_owned()), None)
            }
            SessionError::WrongTarget { part: TargetPart::Region | TargetPart::Partition, .. } => {
                (ErrorKind::Refused, Some("leave --region out, or name the region of the spec".to_owned()), None)
            }
            SessionError::NoTarget { name, others } => {
                let near = nearest(name, others.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if others.is_empty() => "the spec has no `targets`".to_owned(),
                    None => format!("the targets are {}", listed(others.iter().map(String::as_str))),
                };
                (ErrorKind::Failed, Some(hint), None)
            }
            SessionError::Overlap(_) => {
                let hint = "give each an account or a region of its own, or other names by a variable of the target";
                (ErrorKind::Failed, Some(hint.to_owned()), None)
            }
            SessionError::Connect(error) => (ErrorKind::Failed, ConnectError::hint(error), None),
            SessionError::NoMatch(_) => {
                (ErrorKind::Failed, Some("run `trueup graph` to list the addresses".to_owned()), None)
            }
            SessionError::Change(error) => (ErrorKind::Failed, error.hint().map(str::to_owned), None),
            SessionError::Simulator(_) => (ErrorKind::Failed, None, None),
        };
        // They quote options, such as the name of a profile.
        let hints = hint.iter().map(|hint| visible(hint).into_owned()).collect();
        let findings = match &error {
            SessionError::Spec(findings) | SessionError::Packages(findings) => Some(Box::new(findings.clone())),
            _ => None,
        };
        CommandError { kind, error: quoted::on_one_line(&anyhow::Error::from(error)), hints, findings, details }
    }
}

impl From<RefusedPlan> for CommandError {
    fn from(RefusedPlan(refusals): RefusedPlan) -> Self {
        let lines = refusals
            .iter()
            .map(|refusal| format!("refused: {}\n  {}", visible(&refusal.message()), visible(refusal.help())));
        CommandError::message(ErrorKind::Refused, "the plan is refused; nothing was changed")
            .details(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl From<ReadsFailed> for CommandError {
    /// Lists each cause once, because one cause makes many reads fail.
    fn from(ReadsFailed(failures): ReadsFailed) -> Self {
        let mut causes: BTreeMap<_, (&Missing, BTreeSet<&Address>)> = BTreeMap::new();
        for FailedRead { address, missing } in &failures {
            let cause = match missing.failure() {
                Some(failure) => (Some(failure.request), failure.code.clone(), failure.message.clone()),
                None => (None, String::new(), missing.to_string()),
            };
            causes.entry(cause).or_insert((missing, BTreeSet::new())).1.extend(address);
        }
        let mut message = String::from("could not read the live state; no plan was made");
        let mut hints: Vec<String> = Vec::new();
        for (first, addresses) in causes.values() {
            let _ = write!(message, "\n  {first}");
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            if !addresses.is_empty() {
                let _ = write!(message, "\n    {}", addresses.join(", "));
            }
            hints.extend(first.failure().and_then(cloud::hint).filter(|hint| !hints.contains(hint)));
        }
        let error = CommandError::message(ErrorKind::Failed, message);
        hints.into_iter().fold(error, CommandError::hint)
    }
}
