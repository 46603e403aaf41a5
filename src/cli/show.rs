//! `trueup show`: prints a saved plan.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::{CommandError, Exit, OutputArgs, output};
use crate::plan::SealedPlan;
use crate::show::plan::{Detail, render};

const EXAMPLES: &str = "\
Examples:
  trueup show plan.json
  trueup show plan.json --json";

/// Print a saved plan
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowCommand {
    /// Read the plan from this file, written by `plan --out`
    #[arg(value_name = "PLAN")]
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    /// Also show resources without changes
    #[arg(long, env = "TRUEUP_ALL")]
    all: bool,
}

impl ShowCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let plan = read(&self.file)?;
        if self.output.json {
            output::print_json(&plan)?;
        } else {
            let detail = if self.all { Detail::All } else { Detail::Changes };
            output::print(&render(&plan.masked(), detail, output::style(&self.output)))?;
        }
        Ok(Exit::Success)
    }
}

/// The largest plan file that is read, in bytes: many times a plan of ten thousand functions.
const MAX_PLAN_BYTES: u64 = 256 * 1024 * 1024;

/// Reads a saved plan.
pub fn read(path: &Path) -> anyhow::Result<SealedPlan> {
    SealedPlan::from_json(&text(path)?).with_context(|| path.display().to_string())
}

/// Reads the text of a plan file.
pub fn text(path: &Path) -> anyhow::Result<String> {
    let bytes =
        crate::files::read(path, MAX_PLAN_BYTES).with_context(|| format!("could not read {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("could not read {}", path.display()))
}
