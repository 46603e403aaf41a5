//! `trueup schema`: the JSON Schema of specs or of plans.

use clap::{Args, ValueEnum};

use super::{CommandError, Exit, output};

/// Print the JSON Schema of specs, for editors, or of plans, for tools that read `--json`.
#[derive(Args)]
pub struct SchemaCommand {
    /// Of what.
    #[arg(value_enum, default_value = "stack")]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Spec files.
    Stack,
    /// Plans.
    Plan,
    /// Reports of `apply --json`.
    Report,
}

impl SchemaCommand {
    pub fn run(self) -> Result<Exit, CommandError> {
        output::print_json(&match self.of {
            Of::Stack => crate::declaration::schema::stack_schema(),
            Of::Plan => crate::plan::schema(),
            Of::Report => crate::apply::schema(),
        })?;
        Ok(Exit::Success)
    }
}
