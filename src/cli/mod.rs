//! The command line: one file per command, and the arguments that commands share.
//!
//! Only this module reads the environment and writes to the terminal. Data goes to stdout and everything else to stderr.

mod apply;
mod approve;
mod command_error;
mod destroy;
mod drift;
mod execute;
mod exit;
mod graph;
mod interrupts;
mod logging;
mod output;
mod plan;
mod progress;
mod schema;
mod session;
mod show;
mod sim;
mod validate;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use command_error::{CommandError, ErrorKind};
pub use exit::Exit;

/// Trues up an AWS Lambda estate to its YAML declaration.
#[derive(Parser)]
#[command(name = "trueup", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    /// Print each API call to stderr, with its status and duration
    #[arg(long, short, global = true, env = "TRUEUP_VERBOSE")]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a spec, without touching AWS.
    Validate(validate::ValidateCommand),
    /// Print the JSON Schema of specs or of plans.
    Schema(schema::SchemaCommand),
    /// Draw the dependency graph of a spec.
    Graph(graph::GraphCommand),
    /// Show what an apply would do.
    Plan(plan::PlanCommand),
    /// Carry out a saved plan, or plan, ask and carry out.
    Apply(apply::ApplyCommand),
    /// Delete everything that the stack owns.
    Destroy(destroy::DestroyCommand),
    /// Show a saved plan.
    Show(show::ShowCommand),
    /// Find everything in which the account is not as declared.
    Drift(drift::DriftCommand),
    /// Serve the embedded Lambda on a loopback port.
    Sim(sim::SimCommand),
}

/// Which spec.
#[derive(Args, Clone, Debug)]
pub struct SpecArgs {
    /// A spec file; several are merged from left to right.
    #[arg(
        short = 'f',
        long = "file",
        value_name = "FILE",
        env = "TRUEUP_FILE",
        value_delimiter = ':',
        default_value = "trueup.yaml"
    )]
    pub files: Vec<PathBuf>,
    /// Sets a variable of the spec.
    #[arg(long = "var", value_name = "NAME=VALUE", env = "TRUEUP_VAR", value_parser = variable)]
    pub vars: Vec<(String, String)>,
    /// A YAML file of variables.
    #[arg(long = "var-file", value_name = "FILE", env = "TRUEUP_VAR_FILE")]
    pub var_files: Vec<PathBuf>,
}

/// Which Lambda.
#[derive(Args, Clone, Debug)]
pub struct CloudArgs {
    /// The AWS region; otherwise the environment's or the profile's.
    #[arg(long, env = "TRUEUP_REGION")]
    pub region: Option<String>,
    /// The profile of the AWS configuration files.
    #[arg(long, env = "TRUEUP_PROFILE")]
    pub profile: Option<String>,
    /// Another server that speaks the Lambda API.
    #[arg(long, env = "TRUEUP_ENDPOINT_URL", value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The embedded Lambda, kept in a folder so that a later command sees what an earlier one did.
    #[arg(
        long, env = "TRUEUP_SIM", value_name = "DIR", num_args = 0..=1, require_equals = true,
        default_missing_value = ".trueup/sim", conflicts_with = "endpoint_url"
    )]
    pub sim: Option<PathBuf>,
    /// How long changes take on the embedded Lambda, in milliseconds; as on AWS but shorter if not given.
    #[arg(long, env = "TRUEUP_SIM_SETTLE", value_name = "MS")]
    pub sim_settle: Option<u64>,
    /// Requests a second for all operations but GetFunction and GetPolicy, whose quotas are their own.
    #[arg(long, env = "TRUEUP_RATE", value_name = "N", default_value_t = 15.0)]
    pub rate: f64,
    /// Reads and steps under way at once.
    #[arg(long, env = "TRUEUP_PARALLELISM", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub parallelism: u64,
    /// The longest wait for one step to settle, in seconds.
    #[arg(long, env = "TRUEUP_TIMEOUT", value_name = "SECONDS", default_value_t = 900)]
    pub timeout: u64,
}

/// Which resources.
#[derive(Args, Clone, Debug)]
pub struct SelectionArgs {
    /// Only this resource and what it needs, such as `alias/orders/live`.
    #[arg(long = "target", value_name = "ADDRESS", env = "TRUEUP_TARGET", value_parser = address, conflicts_with = "excludes")]
    pub targets: Vec<crate::model::Address>,
    /// All but this resource and what needs it.
    #[arg(long = "exclude", value_name = "ADDRESS", env = "TRUEUP_EXCLUDE", value_parser = address)]
    pub excludes: Vec<crate::model::Address>,
    /// Delete what the stack's functions have and the spec does not name.
    #[arg(long, env = "TRUEUP_PRUNE")]
    pub prune: bool,
    /// Allow replacements that lose something for good, such as a function's versions or a position in a stream.
    #[arg(long, env = "TRUEUP_ALLOW_REPLACE")]
    pub allow_replace: bool,
    /// Refuse a plan that deletes or replaces more resources than this.
    #[arg(long, value_name = "N", env = "TRUEUP_MAX_DELETES")]
    pub max_deletes: Option<usize>,
}

/// How to show things.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Data instead of text, on stdout.
    #[arg(long, env = "TRUEUP_JSON")]
    pub json: bool,
    /// No colour; `NO_COLOR` does the same.
    #[arg(long, env = "TRUEUP_NO_COLOR")]
    pub no_color: bool,
}

impl SelectionArgs {
    /// Returns the planner's options.
    pub fn plan_options(&self) -> crate::plan::PlanOptions {
        crate::plan::PlanOptions {
            prune: self.prune,
            targets: self.targets.clone(),
            excludes: self.excludes.clone(),
            destroy: false,
            limits: self.limits(),
        }
    }

    /// The limits of what a plan may do.
    pub fn limits(&self) -> crate::plan::Limits {
        crate::plan::Limits { allow_replace: self.allow_replace, max_deletes: self.max_deletes }
    }
}

/// Parses the arguments, runs the command, and tells how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Error } else { Exit::Success };
        }
    };
    if let Err(error) = logging::start(cli.verbose) {
        return error.report();
    }
    let ended = match cli.command {
        Command::Validate(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Graph(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Plan(command) => session::block_on(command.run()),
        Command::Apply(command) => session::block_on(command.run()),
        Command::Destroy(command) => session::block_on(command.run()),
        Command::Drift(command) => session::block_on(command.run()),
        Command::Sim(command) => session::block_on(command.run()),
    };
    ended.unwrap_or_else(|error| error.report())
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn address(text: &str) -> Result<crate::model::Address, crate::model::AddressError> {
    text.parse()
}
