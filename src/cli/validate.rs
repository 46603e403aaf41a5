//! `trueup validate`: check a spec, offline.

use clap::Args;
use serde_json::json;

use super::{Exit, OutputArgs, SpecArgs, output, session};

/// Check a spec, without touching AWS: every error at once, with file, line and column.
#[derive(Args)]
pub struct Validate {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Validate {
    pub fn run(self) -> anyhow::Result<Exit> {
        let loaded = session::load(&self.spec, None)?;
        if self.output.json {
            output::json(&json!({
                "diagnostics": crate::show::diagnostics::to_json(&loaded.diagnostics, &loaded.sources),
                "resources": loaded.stack.as_ref().map(|stack| stack.resources.len()),
            }))?;
        } else {
            session::tell(&loaded);
        }
        match &loaded.stack {
            None => Ok(Exit::Error),
            Some(stack) => {
                if !self.output.json {
                    output::text(&format!("{}: {} resources, no errors.\n", stack.scope.stack, stack.resources.len()))?;
                }
                Ok(Exit::Fine)
            }
        }
    }
}
