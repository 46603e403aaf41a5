//! Data to stdout, everything else to stderr. A reader that closes the pipe early is not an error.
#![expect(clippy::disallowed_methods, reason = "the environment says whether to colour")]

use std::borrow::Cow;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::OutputArgs;
use crate::model::{is_hidden, visible, visible_json};
use crate::session::SpecDiagnostics;
use crate::show::{self, Style};

/// Returns the style of stdout.
pub fn style(args: &OutputArgs) -> Style {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if args.no_color || is_set("NO_COLOR") {
        return Style { colour: false };
    }
    let is_possible = anstream::stdout().current_choice() != anstream::ColorChoice::Never;
    Style { colour: is_colour_forced() || (is_possible && std::io::stdout().is_terminal()) }
}

/// Returns true if the user wants colours where no terminal shows them, as in the log of a pipeline.
fn is_colour_forced() -> bool {
    let forces = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    forces("CLICOLOR_FORCE") || forces("FORCE_COLOR")
}

/// Returns the style of stderr.
pub fn stderr_style() -> Style {
    let wanted = anstream::stderr().current_choice() != anstream::ColorChoice::Never;
    Style { colour: wanted && std::io::stderr().is_terminal() }
}

/// Prints text to stdout.
pub fn print(text: &str) -> anyhow::Result<()> {
    print_with(|out| out.write_all(printable(text).as_bytes()))
}

/// Prints to stdout what `content` writes.
pub fn print_with(content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match content(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Returns the text with nothing that a terminal obeys but line breaks and colors: the last guard behind the escapes that
/// each renderer makes.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| !is_hidden(letter) || letter == '\n';
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match color(rest) {
            Some(length) => length,
            None => letter.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        if is_plain(letter) || length > letter.len_utf8() {
            shown.push_str(piece)
        } else {
            shown += &visible(piece)
        }
        rest = after;
    }
    Cow::Owned(shown)
}

/// Returns the length of the sequence that chooses a color or a weight, if the text begins with one.
fn color(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    parameters[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// Prints JSON to stdout.
pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print_with(|out| write_json(out, value))
}

/// Writes a value as JSON, piece by piece: the document of a large estate is never in memory as a whole.
pub fn write_json(out: &mut dyn Write, value: &impl Serialize) -> std::io::Result<()> {
    let mut out = VisibleJson(BufWriter::new(out));
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A writer of JSON that writes hidden characters out.
struct VisibleJson<W>(W);

impl<W: Write> Write for VisibleJson<W> {
    /// Takes a piece as serde_json writes it, which does not end within a character.
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let text = std::str::from_utf8(piece).map_err(std::io::Error::other)?;
        self.0.write_all(visible_json(text).as_bytes())?;
        Ok(piece.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Prints a line to stderr.
pub fn eprint(line: &str) {
    // Without a reader of stderr there is nobody to report the failure to.
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(line));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_line_breaks_and_colors_reach_the_terminal() {
        let text = "\u{1b}[1;31merror\u{1b}[0m: a\n\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}8m\u{202e}";
        let want = "\u{1b}[1;31merror\u{1b}[0m: a\n\\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{9b}8m\\u{202e}";
        assert_eq!(printable(text), want);
    }
}
