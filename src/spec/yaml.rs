//! YAML text to nodes that know their places. The only file that knows which YAML library there is.
//!
//! Scalars are kept as they are written, so that `no`, `1.10` and `0123` mean what the schema says and nothing else.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use crate::model::Span;

/// A piece of YAML and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// Where it is.
    pub span: Span,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing: `null`, `~`, or no value at all.
    Null,
    /// A scalar, as written; `plain` if it is not quoted, so that it may be a number or a truth value.
    Scalar {
        /// The text.
        text: String,
        /// Whether it stands without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a map and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

/// Why a text is not YAML.
#[derive(Debug)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// Why.
    pub message: String,
}

impl Node {
    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// A key and its value, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        match &self.content {
            Content::Map(map) => map.iter().find(|(name, _)| name.text == key).map(|(key, node)| (key, node)),
            _ => None,
        }
    }

    /// Whether there is nothing here.
    pub fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// What this is, for messages.
    pub fn what(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Scalar { .. } => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// Parses one document.
pub fn parse(text: &str, source: usize) -> Result<Node, Problem> {
    let whole = |range| Span { source, range };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Node { content: Content::Null, span: whole(0..0) });
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_nodes: 500_000, max_depth: 64, max_aliases: 5_000 },
    };
    let parsed: Result<Spanned<Raw>, _> = serde_saphyr::from_str_with_options(text, options);
    match parsed {
        Ok(raw) => Ok(placed(raw, text, source)),
        Err(error) => {
            let at = error.location().map_or(0..0, |location| range(&location, text));
            let message = error.to_string();
            // The library begins with `line 4 column 5: `, which the place says better.
            let told = message.lines().next().unwrap_or_default();
            let told =
                told.split_once(": ").filter(|(place, _)| place.contains("line ")).map_or(told, |(_, rest)| rest);
            // What it says after that is advice to whoever calls it, or the place again.
            let told = told.split(", set ").next().unwrap_or(told);
            let told = told.split(" at line ").next().unwrap_or(told);
            Err(Problem { span: whole(at), message: told.to_owned() })
        }
    }
}

/// What the library gives, before places are worked out.
enum Raw {
    Null,
    Text(String),
    Other(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;
        impl<'de> Visitor<'de> for AnyValue {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_none<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
                Raw::deserialize(deserializer)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw::Other(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::Text(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw::Map(entries))
            }
        }
        deserializer.deserialize_any(AnyValue)
    }
}

fn placed(raw: Spanned<Raw>, text: &str, source: usize) -> Node {
    let (written, shown) = (range(&raw.defined, text), range(&raw.referenced, text));
    let as_written = text.get(written).unwrap_or_default();
    let content = match raw.value {
        Raw::Null => Content::Null,
        Raw::Text(value) => {
            let quoted = as_written.starts_with(['"', '\'', '|', '>']);
            Content::Scalar { text: value, plain: !quoted }
        }
        // A number or truth value stands without quotes, and what was written says more than what it was taken for.
        Raw::Other(value) => {
            let faithful = !as_written.is_empty() && !as_written.contains(['\n', ' ', '!', '&', '*']);
            Content::Scalar { text: if faithful { as_written.to_owned() } else { value }, plain: true }
        }
        Raw::List(items) => Content::List(items.into_iter().map(|item| placed(item, text, source)).collect()),
        Raw::Map(entries) => {
            let place = |(key, node): (Spanned<String>, Spanned<Raw>)| {
                let span = Span { source, range: range(&key.referenced, text) };
                (Key { text: key.value, span }, placed(node, text, source))
            };
            Content::Map(entries.into_iter().map(place).collect())
        }
    };
    Node { content, span: Span { source, range: shown } }
}

/// The bytes of a location, within the text and on the borders of characters.
fn range(location: &Location, text: &str) -> std::ops::Range<usize> {
    let span = location.span();
    let limit = |at: Option<u64>| usize::try_from(at.unwrap_or(0)).unwrap_or(usize::MAX).min(text.len());
    let start = limit(span.byte_offset());
    let length = limit(span.byte_len());
    let end = start.saturating_add(length).min(text.len());
    if text.is_char_boundary(start) && text.is_char_boundary(end) { start..end } else { 0..0 }
}
