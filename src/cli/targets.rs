//! The targets of a command: it works on all of them side by side.

use std::future::Future;
use std::sync::Arc;

use super::progress;
use super::status_line::StatusLine;
use super::{CloudArgs, CommandError, SpecArgs, options, output};
use crate::apply::EventSender;
use crate::concurrent::run_all;
use crate::files::Disk;
use crate::model::{of_target, visible, without_users};
use crate::plan::PlanOptions;
use crate::session::{
    ChosenResources, Session, SessionError, SessionOptions, SpecDiagnostics, TargetSpec, check_targets, overlap,
    read_targets,
};

/// What the targets of a spec came to, in the order of the spec.
pub struct Targets<T>(pub Vec<TargetResult<T>>);

/// What one target came to.
pub struct TargetResult<T> {
    /// Its name; none if the spec has no `targets`.
    pub name: Option<String>,
    /// The result.
    pub result: Result<T, CommandError>,
}

/// Reads a spec for each of its targets, or for those that the arguments choose.
pub fn read(spec: &SpecArgs) -> Result<Vec<TargetSpec>, CommandError> {
    Ok(read_targets(&options::inputs(spec), &spec.only, &Disk)?)
}

/// Opens a session for each target and prints the spec's warnings. `plan` gives the options for a target.
pub async fn open(
    specs: Vec<TargetSpec>,
    spec: &SpecArgs,
    cloud: &CloudArgs,
    plan: impl Fn(Option<&str>) -> PlanOptions,
    selection: &ChosenResources,
) -> Result<Targets<Session>, CommandError> {
    check_targets(&specs)?;
    let (inputs, builder) = (options::inputs(spec), Arc::new(options::package_builder(spec)));
    let sessions = specs.into_iter().map(|resolved| {
        let options = SessionOptions {
            inputs: inputs.clone(),
            server: options::server(cloud),
            apply: options::limits(cloud),
            plan: plan(resolved.spec.target()),
            selection: selection.clone(),
            packages: builder.clone(),
        };
        let name = resolved.spec.target().map(str::to_owned);
        async move { (name, Session::open_spec(resolved, options).await) }
    });
    let opened = side_by_side(sessions).await;
    let sessions = || opened.iter().filter_map(|(name, session)| Some((name.as_deref(), session.as_ref().ok()?)));
    for (name, session) in sessions() {
        for warning in &session.connection_warnings {
            let of = of_target(name);
            let warning = without_users(&visible(warning));
            output::eprint(&format!("{} {of}{warning}", output::stderr_style().strong("warning:")));
        }
    }
    options::print_findings(&SpecDiagnostics::of_targets(sessions().map(|(name, it)| (name, it.warnings.clone()))));
    // Only now all accounts are known.
    if let Some(overlap) = overlap(sessions().filter_map(|(name, session)| Some((name?, session.stack())))) {
        return Err(SessionError::Overlap(overlap).into());
    }
    let opened =
        opened.into_iter().map(|(name, session)| TargetResult { name, result: session.map_err(CommandError::from) });
    Ok(Targets(opened.collect()))
}

impl<T: Send + 'static> Targets<T> {
    /// Goes on with every target that has not failed, and draws the progress of each.
    pub async fn then<U, F>(self, status: &StatusLine, work: impl Fn(T, EventSender) -> F) -> Targets<U>
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
                // What was done counts, drawn or not.
                let _ = drawing.await;
                TargetResult { name, result }
            }
        });
        Targets(side_by_side(tasks.collect::<Vec<_>>()).await)
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
