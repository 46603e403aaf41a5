//! `trueup explain`: the rules that a spec is checked against.

use clap::Args;
use serde_json::Value;

use super::command_error::ErrorKind;
use super::{CommandError, Exit, OutputArgs, output, quoted};
use crate::declaration;
use crate::show::rules;

const EXAMPLES: &str = "\
Examples:
  trueup explain V014
  trueup explain --json";

/// Explain a rule of the spec, or list all rules
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainCommand {
    /// Explain the rule of this code, such as V014 or 14
    #[arg(value_name = "CODE")]
    code: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl ExplainCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let Some(code) = &self.code else {
            let all = declaration::rules();
            if self.output.json {
                output::print_json(&all.iter().map(|rule| rules::to_json(rule)).collect::<Vec<Value>>())?;
            } else {
                output::print(&rules::list(all))?;
            }
            return Ok(Exit::Success);
        };
        let Some(rule) = declaration::rule(code) else { return Err(unknown(code)) };
        if self.output.json {
            output::print_json(&rules::to_json(rule))?;
        } else {
            output::print(&rules::explain(rule, output::style(&self.output)))?;
        }
        Ok(Exit::Success)
    }
}

fn unknown(code: &str) -> CommandError {
    let error = CommandError::message(ErrorKind::Failed, format!("there is no rule `{}`", quoted::argument(code)));
    match declaration::rules_near(code).as_slice() {
        [] => error.hint("run `trueup explain` for the list of all rules"),
        near => near
            .iter()
            .fold(error, |error, rule| error.hint(format!("run `trueup explain {}`: {}", rule.id, rule.title))),
    }
}
