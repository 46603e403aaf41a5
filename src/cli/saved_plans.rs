//! Saved plans that a command reads, and the sessions that make them again.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;

use super::targets::{self, TargetResult, Targets};
use super::{CloudArgs, CommandError, ErrorKind, PlanKeyArgs, SpecArgs, quoted, show};
use crate::model::visible;
use crate::plan::SealedPlan;
use crate::plan::saved::{PlanKey, SavedPlans};
use crate::session::{ChosenResources, Session, TargetSpec};

/// The plan that was approved.
#[derive(Args, Clone, Debug, Default)]
pub struct ExpectedPlanArgs {
    /// Refuse any plan file but that with this digest, which `plan --out` prints
    #[arg(long, value_name = "sha256:…", env = "TRUEUP_EXPECT_DIGEST", requires = "plan", value_parser = digest)]
    expect_digest: Option<String>,
}

/// Parses the digest of a file, as `plan --out` and `sha256sum` print it.
fn digest(text: &str) -> Result<String, String> {
    let digits = text.trim().to_ascii_lowercase();
    let digits = digits.strip_prefix("sha256:").unwrap_or(&digits);
    match digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        true => Ok(format!("sha256:{digits}")),
        false => Err("not the digest that `plan --out` has printed".to_owned()),
    }
}

/// The saved plans of a file that a command works on.
pub struct SavedPlanFile<'a> {
    path: &'a Path,
    plans: SavedPlans,
    /// The digest of the file.
    pub digest: String,
}

impl SavedPlanFile<'_> {
    /// Reads those of the targets to work on. For a spec in their place, the hint names the command that reads one.
    pub fn read<'a>(
        path: &'a Path,
        expected: &ExpectedPlanArgs,
        spec: &SpecArgs,
        spec_command: &str,
    ) -> Result<SavedPlanFile<'a>, CommandError> {
        let (SavedPlans(mut plans), digest) = show::read(path, spec_command)?;
        if let Some(expected) = expected.expect_digest.as_ref().filter(|expected| *expected != &digest) {
            let message =
                format!("{} is not the plan that was approved: it has the digest {digest}", quoted::path(path));
            return Err(CommandError::message(ErrorKind::Stale, message)
                .hint(format!("{} was expected; have this plan approved, or fetch the other", visible(expected))));
        }
        plans.retain(|(name, _)| spec.only.is_empty() || name.as_ref().is_some_and(|it| spec.only.contains(it)));
        for (_, plan) in &plans {
            // Whatever a build says of the time, a plan that has expired has.
            check_age(path, plan, Timestamp::now())?;
        }
        Ok(SavedPlanFile { path, plans: SavedPlans(plans), digest })
    }

    /// Opens a session for each, with the options that it was planned with, and reads the key that all need.
    pub async fn open(
        &self,
        spec: &SpecArgs,
        cloud: &CloudArgs,
        key: &PlanKeyArgs,
    ) -> Result<(Targets<(Session, SealedPlan)>, Option<PlanKey>), CommandError> {
        let plans = &self.plans.0;
        let specs = targets::read(spec)?;
        self.check_targets(&specs)?;
        let key = key.read()?;
        for (_, plan) in plans {
            self.check_key(plan, key.is_some())?;
        }
        let of = |name: Option<&str>| plans.iter().find(|(of, _)| of.as_deref() == name).map(|(_, plan)| plan);
        let options = |name: Option<&str>| of(name).map(|plan| plan.options.clone()).unwrap_or_default();
        let opened = targets::open(specs, spec, cloud, options, &ChosenResources::default()).await?;
        let with_plan = |TargetResult { name, result }: TargetResult<Session>| {
            let plan = of(name.as_deref()).cloned();
            Some(TargetResult { name, result: result.map(|session| plan.map(|plan| (session, plan))).transpose()? })
        };
        Ok((Targets(opened.0.into_iter().filter_map(with_plan).collect()), key))
    }

    /// Refuses the plans of other targets than those of the spec.
    fn check_targets(&self, specs: &[TargetSpec]) -> Result<(), CommandError> {
        if specs.iter().any(|it| it.offline.stack.is_none()) {
            // The errors of the spec say more.
            return Ok(());
        }
        let refused = |message: String| {
            let hint = "run plan again, or choose targets with --only";
            Err(CommandError::message(ErrorKind::Refused, message).hint(hint))
        };
        let path = quoted::path(self.path);
        let declared: Vec<Option<&str>> = specs.iter().map(|it| it.spec.target()).collect();
        let planned: Vec<Option<&str>> = self.plans.0.iter().map(|(name, _)| name.as_deref()).collect();
        match (&declared[..], &planned[..]) {
            ([None], [None]) => return Ok(()),
            (_, [None]) => return refused(format!("{path} is for a spec without `targets`, and this one has them")),
            ([None], _) => return refused(format!("{path} is for a spec with `targets`, and this one has none")),
            _ => {}
        }
        if let Some(name) = planned.iter().flatten().find(|name| !declared.contains(&Some(**name))) {
            return refused(format!(
                "{path} has a plan for the target `{}`, and the spec has no such target",
                visible(name)
            ));
        }
        if let Some(name) = declared.iter().flatten().find(|name| !planned.contains(&Some(**name))) {
            return refused(format!("{path} has no plan for the target `{name}` of the spec"));
        }
        Ok(())
    }

    /// Refuses a saved plan if only one of it and the command has a plan key.
    fn check_key(&self, plan: &SealedPlan, is_given: bool) -> Result<(), CommandError> {
        let refused = |why: &str, hint: &str| {
            let message = format!("{} was saved {why}", quoted::path(self.path));
            Err(CommandError::message(ErrorKind::Failed, message).hint(hint))
        };
        match (plan.plan_key.is_some(), is_given) {
            (true, false) => refused("with a plan key, and none is given", "pass the same key with --plan-key FILE"),
            // It holds nothing that the key could check, so somebody may have put it in the place of one that does.
            (false, true) => {
                let hint = "save the plan with --plan-key FILE, or leave the key out";
                refused("without a plan key, and one is given", hint)
            }
            (true, true) | (false, false) => Ok(()),
        }
    }
}

/// Refuses a plan that has expired, or that another version of trueup made: it might do something else.
fn check_age(path: &Path, plan: &SealedPlan, now: Timestamp) -> Result<(), CommandError> {
    let refused = |why: String| {
        let message = format!("{} {why}", quoted::path(path));
        Err(CommandError::message(ErrorKind::Stale, message).hint("run plan again and review it"))
    };
    let (made_by, this) = (&plan.trueup_version, env!("CARGO_PKG_VERSION"));
    if made_by != this {
        return refused(format!("was made by trueup {}, and this is trueup {this}", visible(made_by)));
    }
    match plan.provenance.as_ref().and_then(|provenance| Some((provenance.made_at, provenance.expired(now)?))) {
        Some((made_at, end)) => refused(format!("was made at {made_at} and expired at {end}")),
        None => Ok(()),
    }
}
