//! Data to stdout, everything else to stderr. A reader that closes the pipe early is not an error.
#![expect(clippy::disallowed_methods, reason = "the environment says whether to colour")]

use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::OutputArgs;
use crate::session::SpecDiagnostics;
use crate::show::{self, Style};

/// Returns the style of stdout.
pub fn style(args: &OutputArgs) -> Style {
    let wanted = !args.no_color && anstream::stdout().current_choice() != anstream::ColorChoice::Never;
    Style { colour: wanted && (std::io::stdout().is_terminal() || std::env::var_os("CLICOLOR_FORCE").is_some()) }
}

/// Returns the style of stderr.
pub fn stderr_style() -> Style {
    let wanted = anstream::stderr().current_choice() != anstream::ColorChoice::Never;
    Style { colour: wanted && std::io::stderr().is_terminal() }
}

/// Prints text to stdout.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints JSON to stdout.
pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Prints a line to stderr.
pub fn eprint(line: &str) {
    // Without a reader of stderr there is nobody to report the failure to.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Returns the findings of a spec as text for stderr, with a pointer to the explanations of their rules.
pub fn diagnostics(findings: &SpecDiagnostics) -> String {
    let SpecDiagnostics { diagnostics, sources } = findings;
    let text = show::diagnostics::render(diagnostics, sources, stderr_style().colour, None);
    match show::rules::pointer(diagnostics) {
        Some(pointer) => format!("{text}\n{pointer}\n"),
        None => text,
    }
}
