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
    of: SchemaKind,
}

#[derive(Clone, Copy, ValueEnum)]
enum SchemaKind {
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
            SchemaKind::Stack => crate::declaration::schema::stack_schema(),
            SchemaKind::Plan => crate::plan::schema(),
            SchemaKind::Report => crate::apply::schema(),
        })?;
        Ok(Exit::Success)
    }
}
