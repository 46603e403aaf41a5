//! Words of other tools on the command line, and ours in their place.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, Error, ErrorKind as UsageErrorKind};
use clap::{Arg, Command};

use super::show::is_yaml;
use super::{CommandError, ErrorKind, quoted};
use crate::model::suggest;

/// Commands of other tools.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["deploy", "up", "sync", "release", "publish", "push", "create", "update"], "trueup apply"),
    (&["diff", "preview", "changeset", "dry-run", "synth"], "trueup plan"),
    (&["remove", "delete", "down", "rm", "undeploy"], "trueup destroy"),
    (&["check", "lint", "fmt", "format", "test"], "trueup validate"),
    (&["refresh", "status", "detect-drift"], "trueup drift"),
    (&["import", "adopt"], "trueup apply: it adopts functions that exist; see them first with trueup plan"),
    (&["bootstrap", "login"], "trueup plan: nothing needs to be set up, and there is no state"),
    (&["new", "scaffold", "generate"], "trueup init"),
    (&["completion", "autocomplete"], "trueup completions"),
    (&["state", "workspace", "taint", "force-unlock", "unlock"], "trueup plan: there is no state file and no lock"),
    (&["rollback", "undo"], "trueup apply with the earlier spec, or with an alias that names the earlier version"),
    (&["output", "list", "ls", "get", "describe"], "trueup plan --show-unchanged"),
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

/// The options that answer the questions of the commands which ask.
const APPROVAL: [&str; 2] = ["auto-approve", "input"];

/// Returns the error for an option that is written with one dash, as Terraform has it: clap would take its letters for short options.
pub fn single_dash(program: &Command, arguments: &[OsString]) -> Option<CommandError> {
    let used = used(program, arguments);
    let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    for argument in words.take_while(|argument| *argument != "--") {
        let Some(word) = argument.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { continue };
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        if name.chars().count() < 2 {
            continue;
        }
        let hint = match (own_option(program, used, name), option(name)) {
            (Some(own), _) => format!("write it with two dashes: {}", with_two_dashes(own, value)),
            (None, Some(way)) => advice(program, used, way),
            (None, None) if owners(program, name).is_some() => meant(program, used, name),
            (None, None) => continue,
        };
        return Some(CommandError::message(ErrorKind::Failed, format!("unknown option `-{name}`")).hint(hint));
    }
    None
}

/// Returns the error for a command, an option or an argument that does not exist, with the one that was probably meant.
pub fn unknown(program: &Command, arguments: &[OsString], error: &Error) -> Option<CommandError> {
    match error.kind() {
        UsageErrorKind::InvalidSubcommand => {
            let word = quoted::text(error, ContextKind::InvalidSubcommand)?;
            let message = format!("unknown command `{}`", quoted::argument(word));
            let error = CommandError::message(ErrorKind::Failed, message);
            let names = || program.get_subcommands().map(Command::get_name);
            Some(match find(COMMANDS, word) {
                Some(ours) => error.hint(format!("use {ours}")),
                None => match suggest::nearest(word, names()) {
                    Some(name) => error.hint(format!("did you mean `trueup {name}`?")),
                    None => error.hint(format!("the commands are {}", suggest::listed(names()))),
                },
            })
        }
        UsageErrorKind::UnknownArgument => {
            let word = quoted::text(error, ContextKind::InvalidArg)?;
            let used = used(program, arguments);
            let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
            if name.is_empty() || !word.starts_with('-') {
                return misplaced(used, arguments, word);
            }
            let message = format!("unknown option `{}`", quoted::argument(word));
            let hint = match option(name) {
                Some(way) => advice(program, used, way),
                None => meant(program, used, name),
            };
            Some(CommandError::message(ErrorKind::Failed, message).hint(hint))
        }
        _ => None,
    }
}

/// Returns the error for an argument that is no option, where the command takes none.
fn misplaced(used: Option<&Command>, arguments: &[OsString], word: &str) -> Option<CommandError> {
    if arguments.get(1).is_some_and(|first| first == "--") {
        // The parser says to remove it.
        return None;
    }
    let is_rest_of_variable = arguments.windows(3).any(|three| {
        let follows = three[0] == "--var" || three[1].as_encoded_bytes().starts_with(b"--var=");
        follows && three[2].to_string_lossy() == word
    });
    if is_rest_of_variable {
        let error = CommandError::message(ErrorKind::Failed, "unexpected argument after the value of --var");
        return Some(error.hint("put a value with blanks in quotes: --var 'NAME=VALUE'"));
    }
    let shown = quoted::argument(word);
    let error = CommandError::message(ErrorKind::Failed, format!("unexpected argument `{shown}`"));
    let takes = |name| used.is_some_and(|used| find_option(used, name).is_some());
    Some(if takes("var") && word.contains('=') {
        error.hint("pass a variable with --var NAME=VALUE")
    } else if takes("file") && is_yaml(Path::new(word)) {
        error.hint(format!("pass a spec with -f {shown}"))
    } else {
        error.hint("--help lists the arguments of a command")
    })
}

/// Returns the command that the arguments name.
fn used<'c>(program: &'c Command, arguments: &[OsString]) -> Option<&'c Command> {
    let name = arguments.iter().skip(1).find(|argument| !argument.as_encoded_bytes().starts_with(b"-"))?;
    program.find_subcommand(name)
}

/// Returns the advice on an option of another tool, as far as the command has the options that it names.
fn advice(program: &Command, used: Option<&Command>, way: &str) -> String {
    // The options of a command that the advice names are that command's.
    let (Some(used), false) = (used, way.contains("trueup ")) else { return way.to_owned() };
    let has = |name: &str| own_option(program, Some(used), name).is_some();
    let parts: Vec<&str> = way.split(", or ").filter(|part| named(part).all(has)).collect();
    match parts.as_slice() {
        [] if named(way).any(|name| APPROVAL.contains(&name)) => never_asks(used),
        [] => format!("`trueup {}` has no such option; --help lists those that it has", used.get_name()),
        parts => parts.join(", or "),
    }
}

/// Returns the names of the options in a text of ours, without their dashes.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let options = text.split_whitespace().filter_map(|word| word.strip_prefix('-'));
    options.map(|option| {
        let name = option.trim_start_matches('-');
        name.split(|letter: char| !letter.is_ascii_alphabetic() && letter != '-').next().unwrap_or_default()
    })
}

/// Returns the hint for an option that no other tool has: the one that was meant, or the commands that have this one.
fn meant(program: &Command, used: Option<&Command>, name: &str) -> String {
    if let Some(used) = used
        && APPROVAL.contains(&name)
        && find_option(used, name).is_none()
    {
        return never_asks(used);
    }
    if let Some(owners) = owners(program, name) {
        return owners;
    }
    let own = used.into_iter().chain([program]).flat_map(Command::get_arguments).filter_map(Arg::get_long);
    if let Some(near) = suggest::nearest(name, own) {
        return format!("did you mean `--{near}`?");
    }
    let all = program.get_subcommands().flat_map(Command::get_arguments).filter_map(Arg::get_long);
    let near = suggest::nearest(name, all).and_then(|near| owners(program, near));
    near.unwrap_or_else(|| "--help lists the options of a command".to_owned())
}

fn never_asks(used: &Command) -> String {
    format!("leave it out: `trueup {}` never asks", used.get_name())
}

/// Names the commands that have an option, if there are any.
fn owners(program: &Command, name: &str) -> Option<String> {
    let long = program.get_subcommands().find_map(|command| find_option(command, name))?.get_long()?;
    let owners = program.get_subcommands().filter(|command| find_option(command, name).is_some());
    Some(format!("--{long} is an option of {}", suggest::listed(owners.map(Command::get_name))))
}

/// Returns an option with two dashes. Its value may be secret, so it is quoted only if it is a word that the option lists.
fn with_two_dashes(option: &Arg, value: Option<&str>) -> String {
    let long = option.get_long().unwrap_or_default();
    let Some(value) = value.filter(|_| option.get_action().takes_values()) else { return format!("--{long}") };
    if option.get_possible_values().iter().any(|word| word.get_name() == value) {
        return format!("--{long}={value}");
    }
    let name = option.get_value_names().and_then(|names| names.first());
    format!("--{long}={}", name.map_or("VALUE", |name| name.as_str()))
}

/// Returns the option of this name that the command takes, or the program as a whole.
fn own_option<'c>(program: &'c Command, used: Option<&'c Command>, name: &str) -> Option<&'c Arg> {
    used.into_iter().chain([program]).find_map(|command| find_option(command, name))
}

/// Returns the command's option of this name, long or short.
fn find_option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let is_short = |option: &Arg| option.get_short().is_some_and(|short| short.to_string() == name);
    command.get_arguments().find(|option| option.get_long() == Some(name) || is_short(option))
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
            unknown(&command, &arguments, &error)
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
            ("trueup plan -out=plan.json", "write it with two dashes: --out=FILE"),
            ("trueup plan -var a=b", "write it with two dashes: --var"),
            ("trueup plan -target=function/a", "write it with two dashes: --target=ADDRESS"),
            ("trueup plan -refresh-only", "trueup drift reports the differences; there is no state to refresh"),
            ("trueup plan -destroy", "run trueup destroy; with --out FILE it only saves the plan"),
            ("trueup plan -full", "write it with two dashes: --full"),
            ("trueup validate --prune", "--prune is an option of `plan`, `apply` and `iam-policy`"),
            ("trueup plan --targt x", "did you mean `--target`?"),
            ("trueup plan -var=pw=hunter2", "write it with two dashes: --var=NAME=VALUE"),
            ("trueup apply -input=false", "write it with two dashes: --input=false"),
            ("trueup plan -input=false", "leave it out: `trueup plan` never asks"),
            ("trueup plan --input=false", "leave it out: `trueup plan` never asks"),
            ("trueup plan --no-input", "leave it out: `trueup plan` never asks"),
            ("trueup plan -y", "leave it out: `trueup plan` never asks"),
            ("trueup plan -auto-approve", "leave it out: `trueup plan` never asks"),
            ("trueup apply -o x", "pass --json"),
            ("trueup plan -o x", "pass --json, or --out FILE to save a plan"),
            ("trueup schema --rate 1", "--rate is an option of `plan`, `apply`, `destroy`, `verify` and `drift`"),
            ("trueup show --set x", "`trueup show` has no such option; --help lists those that it has"),
            ("trueup plan stack.yaml", "pass a spec with -f stack.yaml"),
            ("trueup plan a=b", "pass a variable with --var NAME=VALUE"),
            ("trueup plan --var a=b c", "put a value with blanks in quotes: --var 'NAME=VALUE'"),
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
