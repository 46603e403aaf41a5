//! Shows a fresh plan and asks the user to approve it.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::{CommandError, ErrorKind, OutputArgs, output, session};
use crate::apply::Report;
use crate::observe::Depth;
use crate::plan::ApprovedPlan;
use crate::session::Session;
use crate::show::plan::{Detail, render};

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

/// Plans, shows the plan and asks; returns `None` if there is nothing to change.
pub async fn approve(
    session: &Session,
    args: &OutputArgs,
    approval: &ApprovalArgs,
) -> Result<Option<ApprovedPlan>, CommandError> {
    let executable = session::plan_settled(session, Depth::Declared, args).await?;
    let plan = executable.plan.masked();
    if !args.json {
        output::print(&render(&plan, Detail::Changes, output::style(args)))?;
        if !plan.refusals.is_empty() {
            // The rendered plan ends with its refusals.
            return Err(CommandError::message(ErrorKind::Refused, "the plan is refused; nothing was changed"));
        }
    }
    let approved = executable.approve(&session.options().limits)?;
    if plan.is_empty() {
        if args.json {
            output::print_json(&Report::default().masked())?;
        }
        CommandError::for_unreadable(&plan.not_compared)?;
        return Ok(None);
    }
    if !approval.auto_approve {
        ask(session.options().destroy, &plan.stack, approval.input)?;
    }
    Ok(Some(approved))
}

/// Asks the user. To destroy a stack, its name must be typed, so that habit does not answer.
fn ask(is_destroy: bool, stack: &str, may_prompt: bool) -> Result<(), CommandError> {
    let (question, expected) = match is_destroy {
        true => {
            (format!("Delete all of these resources? This cannot be undone. Only '{stack}' will be accepted."), stack)
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
