//! Applies approved plans: shows the progress, stops on signals, prints the reports.
#![expect(clippy::disallowed_methods, reason = "a second Ctrl-C aborts at once")]

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::approve::Approved;
use super::interrupts::Interrupts;
use super::sections::Sections;
use super::status_line::StatusLine;
use super::targets::{TargetResult, Targets};
use super::{CommandError, Exit, OutputArgs, output};
use crate::apply::{MaskedReport, PlanApproval, Report, Verdict};
use crate::model::{NotChecked, visible};
use crate::show::report;

/// The result of applying the plan of one target.
struct Applied {
    report: Report,
    /// True if the plan had no changes, and the user has seen that.
    is_silent: bool,
    is_destroy: bool,
    not_compared: Vec<NotChecked>,
}

/// Applies the plans side by side and prints their reports.
pub async fn execute(
    approved: Targets<Approved>,
    approval: Option<PlanApproval>,
    args: &OutputArgs,
) -> Result<Exit, CommandError> {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut interrupts = Interrupts::new().context("could not listen to signals")?;
    let status = StatusLine::new(args.json);
    let said = status.clone();
    let listening = tokio::spawn(async move {
        interrupts.next().await;
        said.println("\nStopping after the calls in progress. Press Ctrl-C again to abort now.");
        stopper.cancel();
        interrupts.next().await;
        std::process::exit(i32::from(Exit::Partial.code()));
    });
    let applied = approved.then(&status, |Approved { session, plan, is_shown }, events| {
        let stop = stop.clone();
        async move {
            let is_destroy = session.options().destroy;
            let not_compared = plan.plan().not_compared.clone();
            let is_silent = is_shown && plan.plan().is_empty();
            let report = session.apply(plan, stop, events).await;
            Ok(Applied { report, is_silent, is_destroy, not_compared })
        }
    });
    let applied = applied.await;
    listening.abort();
    let reports = applied.0.iter().filter_map(|it| Some(&it.result.as_ref().ok()?.report));
    let verdict = Verdict::of(reports.flat_map(|report| &report.steps).map(|(_, outcome)| outcome));
    let mut sections = Sections::new(args);
    let mut ends = Vec::new();
    for TargetResult { name, result } in applied.0 {
        let name = name.as_deref();
        let ended = result.and_then(|applied| present(name, &applied, approval.as_ref(), &mut sections));
        ends.push(sections.end(name, ended));
    }
    sections.finish()?;
    // Whatever else failed, that something was written comes first.
    Ok(if verdict == Verdict::Applied { Exit::worst(ends) } else { verdict.into() })
}

/// Prints the report of a target.
fn present(
    name: Option<&str>,
    applied: &Applied,
    approval: Option<&PlanApproval>,
    sections: &mut Sections<'_, MaskedReport>,
) -> Result<Exit, CommandError> {
    let Applied { report, is_silent, is_destroy, not_compared } = applied;
    if *is_silent && !sections.is_json() {
        sections.sum_up(name, |style| report::summary(report, style, *is_destroy));
    } else {
        sections.print(
            name,
            |style| match is_destroy {
                true => report::render_destroy(report, style, &crate::cloud::hint),
                false => report::render(report, style, &crate::cloud::hint),
            },
            || report.masked().approved(approval.cloned()),
        )?;
    }
    if let Some(name) = approval.and_then(|it| it.approved_by.as_ref()).filter(|_| !sections.is_json()) {
        output::print(&format!("Approved by {}.\n", visible(name)))?;
    }
    if report.verdict() == Verdict::Applied {
        CommandError::for_unreadable(not_compared)?;
    }
    Ok(report.verdict().into())
}
