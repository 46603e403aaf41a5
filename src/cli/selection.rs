//! The arguments that choose resources, and limit what may be done to them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::quoted;
use crate::model::{Address, AddressPattern, InvalidPattern, RiskClass, Threshold};
use crate::plan::{Limits, PlanOptions};
use crate::session::ChosenResources;

/// The resources to change, and how far.
#[derive(Args, Clone, Debug)]
pub struct SelectionArgs {
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Select only what can have changed since this commit or branch
    #[arg(long, value_name = "GITREF", env = "TRUEUP_CHANGED_SINCE", conflicts_with_all = ["targets", "target_file"])]
    changed_since: Option<String>,
    /// Delete resources of the stack that the spec does not declare
    #[arg(long, env = "TRUEUP_PRUNE")]
    pub prune: bool,
    /// What the plan may do.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// The resources that are chosen by their addresses.
#[derive(Args, Clone, Debug)]
pub struct ChosenArgs {
    /// Select only these resources and what they need, e.g. alias/*/live
    #[arg(long = "target", value_name = "ADDRESS", env = "TRUEUP_TARGET", value_parser = address)]
    targets: Vec<AddressPattern>,
    /// Select the resources that FILE lists, one address a line
    #[arg(long, value_name = "FILE", env = "TRUEUP_TARGET_FILE")]
    target_file: Option<PathBuf>,
    /// Leave out these resources, with what cannot stay without them
    #[arg(long = "exclude", value_name = "ADDRESS", env = "TRUEUP_EXCLUDE", value_parser = address)]
    #[arg(conflicts_with_all = ["targets", "target_file"])]
    excludes: Vec<AddressPattern>,
    /// Leave out the resources that FILE lists, one address a line
    #[arg(long, value_name = "FILE", env = "TRUEUP_EXCLUDE_FILE", conflicts_with_all = ["targets", "target_file"])]
    exclude_file: Option<PathBuf>,
}

/// The limits of what a plan may do.
#[derive(Args, Clone, Debug)]
pub struct LimitArgs {
    /// Allow replacements that lose data, such as versions or a stream position
    #[arg(long, env = "TRUEUP_ALLOW_REPLACE")]
    allow_replace: bool,
    /// Refuse a plan that deletes or replaces more than N resources, or N%
    #[arg(long, value_name = "N", env = "TRUEUP_MAX_DELETES")]
    max_deletes: Option<Threshold>,
    /// Refuse a plan that changes more than N resources, or N%
    #[arg(long, value_name = "N", env = "TRUEUP_MAX_CHANGES")]
    max_changes: Option<Threshold>,
    /// Accept the risks of these classes, which the spec wants confirmed
    #[arg(long, value_name = "RISK,…", env = "TRUEUP_CONFIRM", value_delimiter = ',')]
    confirm: Vec<RiskClass>,
}

impl LimitArgs {
    /// Returns the planner's limits.
    pub fn limits(&self) -> Limits {
        Limits {
            allow_replace: self.allow_replace,
            max_deletes: self.max_deletes,
            max_changes: self.max_changes,
            confirmed: self.confirm.iter().copied().collect(),
        }
    }

    /// Returns the options that set the same limits again.
    pub fn again(&self) -> Vec<String> {
        let most = |option: &str, most: Option<Threshold>| most.map(|most| format!("{option} {most}"));
        let confirm = |class: &RiskClass| format!("--confirm {class}");
        let replace = self.allow_replace.then(|| "--allow-replace".to_owned());
        let most = [most("--max-deletes", self.max_deletes), most("--max-changes", self.max_changes)];
        replace.into_iter().chain(most.into_iter().flatten()).chain(self.confirm.iter().map(confirm)).collect()
    }
}

impl SelectionArgs {
    /// Returns the planner's options.
    pub fn plan_options(&self) -> PlanOptions {
        PlanOptions { prune: self.prune, limits: self.limits.limits(), ..PlanOptions::default() }
    }

    /// Returns the options that choose the same resources again, within the same limits.
    pub fn again(&self) -> Vec<String> {
        let word = |option: &str, value: &str| format!("{option} {}", quoted::word(value));
        let since = self.changed_since.iter().map(|reference| word("--changed-since", reference));
        let prune = self.prune.then(|| "--prune".to_owned());
        self.chosen.again().into_iter().chain(since).chain(prune).chain(self.limits.again()).collect()
    }

    /// Returns the chosen resources.
    pub fn selection(&self) -> anyhow::Result<ChosenResources> {
        Ok(ChosenResources { changed_since: self.changed_since.clone(), ..self.chosen.selection()? })
    }
}

impl ChosenArgs {
    /// Returns the options that choose the same resources again.
    fn again(&self) -> Vec<String> {
        let word = |option: &str, value: &str| format!("{option} {}", quoted::word(value));
        let patterns = |option, patterns: &[AddressPattern]| {
            patterns.iter().map(|pattern| word(option, &pattern.to_string())).collect::<Vec<_>>()
        };
        let file = |option, file: &Option<PathBuf>| file.as_ref().map(|file| word(option, &file.to_string_lossy()));
        let (targets, excludes) = (patterns("--target", &self.targets), patterns("--exclude", &self.excludes));
        let files = [file("--target-file", &self.target_file), file("--exclude-file", &self.exclude_file)];
        targets.into_iter().chain(excludes).chain(files.into_iter().flatten()).collect()
    }

    /// Returns the chosen resources, with those that files list.
    pub fn selection(&self) -> anyhow::Result<ChosenResources> {
        let with = |own: &[AddressPattern], file: &Option<PathBuf>| {
            let listed = file.as_deref().map_or(Ok(Vec::new()), listed)?;
            anyhow::Ok(own.iter().cloned().chain(listed).collect())
        };
        let targets = with(&self.targets, &self.target_file)?;
        let excludes = with(&self.excludes, &self.exclude_file)?;
        Ok(ChosenResources { targets, excludes, ..ChosenResources::default() })
    }
}

/// The largest file of addresses that is read, in bytes.
const MAX_ADDRESSES: u64 = 4 * 1024 * 1024;

/// Reads a file of addresses: one a line, without blank lines and those that begin with `#`.
fn listed(path: &Path) -> anyhow::Result<Vec<AddressPattern>> {
    let context = || format!("could not read {}", quoted::path(path));
    let text =
        String::from_utf8(crate::files::read(path, MAX_ADDRESSES).with_context(context)?).with_context(context)?;
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let patterns =
        lines.map(|(number, line)| address(line).with_context(|| format!("{}:{number}", quoted::path(path))));
    let patterns: Vec<AddressPattern> = patterns.collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(!patterns.is_empty(), "{} lists no address", quoted::path(path));
    Ok(patterns)
}

/// Parses an address, such as `alias/orders/live`, or a pattern of addresses.
fn address(text: &str) -> Result<AddressPattern, InvalidPattern> {
    // The error quotes the text.
    text.parse::<AddressPattern>().map_err(|error| match error {
        InvalidPattern::Address(error) => quoted::argument(text).parse::<Address>().err().unwrap_or(error).into(),
        InvalidPattern::Glob(_) => {
            InvalidPattern::Glob(format!("`{}` is no pattern of addresses", quoted::argument(text)))
        }
    })
}
