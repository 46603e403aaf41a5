//! The environment variables `TRUEUP_*`: each stands for an option that is not given.
//!
//! # Guarantees
//! An empty variable counts as unset. Booleans are `true`, `yes` or `1` and `false`, `no` or `0`. An option that may be
//! repeated takes several values. Every error about a value names its variable, and help shows no values.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind as UsageErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, Error};

use super::{CommandError, ErrorKind};

/// Arguments that cannot be used.
pub enum UsageError {
    /// The parser's error, or a request for help.
    Arguments(Error),
    /// An error with our words: the value of an environment variable, or the words of another tool.
    Explained(CommandError),
}

/// Parses the arguments. The options that they leave out come from the environment, which `variable` reads.
pub fn parse(
    command: Command,
    mut arguments: Vec<OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<ArgMatches, UsageError> {
    let described = without_variables(command.clone());
    let read = |arguments: &[OsString]| described.clone().try_get_matches_from(arguments);
    let mut matches = read(&arguments).map_err(UsageError::Arguments)?;
    let Some((name, given)) = matches.subcommand() else { return Ok(matches) };
    // Right behind the name of the command, so that they stand before a `--`.
    let at = 1 + arguments.iter().position(|argument| *argument == *name).unwrap_or(0);
    let subcommand = command.find_subcommand(name);
    let options = command.get_arguments().chain(subcommand.into_iter().flat_map(Command::get_arguments));
    let values: Vec<Value<'_>> =
        options.filter(|option| !is_given(option, given)).filter_map(|option| Value::of(option, &variable)).collect();
    for value in values {
        let more = value.arguments().map_err(UsageError::Explained)?;
        if more.is_empty() {
            continue;
        }
        let before = arguments.clone();
        arguments.splice(at..at, more);
        // One variable after the other, so that an error belongs to the one that was added last.
        match read(&arguments) {
            Ok(read) => matches = read,
            // A saved plan holds what the variable would choose.
            Err(error) if error.kind() == UsageErrorKind::ArgumentConflict && has_plan(&matches) => arguments = before,
            Err(error) => return Err(UsageError::Explained(value.error(&error))),
        }
    }
    Ok(matches)
}

/// Tests for an apply of a saved plan, which was made with options of its own.
fn has_plan(matches: &ArgMatches) -> bool {
    matches.subcommand().is_some_and(|(name, given)| name == "apply" && given.contains_id("plan"))
}

/// Moves the names of the variables into the help, so that the parser neither reads nor shows their values.
fn without_variables(command: Command) -> Command {
    let describe = |option: Arg| {
        let Some(name) = option.get_env().map(|name| name.to_string_lossy().into_owned()) else { return option };
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        option.env(Resettable::Reset).help(format!("{help} [env: {name}]"))
    };
    command.mut_args(describe).mut_subcommands(without_variables)
}

fn is_given(option: &Arg, matches: &ArgMatches) -> bool {
    let id = option.get_id().as_str();
    matches.try_contains_id(id).is_ok_and(|is_known| is_known)
        && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// The value of an environment variable that is set.
struct Value<'c> {
    option: &'c Arg,
    variable: String,
    text: String,
}

impl<'c> Value<'c> {
    fn of(option: &'c Arg, variable: &impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let name = option.get_env()?.to_string_lossy().into_owned();
        let text = variable(&name)?.to_string_lossy().into_owned();
        (!text.trim().is_empty()).then_some(Value { option, variable: name, text })
    }

    /// Returns the arguments that mean the same.
    fn arguments(&self) -> Result<Vec<OsString>, CommandError> {
        let Some(long) = self.option.get_long() else { return Ok(Vec::new()) };
        let with = |value: &str| OsString::from(format!("--{long}={value}"));
        let flag = || OsString::from(format!("--{long}"));
        let takes_flag = self.option.get_num_args().is_some_and(|count| count.min_values() == 0);
        Ok(match (self.option.get_action(), boolean(&self.text)) {
            (ArgAction::SetTrue, Some(true)) => vec![flag()],
            (ArgAction::SetTrue, Some(false)) => Vec::new(),
            (ArgAction::SetTrue, None) => return Err(self.not_a_boolean()),
            (ArgAction::Append, _) => match self.items().as_slice() {
                // A list of nothing is a value, and not the same as an option that is left out.
                [] => vec![with("")],
                items => items.iter().copied().map(with).collect(),
            },
            (_, Some(is_on)) if is_boolean(self.option) => vec![with(if is_on { "true" } else { "false" })],
            (_, None) if is_boolean(self.option) => return Err(self.not_a_boolean()),
            (_, Some(true)) if takes_flag => vec![flag()],
            (_, Some(false)) if takes_flag => Vec::new(),
            _ => vec![with(self.text.trim())],
        })
    }

    /// Returns the values of an option that may be repeated. Lines always separate; commas and blanks do where a value holds none,
    /// and commas between variables, `A=1,B=2`.
    fn items(&self) -> Vec<&str> {
        let text = self.text.as_str();
        let is_pair = |item: &str| item.split_once('=').is_some_and(|(name, _)| is_name(name.trim()));
        let items: Vec<&str> = match self.option.get_long() {
            _ if text.contains('\n') => text.lines().collect(),
            Some("target" | "exclude" | "allow-env") => text.split([',', ' ', '\t']).collect(),
            Some("file" | "var-file") => text.split([':', ',']).collect(),
            Some("var" | "output") if text.split(',').all(is_pair) => text.split(',').collect(),
            _ => vec![text],
        };
        items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    fn not_a_boolean(&self) -> CommandError {
        CommandError::message(ErrorKind::Failed, format!("{}: expected true or false", self.variable))
            .hint("use true, yes or 1, or false, no or 0; empty is unset")
    }

    /// Returns the error of the parser with the variable's name. The value may be secret, so it is not quoted.
    fn error(&self, error: &Error) -> CommandError {
        let option = self.option.get_long().unwrap_or_default();
        let why = match error.kind() {
            UsageErrorKind::ArgumentConflict => {
                format!("--{option} cannot be combined with another option that is given")
            }
            _ => format!("the value is not valid for --{option}"),
        };
        let help = self.option.get_help().map(ToString::to_string).unwrap_or_default();
        CommandError::message(ErrorKind::Failed, format!("{}: {why}", self.variable))
            .hint(format!("--{option}: {help}"))
            .hint(format!("correct or unset {}", self.variable))
    }
}

fn is_boolean(option: &Arg) -> bool {
    let values = option.get_possible_values();
    values.len() == 2 && values.iter().all(|value| matches!(value.get_name(), "true" | "false"))
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn parsed(words: &str, variables: &[(&str, &str)]) -> Result<ArgMatches, String> {
        let arguments = words.split(' ').map(OsString::from).collect();
        let variable = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into());
        match parse(Cli::command(), arguments, variable) {
            Ok(matches) => Ok(matches.subcommand().expect("has a command").1.clone()),
            Err(UsageError::Arguments(error)) => Err(error.to_string()),
            Err(UsageError::Explained(error)) => Err(error.error.to_string()),
        }
    }

    /// Every variable of every command, with its option.
    fn variables() -> Vec<(String, Arg)> {
        let program = Cli::command();
        let commands = program.get_subcommands().map(|command| (command.get_name().to_owned(), command.clone()));
        commands
            .flat_map(|(name, command)| {
                let words = match name.as_str() {
                    "show" | "verify" => format!("{name} plan.json"),
                    "comment" => format!("{name} --plan plan.json"),
                    "iam-policy" => format!("{name} plan"),
                    "completions" => format!("{name} bash"),
                    "man" => format!("{name} folder"),
                    _ => name,
                };
                let options: Vec<Arg> = command.get_arguments().cloned().collect();
                options.into_iter().filter(|it| it.get_env().is_some()).map(move |it| (words.clone(), it))
            })
            .collect()
    }

    fn name(option: &Arg) -> String {
        option.get_env().expect("has a variable").to_string_lossy().into_owned()
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        for (command, option) in variables() {
            for empty in ["", " ", "\n"] {
                let matches = parsed(&format!("trueup {command}"), &[(&name(&option), empty)]);
                let matches = matches.unwrap_or_else(|error| panic!("{command} {}: {error}", name(&option)));
                assert_ne!(matches.value_source(option.get_id().as_str()), Some(ValueSource::CommandLine));
            }
        }
    }

    #[test]
    fn every_boolean_takes_the_words_of_booleans() {
        let mut seen = 0;
        for (command, option) in variables() {
            let is_flag = matches!(option.get_action(), ArgAction::SetTrue);
            if !is_flag && !is_boolean(&option) {
                continue;
            }
            seen += 1;
            let id = option.get_id().as_str();
            for (text, want) in
                [("1", true), ("true", true), ("YES", true), ("0", false), ("False", false), ("no", false)]
            {
                let matches = parsed(&format!("trueup {command}"), &[(&name(&option), text)]).expect("is a boolean");
                assert_eq!(matches.get_one::<bool>(id), Some(&want), "{command} {id} {text}");
            }
            let error =
                parsed(&format!("trueup {command}"), &[(&name(&option), "perhaps")]).expect_err("is no boolean");
            assert!(error.contains(&name(&option)), "{error}");
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn every_error_names_the_variable_and_not_the_value() {
        for (command, option) in variables() {
            let name = name(&option);
            if let Err(error) = parsed(&format!("trueup {command}"), &[(&name, "s3cr3t !")]) {
                assert!(error.contains(&name) && !error.contains("s3cr3t"), "{command} {name}: {error}");
            }
        }
        for name in ["TRUEUP_TARGET", "TRUEUP_MAX_DELETES", "TRUEUP_VAR", "TRUEUP_RATE"] {
            assert!(parsed("trueup plan", &[(name, "s3cr3t !")]).is_err(), "{name}");
        }
    }

    #[test]
    fn lists_take_several_values_and_an_option_replaces_them() {
        let list = |words: &str, name: &str, text: &str, id: &str| -> Vec<String> {
            let matches = parsed(words, &[(name, text)]).expect("is right");
            let raw = matches.get_raw(id).into_iter().flatten();
            raw.map(|value| value.to_string_lossy().into_owned()).collect()
        };
        for text in ["a.yaml:b.yaml", "a.yaml,b.yaml", "a.yaml\nb.yaml\n"] {
            assert_eq!(list("trueup plan", "TRUEUP_FILE", text, "files"), ["a.yaml", "b.yaml"]);
            assert_eq!(list("trueup plan", "TRUEUP_VAR_FILE", text, "var_files"), ["a.yaml", "b.yaml"]);
        }
        for text in ["function/a,function/b", "function/a function/b", "function/a\nfunction/b"] {
            assert_eq!(list("trueup plan", "TRUEUP_TARGET", text, "targets"), ["function/a", "function/b"]);
        }
        assert_eq!(list("trueup plan", "TRUEUP_VAR", "a=1,b=2", "vars"), ["a=1", "b=2"]);
        assert_eq!(list("trueup plan", "TRUEUP_VAR", "a=x,y\nb=2", "vars"), ["a=x,y", "b=2"]);
        assert_eq!(list("trueup plan", "TRUEUP_VAR", "a=x,y", "vars"), ["a=x,y"]);
        assert_eq!(list("trueup plan -f c.yaml", "TRUEUP_FILE", "a.yaml:b.yaml", "files"), ["c.yaml"]);
    }

    #[test]
    fn a_conflict_names_the_variable() {
        let error = parsed("trueup plan --endpoint-url http://x", &[("TRUEUP_SIM", "dir")]).expect_err("conflicts");
        assert!(error.starts_with("TRUEUP_SIM:"), "{error}");
    }

    #[test]
    fn help_names_every_variable() {
        let help = without_variables(Cli::command()).find_subcommand_mut("plan").expect("exists").render_help();
        assert!(help.to_string().contains("[env: TRUEUP_VAR]"), "{help}");
    }
}
