//! The command line: one file per command, and the arguments that commands share.
//!
//! # Guarantees
//! Data goes to stdout and everything else to stderr. Only this module writes to the terminal and ends the program, and
//! only it and `cloud/connect.rs` read the environment (held by `clippy.toml`).

mod apply;
mod approve;
mod command_error;
mod destroy;
mod drift;
mod execute;
mod exit;
mod explain;
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

/// Reconciles AWS Lambda functions with a YAML spec: plan, apply, drift; no state file
#[derive(Parser)]
#[command(name = "trueup", version, max_term_width = 100, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Cli {
    /// Print each API call to stderr, with its status and duration
    #[arg(long, short, global = true, env = "TRUEUP_VERBOSE")]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  trueup plan -f stack.yaml --sim
  trueup apply -f stack.yaml --sim --auto-approve";

#[derive(Subcommand)]
enum Command {
    Validate(validate::ValidateCommand),
    Schema(schema::SchemaCommand),
    Explain(explain::ExplainCommand),
    Graph(graph::GraphCommand),
    Plan(plan::PlanCommand),
    Apply(apply::ApplyCommand),
    Destroy(destroy::DestroyCommand),
    Show(show::ShowCommand),
    Drift(drift::DriftCommand),
    Sim(sim::SimCommand),
}

/// The spec and its variables.
#[derive(Args, Clone, Debug)]
pub struct SpecArgs {
    /// Read this spec file; several are merged from left to right
    #[arg(
        short = 'f',
        long = "file",
        value_name = "FILE",
        env = "TRUEUP_FILE",
        value_delimiter = ':',
        default_value = "trueup.yaml"
    )]
    pub files: Vec<PathBuf>,
    /// Set a variable of the spec
    #[arg(long = "var", value_name = "NAME=VALUE", env = "TRUEUP_VAR", hide_env_values = true, value_parser = variable)]
    pub vars: Vec<(String, String)>,
    /// Read variables from this YAML file
    #[arg(long = "var-file", value_name = "FILE", env = "TRUEUP_VAR_FILE")]
    pub var_files: Vec<PathBuf>,
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
    /// Limit API requests per second (GetFunction, GetPolicy: fixed)
    #[arg(long, env = "TRUEUP_RATE", value_name = "N", default_value_t = 15.0)]
    pub rate: f64,
    /// Limit the number of concurrent operations
    #[arg(long, env = "TRUEUP_PARALLELISM", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub parallelism: u64,
    /// Limit the time of one step, in seconds
    #[arg(long, env = "TRUEUP_TIMEOUT", value_name = "SECONDS", default_value_t = 900)]
    pub timeout: u64,
}

/// The resources to change, and how far.
#[derive(Args, Clone, Debug)]
pub struct SelectionArgs {
    /// Select only this resource and its dependencies, e.g. alias/orders/live
    #[arg(long = "target", value_name = "ADDRESS", env = "TRUEUP_TARGET", value_parser = address, conflicts_with = "excludes")]
    pub targets: Vec<crate::model::Address>,
    /// Leave out this resource and its dependents
    #[arg(long = "exclude", value_name = "ADDRESS", env = "TRUEUP_EXCLUDE", value_parser = address)]
    pub excludes: Vec<crate::model::Address>,
    /// Delete resources of the stack that the spec does not declare
    #[arg(long, env = "TRUEUP_PRUNE")]
    pub prune: bool,
    /// Allow replacements that lose data, such as versions or a stream position
    #[arg(long, env = "TRUEUP_ALLOW_REPLACE")]
    pub allow_replace: bool,
    /// Refuse a plan that deletes or replaces more than N resources
    #[arg(long, value_name = "N", env = "TRUEUP_MAX_DELETES")]
    pub max_deletes: Option<usize>,
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

/// Parses the arguments, runs the command and reports its error.
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
        Command::Explain(command) => command.run(),
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command but `sim`.
    fn commands() -> Vec<clap::Command> {
        Cli::command().get_subcommands().filter(|command| command.get_name() != "sim").cloned().collect()
    }

    /// The options of the program and of every command, each with its command's name.
    fn options() -> Vec<(String, clap::Arg)> {
        let program = Cli::command();
        let own = program.get_arguments().map(|option| (program.get_name().to_owned(), option.clone()));
        let of_commands = commands().into_iter().flat_map(|command| {
            let options: Vec<_> = command.get_arguments().cloned().collect();
            options.into_iter().map(move |option| (command.get_name().to_owned(), option))
        });
        own.chain(of_commands).collect()
    }

    #[test]
    fn the_help_of_an_option_is_one_short_line_without_a_full_stop() {
        for (command, option) in options() {
            let help = option.get_help().map(ToString::to_string).unwrap_or_default();
            let is_sentence = help.starts_with(char::is_uppercase) && !help.ends_with('.');
            assert!(is_sentence && help.chars().count() < 80, "{command} {}: {help:?}", option.get_id());
        }
    }

    #[test]
    fn every_command_says_in_one_line_what_it_does_and_shows_two_examples() {
        for command in commands() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.contains('\n') && about.chars().count() < 80, "{about:?}");
            let after = command.get_after_help().or(command.get_after_long_help()).map(ToString::to_string);
            let example = format!("  trueup {}", command.get_name());
            let after = after.unwrap_or_default();
            let count = after.lines().filter(|line| line.starts_with(&example)).count();
            assert!(count >= 2, "{} has {count} examples", command.get_name());
        }
    }

    #[test]
    fn every_example_can_be_parsed() {
        for command in commands() {
            let after = command.get_after_help().or(command.get_after_long_help()).map(ToString::to_string);
            for line in after.unwrap_or_default().lines().filter(|line| line.starts_with("  trueup ")) {
                let words = line.split_whitespace().take_while(|word| *word != ">");
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
            }
        }
    }
}
