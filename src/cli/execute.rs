//! Applies an approved plan: shows the progress, stops on signals, prints the report.
#![expect(clippy::disallowed_methods, reason = "a second Ctrl-C aborts at once")]

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::interrupts::Interrupts;
use super::progress::{self, StatusLine};
use super::{CommandError, Exit, OutputArgs, output};
use crate::apply::Verdict;
use crate::plan::ApprovedPlan;
use crate::session::Session;
use crate::show::report;

/// Applies the plan and prints its report.
pub async fn execute(session: &Session, approved: ApprovedPlan, args: &OutputArgs) -> Result<Exit, CommandError> {
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
    let not_compared = approved.plan().not_compared.clone();
    let (events, drawing) = progress::show(status);
    let report = session.apply(approved, stop, events).await;
    drawing.await.context("could not draw the progress")?;
    listening.abort();
    if args.json {
        output::print_json(&report.masked())?;
    } else {
        let style = output::style(args);
        output::print(&match session.options().destroy {
            true => report::render_destroy(&report, style, &crate::cloud::hint),
            false => report::render(&report, style, &crate::cloud::hint),
        })?;
    }
    let verdict = report.verdict();
    if verdict == Verdict::Applied {
        CommandError::for_unreadable(&not_compared)?;
    }
    Ok(verdict.into())
}
