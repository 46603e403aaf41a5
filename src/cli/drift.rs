//! `trueup drift`: reports differences between the spec and the live account.

use std::collections::BTreeMap;

use clap::Args;

use super::pipeline::pipeline_page;
use super::problems::TargetProblems;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use super::reported::{places, spec_place};
use super::sections::Sections;
use super::showing::Showing;
use super::targets::{self, TargetResult};
use super::{CloudArgs, CommandError, Exit, OutputArgs, SpecArgs, output};
use crate::drift::DriftDocument;
use crate::model::{Address, PerTarget, SourcePlace, of_target};
use crate::observe::Depth;
use crate::plan::{MaskedPlan, PlanOptions};
use crate::session::ChosenResources;
use crate::show::events;
use crate::show::reports::{DriftReport, ReportProblem, html, of_drift, of_failed_reads};

const EXAMPLES: &str = "\
Examples:
  trueup drift -f stack.yaml
  trueup drift -f stack.yaml --json --exit-code 0";

/// Report differences between the spec and the live account
///
/// Resources that the spec does not declare are reported too. Exits with 2 if there is any difference.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DriftCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Read only functions that listings show to differ
    #[arg(long, env = "TRUEUP_SHALLOW")]
    shallow: bool,
    /// Exit with N instead of 2 if there is drift
    #[arg(long, value_name = "N", env = "TRUEUP_EXIT_CODE", value_parser = clap::value_parser!(u8))]
    exit_code: Option<u8>,
    #[command(flatten)]
    reports: ReportArgs,
}

/// The reports of drift.
const REPORTS: [ReportKind; 8] = [
    ReportKind::Text,
    ReportKind::Json,
    ReportKind::Ndjson,
    ReportKind::Markdown,
    ReportKind::Github,
    ReportKind::Junit,
    ReportKind::Sarif,
    ReportKind::Html,
];

/// The drift of a target.
struct FoundDrift {
    target: Option<String>,
    plan: MaskedPlan,
    document: DriftDocument,
    places: BTreeMap<Address, SourcePlace>,
    spec: Option<SourcePlace>,
}

impl DriftCommand {
    /// Runs the command.
    pub async fn run(mut self) -> Result<Exit, CommandError> {
        self.reports.check("drift", &REPORTS, self.output.json, &self.spec.paths(), None)?;
        self.spec.not_code.extend(self.reports.paths());
        let log = self.reports.event_log("drift")?;
        let (spec, output, reports) = (&self.spec, &self.output, &self.reports);
        let showing = Showing { command: "drift", spec, output, reports, log: &log };
        log.end(self.drift(showing).await.or_else(|error| showing.fail(error)))
    }

    /// Reads the account, and prints and reports how it differs.
    async fn drift(&self, showing: Showing<'_>) -> Result<Exit, CommandError> {
        let (specs, everything) = (targets::read(&self.spec)?, ChosenResources::default());
        let opened = targets::open(specs, &self.spec, &self.cloud, |_| PlanOptions::default(), &everything).await?;
        let is_shallow = self.shallow;
        let planned = opened
            .then(&showing.status(), move |session, events| async move {
                let executable = match is_shallow {
                    true => session.plan_shallow(&events).await?,
                    false => session.plan_reporting(Depth::Full, &events).await?,
                };
                Ok((session, executable.plan.masked()))
            })
            .await;
        let (mut results, mut problems) = (Vec::new(), TargetProblems::default());
        for TargetResult { name: target, result } in planned.0 {
            let found = result.map(|(session, plan)| {
                let document = DriftDocument::of(&plan);
                let places = places(&session, document.drift.iter().map(|it| &it.address));
                showing.log.write(target.as_deref(), [events::drift(&document)]);
                FoundDrift { target: target.clone(), plan, document, places, spec: spec_place(&session) }
            });
            problems.add(target.as_deref(), &found);
            results.push((target, found));
        }
        let found: Vec<&FoundDrift> = results.iter().filter_map(|(_, found)| found.as_ref().ok()).collect();
        let failed = results.iter().filter_map(|(name, found)| Some((name.clone()?, found.as_ref().err()?.shown())));
        let (failed, problems) = (failed.collect(), problems.into_problems(&self.spec));
        match found.is_empty() {
            true => self.reports.write_failed(showing.command, &problems)?,
            false => self.write_reports(&found, failed, problems)?,
        }
        let mut sections = showing.sections();
        let mut exits = Vec::new();
        for (name, found) in results {
            let name = name.as_deref();
            let ended = found.and_then(|found| self.present(name, &found, &mut sections));
            exits.push(sections.end(name, ended));
        }
        sections.finish()?;
        Ok(Exit::worst(exits))
    }

    /// Writes the reports that are asked for.
    fn write_reports(
        &self,
        found: &[&FoundDrift],
        failed: Vec<(String, String)>,
        mut problems: Vec<ReportProblem>,
    ) -> anyhow::Result<()> {
        if !self.reports.is_any() {
            return Ok(());
        }
        for it in found {
            let (target, spec) = (it.target.as_deref(), it.spec.as_ref());
            problems.extend(of_failed_reads(target, &it.plan.not_compared, spec));
            problems.extend(of_drift(target, &it.document.drift, &it.places, spec));
        }
        let addresses = found.iter().flat_map(|it| {
            let of = of_target(it.target.as_deref());
            it.plan.resources.iter().map(move |planned| format!("{of}{}", planned.address))
        });
        let documents = || found.iter().map(|it| (it.target.clone(), it.document.clone()));
        let report = DriftReport { targets: documents().collect(), failed, link: pipeline_page() };
        self.reports.write_drift(&report, &problems, &addresses.collect::<Vec<_>>(), |kind| {
            ReportContent::Text(match kind {
                ReportKind::Html => html::render_drift(
                    found.iter().map(|it| (it.target.as_deref(), &it.plan, it.document.drift.as_slice())),
                ),
                ReportKind::Json => return ReportContent::json(PerTarget::of(documents()).with_failed(&report.failed)),
                _ => {
                    let style = output::style(&self.output);
                    let of = |target: &String| style.strong(&format!("target {target}")) + "\n";
                    let text = |it: &&FoundDrift| {
                        it.target.as_ref().map_or_else(String::new, of)
                            + &crate::show::drift::render(&it.document.drift, &it.plan.not_compared, style)
                    };
                    let failed = report.failed.iter().map(|(name, error)| format!("{}error: {error}\n", of(name)));
                    found.iter().map(text).chain(failed).collect::<Vec<_>>().join("\n")
                }
            })
        })
    }

    fn present(
        &self,
        name: Option<&str>,
        found: &FoundDrift,
        sections: &mut Sections<'_, DriftDocument>,
    ) -> Result<Exit, CommandError> {
        let FoundDrift { plan, document, .. } = found;
        let drifted = &document.drift;
        sections.print(
            name,
            |style| crate::show::drift::render(drifted, &plan.not_compared, style),
            || document.clone(),
        )?;
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(match self.exit_code {
            _ if drifted.is_empty() => Exit::Success,
            Some(code) => Exit::Other(code),
            None => Exit::Changes,
        })
    }
}
