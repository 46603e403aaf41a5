//! Shows fresh plans and asks the user to approve them.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::problems::TargetProblems;
use super::reported::reported;
use super::sections::Sections;
use super::showing::Showing;
use super::targets::{TargetResult, Targets};
use super::{CommandError, ErrorKind, Exit, output, quoted};
use crate::apply::EventSender;
use crate::observe::Depth;
use crate::plan::{ApprovedPlan, ExecutablePlan, Limits, MaskedPlan};
use crate::session::Session;
use crate::show::events;
use crate::show::plan::{Display, render, summary};

/// What is said of a plan that could have been applied, had another target had one too.
const NOT_APPLIED: &str = "not applied, because another target has no plan that may be applied";

/// The way of approval.
#[derive(Args, Clone, Debug)]
pub struct ApprovalArgs {
    /// Apply without asking
    #[arg(long, env = "TRUEUP_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// Allow interactive prompts (false: fail instead of asking)
    #[arg(long, env = "TRUEUP_INPUT", action = clap::ArgAction::Set, default_value_t = true)]
    pub input: bool,
}

/// A plan with the session that made it.
pub struct SessionPlan {
    /// The session.
    pub session: Session,
    /// The plan.
    pub executable: ExecutablePlan,
    /// The limits that it must keep to.
    pub limits: Limits,
}

/// A plan that may be applied.
pub struct Approved {
    /// The session that made it.
    pub session: Session,
    /// The plan.
    pub plan: ApprovedPlan,
    /// True if the user has seen the plan, so that one without changes needs no report.
    pub is_shown: bool,
}

/// The answer to all plans of a command.
pub enum Approval {
    /// They may be applied.
    Given(Targets<Approved>),
    /// None may be; the command ends so.
    Withheld(Exit),
}

/// Plans once Lambda has finished the operations in progress.
pub async fn plan(session: Session, events: EventSender) -> Result<SessionPlan, CommandError> {
    let executable = session.plan_settled(Depth::Declared, &events).await?;
    let limits = session.options().limits.clone();
    Ok(SessionPlan { session, executable, limits })
}

/// Shows the plans, and asks once for all of them. None is approved unless every target has a plan that may be applied. A
/// saved plan was shown before, and is neither shown nor asked for.
pub fn approve(
    planned: Targets<SessionPlan>,
    showing: Showing<'_>,
    approval: Option<&ApprovalArgs>,
) -> Result<Approval, CommandError> {
    let mut sections = showing.sections();
    let (mut approved, mut failed, mut problems) = (Vec::new(), Vec::new(), TargetProblems::default());
    for TargetResult { name, result } in planned.0 {
        let plan = result.as_ref().ok().map(|planned| reported(name.as_deref(), &planned.session, &planned.executable));
        if let Some(reported) = &plan {
            showing.log.write(name.as_deref(), events::planned(&reported.plan));
        }
        let shown = plan.as_ref().filter(|_| approval.is_some()).map(|reported| &reported.plan);
        match result.and_then(|planned| check(planned, name.as_deref(), shown, &mut sections)) {
            Ok(plan) => approved.push((name, plan)),
            Err(error) => {
                let error = problems.add_withheld(name.as_deref(), plan, error);
                failed.push(sections.end(name.as_deref(), Err(error)));
            }
        }
    }
    if !failed.is_empty() {
        showing.write_withheld(&problems.into_problems(showing.spec))?;
        approved.iter().for_each(|(name, _)| sections.leave_out(name.as_deref(), NOT_APPLIED));
        sections.finish()?;
        let others: Vec<&str> = approved.iter().filter_map(|(name, _)| name.as_deref()).collect();
        if !others.is_empty() {
            let others = quoted::word(&others.join(","));
            output::eprint(&format!("Nothing was changed in any target. To work on the others, pass --only {others}."));
        }
        return Ok(Approval::Withheld(Exit::worst(failed)));
    }
    if !showing.output.json {
        sections.finish()?;
    }
    let changing: Vec<&Approved> = approved.iter().map(|(_, it)| it).filter(|it| !it.plan.plan().is_empty()).collect();
    if let Some(approval) = approval.filter(|approval| !approval.auto_approve && !changing.is_empty()) {
        let is_destroy = changing.iter().any(|it| it.session.options().destroy);
        let stacks: BTreeSet<&str> = changing.iter().map(|it| it.plan.plan().stack.as_str()).collect();
        ask(is_destroy, &Vec::from_iter(stacks).join(","), changing.len(), approval.input)?;
    }
    let given = approved.into_iter().map(|(name, plan)| TargetResult { name, result: Ok(plan) });
    Ok(Approval::Given(Targets(given.collect())))
}

/// Prints the plan, unless the user has seen it, and refuses it if its target does not allow it.
fn check(
    SessionPlan { session, executable, limits }: SessionPlan,
    name: Option<&str>,
    shown: Option<&MaskedPlan>,
    sections: &mut Sections<'_, MaskedPlan>,
) -> Result<Approved, CommandError> {
    if let Some(plan) = shown.filter(|_| !sections.is_json()) {
        sections.print(name, |style| render(plan, Display::default(), style), || plan.clone())?;
        sections.sum_up(name, |_| summary(plan));
        if !plan.refusals.is_empty() {
            // The rendered plan ends with its refusals.
            return Err(CommandError::message(ErrorKind::Refused, "the plan is refused; nothing was changed"));
        }
    }
    Ok(Approved { session, plan: executable.approve(&limits)?, is_shown: shown.is_some() })
}

/// Asks the user. To destroy a stack, its name must be typed, so that habit does not answer.
fn ask(is_destroy: bool, stack: &str, targets: usize, may_prompt: bool) -> Result<(), CommandError> {
    let (question, expected) = match is_destroy {
        true => {
            let place = if targets > 1 { format!(" in {targets} targets") } else { String::new() };
            let warning = "This cannot be undone.";
            (format!("Delete all of these resources{place}? {warning} Only '{stack}' will be accepted."), stack)
        }
        false if targets > 1 => {
            (format!("Apply these changes to {targets} targets? Only 'yes' will be accepted."), "yes")
        }
        false => ("Apply these changes? Only 'yes' will be accepted.".to_owned(), "yes"),
    };
    if !may_prompt || !std::io::stdin().is_terminal() {
        let why = if may_prompt { "not a terminal" } else { "--input=false" };
        return Err(CommandError::message(ErrorKind::Failed, format!("cannot prompt: {why}"))
            .hint("pass --auto-approve, or save a plan with --out and apply it"));
    }
    output::eprint(&format!("\n{question}"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == expected {
        return Ok(());
    }
    Err(CommandError::message(ErrorKind::Failed, "not approved; nothing was changed"))
}
