//! `trueup plan`: shows what an apply would change.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::{
    CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SelectionArgs, SpecArgs, output, quoted, session,
};
use crate::change::{self, ChangeExtent};
use crate::estimate::estimate;
use crate::model::{NotChecked, NotCheckedKind};
use crate::observe::Depth;
use crate::packages::{self, Absent};
use crate::plan::saved::{Binding, PlanKey};
use crate::plan::{Coverage, ExecutablePlan, MaskedPlan, SealedPlan};
use crate::session::{Session, SessionError, SpecDiagnostics};
use crate::show::plan::{Detail, render};

const EXAMPLES: &str = "\
Examples:
  trueup plan -f stack.yaml --out plan.json
  trueup plan -f stack.yaml --var stage=prod --detailed-exitcode";

/// Show what apply would change
///
/// The plan lists every write in order, with every field before and after. Nothing is written to AWS.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Save the plan to FILE, to apply exactly this plan later
    #[arg(long, value_name = "FILE", env = "TRUEUP_OUT")]
    out: Option<PathBuf>,
    /// Replace FILE even if it is not a plan of this stack
    #[arg(long, env = "TRUEUP_FORCE")]
    force: bool,
    #[command(flatten)]
    key: PlanKeyArgs,
    /// Exit with 2 if there are changes
    #[arg(long, env = "TRUEUP_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    /// Also read resources the spec does not declare
    #[arg(long, env = "TRUEUP_FULL")]
    full: bool,
    /// Fail if something was not checked
    #[arg(long, env = "TRUEUP_STRICT")]
    strict: bool,
    /// Estimate the calls and the time, and send nothing
    #[arg(long, env = "TRUEUP_ESTIMATE", conflicts_with_all = ["out", "full", "strict", "detailed_exitcode", "all"])]
    estimate: bool,
    /// Also show resources without changes
    #[arg(long, env = "TRUEUP_ALL")]
    all: bool,
}

impl PlanCommand {
    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        if self.estimate {
            return self.print_estimate();
        }
        let (options, since) = (self.selection.plan_options(), self.selection.changed_since.clone());
        let session = session::open_since(&self.spec, &self.cloud, options, since).await?;
        let depth = if self.full { Depth::Full } else { Depth::Declared };
        if let Some(path) = &self.out {
            may_write(path, &session.stack().scope.stack, self.force)?;
        }
        let executable = match self.out {
            Some(_) => session::plan_settled(&session, depth, &self.output).await?,
            None => session::plan(&session, depth, &self.output).await?,
        };
        let detail = if self.all { Detail::All } else { Detail::Changes };
        let file = match &self.out {
            Some(path) => Some(PlanFile::new(path, &self.key, &self.spec, &self.cloud)?),
            // A key that cannot be read is reported all the same.
            None => self.key.read()?.and(None),
        };
        let plan = present(&session, &executable, detail, &self.output, file)?;
        if !plan.refusals.is_empty() {
            return Ok(Exit::Refused);
        }
        if self.strict && !plan.not_compared.is_empty() {
            return Err(CommandError::message(ErrorKind::Failed, "something was not checked, and --strict was passed")
                .hint(strict_hint(&plan.not_compared)));
        }
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(if self.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success })
    }

    /// Prints an estimate of the calls, from the spec alone.
    fn print_estimate(&self) -> Result<Exit, CommandError> {
        let loaded = session::load(&self.spec);
        let mut findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        let Some(stack) = loaded.stack else { return Err(SessionError::Spec(findings).into()) };
        let mut options = self.selection.plan_options();
        if let Some(reference) = &self.selection.changed_since {
            let extent = change::since(reference, &session::inputs(&self.spec), &stack);
            options.changed = match extent.map_err(SessionError::from)? {
                ChangeExtent::Part(part) => Some(part),
                ChangeExtent::Everything { reason } => {
                    let warning = output::stderr_style().strong("warning:");
                    output::eprint(&format!("{warning} {reason}, so everything is estimated"));
                    None
                }
            };
        }
        let coverage = Coverage::of(&stack, &options);
        let built = packages::build(&stack, |address| coverage.covers(address), Absent::Accepted);
        findings.diagnostics.extend(built.scrubbed(&loaded.secrets));
        if findings.errors() > 0 {
            return Err(SessionError::Packages(findings).into());
        }
        session::print_findings(&findings);
        let estimate = estimate(&stack, &built.packages, &options);
        let quotas = session::connection(&self.cloud).quotas_at_aws();
        if self.output.json {
            output::print_json(&estimate.to_json(|bucket| quotas.rate(bucket)))?;
        } else {
            let text = crate::show::estimate::render(&estimate, &stack.scope.stack, |bucket| quotas.rate(bucket));
            output::print(&text)?;
        }
        Ok(Exit::Success)
    }
}

/// Returns the way out for `--strict`: only searches that nobody asked for are a matter of options.
fn strict_hint(not_compared: &[NotChecked]) -> &'static str {
    match not_compared.iter().any(|it| matches!(it.0, NotCheckedKind::Undeclared { .. })) {
        true => "pass --full to read everything",
        false => "the list above names each cause",
    }
}

/// The file that a plan is saved to.
pub struct PlanFile<'a> {
    path: &'a Path,
    key: Option<PlanKey>,
    /// The options that `apply` needs besides the file.
    options: Vec<String>,
}

impl PlanFile<'_> {
    /// Returns the file of a plan that is made with these arguments.
    pub fn new<'a>(
        path: &'a Path,
        key: &PlanKeyArgs,
        spec: &SpecArgs,
        cloud: &CloudArgs,
    ) -> anyhow::Result<PlanFile<'a>> {
        let options = spec.again().into_iter().chain(cloud.again()).chain(key.again()).collect();
        Ok(PlanFile { path, key: key.read()?, options })
    }

    /// Returns the command that applies the plan.
    fn command(&self) -> String {
        let path = quoted::word(&self.path.to_string_lossy());
        ["trueup apply", &path].into_iter().chain(self.options.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

/// Shows and saves a plan that is to be applied later.
pub async fn show_and_save(
    session: &Session,
    args: &OutputArgs,
    file: PlanFile<'_>,
    force: bool,
) -> Result<Exit, CommandError> {
    may_write(file.path, &session.stack().scope.stack, force)?;
    let executable = session::plan_settled(session, Depth::Declared, args).await?;
    let plan = present(session, &executable, Detail::Changes, args, Some(file))?;
    if !plan.refusals.is_empty() {
        return Ok(Exit::Refused);
    }
    CommandError::for_unreadable(&plan.not_compared)?;
    Ok(Exit::Success)
}

/// Saves the plan if a file is given, prints it, and returns it as printed.
fn present(
    session: &Session,
    executable: &ExecutablePlan,
    detail: Detail,
    args: &OutputArgs,
    file: Option<PlanFile<'_>>,
) -> anyhow::Result<MaskedPlan> {
    let plan = executable.plan.masked();
    // A plan that is refused cannot be applied, so a file of it could only be mistaken for one that can.
    let mut file = file.filter(|_| plan.refusals.is_empty());
    if let Some(PlanFile { path, key, .. }) = &mut file {
        save(path, &executable.plan.sealed(&Binding::of(session.stack()).with_key(key.take())).to_json())
            .with_context(|| format!("could not save the plan to {}", quoted::path(path)))?;
    }
    if args.json {
        output::print_json(&plan)?;
    } else {
        output::print(&render(&plan, detail, output::style(args)))?;
        if let Some(file) = file {
            let (path, command) = (quoted::path(file.path), file.command());
            output::eprint(&format!("Saved to {path}. To apply exactly this plan, run: {command}"));
        }
    }
    Ok(plan)
}

/// Refuses to save a plan over a file that is no plan of the stack, and to anything but a file.
fn may_write(path: &Path, stack: &str, force: bool) -> Result<(), CommandError> {
    let refused = |reason: &str, hint: &str| {
        let message = format!("the plan is not saved to {}: {reason}", quoted::path(path));
        Err(CommandError::message(ErrorKind::Failed, message).hint(hint))
    };
    let is_plan =
        || super::show::text(path).is_ok_and(|text| SealedPlan::stack_of(&text).is_some_and(|saved| saved == stack));
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            Err(anyhow::Error::from(error).context(format!("could not look at {}", quoted::path(path))).into())
        }
        Ok(found) if found.is_symlink() => refused("it is a symbolic link", "name the file itself"),
        Ok(found) if !found.is_file() => refused("it is not a regular file", "name a file"),
        Ok(_) if force || is_plan() => Ok(()),
        Ok(_) => refused(&format!("the file is not a plan of stack {stack}"), "name another file, or pass --force"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KindId;

    #[test]
    fn full_is_advised_only_for_a_search_that_was_not_asked_for() {
        let undeclared = NotChecked::undeclared(KindId::CapacityProvider);
        assert!(strict_hint(&[NotChecked::excluded(1), undeclared]).contains("--full"));
        assert!(!strict_hint(&[NotChecked::excluded(1)]).contains("--full"));
    }
}
