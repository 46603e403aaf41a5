//! The file that `plan --out` writes: where it may be written, and what it holds.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Context;

use super::targets::Targets;
use super::{CloudArgs, CommandError, ErrorKind, LimitArgs, PlanKeyArgs, SpecArgs, quoted};
use crate::plan::saved::{Binding, PlanKey, SavedPlans};
use crate::plan::{ExecutablePlan, SealedPlan};
use crate::session::Session;

/// The file that plans are saved to.
pub struct PlanFile<'a> {
    path: &'a Path,
    key: Option<PlanKey>,
    /// The options that `apply` needs besides the file.
    options: Vec<String>,
}

impl PlanFile<'_> {
    /// Returns the file of plans that are made with these arguments.
    pub fn new<'a>(
        path: &'a Path,
        key: &PlanKeyArgs,
        spec: &SpecArgs,
        cloud: &CloudArgs,
        limits: Option<LimitArgs>,
    ) -> anyhow::Result<PlanFile<'a>> {
        let limits = limits.and_then(LimitArgs::again);
        let options = spec.again().into_iter().chain(cloud.again()).chain(key.again()).chain(limits).collect();
        Ok(PlanFile { path, key: key.read()?, options })
    }

    /// Returns the command that applies the plans.
    pub fn command(&self) -> String {
        let path = quoted::word(&self.path.to_string_lossy());
        ["trueup apply", &path].into_iter().chain(self.options.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    /// Refuses to save over a file that is no plan of one of the stacks, and to anything but a file.
    pub fn may_write(&self, opened: &Targets<Session>, force: bool) -> Result<(), CommandError> {
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
            Ok(_) if force || is_plan() => Ok(()),
            Ok(_) => {
                let stacks = Vec::from_iter(stacks.iter().copied()).join(" or ");
                let hint = "name another file, or pass --force";
                refused(&format!("the file is not a plan of stack {stacks}"), hint)
            }
        }
    }

    /// Returns a plan as it is saved.
    pub fn sealed(&self, session: &Session, executable: &ExecutablePlan) -> SealedPlan {
        executable.plan.sealed(&Binding::of(session.stack()).with_key(self.key.clone()))
    }

    /// Saves the plans.
    pub fn save(&self, plans: &SavedPlans) -> anyhow::Result<()> {
        save(self.path, &plans.to_json())
            .with_context(|| format!("could not save the plan to {}", quoted::path(self.path)))
    }
}

impl fmt::Display for PlanFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted::path(self.path))
    }
}

/// Writes a file that only its owner can read, completely or not at all.
fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are created with mode 0600, and renaming keeps the mode.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
