//! The forms in which a text may quote a value.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::model::visible;

/// Lines shorter than this are no secrets of their own.
const SHORTEST_LINE: usize = 4;

/// Returns the value and its encodings, and the same for each of its lines.
pub(super) fn forms(value: &str) -> BTreeSet<String> {
    let whole = value.trim();
    let mut forms: BTreeSet<String> = [value, whole].into_iter().flat_map(encoded).collect();
    if whole.contains('\n') {
        let lines = whole.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST_LINE);
        forms.extend(lines.flat_map(encoded));
    }
    forms.retain(|form| form.chars().nth(1).is_some());
    forms
}

fn encoded(value: &str) -> impl Iterator<Item = String> {
    let json = json(value);
    let ascii = ascii(&json);
    let percent = percent(value);
    [
        self::json(&json),
        self::ascii(&self::json(&json)),
        json,
        ascii,
        STANDARD_NO_PAD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        percent.replace("%20", "+"),
        percent.replace("%2F", "/"),
        percent.replace("%2F", "/").replace("%3A", ":"),
        lowercase_escapes(&percent),
        percent,
        html(value),
        visible(value).into_owned(),
        value.to_owned(),
    ]
    .into_iter()
}

/// Returns the value between the quotes of a JSON string.
fn json(value: &str) -> String {
    let quoted = Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Returns JSON with escapes for everything beyond ASCII.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Returns the value percent-encoded, all but the unreserved characters.
fn percent(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Returns percent-encoded text with its escapes in lower case.
fn lowercase_escapes(percent: &str) -> String {
    let mut pieces = percent.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (escape, rest) = piece.split_at(2);
        let _ = write!(text, "%{}{rest}", escape.to_ascii_lowercase());
    }
    text
}

fn html(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
