//! `trueup schema`: prints the JSON Schema of specs or plans.

use clap::{Args, ValueEnum};

use super::{CommandError, Exit, output};

const EXAMPLES: &str = "\
Examples:
  trueup schema > stack.schema.json
  trueup schema plan > plan.schema.json";

/// Print the JSON Schema of specs or plans
///
/// Editors complete and check specs by the first; tools read `plan --json` by the second.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaCommand {
    /// Print the schema of this format
    #[arg(value_enum, default_value = "stack")]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Spec files
    Stack,
    /// Saved plans and `plan --json`
    Plan,
    /// Reports of `apply --json`.
    Report,
}

impl SchemaCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        output::print_json(&match self.of {
            Of::Stack => crate::declaration::schema::stack_schema(),
            Of::Plan => crate::plan::schema(),
            Of::Report => crate::apply::schema(),
        })?;
        Ok(Exit::Success)
    }
}
