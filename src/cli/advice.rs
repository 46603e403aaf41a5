//! Words of other tools on the command line, and ours in their place.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind as UsageErrorKind};

use super::{CommandError, ErrorKind};
use crate::model::suggest;

/// Commands of other tools.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["deploy", "up", "sync", "release", "publish", "push", "create", "update"], "trueup apply"),
    (&["diff", "preview", "changeset", "dry-run", "synth"], "trueup plan"),
    (&["remove", "delete", "down", "rm", "undeploy"], "trueup destroy"),
    (&["check", "lint", "fmt", "format", "verify", "test"], "trueup validate"),
    (&["refresh", "status", "detect-drift"], "trueup drift"),
    (&["import", "adopt"], "trueup apply: it adopts functions that exist; see them first with trueup plan"),
    (&["init", "bootstrap", "login"], "trueup plan: nothing needs to be set up, and there is no state"),
    (&["state", "workspace", "taint", "force-unlock", "unlock"], "trueup plan: there is no state file and no lock"),
    (&["rollback", "undo"], "trueup apply with the earlier spec, or with an alias that names the earlier version"),
    (&["output", "list", "ls", "get", "describe"], "trueup plan --all"),
    (&["local", "simulate", "emulate", "start-api"], "trueup sim"),
    (&["help"], "trueup --help"),
    (&["version"], "trueup --version"),
];

/// Options of other tools, without their dashes.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["refresh-only"], "trueup drift reports the differences; there is no state to refresh"),
    (&["destroy"], "run trueup destroy; with --out FILE it only saves the plan"),
    (&["dry-run", "no-execute", "no-execute-changeset", "check", "n"], "run trueup plan: it writes nothing"),
    (
        &["y", "yes", "approve", "require-approval", "no-confirm", "no-confirm-changeset", "skip-preview"],
        "pass --auto-approve",
    ),
    (&["no-input", "non-interactive", "ci"], "pass --input=false"),
    (&["refresh"], "leave it out: trueup always reads the live state"),
    (
        &["lock", "lock-timeout", "state", "backend-config", "upgrade", "migrate-state", "reconfigure"],
        "leave it out: there is no state file and no lock",
    ),
    (
        &["replace", "taint"],
        "change the field that forces the replacement; --allow-replace permits one that loses data",
    ),
    (&["force", "force-upload"], "leave it out: each guard has an option of its own, such as --allow-replace"),
    (&["template-file", "template", "t", "config", "c", "app", "values", "filename"], "pass the spec with -f FILE"),
    (&["parameter-overrides", "parameters", "param", "context", "set", "e"], "pass --var NAME=VALUE"),
    (&["stack-name", "stack", "s"], "write `stack: NAME` in the spec"),
    (&["stage", "env", "environment", "workspace"], "pass a second file with -f, or --var NAME=VALUE"),
    (&["account"], "choose the account with --profile; `target` in the spec confirms it"),
    (&["output", "o", "format"], "pass --json, or --out FILE to save a plan"),
    (
        &["exit-code", "fail", "detect"],
        "trueup drift exits with 2 if there is a difference; trueup plan needs --detailed-exitcode",
    ),
    (&["concurrency", "max-concurrency"], "pass --parallelism N"),
    (&["debug", "d", "trace", "log-level"], "pass --verbose, or set TRUEUP_LOG=debug"),
    (&["quiet", "q", "silent"], "send stderr to /dev/null: only results go to stdout"),
    (&["compact-warnings"], "leave it out"),
    (&["chdir"], "pass the path with -f; paths in a spec are relative to its file"),
];

/// Returns the error for an option that is written with one dash, as Terraform has it: clap would take its letters for short options.
pub fn single_dash(command: &Command, arguments: &[OsString]) -> Option<CommandError> {
    let arguments = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    for argument in arguments.take_while(|argument| *argument != "--") {
        let Some(word) = argument.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { continue };
        let name = word.split('=').next().unwrap_or(word);
        if name.chars().count() < 2 {
            continue;
        }
        let ours = command.get_subcommands().chain([command]).any(|command| has_option(command, name));
        if !ours && option(name).is_none() {
            continue;
        }
        let error = CommandError::message(ErrorKind::Failed, format!("unknown option `-{name}`"));
        return Some(match option(name) {
            Some(way) if !ours => error.hint(way),
            _ => error.hint(format!("write it with two dashes: --{word}")),
        });
    }
    None
}

/// Returns the error for a command or an option that does not exist, with the word that was probably meant.
pub fn unknown(command: &Command, error: &Error) -> Option<CommandError> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        UsageErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand)?;
            let error = CommandError::message(ErrorKind::Failed, format!("unknown command `{word}`"));
            let names = || command.get_subcommands().map(Command::get_name);
            Some(match find(COMMANDS, word) {
                Some(ours) => error.hint(format!("use {ours}")),
                None => match suggest::nearest(word, names()) {
                    Some(name) => error.hint(format!("did you mean `trueup {name}`?")),
                    None => error.hint(format!("the commands are {}", suggest::listed(names()))),
                },
            })
        }
        UsageErrorKind::UnknownArgument => {
            let word = text(ContextKind::InvalidArg)?;
            let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
            if name.len() == word.len() {
                return None;
            }
            let error = CommandError::message(ErrorKind::Failed, format!("unknown option `{word}`"));
            let names = command.get_subcommands().flat_map(Command::get_arguments).filter_map(clap::Arg::get_long);
            Some(match (option(name), suggest::nearest(name, names)) {
                (Some(way), _) => error.hint(way),
                (None, Some(near)) => error.hint(owners(command, name, near)),
                (None, None) => error.hint("--help lists the options of a command"),
            })
        }
        _ => None,
    }
}

/// Returns the hint for an option of ours: the one that was meant, or the commands that have this one.
fn owners(command: &Command, name: &str, near: &str) -> String {
    if name != near {
        return format!("did you mean `--{near}`?");
    }
    let owners = command.get_subcommands().filter(|command| has_option(command, near)).map(Command::get_name);
    format!("--{near} is an option of {}", suggest::listed(owners))
}

fn has_option(command: &Command, name: &str) -> bool {
    command.get_arguments().any(|option| option.get_long() == Some(name))
}

fn option(name: &str) -> Option<&'static str> {
    find(OPTIONS, name)
}

fn find(table: &'static [(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn hint(words: &str) -> String {
        let arguments: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        let command = Cli::command();
        let error = single_dash(&command, &arguments).or_else(|| {
            let error = command.clone().try_get_matches_from(&arguments).expect_err("is wrong");
            unknown(&command, &error)
        });
        error.map(|error| error.hints.join("; ")).unwrap_or_default()
    }

    #[test]
    fn words_of_other_tools_are_answered_with_ours() {
        let rows = [
            ("trueup deploy", "use trueup apply"),
            ("trueup diff", "use trueup plan"),
            ("trueup remove", "use trueup destroy"),
            ("trueup aply", "did you mean `trueup apply`?"),
            ("trueup plan --refresh-only", "trueup drift reports the differences; there is no state to refresh"),
            ("trueup apply --destroy", "run trueup destroy; with --out FILE it only saves the plan"),
            ("trueup apply --dry-run", "run trueup plan: it writes nothing"),
            ("trueup apply -y", "pass --auto-approve"),
            ("trueup apply --yes", "pass --auto-approve"),
            ("trueup apply -auto-approve", "write it with two dashes: --auto-approve"),
            ("trueup plan -out=plan.json", "write it with two dashes: --out=plan.json"),
            ("trueup plan -var a=b", "write it with two dashes: --var"),
            ("trueup plan -target=function/a", "write it with two dashes: --target=function/a"),
            ("trueup plan -refresh-only", "trueup drift reports the differences; there is no state to refresh"),
            ("trueup plan -destroy", "run trueup destroy; with --out FILE it only saves the plan"),
            ("trueup plan -full", "write it with two dashes: --full"),
            ("trueup validate --prune", "--prune is an option of `plan` and `apply`"),
            ("trueup plan --targt x", "did you mean `--target`?"),
        ];
        for (words, want) in rows {
            assert_eq!(hint(words), want, "{words}");
        }
    }

    #[test]
    fn no_word_of_another_tool_is_a_word_of_ours() {
        let command = Cli::command();
        let words = || COMMANDS.iter().flat_map(|(words, _)| words.iter());
        assert!(words().all(|word| command.find_subcommand(word).is_none()));
        assert!(words().all(|word| hint(&format!("trueup {word}")).starts_with("use trueup ")));
    }

    #[test]
    fn what_follows_two_dashes_or_an_attached_value_is_no_option() {
        let arguments = |words: &str| words.split(' ').map(OsString::from).collect::<Vec<_>>();
        for words in ["trueup apply -- -auto-approve", "trueup plan -fstack.yaml", "trueup plan -v -f -"] {
            assert!(single_dash(&Cli::command(), &arguments(words)).is_none(), "{words}");
        }
    }
}
