//! The arguments that commands share.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::quoted;
use crate::model::without_users;
use crate::plan::saved::PlanKey;
use crate::show::plan::{Detail, Display};

/// The spec that is read if none is named.
const DEFAULT_FILE: &str = "trueup.yaml";

/// The spec and its variables.
#[derive(Args, Clone, Debug)]
pub struct SpecArgs {
    /// Read this spec file, or `-` for stdin; several are merged in order
    #[arg(
        short = 'f',
        long = "file",
        value_name = "FILE",
        env = "TRUEUP_FILE",
        value_delimiter = ':',
        default_value = DEFAULT_FILE
    )]
    pub files: Vec<PathBuf>,
    /// Set a variable of the spec
    #[arg(long = "var", value_name = "NAME=VALUE", env = "TRUEUP_VAR", hide_env_values = true, value_parser = variable)]
    pub vars: Vec<(String, String)>,
    /// Read variables from this YAML file
    #[arg(long = "var-file", value_name = "FILE", env = "TRUEUP_VAR_FILE")]
    pub var_files: Vec<PathBuf>,
    /// Keep the zips of packages in DIR, or `none` [default: ~/.cache/trueup/packages]
    #[arg(long, value_name = "DIR", env = "TRUEUP_CACHE")]
    pub cache: Option<PathBuf>,
    /// Work on this target of the spec only; several are separated by commas
    #[arg(long, value_name = "TARGET,…", env = "TRUEUP_ONLY", value_delimiter = ',', value_parser = trimmed)]
    pub only: Vec<String>,
    /// What the command reads and writes besides: it is no code, wherever it lies.
    #[arg(skip)]
    pub not_code: Vec<PathBuf>,
    /// Let `${env.NAME}` read only these variables, or `none`
    #[arg(long, value_name = "NAME,…", env = "TRUEUP_ALLOW_ENV", value_delimiter = ',')]
    pub allow_env: Option<Vec<String>>,
    /// Read no file of the spec or its packages outside of DIR [default: .]
    #[arg(
        long, env = "TRUEUP_CONFINE", value_name = "DIR", num_args = 0..=1, require_equals = true,
        default_missing_value = "."
    )]
    pub confine: Option<PathBuf>,
}

impl SpecArgs {
    /// Returns the options that give the same spec again. The values of variables are left to the user: they may be secret.
    pub fn again(&self) -> Vec<String> {
        let files = self.files.iter().filter(|_| self.files != [PathBuf::from(DEFAULT_FILE)]);
        let files = files.map(|file| format!("-f {}", quoted::word(&file.to_string_lossy())));
        let vars = self.vars.iter().map(|(name, _)| format!("--var {}=…", quoted::word(name)));
        let var_files =
            self.var_files.iter().map(|file| format!("--var-file {}", quoted::word(&file.to_string_lossy())));
        let only = self.only.iter().map(|name| format!("--only {}", quoted::word(name)));
        let allow = self.allow_env.iter().map(|names| format!("--allow-env {}", quoted::word(&names.join(","))));
        let confine =
            self.confine.iter().map(|folder| format!("--confine={}", quoted::word(&folder.to_string_lossy())));
        files.chain(vars).chain(var_files).chain(only).chain(allow).chain(confine).collect()
    }

    /// Returns the files that are given.
    pub fn paths(&self) -> Vec<PathBuf> {
        [self.files.as_slice(), &self.var_files].concat()
    }
}

/// The server and the limits of its use.
#[derive(Args, Clone, Debug)]
pub struct CloudArgs {
    /// Use this AWS region [default: AWS_REGION or the profile's]
    #[arg(long, env = "TRUEUP_REGION")]
    pub region: Option<String>,
    /// Use this profile of the AWS configuration files
    #[arg(long, env = "TRUEUP_PROFILE")]
    pub profile: Option<String>,
    /// Override the Lambda endpoint URL
    #[arg(long, env = "TRUEUP_ENDPOINT_URL", value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Use the built-in Lambda simulator, keeping its state in DIR
    #[arg(
        long, env = "TRUEUP_SIM", value_name = "DIR", num_args = 0..=1, require_equals = true,
        default_missing_value = ".trueup/sim", conflicts_with = "endpoint_url"
    )]
    pub sim: Option<PathBuf>,
    /// Complete the simulator's operations after MS milliseconds
    #[arg(long, env = "TRUEUP_SIM_SETTLE", value_name = "MS")]
    pub sim_settle: Option<u64>,
    /// Keep to AWS's request quotas at AWS (auto), everywhere (aws) or nowhere (none)
    #[arg(
        long,
        env = "TRUEUP_QUOTAS",
        value_name = "auto|aws|none",
        default_value = "auto",
        hide_default_value = true
    )]
    pub quotas: Quota,
    /// Limit requests per second, all but GetFunction and GetPolicy [default: 15]
    #[arg(long, env = "TRUEUP_RATE", value_name = "N")]
    pub rate: Option<f64>,
    /// Limit the number of concurrent operations
    #[arg(long, env = "TRUEUP_PARALLELISM", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub parallelism: u64,
    /// Limit the time of one step, in seconds
    #[arg(long, env = "TRUEUP_TIMEOUT", value_name = "SECONDS", default_value_t = 900)]
    pub timeout: u64,
    /// Compare live code by its hash only, without downloading it
    #[arg(long, env = "TRUEUP_NO_CODE_DIFF")]
    pub no_code_diff: bool,
}

/// The request quotas to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quota {
    /// AWS's, where they are known to hold.
    Auto,
    /// AWS's.
    Aws,
    /// None.
    None,
}

impl CloudArgs {
    /// Returns the options that choose the same server again.
    pub fn again(&self) -> Vec<String> {
        let given = [
            ("--region ", self.region.clone()),
            ("--profile ", self.profile.clone()),
            ("--endpoint-url ", self.endpoint_url.as_deref().map(without_users)),
            ("--sim=", self.sim.as_ref().map(|folder| folder.to_string_lossy().into_owned())),
        ];
        let given = given.into_iter().filter_map(|(option, value)| Some((option, value?)));
        given.map(|(option, value)| format!("{option}{}", quoted::word(&value))).collect()
    }
}

/// The key of saved plans.
#[derive(Args, Clone, Debug)]
pub struct PlanKeyArgs {
    /// Bind the secrets of the saved plan with the random key in FILE
    #[arg(long, value_name = "FILE", env = "TRUEUP_PLAN_KEY")]
    plan_key: Option<PathBuf>,
}

impl PlanKeyArgs {
    /// The largest key file that is read, in bytes.
    const MAX_BYTES: u64 = 64 * 1024;

    /// Returns the option that gives the same key again.
    pub fn again(&self) -> Option<String> {
        self.plan_key.as_ref().map(|file| format!("--plan-key {}", quoted::word(&file.to_string_lossy())))
    }

    /// Reads the key, if one is given.
    pub fn read(&self) -> anyhow::Result<Option<PlanKey>> {
        let Some(path) = &self.plan_key else { return Ok(None) };
        let context = || format!("could not read the plan key {}", quoted::path(path));
        let bytes = crate::files::read(path, PlanKeyArgs::MAX_BYTES).with_context(context)?;
        Ok(Some(PlanKey::of(&bytes).with_context(context)?))
    }
}

/// The form of the output.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Print machine-readable JSON
    #[arg(long, env = "TRUEUP_JSON")]
    pub json: bool,
    /// Print without colors, like NO_COLOR
    #[arg(long, env = "TRUEUP_NO_COLOR")]
    pub no_color: bool,
}

/// The amount of a plan to show.
#[derive(Args, Clone, Copy, Debug)]
pub struct DisplayArgs {
    /// List every call with its precondition
    #[arg(long, env = "TRUEUP_STEPS")]
    steps: bool,
    /// Show only the risks and the summary
    #[arg(long, env = "TRUEUP_CONCISE")]
    concise: bool,
    /// Also show resources without changes
    #[arg(long, env = "TRUEUP_SHOW_UNCHANGED", conflicts_with = "concise")]
    show_unchanged: bool,
    /// Show each function by itself, however many change alike
    #[arg(long, env = "TRUEUP_NO_FOLD", conflicts_with = "concise")]
    no_fold: bool,
}

impl DisplayArgs {
    /// Returns what the plan's text shows.
    pub fn display(self) -> Display {
        let detail = match (self.concise, self.show_unchanged) {
            (true, _) => Detail::Concise,
            (false, true) => Detail::All,
            (false, false) => Detail::Changes,
        };
        Display { detail, steps: self.steps, unfolded: self.no_fold }
    }
}

/// Parses a name of a list, in which blanks may stand behind the commas.
#[expect(clippy::unnecessary_wraps, reason = "parsers of arguments have this form")]
fn trimmed(text: &str) -> Result<String, String> {
    Ok(text.trim().to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
