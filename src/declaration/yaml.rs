//! Text to a tree of values with their places: the only file that knows the YAML library.
//!
//! The library resolves anchors and merge keys, finds duplicate keys and bounds what a hostile file can cost. What
//! a plain scalar is (`0123`, `no`, `1.10`) is decided later, by the field that it is meant for, so the text is taken
//! as it was written.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, Options, Spanned, UserMessageFormatter};

use indexmap::map::Entry;

use super::node::{Content, Field, Map, Node, Scalar};
use super::report::{self, DiagnosticSink};
use crate::model::Span;

/// The largest file, in bytes; 10,000 functions need about a tenth of it.
const LARGEST: usize = 32 * 1024 * 1024;
/// The deepest nesting; specs need about ten levels. Each level takes tens of kilobytes of stack in a debug build, and a thread
/// may have no more than two megabytes.
const DEEPEST: usize = 32;

/// Reads one file's text; the text is that of the source with the index `source`. An empty file is an empty map.
pub fn parse(text: &str, source: usize, report: &mut DiagnosticSink) -> Option<Node> {
    let start = Span { source, range: 0..0 };
    if text.len() > LARGEST {
        report.error(report::SYNTAX, &start, format!("the file is larger than {} MB", LARGEST >> 20));
        return None;
    }
    let mut tree = Tree { text, source, duplicates: Vec::new() };
    let read = |duplicates| serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options(duplicates));
    let raw = match read(DuplicateKeyPolicy::Error) {
        Ok(raw) => raw,
        Err(error) => {
            let error = error.without_snippet();
            let Some(duplicate) = tree.duplicate(error) else {
                tree.complain(error, report);
                return None;
            };
            // Duplicate keys end the first reading. The second one goes on, so that the rest of the file is checked too.
            match read(DuplicateKeyPolicy::LastWins) {
                Ok(raw) => {
                    let node = tree.node(raw);
                    // Of keys that are numbers the library passes on the last alone.
                    if !tree.duplicates.iter().any(|it| it.second == duplicate.second) {
                        tree.duplicates.push(duplicate);
                    }
                    tree.duplicates.into_iter().for_each(|duplicate| duplicate.complain(report));
                    return Some(node);
                }
                Err(error) => {
                    duplicate.complain(report);
                    tree.complain(error.without_snippet(), report);
                    return None;
                }
            }
        }
    };
    let node = tree.node(raw);
    Some(if node.is_null() { Node::map(Map::new(), start) } else { node })
}

fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: duplicate_keys,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
        ignore_binary_tag_for_string: true,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 500_000 },
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: 1_000_000,
            max_events: 4_000_000,
            max_documents: 2,
            enforce_alias_anchor_ratio: false,
        },
    }
}

/// A key that its map already has.
struct DuplicateKey {
    key: Option<String>,
    first: Option<Span>,
    second: Span,
}

impl DuplicateKey {
    fn complain(self, report: &mut DiagnosticSink) {
        let message = self.key.map_or("duplicate key".to_owned(), |key| format!("duplicate key `{key}`"));
        let diagnostic = report
            .error(report::DUPLICATE, self.second, message)
            .label("already defined in this map")
            .help("remove one of them");
        if let Some(first) = self.first {
            diagnostic.related(first, "first defined here");
        }
    }
}

/// A value as the library reads it.
enum Raw {
    Null,
    Plain(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
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
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Raw, E> {
        Ok(Raw::Text(String::from_utf8_lossy(value).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

struct Tree<'t> {
    text: &'t str,
    source: usize,
    duplicates: Vec<DuplicateKey>,
}

impl Tree<'_> {
    fn node(&mut self, raw: Spanned<Raw>) -> Node {
        let mut span = self.span(if raw.defined == Location::UNKNOWN { raw.referenced } else { raw.defined });
        let content = match raw.value {
            Raw::Null => Content::Null { removes: false },
            Raw::Text(text) => Content::Scalar(Scalar { text, plain: false, secret: false }),
            Raw::Plain(text) => {
                let text = self.written(&span).unwrap_or(text);
                Content::Scalar(Scalar { text, plain: true, secret: false })
            }
            Raw::List(items) => Content::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => Content::Map(self.map(entries)),
        };
        // Maps and lists come without a length: a map is marked by its first key, a list by its first character.
        match &content {
            Content::Map(map) => {
                if let Some((_, first)) = map.first() {
                    span = first.key.clone();
                }
            }
            Content::List(_) if span.range.is_empty() => {
                let first = self.text[span.range.start..].chars().next().map_or(0, char::len_utf8);
                span.range.end += first;
            }
            _ => {}
        }
        Node { content, span }
    }

    /// Builds a map of its entries. Of duplicate keys the first one stays.
    fn map(&mut self, entries: Vec<(Spanned<String>, Spanned<Raw>)>) -> Map {
        let mut map = Map::with_capacity(entries.len());
        for (key, value) in entries {
            let place = self.span(if key.defined == Location::UNKNOWN { key.referenced } else { key.defined });
            let node = self.node(value);
            match map.entry(key.value) {
                Entry::Vacant(entry) => drop(entry.insert(Field { key: place, node })),
                Entry::Occupied(entry) => self.duplicates.push(DuplicateKey {
                    key: Some(entry.key().clone()),
                    first: Some(entry.get().key.clone()),
                    second: place,
                }),
            }
        }
        map
    }

    /// Returns the duplicate key that ended a reading, if that was the reason.
    fn duplicate(&self, error: &Error) -> Option<DuplicateKey> {
        let Error::DuplicateMappingKey { key, location } = error else { return None };
        Some(DuplicateKey { key: key.clone(), first: None, second: self.span(*location) })
    }

    /// A scalar that the library took for a number or a boolean, as the user wrote it.
    fn written(&self, span: &Span) -> Option<String> {
        let text = self.text.get(span.range.clone())?.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._:".contains(&b));
        is_plain.then(|| text.to_owned())
    }

    fn span(&self, location: Location) -> Span {
        let span = location.span();
        let at = |offset: Option<u64>| offset.and_then(|offset| usize::try_from(offset).ok());
        // Some errors know only the line and the column.
        let start = at(span.byte_offset()).unwrap_or_else(|| self.offset(location.line(), location.column()));
        let length = at(span.byte_len()).unwrap_or(0);
        Span { source: self.source, range: within(self.text, start..start.saturating_add(length)) }
    }

    /// The byte at a line and a column, both counted from 1.
    fn offset(&self, line: u64, column: u64) -> usize {
        let before = |count: u64| usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.take(before(line)).map(str::len).sum();
        let rest = self.text[start..].chars().take(before(column)).take_while(|c| *c != '\n');
        start + rest.map(char::len_utf8).sum::<usize>()
    }

    fn complain(&self, error: &Error, report: &mut DiagnosticSink) {
        let span = self.span(error.location().unwrap_or(Location::UNKNOWN));
        match error {
            Error::MultipleDocuments { .. } => {
                report
                    .error(report::SYNTAX, span, "the file contains more than one YAML document")
                    .help("split it at `---` into files, and pass each with `-f`");
            }
            _ => {
                let text = error.render_with_formatter(&UserMessageFormatter);
                let line = text.lines().next().unwrap_or_default();
                // The place is shown by underlining it.
                let line = line.split(" at line ").next().unwrap_or_default();
                report.error(report::SYNTAX, span, format!("invalid YAML: {line}"));
            }
        }
    }
}

/// The range as far as it lies in the text and on the borders of its characters.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secrets;

    fn shown(node: &Node) -> String {
        match &node.content {
            Content::Null { .. } => "null".to_owned(),
            Content::Scalar(it) if it.plain => format!("<{}>", it.text),
            Content::Scalar(it) => format!("{:?}", it.text),
            Content::Template(_) | Content::Broken => "other".to_owned(),
            Content::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Content::Map(map) => {
                let fields = map.iter().map(|(key, field)| format!("{key}={}", shown(&field.node)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn read(text: &str) -> String {
        let mut report = DiagnosticSink::default();
        match parse(text, 0, &mut report) {
            Some(node) if report.errors() == 0 => shown(&node),
            _ => {
                let found = report.finish(&Secrets::default());
                let span = found[0].span.clone().expect("has a place").range;
                format!("{}@{}: {}", found[0].code, span.start, found[0].message)
            }
        }
    }

    #[test]
    fn scalars_stay_as_written() {
        let text = "{a: no, b: 0123, c: 1_000, d: 1.10, e: '20', f: true, g: ~, h: 12:30:45, i: 0x1F, j: .nan, k: on}";
        assert_eq!(
            read(text),
            r#"{a="no" b=<0123> c=<1_000> d=<1.10> e="20" f=<true> g=null h="12:30:45" i=<0x1F> j=".nan" k="on"}"#
        );
        let huge = "9".repeat(50);
        assert_eq!(read(&format!("a: {huge}")), format!("{{a=<{huge}>}}"));
        assert_eq!(read("a: !!int \"3\""), "{a=<3>}");
        assert_eq!(read(""), "{}");
        assert_eq!(read("# only a comment\n"), "{}");
        assert_eq!(read("7: x"), r#"{7="x"}"#);
    }

    #[test]
    fn anchors_and_merge_keys_work() {
        assert_eq!(read("x-a: &a {b: 1}\nc: {<<: *a, d: 2}\n"), "{x-a={b=<1>} c={d=<2> b=<1>}}");
    }

    #[test]
    fn what_is_not_yaml_is_refused_in_its_place() {
        let deep = "[".repeat(20_000);
        let flow = format!("a: {}", "[".repeat(100));
        let bad = [
            "a: 1\na: 2\n",
            "a: 1\n---\nb: 2\n",
            "a:\n\tb: 1\n",
            "a: [1\n",
            "a: *nowhere\n",
            "? [a, b]\n: c\n",
            &deep,
            &flow,
        ];
        let got: Vec<String> = bad.iter().map(|text| read(text).replace("invalid YAML", "no")).collect();
        let want = [
            "S003@5: duplicate key `a`",
            "S002@9: the file contains more than one YAML document",
            "S002@4: no: tabs disallowed within this context (block indentation)",
            "S002@3: no: unclosed bracket '['",
            "S002@3: no: reference to unknown value",
            "S002@2: no: expected string scalar",
            "S002@255: no: recursion limit exceeded",
            "S002@102: no: unclosed bracket '['",
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn duplicate_keys_do_not_end_the_reading() {
        let text = "a: 1\nb: {c: 1, c: 2, d: 1, d: 1, d: 1}\na: 2\n7: x\n7: y\ne: 1\ne: 2\n";
        let mut report = DiagnosticSink::default();
        let node = parse(text, 0, &mut report).expect("is read");
        assert_eq!(shown(&node), r#"{a=<1> b={c=<1> d=<1>} 7="y" e=<2>}"#);
        let found = report.finish(&Secrets::default());
        let keys: Vec<&str> = found.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(keys, ["`c`", "`d`", "`d`", "`a`"].map(|key| format!("duplicate key {key}")));
        assert!(found.iter().all(|it| it.related.len() == 1));
    }

    #[test]
    fn bombs_do_not_go_off() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
        }
        assert!(read(&bomb).contains("too large or too complex"));
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let text = "ä: {b: [ö, 'x']}\n";
        let node = parse(text, 3, &mut DiagnosticSink::default()).expect("is YAML");
        let (key, inner) = node.below("ä").expect("is there");
        assert_eq!(key.map(|key| &text[key.range.clone()]), Some("ä"));
        let (key, list) = inner.below("b").expect("is there");
        assert_eq!(key.map(|key| &text[key.range.clone()]), Some("b"));
        assert_eq!(&text[list.span.range.clone()], "[");
        assert_eq!(&text[list.below("0").expect("is there").1.span.range.clone()], "ö");
        assert_eq!(&text[list.below("1").expect("is there").1.span.range.clone()], "'x'");
    }
}
