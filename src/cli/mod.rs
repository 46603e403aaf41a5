//! The command line: one file per command.
//!
//! # Guarantees
//! Data goes to stdout and everything else to stderr. Only this module writes to the terminal and ends the program, and
//! only it and `cloud/connect.rs` read the environment (held by `clippy.toml`).
#![expect(clippy::disallowed_methods, reason = "the environment is a source of options")]

mod advice;
mod apply;
mod approve;
mod arguments;
mod command_error;
mod comment;
mod completions;
mod destroy;
mod drift;
mod drift_issue;
mod environment;
mod event_log;
mod execute;
mod exit;
mod explain;
mod graph;
mod iam_policy;
mod init;
mod interrupts;
mod logging;
mod options;
mod output;
mod pipeline;
mod plan;
mod plan_file;
mod plan_printer;
mod problems;
mod progress;
mod quoted;
mod report_files;
mod reported;
mod reports;
mod saved_plans;
mod schema;
mod sections;
mod selection;
mod show;
mod showing;
mod sim;
mod status_line;
mod targets;
mod validate;
mod verify;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use environment::UsageError;

pub use arguments::{CloudArgs, DisplayArgs, OutputArgs, PlanKeyArgs, SpecArgs};
pub use command_error::{CommandError, ErrorKind};
pub use exit::{EXIT_CODES, Exit};
pub use selection::{ChosenArgs, LimitArgs, SelectionArgs};

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
    Init(init::InitCommand),
    Validate(validate::ValidateCommand),
    Schema(schema::SchemaCommand),
    Explain(explain::ExplainCommand),
    Graph(graph::GraphCommand),
    Plan(plan::PlanCommand),
    Apply(apply::ApplyCommand),
    Destroy(destroy::DestroyCommand),
    Show(show::ShowCommand),
    Verify(verify::VerifyCommand),
    Comment(comment::CommentCommand),
    Drift(drift::DriftCommand),
    IamPolicy(iam_policy::IamPolicyCommand),
    Sim(sim::SimCommand),
    Completions(completions::CompletionsCommand),
    Man(completions::ManCommand),
}

/// Parses the arguments and the environment. Words of other tools are answered with ours.
fn parse(arguments: Vec<OsString>) -> Result<Cli, UsageError> {
    let command = Cli::command();
    if let Some(error) = advice::single_dash(&command, &arguments) {
        return Err(UsageError::Explained(error));
    }
    let matches = environment::parse(command.clone(), arguments.clone(), |name| std::env::var_os(name));
    let matches = matches.map_err(|error| match error {
        UsageError::Arguments(error) => match advice::unknown(&command, &arguments, &error) {
            Some(explained) => UsageError::Explained(explained),
            None => UsageError::Arguments(quoted::masked(error)),
        },
        explained => explained,
    })?;
    Cli::from_arg_matches(&matches).map_err(|error| UsageError::Arguments(quoted::masked(error)))
}

/// Parses the arguments, runs the command and reports its error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match parse(arguments.into_iter().collect()) {
        Ok(cli) => cli,
        Err(UsageError::Explained(error)) => return error.report(),
        Err(UsageError::Arguments(error)) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Error } else { Exit::Success };
        }
    };
    if let Err(error) = logging::start(cli.verbose) {
        return error.report();
    }
    let ended = match cli.command {
        Command::Init(command) => command.run(),
        Command::Completions(command) => command.run(Cli::command()),
        Command::Man(command) => command.run(Cli::command()),
        Command::Validate(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Graph(command) => command.run(),
        Command::IamPolicy(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Plan(command) => options::block_on(command.run()),
        Command::Apply(command) => options::block_on(command.run()),
        Command::Destroy(command) => options::block_on(command.run()),
        Command::Verify(command) => options::block_on(command.run()),
        Command::Comment(command) => options::block_on(command.run()),
        Command::Drift(command) => options::block_on(command.run()),
        Command::Sim(command) => options::block_on(command.run()),
    };
    ended.unwrap_or_else(|error| error.report())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn commands() -> Vec<clap::Command> {
        Cli::command().get_subcommands().cloned().collect()
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
