//! `trueup show`: prints a saved plan.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;

use super::sections::Sections;
use super::{CommandError, DisplayArgs, ErrorKind, Exit, OutputArgs, output, quoted};
use crate::model::visible;
use crate::plan::SealedPlan;
use crate::plan::saved::{PlanFileError, Provenance, SavedPlans};
use crate::show::plan::render;
use crate::show::reports::{PlanReport, ReportedPlan};

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
    #[command(flatten)]
    display: DisplayArgs,
}

impl ShowCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let (plans, digest) = read(&self.file, "plan")?;
        let display = self.display.display();
        let mut sections = Sections::without_summary(&self.output);
        for (name, plan) in &plans.0 {
            sections.print(name.as_deref(), |style| render(&plan.masked(), display, style), || plan)?;
        }
        sections.finish()?;
        if !self.output.json {
            let provenance = plans.0.first().and_then(|(_, plan)| plan.provenance.as_ref());
            output::print(&saved_line(provenance, &digest))?;
        }
        Ok(Exit::Success)
    }
}

/// Returns where a plan comes from, how long it holds, and its digest.
fn saved_line(provenance: Option<&Provenance>, digest: &str) -> String {
    let made = provenance.map(|it| format!("Made at {}", it.made_at));
    let commit = provenance.and_then(Provenance::short_commit).map(|commit| format!("commit {}", visible(&commit)));
    let expires = provenance.and_then(|it| it.expires_at).map(|end| match end <= Timestamp::now() {
        true => format!("expired at {end}"),
        false => format!("expires at {end}"),
    });
    let facts = made.into_iter().chain(commit).chain(expires).chain([digest.to_owned()]);
    facts.collect::<Vec<_>>().join(" · ") + "\n"
}

/// The largest plan file that is read, in bytes: many times a plan of ten thousand functions.
const MAX_PLAN_BYTES: u64 = 256 * 1024 * 1024;

/// Reads saved plans, and the digest of their file. For a spec in their place, the hint names the command that reads one.
pub fn read(path: &Path, spec_command: &str) -> Result<(SavedPlans, String), CommandError> {
    let text = text(path)?;
    let plans = SavedPlans::from_json(&text).map_err(|error| not_plans(path, &text, error, spec_command))?;
    Ok((plans, SavedPlans::digest(&text)))
}

/// Reads plans that need not be all of them: also the targets without one, each with its error.
pub fn read_report(path: &Path) -> Result<(PlanReport, String), CommandError> {
    let text = text(path)?;
    let read = SavedPlans::from_report(&text).map_err(|error| not_plans(path, &text, error, "plan"))?;
    let (plans, failed) = read;
    let reported = |(target, plan): (Option<String>, SealedPlan)| ReportedPlan {
        target,
        plan: plan.masked(),
        places: Default::default(),
        spec: None,
        dependencies: Vec::new(),
    };
    let plans = plans.0.into_iter().map(reported).collect();
    Ok((PlanReport { plans, failed, ..PlanReport::default() }, SavedPlans::digest(&text)))
}

fn not_plans(path: &Path, text: &str, error: PlanFileError, spec_command: &str) -> CommandError {
    let shown = quoted::path(path);
    if !is_like_spec(path, text) {
        return anyhow::Error::from(error).context(shown).into();
    }
    CommandError::message(ErrorKind::Failed, format!("{shown} looks like a spec, not like a saved plan"))
        .hint(format!("pass a spec with -f: trueup {spec_command} -f {shown}"))
}

/// Tests if a file that cannot be read as a plan is probably a spec.
fn is_like_spec(path: &Path, text: &str) -> bool {
    let is_json = text.trim().is_empty() || text.trim_start().starts_with('{');
    SavedPlans::stacks_of(text).is_empty() && (is_yaml(path) || !is_json)
}

/// Tests for a file name of YAML.
pub fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|name| name.eq_ignore_ascii_case("yaml") || name.eq_ignore_ascii_case("yml"))
}

/// Reads the text of a plan file.
pub fn text(path: &Path) -> anyhow::Result<String> {
    let context = || format!("could not read {}", quoted::path(path));
    let bytes = crate::files::read(path, MAX_PLAN_BYTES).with_context(context)?;
    String::from_utf8(bytes).with_context(context)
}
