//! Plans, drift and findings for other programs: pull requests, pipelines, scanners, browsers. Pure: each renderer returns a text.

mod applied;
pub mod counts;
mod drift_lines;
mod drift_markdown;
pub mod github;
pub mod html;
pub mod junit;
pub mod markdown;
mod markdown_text;
mod problem;
pub mod sarif;
pub mod tfplan;

use std::collections::BTreeMap;

use crate::model::{Address, SourcePlace};
use crate::plan::MaskedPlan;

pub use applied::{AppliedTarget, failed_summary, of_applied, outputs, step_summary, steps, withheld_outputs};
pub use drift_markdown::DriftReport;
pub use problem::{ProblemLevel, ReportProblem, of_diagnostics, of_drift, of_failed_reads, of_plans};

/// The plans of a command.
#[derive(Clone, Debug, Default)]
pub struct PlanReport {
    /// The plan of each target, in the order of the spec.
    pub plans: Vec<ReportedPlan>,
    /// The targets without a plan, each with its error.
    pub failed: Vec<(String, String)>,
    /// What went wrong with the targets without a plan.
    pub problems: Vec<ReportProblem>,
    /// The digest of the file that they were saved to.
    pub digest: Option<String>,
    /// The command that applies exactly these plans.
    pub apply_command: Option<String>,
    /// The page on which the whole of it can be read, such as that of the pipeline.
    pub link: Option<String>,
}

/// The plan of a target.
#[derive(Clone, Debug)]
pub struct ReportedPlan {
    /// Its name; none if the spec has no `targets`.
    pub target: Option<String>,
    /// The plan.
    pub plan: MaskedPlan,
    /// Where each resource is declared.
    pub places: BTreeMap<Address, SourcePlace>,
    /// Where the spec begins, for what has no other place.
    pub spec: Option<SourcePlace>,
    /// Each resource that the plan changes, with one that it depends on and that changes too.
    pub dependencies: Vec<(Address, Address)>,
}

impl ReportedPlan {
    /// Returns what the plan is of: the stack and the target.
    pub fn title(&self) -> String {
        match &self.target {
            Some(target) => format!("{} ({target})", self.plan.stack),
            None => self.plan.stack.clone(),
        }
    }
}
