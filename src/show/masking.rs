//! Masks the values of environment variables in quoted lines of a spec.
//!
//! # Guarantees
//! - Values below a key `variables` are masked, also in text that is not valid YAML: only the text is looked at, because a
//!   file is quoted most often when it could not be parsed.
//! - References such as `${var.stage}` stay readable.
//! - Positions are kept: each character is replaced by one of as many bytes (a property test below).
//!
//! # Caveats
//! Secrets elsewhere in a spec are not known here. AWS's texts are scrubbed by [`Secrets`](crate::model::Secrets).

use crate::model::is_hidden;

/// The key whose values are hidden.
const KEY: &str = "variables";

/// Returns the text with its secret values masked, and without characters that a terminal obeys or hides.
pub fn shown(text: &str) -> String {
    masked(text)
        .chars()
        .map(|letter| if is_hidden(letter) && !"\n\r\t".contains(letter) { substitute(letter) } else { letter })
        .collect()
}

/// Returns a visible character of as many bytes.
fn substitute(letter: char) -> char {
    match letter.len_utf8() {
        1 => '?',
        2 => '¿',
        3 => '\u{fffd}',
        _ => '\u{1F539}',
    }
}

/// Returns the text with its secret values masked.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside: Option<Inside> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if let Some(block) = inside.as_mut() {
            if line.trim().is_empty() || indent > block.indent {
                let entries = *block.entries.get_or_insert(indent);
                match indent > entries && !block.flow {
                    // A further line of a value.
                    true => hide(line, &mut out),
                    false => entry(line, block.flow, &mut out),
                }
                continue;
            }
            inside = None;
        }
        let Some(at) = after_key(line) else {
            out.push_str(line);
            continue;
        };
        let (shown, rest) = line.split_at(at);
        out.push_str(shown);
        entry(rest, true, &mut out);
        let flow = rest.contains('{');
        if !flow || rest.matches('{').count() > rest.matches('}').count() {
            inside = Some(Inside { indent, entries: None, flow });
        }
    }
    out
}

/// The lines under the key.
struct Inside {
    /// The indentation of the key.
    indent: usize,
    /// The indentation of its first entry.
    entries: Option<usize>,
    /// True if the entries are in braces, separated by commas.
    flow: bool,
}

/// Returns the position after the key, if the line has it.
fn after_key(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    line.match_indices(KEY).find_map(|(at, _)| {
        let is_start = at == 0 || b" \t{,\"'".contains(&bytes[at - 1]);
        let quotes = usize::from(bytes.get(at + KEY.len()).is_some_and(|byte| b"\"'".contains(byte)));
        let colon = at + KEY.len() + quotes;
        (is_start && bytes.get(colon) == Some(&b':')).then_some(colon + 1)
    })
}

/// Writes `KEY: value` with the value hidden; in braces there may be several, and on a line of its own only one.
fn entry(text: &str, flow: bool, out: &mut String) {
    if !flow {
        let (key, value) = text.split_at(colon(text).unwrap_or(0));
        out.push_str(key);
        return hide(value, out);
    }
    let (mut start, mut quote, mut reference) = (0, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if reference => reference = letter != '}',
            (_, '{') if text[..at].ends_with('$') => reference = true,
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '{' | '}' | ',') => {
                entry(&text[start..at], false, out);
                out.push(letter);
                start = at + 1;
            }
            _ => {}
        }
    }
    entry(&text[start..], false, out);
}

/// Returns the offset after the colon that ends a key.
fn colon(text: &str) -> Option<usize> {
    text.match_indices(':')
        .map(|(at, _)| at + 1)
        .find(|end| text[*end..].chars().next().is_none_or(char::is_whitespace))
}

/// Masks everything but references, which are not secret and often the subject of a message.
fn hide(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, reference)) = rest.find("${").map(|at| rest.split_at(at)) {
        let end = reference.find('}').map_or(reference.len(), |at| at + 1);
        out.extend(before.chars().map(blot));
        out.push_str(&reference[..end]);
        rest = &reference[end..];
    }
    out.extend(rest.chars().map(blot));
}

/// Returns a mask of as many bytes.
fn blot(letter: char) -> char {
    match letter.len_utf8() {
        // Quotes are kept for readers.
        _ if letter.is_whitespace() || letter == '"' || letter == '\'' => letter,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{1F539}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_and_everything_keeps_its_place() {
        for (text, want) in [
            (
                "environment: {variables: {PASSWORD: hunter2, X: z}}\nmemory: 1\n",
                "environment: {variables: {PASSWORD: *******, X: *}}\nmemory: 1\n",
            ),
            (
                "  variables:\n    A: \"x, y: z\"\n    B: ä${functions.f.arn}k\n  c: d\n",
                "  variables:\n    A: \"** ** *\"\n    B: ·${functions.f.arn}*\n  c: d\n",
            ),
            (
                "variables:\n  CERT: |\n    Type: private\n    abc\n  B: c\nd: e\n",
                "variables:\n  CERT: *\n    ***** *******\n    ***\n  B: *\nd: e\n",
            ),
            (
                "{\"variables\": {\n  \"A\": \"s{c,r\",\n  \"B\": 1}}\n",
                "{\"variables\": {\n  \"A\": \"*****\",\n  \"B\": *}}\n",
            ),
            ("variables: {A: \"k${functions.f.arn}\", B: 1}\n", "variables: {A: \"*${functions.f.arn}\", B: *}\n"),
            ("variables: hunter2\n", "variables: *******\n"),
            ("my_variables: x\n# variables\n", "my_variables: x\n# variables\n"),
        ] {
            let got = masked(text);
            assert_eq!(got, want);
            assert_eq!(got.len(), text.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_moves(text in "([a-z:{}, \"'\n$ä•\u{1b}\u{9b}\u{202e}\u{e0041}]|variables: ){0,60}") {
            let got = shown(&text);
            proptest::prop_assert!(!got.contains(|letter| is_hidden(letter) && letter != '\n'));
            proptest::prop_assert_eq!(got.len(), text.len());
            proptest::prop_assert!(text.char_indices().zip(got.char_indices()).all(|((one, _), (two, _))| one == two));
        }
    }
}
