//! Where text goes: data to stdout, all else to stderr; a reader that has gone away is not an error.
#![expect(clippy::disallowed_methods, reason = "colour is asked for in the environment")]

use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::{Exit, OutputArgs};
use crate::show::Style;

/// How to show things on stdout.
pub fn style(args: &OutputArgs) -> Style {
    let wanted = !args.no_color && anstream::stdout().current_choice() != anstream::ColorChoice::Never;
    Style { colour: wanted && (std::io::stdout().is_terminal() || std::env::var_os("CLICOLOR_FORCE").is_some()) }
}

/// Whether to colour stderr.
pub fn colour_stderr() -> bool {
    anstream::stderr().current_choice() != anstream::ColorChoice::Never && std::io::stderr().is_terminal()
}

/// Prints text on stdout.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints data on stdout.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Says something on stderr.
pub fn say(line: &str) {
    // If nobody can hear us there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says on stderr what stopped the command.
pub fn broken(error: &anyhow::Error) -> Exit {
    let style = Style { colour: colour_stderr() };
    say(&format!("{} {error:#}", style.wrong("error:")));
    Exit::Error
}
