//! The file that `plan --out` writes: where it may be written, and what it holds.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::SignedDuration;

use super::targets::Targets;
use super::{CloudArgs, CommandError, ErrorKind, LimitArgs, PlanKeyArgs, SpecArgs, pipeline, quoted};
use crate::change;
use crate::plan::saved::{Binding, PlanKey, Provenance, SavedPlans};
use crate::plan::{ExecutablePlan, SealedPlan};
use crate::session::Session;

/// The arguments about a plan that is saved.
#[derive(Args, Clone, Debug)]
pub struct SaveArgs {
    /// Save the plan to FILE, to apply exactly this plan later
    #[arg(long, value_name = "FILE", env = "TRUEUP_OUT")]
    pub out: Option<PathBuf>,
    /// Replace FILE even if it is not a plan of this stack
    #[arg(long, env = "TRUEUP_FORCE")]
    force: bool,
    /// Let the saved plan expire after this time, e.g. 24h
    #[arg(long, value_name = "TIME", env = "TRUEUP_EXPIRES", value_parser = time)]
    expires: Option<SignedDuration>,
    #[command(flatten)]
    pub key: PlanKeyArgs,
}

/// The hours of a year, after which no plan is worth keeping.
const LONGEST_HOURS: i64 = 366 * 24;

/// Parses a time such as `24h`, `90m` or `2d`.
fn time(text: &str) -> Result<SignedDuration, String> {
    let invalid = || "not a time such as 24h, 90m or 2d".to_owned();
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    let time = match days {
        Some(days) => SignedDuration::from_hours(24 * i64::from(days)),
        None => text.parse().map_err(|_| invalid())?,
    };
    match time.as_hours() {
        _ if !time.is_positive() => Err(invalid()),
        LONGEST_HOURS.. => Err("longer than a year".to_owned()),
        _ => Ok(time),
    }
}

/// The permissions of a saved plan.
const OWNER_ONLY: u32 = 0o600;

/// The file that plans are saved to.
pub struct PlanFile<'a> {
    path: &'a Path,
    key: Option<PlanKey>,
    force: bool,
    provenance: Provenance,
    /// The options that `apply` needs besides the file.
    options: Vec<String>,
}

impl PlanFile<'_> {
    /// Returns the file of plans that are made with these arguments, if they are to be saved.
    pub fn new<'a>(
        args: &'a SaveArgs,
        spec: &SpecArgs,
        cloud: &CloudArgs,
        limits: &LimitArgs,
    ) -> anyhow::Result<Option<PlanFile<'a>>> {
        // A key that cannot be read is reported all the same.
        let key = args.key.read()?;
        let Some(path) = &args.out else { return Ok(None) };
        let again = spec.again().into_iter().chain(cloud.again()).chain(args.key.again()).chain(limits.again());
        let mut provenance = Provenance::new(pipeline::now(), args.expires);
        let folder = spec.files.first().and_then(|file| file.parent()).filter(|folder| !folder.as_os_str().is_empty());
        if let Some(head) = change::head(folder.unwrap_or(Path::new("."))) {
            provenance.commit = Some(head.commit);
            provenance.has_local_changes = head.has_local_changes;
        }
        Ok(Some(PlanFile { path, key, force: args.force, provenance, options: again.collect() }))
    }

    /// Returns the command that applies the plans.
    pub fn command(&self) -> String {
        let path = quoted::word(&self.path.to_string_lossy());
        ["trueup apply", &path].into_iter().chain(self.options.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    /// Refuses to save over a file that is no plan of one of the stacks, and to anything but a file.
    pub fn may_write(&self, opened: &Targets<Session>) -> Result<(), CommandError> {
        if opened.0.iter().any(|it| it.result.is_err()) {
            // Nothing is saved then, and the error says more than a stack that is not known.
            return Ok(());
        }
        let stacks = opened.0.iter().filter_map(|it| Some(it.result.as_ref().ok()?.stack().scope.stack.as_str()));
        let stacks: BTreeSet<&str> = stacks.collect();
        let path = quoted::path(self.path);
        let refused = |reason: &str, hint: &str| {
            let message = format!("the plan is not saved to {path}: {reason}");
            Err(CommandError::message(ErrorKind::Failed, message).hint(hint))
        };
        let is_plan = || {
            let saved = super::show::text(self.path).map(|text| SavedPlans::stacks_of(&text)).unwrap_or_default();
            !saved.is_empty() && saved.iter().all(|saved| stacks.contains(saved.as_str()))
        };
        match std::fs::symlink_metadata(self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(anyhow::Error::from(error).context(format!("could not look at {path}")).into()),
            Ok(found) if found.is_symlink() => refused("it is a symbolic link", "name the file itself"),
            Ok(found) if !found.is_file() => refused("it is not a regular file", "name a file"),
            Ok(_) if self.force || is_plan() => Ok(()),
            Ok(_) => {
                let stacks = Vec::from_iter(stacks.iter().copied()).join(" or ");
                let hint = "name another file, or pass --force";
                refused(&format!("the file is not a plan of stack {stacks}"), hint)
            }
        }
    }

    /// Removes the plan of an earlier run: a pipeline must not take it for the one that could not be saved.
    pub fn remove_former(&self) -> anyhow::Result<()> {
        let is_plan = super::show::text(self.path).is_ok_and(|text| !SavedPlans::stacks_of(&text).is_empty());
        match is_plan {
            true => std::fs::remove_file(self.path)
                .with_context(|| format!("could not remove the former plan {}", quoted::path(self.path))),
            false => Ok(()),
        }
    }

    /// Returns where the plans come from.
    pub fn provenance(&self) -> Provenance {
        self.provenance.clone()
    }

    /// Returns a plan as it is saved.
    pub fn sealed(&self, session: &Session, executable: &ExecutablePlan) -> SealedPlan {
        let binding = Binding::of(session.stack()).with_key(self.key.clone());
        executable.plan.sealed(&binding)
    }

    /// Saves the plans, and returns the digest of the file.
    pub fn save(&self, plans: &SavedPlans) -> anyhow::Result<String> {
        let text = plans.to_json();
        crate::files::write(self.path, &text, OWNER_ONLY)
            .with_context(|| format!("could not save the plan to {}", quoted::path(self.path)))?;
        Ok(SavedPlans::digest(&text))
    }
}

impl fmt::Display for PlanFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted::path(self.path))
    }
}
