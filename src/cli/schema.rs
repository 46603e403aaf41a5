//! `trueup schema`: prints the JSON Schema of specs, plans and other data.

use clap::{Args, ValueEnum};

use super::{CommandError, Exit, output};

const EXAMPLES: &str = "\
Examples:
  trueup schema > stack.schema.json
  trueup schema plan > plan.schema.json
  trueup schema report > report.schema.json";

/// Print the JSON Schema of specs, plans and other data
///
/// Editors use the schema of specs; programs that read `plan --json` and `apply --json` use the others.
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
    /// Reports of `apply --json`
    Report,
    /// Drift as data, of `drift --json`
    Drift,
    /// Events of `--output ndjson=`
    Event,
}

impl SchemaCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        output::print_json(&match self.of {
            SchemaKind::Stack => crate::declaration::schema::stack_schema(),
            SchemaKind::Plan => crate::plan::schema(),
            SchemaKind::Report => crate::apply::schema(),
            SchemaKind::Drift => crate::drift::schema(),
            SchemaKind::Event => crate::show::events::schema(),
        })?;
        Ok(Exit::Success)
    }
}
