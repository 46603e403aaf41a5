//! `trueup drift`: everything in which the account is not as declared.

use clap::Args;
use serde_json::json;

use super::session::Session;
use super::{CloudArgs, Exit, OutputArgs, SpecArgs, output};
use crate::observe::Depth;
use crate::plan::PlanOptions;

/// Find everything in which the account is not as declared, undeclared things included. Ends with 2 if there is any.
#[derive(Args)]
pub struct Drift {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// The exit code for drift, for pipelines that take 2 for something else.
    #[arg(long, value_name = "N", env = "TRUEUP_EXIT_CODE", value_parser = clap::value_parser!(u8))]
    exit_code: Option<u8>,
}

impl Drift {
    pub async fn run(self) -> anyhow::Result<Exit> {
        let session = match Session::open(&self.spec, &self.cloud).await? {
            Ok(session) => session,
            Err(exit) => return Ok(exit),
        };
        let prepared = session
            .reconciler
            .plan(&PlanOptions::default(), Depth::Full)
            .await
            .map_err(|error| session.reads(error))?;
        let plan = prepared.plan.masked();
        let drifted = crate::drift::drift(&plan);
        if self.output.json {
            output::json(&json!({"drift": drifted, "not_compared": plan.not_compared}))?;
        } else {
            let text = crate::show::drift::render(&drifted, &plan.not_compared, output::style(&self.output));
            output::text(&text)?;
        }
        Ok(match self.exit_code {
            _ if drifted.is_empty() => Exit::Fine,
            Some(code) => Exit::Other(code),
            None => Exit::Changes,
        })
    }
}
