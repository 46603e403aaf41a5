//! Arguments as messages quote them.
//!
//! # Guarantees
//! No message quotes the value of a variable, not even of one that stands in the wrong place, or quotes anything that a
//! terminal obeys (`tests/it/startup.rs` and `tests/it/hostile_texts.rs` give such arguments to the program).

use std::path::Path;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::model::{escaped, visible};

/// The text in place of a value.
const HIDDEN: &str = "****";

/// Returns an argument on one line, with a mask in place of what follows its first `=`.
pub fn argument(text: &str) -> String {
    match text.split_once('=') {
        Some((name, _)) => format!("{}={HIDDEN}", visible(name)),
        None => visible(text).into_owned(),
    }
}

/// Returns a path on one line. One of no file that reads as `NAME=VALUE` may be a misplaced variable, so its value is masked.
pub fn path(path: &Path) -> String {
    let shown = escaped(path.as_os_str().as_encoded_bytes());
    match shown.split_once('=') {
        Some((name, _)) if !name.contains('/') && !path.exists() => format!("{name}={HIDDEN}"),
        _ => shown,
    }
}

/// Returns a word of a command line, in quotes where a shell needs them.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,~".contains(c);
    let shown = visible(text);
    if !shown.is_empty() && shown.chars().all(is_plain) {
        shown.into_owned()
    } else {
        format!("'{}'", shown.replace('\'', r"'\''"))
    }
}

/// Returns the error with its message on one line.
pub fn on_one_line(error: &anyhow::Error) -> anyhow::Error {
    anyhow::Error::msg(visible(&format!("{error:#}")).into_owned())
}

/// Returns the parser's error with each argument that it quotes as [`argument`] has it, and without a value of `--var`.
pub fn masked(mut error: Error) -> Error {
    let kinds: &[ContextKind] = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            &[ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        }
        // There, the argument is the name of an option of ours.
        _ => &[ContextKind::InvalidValue],
    };
    let is_variable = text(&error, ContextKind::InvalidArg).is_some_and(|option| option.starts_with("--var "));
    for &kind in kinds {
        let shown = match text(&error, kind) {
            None | Some("") => continue,
            Some(_) if is_variable => HIDDEN.to_owned(),
            Some(given) => argument(given),
        };
        if text(&error, kind) != Some(shown.as_str()) {
            // The suggestions repeat it.
            error.remove(ContextKind::Suggested);
        }
        error.insert(kind, ContextValue::String(shown));
    }
    error
}

/// Returns a text that the parser's error holds.
pub fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_and_controls_are_written_out() {
        assert_eq!(argument("pw=hunter2=x"), "pw=****");
        assert_eq!(argument("--var=pw=hunter2"), "--var=****");
        assert_eq!(argument("a\nb"), r"a\u{a}b");
        assert_eq!(["a-b/c.yaml", "my file", "it's", ""].map(word), ["a-b/c.yaml", "'my file'", r"'it'\''s'", "''"]);
        assert_eq!(path(Path::new("pw=hunter2")), "pw=****");
        assert_eq!(path(Path::new("runs/day=1/plan.json")), "runs/day=1/plan.json");
        assert_eq!(path(Path::new("a\u{1b}b")), r"a\u{1b}b");
    }
}
