//! Finds the keys below which values may be secret, in text that need not be valid YAML.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use crate::kinds::KINDS;
use crate::model::suggest;

/// The value of a sensitive key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sensitive {
    /// A map of values, as under `variables`, or anything else.
    Map,
    /// A scalar, as behind the name of an environment variable. A map below such a name is a resource.
    Scalar,
}

/// The keys whose values are hidden.
const KEYS: [&str; 2] = ["environment", "variables"];

/// Parts of words that name a secret.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "privatekey"];

/// The names of all fields of all kinds, which are as they are meant.
static FIELDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    fn collect(schema: &Value, fields: &mut BTreeSet<String>) {
        match schema {
            Value::Object(map) => {
                if let Some(Value::Object(properties)) = map.get("properties") {
                    fields.extend(properties.keys().cloned());
                }
                map.values().for_each(|below| collect(below, fields));
            }
            Value::Array(list) => list.iter().for_each(|below| collect(below, fields)),
            _ => {}
        }
    }
    let mut fields = BTreeSet::new();
    KINDS.iter().for_each(|kind| collect(kind.schema(), &mut fields));
    fields
});

/// Returns the first sensitive key of a line and the position after its colon.
pub(super) fn sensitive_key(line: &str) -> Option<(Sensitive, usize)> {
    if let Some(key) = line.trim().strip_prefix("? ") {
        return (sensitive(key.trim_matches(['"', '\'', ' '])) == Some(Sensitive::Map))
            .then(|| (Sensitive::Map, line.trim_end().len()));
    }
    keys(line).find_map(|(key, end)| {
        let value = line[end..].trim_start();
        match sensitive(&key)? {
            Sensitive::Scalar if value.starts_with(['{', '[']) => None,
            found => Some((found, end)),
        }
    })
}

/// Tests whether a line has a key.
pub(super) fn has_key(line: &str) -> bool {
    keys(line).next().is_some()
}

/// Returns the keys of a line, without quotes and escapes, and the positions after their colons.
fn keys(line: &str) -> impl Iterator<Item = (String, usize)> {
    line.match_indices(':').filter_map(|(at, _)| {
        let before = line[..at].trim_end();
        let quote = before.chars().next_back().filter(|letter| "\"'".contains(*letter));
        let is_separate = line[at + 1..].chars().next().is_none_or(char::is_whitespace);
        let key = match quote {
            Some(quote) => {
                let inner = &before[..before.len() - 1];
                inner.rfind(quote).map(|start| unescaped(&inner[start + 1..]))?
            }
            None if is_separate => {
                let start = before
                    .rfind(|letter: char| !is_word(letter))
                    .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
                before[start..].to_owned()
            }
            None => return None,
        };
        (!key.is_empty()).then_some((key, at + 1))
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// Replaces the escapes that YAML's double quotes allow for letters: `\x61`, `\u0061` and `\U00000061`.
fn unescaped(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    let mut rest = key;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let digits = match escape.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let code = escape.get(1..=digits).filter(|_| digits > 0).and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(letter) => {
                text.push(letter);
                rest = &escape[digits + 1..];
            }
            None => rest = escape,
        }
    }
    text + rest
}

/// Returns what a key hides, if it hides anything.
fn sensitive(key: &str) -> Option<Sensitive> {
    if KEYS.contains(&key) || key == "vars" {
        return Some(Sensitive::Map);
    }
    if FIELDS.contains(key) {
        return None;
    }
    let bare: String = key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_like_a_key = KEYS.iter().any(|name| bare.contains(name))
        || ["env", "envs", "envvars", "var", "vras", "vasr", "avrs", "varz", "varss", "variable"]
            .contains(&bare.as_str())
        || suggest::nearest(&bare, KEYS).is_some();
    if is_like_a_key || SECRET_WORDS.iter().any(|word| bare.contains(word)) {
        return Some(Sensitive::Map);
    }
    let is_capital = key.len() > 1
        && key.starts_with(|letter: char| letter.is_ascii_uppercase())
        && key.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    is_capital.then_some(Sensitive::Scalar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_however_they_are_written() {
        for line in [
            "environment:",
            "variables: x",
            "  {f: {variables: {}}}",
            "  \"vari\\x61bles\" : {}",
            "'variables':",
            "{\"variables\":{\"A\": 1}}",
            "variabels: {}",
            "Variables:",
            "environmentVariables:",
            "enviroment:",
            "? variables",
            "password: x",
            "db_password: x",
            "vars:",
            "env:",
        ] {
            assert_eq!(sensitive_key(line).map(|(found, _)| found), Some(Sensitive::Map), "{line}");
        }
        for line in ["PASSWORD: x", "{A1: x}", "a: b, TOKEN_2: x", "DB: |"] {
            assert!(sensitive_key(line).is_some(), "{line}");
        }
        for line in [
            "timeout: soon",
            "role: arn:aws:iam::123456789012:role/variables",
            "ORDERS: {timeout: 3}",
            "event_source_token: x",
            "allow_credentials: true",
            "min_execution_environments: 3",
            "# variables",
            "cars: x",
            "live: x",
        ] {
            assert_eq!(sensitive_key(line), None, "{line}");
        }
    }
}
