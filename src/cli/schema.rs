//! `trueup schema`: the JSON Schema of specs or of plans.

use clap::{Args, ValueEnum};

use super::{Exit, output};

/// Print the JSON Schema of specs, for editors, or of plans, for tools that read `--json`.
#[derive(Args)]
pub struct Schema {
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
}

impl Schema {
    pub fn run(self) -> anyhow::Result<Exit> {
        output::json(&match self.of {
            Of::Stack => crate::declaration::schema::stack_schema(),
            Of::Plan => crate::plan::schema(),
        })?;
        Ok(Exit::Fine)
    }
}
