//! `trueup plan`: what an apply would do.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::session::Session;
use super::{ChoiceArgs, CloudArgs, Exit, OutputArgs, SpecArgs, output};
use crate::observe::Depth;
use crate::plan::saved::Binding;
use crate::plan::{ExecutablePlan, MaskedPlan, PlanOptions};
use crate::show::plan::{Detail, render};

/// Show what an apply would do: every write in order, with every field before and after.
#[derive(Args)]
pub struct Plan {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Save the plan, to be applied as it is.
    #[arg(long, value_name = "FILE", env = "TRUEUP_OUT")]
    out: Option<PathBuf>,
    /// End with 2 if there are changes.
    #[arg(long, env = "TRUEUP_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    /// Read everything on the surface of the stack, not only what is declared.
    #[arg(long, env = "TRUEUP_FULL")]
    full: bool,
    /// Fail if something was not compared.
    #[arg(long, env = "TRUEUP_STRICT")]
    strict: bool,
    /// Show the resources that are kept as well.
    #[arg(long, env = "TRUEUP_ALL")]
    all: bool,
}

impl Plan {
    pub async fn run(self) -> anyhow::Result<Exit> {
        let session = match Session::open(&self.spec, &self.cloud).await? {
            Ok(session) => session,
            Err(exit) => return Ok(exit),
        };
        let depth = if self.full { Depth::Full } else { Depth::Declared };
        let choice = self.choice.choice();
        let prepared = match self.out {
            Some(_) => session.plan_settled(&choice, depth).await?,
            None => session.reconciler.plan(&choice, depth).await.map_err(|error| session.reads(error))?,
        };
        let detail = if self.all { Detail::All } else { Detail::Changes };
        let plan = present(&session, &prepared, detail, &self.output, self.out.as_deref())?;
        if !plan.refusals.is_empty() {
            return Ok(Exit::Guarded);
        }
        if self.strict && !plan.not_compared.is_empty() {
            anyhow::bail!("something was not compared, and --strict was given");
        }
        Ok(if self.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Fine })
    }
}

/// Shows and saves a plan that is made to be carried out later.
pub async fn show_and_save(
    session: &Session,
    choice: &PlanOptions,
    args: &OutputArgs,
    path: &Path,
) -> anyhow::Result<Exit> {
    let prepared = session.plan_settled(choice, Depth::Declared).await?;
    let plan = present(session, &prepared, Detail::Changes, args, Some(path))?;
    Ok(if plan.refusals.is_empty() { Exit::Fine } else { Exit::Guarded })
}

/// Saves the plan where it is to be saved, shows it, and gives it back as it was shown.
fn present(
    session: &Session,
    prepared: &ExecutablePlan,
    detail: Detail,
    args: &OutputArgs,
    out: Option<&Path>,
) -> anyhow::Result<MaskedPlan> {
    let plan = prepared.plan.masked();
    if let Some(path) = out {
        save(path, &prepared.plan.sealed(&Binding::of(&session.reconciler.stack)).to_json())
            .with_context(|| format!("could not save the plan to {}", path.display()))?;
    }
    if args.json {
        output::json(&plan)?;
    } else {
        output::text(&render(&plan, detail, output::style(args)))?;
        if let Some(path) = out {
            let path = path.display();
            output::say(&format!("Saved to {path}. To carry out exactly this: trueup apply {path}"));
        }
    }
    Ok(plan)
}

/// Writes a file that only its owner can read, whole or not at all.
fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are made with mode 0600, and renaming keeps it.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
