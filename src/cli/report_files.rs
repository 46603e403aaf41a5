//! `--output KIND=PATH`: the reports that are asked for, as many as there may be, and where they go.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::event_log::EventLog;
use super::{CommandError, ErrorKind, output, quoted};
use crate::show::reports::PlanReport;
use crate::show::reports::markdown::{self, TEMPLATE};

/// The reports of a command.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportArgs {
    /// Write a report to PATH, or `-` for stdout; may be repeated
    #[arg(long = "output", value_name = "KIND=PATH", env = "TRUEUP_OUTPUT")]
    outputs: Vec<ReportFile>,
    #[command(flatten)]
    template: TemplateArgs,
}

/// The template of comments.
#[derive(Args, Clone, Debug, Default)]
pub struct TemplateArgs {
    /// Fill in this template instead of the built-in one of comments
    #[arg(long, value_name = "FILE", env = "TRUEUP_MARKDOWN_TEMPLATE")]
    markdown_template: Option<PathBuf>,
}

impl TemplateArgs {
    /// Reads the template, and refuses one with names that are none.
    pub fn read(&self) -> anyhow::Result<String> {
        const MAX_BYTES: u64 = 64 * 1024;
        let Some(path) = &self.markdown_template else { return Ok(TEMPLATE.to_owned()) };
        let context = || format!("could not read the template {}", quoted::path(path));
        let bytes = crate::files::read(path, MAX_BYTES).with_context(context)?;
        let template = String::from_utf8(bytes).with_context(context)?;
        markdown::render(&PlanReport::default(), &template).with_context(context)?;
        Ok(template)
    }
}

/// The kind of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ReportKind {
    /// The text that the command prints.
    Text,
    /// The JSON that `--json` prints.
    Json,
    /// What happens while the command runs, a line of JSON at a time.
    Ndjson,
    /// Terraform's JSON of a plan, for policies that were written for it.
    TfplanJson,
    /// A comment for a pull request.
    Markdown,
    /// Annotations, the summary and the outputs of a GitHub step.
    Github,
    /// The counts for the merge request widget of GitLab.
    Gitlab,
    /// A JUnit report.
    Junit,
    /// A SARIF log.
    Sarif,
    /// A page for a browser.
    Html,
}

/// Writes a document.
type WriteJson<'a> = dyn Fn(&mut dyn Write) -> std::io::Result<()> + 'a;

/// What a report consists of.
pub enum ReportContent<'a> {
    Text(String),
    /// The document that `--json` prints, which may be too large for a text.
    Json(Box<WriteJson<'a>>),
}

impl<'a> ReportContent<'a> {
    /// Returns a value as the JSON of a report.
    pub fn json(value: impl Serialize + 'a) -> Self {
        ReportContent::Json(Box::new(move |out| output::write_json(out, &value)))
    }

    fn print(&self) -> anyhow::Result<()> {
        match self {
            ReportContent::Text(text) => output::print(text),
            ReportContent::Json(write) => output::print_with(write),
        }
    }

    /// Saves a report, which other jobs may read: it holds no secrets.
    fn save(&self, path: &Path) -> std::io::Result<()> {
        let write = |file: &mut File| match self {
            ReportContent::Text(text) => file.write_all(text.as_bytes()),
            ReportContent::Json(write) => write(file),
        };
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            // Such as /dev/stderr.
            return write(&mut OpenOptions::new().write(true).open(path)?);
        }
        crate::files::write_with(path, 0o644, write)
    }
}

/// A report that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    kind: ReportKind,
    /// The file; stdout if absent.
    path: Option<PathBuf>,
}

impl FromStr for ReportFile {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, path) = text.split_once('=').unwrap_or((text, "-"));
        let kinds = || ReportKind::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let kind = ReportKind::from_str(kind, false).map_err(|_| {
            let names: Vec<String> = kinds().map(|kind| kind.get_name().to_owned()).collect();
            format!("`{kind}` is not a kind of report; they are {}", names.join(", "))
        })?;
        if path.is_empty() {
            return Err("a path is missing after `=`; `-` is stdout".to_owned());
        }
        Ok(ReportFile { kind, path: (path != "-").then(|| PathBuf::from(path)) })
    }
}

impl ReportArgs {
    /// Refuses what cannot be written, and what would replace a file that is read, before anything is.
    /// Reports of an earlier run are removed: a pipeline must not take them for those of this one. `saved` is where the plan goes.
    pub fn check(
        &self,
        command: &str,
        known: &[ReportKind],
        json: bool,
        read: &[PathBuf],
        saved: Option<&Path>,
    ) -> Result<(), CommandError> {
        let refused = |message: String| Err(CommandError::message(ErrorKind::Failed, message));
        if self.outputs.iter().filter(|file| file.path.is_none()).count() + usize::from(json) > 1 {
            return refused("only one report can go to stdout".to_owned());
        }
        if let Some(file) = self.outputs.iter().find(|file| !known.contains(&file.kind)) {
            return refused(format!("`{command}` has no {} report", name(file.kind)));
        }
        let mut paths = BTreeSet::new();
        for path in self.outputs.iter().filter_map(|file| file.path.as_deref()).chain(saved) {
            if !paths.insert(absolute(path)) {
                return refused(format!("two outputs have the path {}", quoted::path(path)));
            }
        }
        for input in read.iter().chain(&self.template.markdown_template) {
            if paths.contains(&absolute(input)) {
                return refused(format!("an output would replace {}, which is read", quoted::path(input)));
            }
        }
        self.template.read()?;
        let folders = self.outputs.iter().filter_map(|file| file.path.as_deref()?.parent());
        for folder in folders.filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::read_dir(folder).with_context(|| format!("could not write to {}", quoted::path(folder)))?;
        }
        for path in self.outputs.iter().filter_map(|file| file.path.as_deref()) {
            if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
                std::fs::remove_file(path).with_context(|| format!("could not replace {}", quoted::path(path)))?;
            }
        }
        Ok(())
    }

    /// Opens the log of events, for those that are asked for.
    pub fn event_log(&self, command: &str) -> anyhow::Result<EventLog> {
        let of_events = self.outputs.iter().filter(|file| file.kind == ReportKind::Ndjson);
        EventLog::open(&of_events.map(|file| file.path.clone()).collect::<Vec<_>>(), command)
    }

    /// Returns true if a report goes to stdout, where nothing else may be.
    pub fn takes_stdout(&self) -> bool {
        self.outputs.iter().any(|file| file.path.is_none())
    }

    /// Returns true if a report of this kind is asked for.
    pub fn has(&self, kind: ReportKind) -> bool {
        self.outputs.iter().any(|file| file.kind == kind)
    }

    /// Returns the files.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.outputs.iter().filter_map(|file| file.path.clone())
    }

    /// Returns true if there is any.
    pub fn is_any(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// Writes the reports that are asked for.
    pub fn write<'a>(
        &self,
        content_of: impl Fn(ReportKind) -> anyhow::Result<ReportContent<'a>>,
    ) -> anyhow::Result<()> {
        for file in self.outputs.iter().filter(|file| file.kind != ReportKind::Ndjson) {
            let content = content_of(file.kind)?;
            match &file.path {
                None => content.print()?,
                Some(path) => {
                    content.save(path).with_context(|| format!("could not write the report {}", quoted::path(path)))?;
                }
            }
        }
        Ok(())
    }

    /// Returns those of the reports that have a form for problems alone.
    pub fn of_problems(&self) -> ReportArgs {
        let of_problems = [ReportKind::Github, ReportKind::Junit, ReportKind::Sarif];
        let outputs = self.outputs.iter().filter(|file| of_problems.contains(&file.kind)).cloned().collect();
        ReportArgs { outputs, template: self.template.clone() }
    }

    /// Reads the template of comments.
    pub fn template(&self) -> anyhow::Result<String> {
        self.template.read()
    }
}

fn name(kind: ReportKind) -> String {
    kind.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Returns a path in one form, as far as it exists.
fn absolute(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_kind_and_a_path() {
        let parsed = |text: &str| text.parse::<ReportFile>();
        let file = parsed("html=out/plan=1.html").unwrap();
        assert_eq!((file.kind, file.path), (ReportKind::Html, Some(PathBuf::from("out/plan=1.html"))));
        assert_eq!(parsed("sarif").unwrap(), parsed("sarif=-").unwrap());
        assert!(parsed("pdf=x").unwrap_err().contains("they are text, json, ndjson, tfplan-json, markdown"));
        assert!(parsed("html=").is_err());
    }
}
