//! The targets of a command: it works on all of them side by side, and prints in the order of the spec.

use std::future::Future;
use std::sync::Arc;

use anyhow::Context;
use indexmap::IndexMap;
use serde::Serialize;

use super::progress::{self, StatusLine};
use super::{CloudArgs, CommandError, Exit, OutputArgs, SpecArgs, options, output};
use crate::apply::EventSender;
use crate::concurrent::run_all;
use crate::files::Disk;
use crate::model::{OfTarget, PerTarget, visible, without_users};
use crate::plan::PlanOptions;
use crate::session::{Session, SessionError, SessionOptions, SpecDiagnostics, check_targets, overlap, read_targets};
use crate::show::Style;

/// What the targets of a spec came to, in the order of the spec.
pub struct Targets<T>(pub Vec<TargetResult<T>>);

/// What one target came to.
pub struct TargetResult<T> {
    /// Its name; none if the spec has no `targets`.
    pub name: Option<String>,
    /// The result.
    pub result: Result<T, CommandError>,
}

/// Opens a session for each target and prints the spec's warnings. `plan` gives the options for a target.
pub async fn open(
    spec: &SpecArgs,
    cloud: &CloudArgs,
    plan: impl Fn(Option<&str>) -> PlanOptions,
    changed_since: Option<&str>,
) -> Result<Targets<Session>, CommandError> {
    let inputs = options::inputs(spec);
    let specs = read_targets(&inputs, &spec.only, &Disk)?;
    check_targets(&specs)?;
    let builder = Arc::new(options::package_builder(spec));
    let sessions = specs.into_iter().map(|spec| {
        let options = SessionOptions {
            inputs: inputs.clone(),
            server: options::server(cloud),
            apply: options::limits(cloud),
            plan: plan(spec.target()),
            changed_since: changed_since.map(str::to_owned),
            packages: builder.clone(),
        };
        let name = spec.target().map(str::to_owned);
        async move { (name, Session::open_spec(spec, options).await) }
    });
    let opened = side_by_side(sessions).await;
    let mut findings = SpecDiagnostics::default();
    for (name, session) in &opened {
        let Ok(session) = session else { continue };
        findings.merge(session.warnings.clone());
        for warning in &session.connection_warnings {
            let of = name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
            let line =
                format!("{} {of}{}", output::stderr_style().strong("warning:"), without_users(&visible(warning)));
            output::eprint(&line);
        }
    }
    options::print_findings(&findings);
    // Only now all accounts are known.
    let stacks = opened.iter().filter_map(|(name, session)| Some((name.as_deref()?, session.as_ref().ok()?.stack())));
    if let Some(overlap) = overlap(stacks) {
        return Err(SessionError::Overlap(overlap).into());
    }
    let opened =
        opened.into_iter().map(|(name, session)| TargetResult { name, result: session.map_err(CommandError::from) });
    Ok(Targets(opened.collect()))
}

impl<T: Send + 'static> Targets<T> {
    /// Goes on with every target that has not failed, and draws the progress of each.
    pub async fn then<U, F>(
        self,
        args: &OutputArgs,
        work: impl Fn(T, EventSender) -> F,
    ) -> Result<Targets<U>, CommandError>
    where
        U: Send + 'static,
        F: Future<Output = Result<U, CommandError>> + Send + 'static,
    {
        let status = StatusLine::new(args.json);
        self.then_under(&status, work).await
    }

    /// Does the same under a status line that others write to as well.
    pub async fn then_under<U, F>(
        self,
        status: &StatusLine,
        work: impl Fn(T, EventSender) -> F,
    ) -> Result<Targets<U>, CommandError>
    where
        U: Send + 'static,
        F: Future<Output = Result<U, CommandError>> + Send + 'static,
    {
        let tasks = self.0.into_iter().map(|TargetResult { name, result }| {
            let (events, drawing) = progress::show(status.of_target(name.as_deref()));
            let work = result.map(|it| work(it, events));
            async move {
                let result = match work {
                    Ok(work) => work.await,
                    Err(error) => Err(error),
                };
                let drawn = drawing.await.context("could not draw the progress");
                TargetResult { name, result: result.and_then(|it| Ok(drawn.map(|()| it)?)) }
            }
        });
        Ok(Targets(side_by_side(tasks.collect::<Vec<_>>()).await))
    }
}

/// Runs all tasks at once and returns their results in the order of the tasks.
async fn side_by_side<F>(tasks: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let numbered = tasks.into_iter().enumerate().map(|(number, task)| async move { (number, task.await) });
    let mut results = run_all(numbered, usize::MAX).await;
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Prints what each target has to show: as text under its name, or as a document, all in one.
pub struct Sections<'a, D> {
    args: &'a OutputArgs,
    documents: IndexMap<String, OfTarget<D>>,
    /// The targets that have printed text, each with its result in one line.
    lines: Vec<(String, String)>,
    sums_up: bool,
}

impl<D: Serialize> Sections<'_, D> {
    /// The sections of a command's output; the text of each ends with a line that sums it up.
    pub fn new(args: &OutputArgs) -> Sections<'_, D> {
        Sections { args, documents: IndexMap::new(), lines: Vec::new(), sums_up: true }
    }

    /// The sections of texts that have no such line.
    pub fn without_summary(args: &OutputArgs) -> Sections<'_, D> {
        Sections { sums_up: false, ..Sections::new(args) }
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

    /// Takes in how a target ended, and reports its error.
    pub fn end(&mut self, name: Option<&str>, ended: Result<Exit, CommandError>) -> Exit {
        let error = match (ended, name) {
            (Ok(exit), _) => return exit,
            (Err(error), None) => error,
            (Err(error), Some(name)) => {
                let text = without_users(&format!("{:#}", error.error)).to_string();
                let first = text.lines().next().unwrap_or_default();
                self.lines.retain(|(of, _)| of != name);
                self.lines.push((name.to_owned(), format!("{} {first}", output::style(self.args).wrong("error:"))));
                self.documents.entry(name.to_owned()).or_insert(OfTarget::Failed { error: text });
                error.of_target(name)
            }
        };
        error.report()
    }

    /// Prints the document of several targets, or how each ended in one line.
    pub fn finish(self) -> anyhow::Result<()> {
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
