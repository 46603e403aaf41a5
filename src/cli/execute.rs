//! Applies approved plans: shows the progress, stops on signals, prints the reports.
#![expect(clippy::disallowed_methods, reason = "a second Ctrl-C aborts at once")]

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::approve::Approved;
use super::interrupts::Interrupts;
use super::report_files::{ReportContent, ReportKind};
use super::reported::{places, spec_place};
use super::sections::Sections;
use super::showing::Showing;
use super::targets::{TargetResult, Targets};
use super::{CommandError, Exit, output};
use crate::apply::{MaskedReport, PlanApproval, Verdict};
use crate::model::{PerTarget, visible};
use crate::show::report::{self, ReportOf};
use crate::show::reports::AppliedTarget;
use crate::show::{Style, events};

/// The reports of an apply and of a destroy.
pub const APPLY_REPORTS: [ReportKind; 5] =
    [ReportKind::Text, ReportKind::Json, ReportKind::Ndjson, ReportKind::Github, ReportKind::Junit];

/// The result of applying the plan of one target.
struct Applied {
    of: AppliedTarget,
    /// True if the plan had no changes, and the user has seen that.
    is_silent: bool,
}

/// Applies the plans side by side and prints their reports.
pub async fn execute(
    approved: Targets<Approved>,
    approval: Option<PlanApproval>,
    showing: Showing<'_>,
) -> Result<Exit, CommandError> {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut interrupts = Interrupts::new().context("could not listen to signals")?;
    let (status, log) = (showing.status(), showing.log);
    let said = status.clone();
    let listening = tokio::spawn(async move {
        interrupts.next().await;
        said.println("\nStopping after the calls in progress. Press Ctrl-C again to abort now.");
        stopper.cancel();
        interrupts.next().await;
        std::process::exit(i32::from(Exit::Partial.code()));
    });
    let is_saved = approval.is_some();
    let applied = approved.then(&status, |Approved { session, plan, is_shown }, events| {
        let stop = stop.clone();
        async move {
            let by = match (session.options().destroy, is_saved) {
                (true, _) => ReportOf::Destroy,
                (false, true) => ReportOf::SavedPlan,
                (false, false) => ReportOf::Apply,
            };
            let not_compared = plan.plan().not_compared.clone();
            let is_silent = is_shown && plan.plan().is_empty();
            let places = places(&session, plan.plan().steps.iter().map(|step| &step.address));
            let (stack, spec) = (plan.plan().stack.clone(), spec_place(&session));
            let report = session.apply(plan, stop, events).await;
            Ok(Applied { of: AppliedTarget { target: None, stack, report, places, spec, not_compared, by }, is_silent })
        }
    });
    let mut applied = applied.await.0;
    listening.abort();
    for TargetResult { name, result } in &mut applied {
        if let Ok(Applied { of, .. }) = result {
            of.target.clone_from(name);
            let summary = report::summary(&of.report, Style::default(), of.by);
            log.write(name.as_deref(), [events::applied(&of.report, summary)]);
        }
    }
    let targets: Vec<AppliedTarget> =
        applied.iter().filter_map(|it| Some(it.result.as_ref().ok()?.of.clone())).collect();
    let reported = write_reports(showing, &targets, approval.as_ref());
    let outcomes = targets.iter().flat_map(|it| &it.report.steps).map(|(_, outcome)| outcome);
    let verdict = Verdict::of(outcomes);
    let mut sections = showing.sections();
    let mut ends = Vec::new();
    for TargetResult { name, result } in applied {
        let name = name.as_deref();
        let ended = result.and_then(|applied| present(name, &applied, approval.as_ref(), &mut sections));
        ends.push(sections.end(name, ended));
    }
    let printed = sections.finish();
    // Whatever else failed, that something was written comes first.
    let exit = if verdict == Verdict::Applied { Exit::worst(ends) } else { verdict.into() };
    match reported.and(printed) {
        Ok(()) => Ok(exit),
        Err(error) => CommandError::from(error).unless_worse(exit),
    }
}

/// Writes the reports that are asked for.
fn write_reports(
    Showing { command, reports, .. }: Showing<'_>,
    targets: &[AppliedTarget],
    approval: Option<&PlanApproval>,
) -> anyhow::Result<()> {
    let rendered = |it: &AppliedTarget| {
        let text = report::render(&it.report, Style::default(), it.by, &crate::cloud::hint);
        it.target.as_ref().map_or_else(String::new, |target| format!("target {target}\n")) + &text
    };
    let json = || {
        let document = |it: &AppliedTarget| {
            (it.target.clone(), it.report.masked().approved(approval.cloned()).not_compared(&it.not_compared))
        };
        ReportContent::json(PerTarget::of(targets.iter().map(document)))
    };
    let approved_by = approval.and_then(|it| it.approved_by.as_deref());
    let text = || targets.iter().map(rendered).collect::<Vec<_>>().join("\n");
    reports.write_applied(command, targets, approved_by, text, json)
}

/// Prints the report of a target.
fn present(
    name: Option<&str>,
    applied: &Applied,
    approval: Option<&PlanApproval>,
    sections: &mut Sections<'_, MaskedReport>,
) -> Result<Exit, CommandError> {
    let Applied { of: AppliedTarget { report, by, not_compared, .. }, is_silent } = applied;
    if *is_silent && !sections.is_json() {
        sections.sum_up(name, |style| report::summary(report, style, *by));
    } else {
        sections.print(
            name,
            |style| report::render(report, style, *by, &crate::cloud::hint),
            || report.masked().approved(approval.cloned()).not_compared(not_compared),
        )?;
    }
    if let Some(name) = approval.and_then(|it| it.approved_by.as_ref()).filter(|_| sections.prints_text()) {
        output::print(&format!("Approved by {}.\n", visible(name)))?;
    }
    if report.verdict() == Verdict::Applied {
        CommandError::for_unreadable(not_compared)?;
    }
    Ok(report.verdict().into())
}
