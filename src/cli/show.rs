//! `trueup show`: a saved plan as text or data.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Exit, OutputArgs, output};
use crate::show::plan::{Detail, render};

/// Show a saved plan.
#[derive(Args)]
pub struct Show {
    /// The file that `plan --out` wrote.
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    /// Show the resources that are kept as well.
    #[arg(long, env = "TRUEUP_ALL")]
    all: bool,
}

impl Show {
    pub fn run(self) -> anyhow::Result<Exit> {
        let plan = read(&self.file)?;
        if self.output.json {
            output::json(&plan)?;
        } else {
            let detail = if self.all { Detail::All } else { Detail::Changes };
            output::text(&render(&plan.masked(), detail, output::style(&self.output)))?;
        }
        Ok(Exit::Fine)
    }
}

/// The largest plan file that is read: many times that of a plan of ten thousand functions.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads a saved plan.
pub fn read(path: &std::path::Path) -> anyhow::Result<crate::plan::SealedPlan> {
    let bytes = crate::files::read(path, LARGEST).with_context(|| format!("could not read {}", path.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("could not read {}", path.display()))?;
    crate::plan::SealedPlan::from_json(&text).with_context(|| path.display().to_string())
}
