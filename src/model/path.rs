//! The path of a field inside a resource's value, as a list of keys and as text.
//!
//! Guarantees: [`FieldPath`] prints as text that parses to the same path, whatever its keys hold, and its text is free of
//! control characters. In data (plans, JSON output) a path is the list of its keys.
//!
//! ```text
//! path = [ key { "." key } ]
//! key  = bare | quoted
//! bare = any characters but dots, quotes, brackets, braces, backslashes, whitespace and control characters
//! quoted = a JSON string, such as "a.b"
//! ```

use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The keys that lead to a field, outermost first: `environment.variables.TABLE`, or `tags."team.name"` where a key
/// needs quotes. The position of a list item is a key like any other and prints as its number: `layers.0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct FieldPath(Arc<[String]>);

impl FieldPath {
    /// The path of the whole value. It prints as nothing.
    pub fn root() -> Self {
        FieldPath::default()
    }

    /// The path of a key one level below.
    pub fn then(&self, key: impl Into<String>) -> Self {
        self.0.iter().cloned().chain([key.into()]).collect()
    }

    /// Tests for the digest of code, which tells a reader nothing but that it is other code.
    pub fn is_digest(&self) -> bool {
        self.0.ends_with(&["code".to_owned(), "sha256".to_owned()])
    }

    /// Returns the path for people: that of the code for its digest.
    pub fn shown(&self) -> String {
        match self.split_last() {
            Some((parent, _)) if self.is_digest() => parent.to_string(),
            _ => self.to_string(),
        }
    }

    /// The keys, outermost first.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// The outermost key; `None` for the whole value.
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The innermost key and the path of what holds it; `None` for the whole value.
    pub fn split_last(&self) -> Option<(FieldPath, &str)> {
        self.0.split_last().map(|(last, parents)| (FieldPath(parents.into()), last.as_str()))
    }

    /// Tests whether this is the path of the whole value.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Tests whether this path is `other` or lies below it.
    pub fn within(&self, other: &FieldPath) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Returns the value at this path.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, key| match value {
            Value::Object(map) => map.get(key),
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Puts `new` at this path and creates the maps that lead to it; `None` removes the field.
    pub fn set(&self, value: &mut Value, new: Option<Value>) {
        let Some((last, parents)) = self.0.split_last() else {
            *value = new.unwrap_or(Value::Null);
            return;
        };
        let mut here = value;
        for key in parents {
            if here.is_null() {
                *here = Value::Object(serde_json::Map::new());
            }
            here = match here {
                Value::Object(map) => map.entry(key.clone()).or_insert(Value::Null),
                Value::Array(list) => match key.parse::<usize>().ok().and_then(|at| list.get_mut(at)) {
                    Some(item) => item,
                    None => return,
                },
                _ => return,
            };
        }
        if here.is_null() {
            *here = Value::Object(serde_json::Map::new());
        }
        match (here, new) {
            (Value::Object(map), Some(new)) => drop(map.insert(last.clone(), new)),
            (Value::Object(map), None) => drop(map.remove(last)),
            (Value::Array(list), Some(new)) => {
                if let Some(item) = last.parse::<usize>().ok().and_then(|at| list.get_mut(at)) {
                    *item = new;
                }
            }
            _ => {}
        }
    }
}

impl FieldPath {
    /// Removes the field, and every map that becomes empty by that.
    pub fn remove(&self, value: &mut Value) {
        self.set(value, None);
        let mut path = self.clone();
        while let Some((parent, _)) = path.split_last().filter(|(parent, _)| !parent.is_root()) {
            if !parent.get(value).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
                return;
            }
            parent.set(value, None);
            path = parent;
        }
    }
}

/// The path that a literal of the program names: names of fields with dots between them. Keys that a user chooses never
/// become part of a literal; [`FieldPath::then`] adds them.
impl From<&'static str> for FieldPath {
    fn from(literal: &'static str) -> Self {
        literal.split('.').filter(|key| !key.is_empty()).collect()
    }
}

impl From<Vec<String>> for FieldPath {
    fn from(keys: Vec<String>) -> Self {
        FieldPath(keys.into())
    }
}

impl From<FieldPath> for Vec<String> {
    fn from(path: FieldPath) -> Self {
        path.0.to_vec()
    }
}

impl<K: Into<String>> FromIterator<K> for FieldPath {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        FieldPath(keys.into_iter().map(Into::into).collect())
    }
}

/// The reason why a text is not a field path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a field path: {problem}")]
pub struct InvalidFieldPath {
    text: String,
    problem: PathProblem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum PathProblem {
    #[error("a key is missing between its dots; write an empty key as `\"\"`")]
    MissingKey,
    #[error("`[…]` is not used for list items; write their position as a key, such as `layers.0`")]
    Brackets,
    #[error("{0:?} must be inside double quotes, such as `tags.\"a b\"`")]
    Unquoted(char),
    #[error("a key in double quotes does not end, or has an unknown escape after a backslash")]
    BadQuotes,
    #[error("expected a dot after the key in quotes, found {0:?}")]
    AfterQuotes(char),
}

impl FromStr for FieldPath {
    type Err = InvalidFieldPath;

    fn from_str(text: &str) -> Result<Self, InvalidFieldPath> {
        keys(text).map(FieldPath::from).map_err(|problem| InvalidFieldPath { text: text.to_owned(), problem })
    }
}

fn keys(text: &str) -> Result<Vec<String>, PathProblem> {
    let mut keys = Vec::new();
    if text.is_empty() {
        return Ok(keys);
    }
    let mut rest = text;
    loop {
        let (key, after) = if rest.starts_with('"') { quoted_key(rest)? } else { bare_key(rest)? };
        keys.push(key);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(keys),
            None => return Err(PathProblem::AfterQuotes(after.chars().next().unwrap_or_default())),
        }
    }
}

/// Reads a key without quotes. Returns it and the text after it, which is empty or begins with a dot.
fn bare_key(text: &str) -> Result<(String, &str), PathProblem> {
    let (key, after) = text.split_at(text.find('.').unwrap_or(text.len()));
    if key.is_empty() {
        return Err(PathProblem::MissingKey);
    }
    match key.chars().find(|c| c.is_whitespace() || c.is_control() || "\"'`\\[]{}".contains(*c)) {
        Some('[' | ']') => Err(PathProblem::Brackets),
        Some(c) => Err(PathProblem::Unquoted(c)),
        None => Ok((key.to_owned(), after)),
    }
}

/// Reads a key in quotes. Returns it and the text after the closing quote.
fn quoted_key(text: &str) -> Result<(String, &str), PathProblem> {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let is_end = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_end
    });
    let (quoted, after) = end.map(|(at, _)| text.split_at(at + 1)).ok_or(PathProblem::BadQuotes)?;
    let key = serde_json::from_str(quoted).map_err(|_| PathProblem::BadQuotes)?;
    Ok((key, after))
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char('.')?;
            }
            if !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-:/@+=$".contains(c)) {
                f.write_str(key)?;
            } else {
                write_quoted(key, f)?;
            }
        }
        Ok(())
    }
}

/// Writes a key as a JSON string, with escapes for all that a terminal would not print as it is.
fn write_quoted(key: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in key.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            // A `\u{…}` of Rust marks what is not printable: control characters, marks that change the direction of text.
            _ if c.is_control() || c.escape_debug().nth(1) == Some('u') => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_need_quotes_have_them() {
        let shown = |keys: &[&str]| keys.iter().copied().collect::<FieldPath>().to_string();
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&["layers", "0"]), "layers.0");
        assert_eq!(shown(&["tags", "aws:created/by"]), "tags.aws:created/by");
        assert_eq!(shown(&["tags", "a.b", ""]), r#"tags."a.b"."""#);
        assert_eq!(shown(&["tags", "größe", "a b", "c[0]"]), r#"tags."größe"."a b"."c[0]""#);
        assert_eq!(shown(&["\"\\", "\n\u{202e}\u{e0001}"]), r#""\"\\"."\u000a\u202e\udb40\udc01""#);
    }

    #[test]
    fn what_is_not_a_path_says_why() {
        let why = |text: &str| text.parse::<FieldPath>().expect_err("is no path").to_string();
        assert_eq!(
            why("tags."),
            "`tags.` is not a field path: a key is missing between its dots; write an empty key as `\"\"`"
        );
        assert!(why("layers[0]").contains("such as `layers.0`"));
        assert!(why("tags.a b").contains("' ' must be inside double quotes, such as `tags.\"a b\"`"));
        assert!(why(r#"tags."a"#).contains("does not end"));
        assert!(why(r#"tags."a\q""#).contains("unknown escape"));
        assert!(why(r#"tags."a"b"#).contains("expected a dot after the key in quotes, found 'b'"));
    }

    proptest! {
        #[test]
        fn a_path_is_read_back_from_its_text(keys in prop::collection::vec(r#"[a."\\\[\] \n:é\u{202e}]{0,4}|\PC{0,5}|(?s:.){0,5}"#, 0..5)) {
            let path: FieldPath = keys.iter().cloned().collect();
            let text = path.to_string();
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(text.parse(), Ok(path));
        }

        #[test]
        fn any_text_is_a_path_or_an_error(text in r#"[a."\\\[ u0]{0,12}|(?s:.){0,20}"#) {
            if let Ok(path) = text.parse::<FieldPath>() {
                prop_assert_eq!(path.to_string().parse(), Ok(path));
            }
        }
    }
}
