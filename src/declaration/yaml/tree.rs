//! Builds the tree of values with their places, and reports what the YAML library rejects.

use std::ops::Range;

use indexmap::map::Entry;
use serde_saphyr::{Error, Location, Spanned, Tagged, UserMessageFormatter};

use super::raw::{Raw, RawKey, RawNode};
use super::tags::UnknownTag;
use super::way_out::way_out;
use crate::declaration::node::{Content, Field, Map, Node, Scalar};
use crate::declaration::report::{self, DiagnosticSink};
use crate::model::Span;

/// A key that its map already has.
pub(super) struct DuplicateKey {
    key: Option<String>,
    first: Option<Span>,
    pub second: Span,
}

impl DuplicateKey {
    pub fn complain(self, report: &mut DiagnosticSink) {
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

/// The text of a file, and the duplicate keys and tags without a meaning that were found in it.
pub(super) struct Tree<'t> {
    pub text: &'t str,
    pub source: usize,
    pub duplicates: Vec<DuplicateKey>,
    pub tags: Vec<UnknownTag>,
}

impl Tree<'_> {
    pub fn node(&mut self, raw: RawNode) -> Node {
        let mut span = self.place(&raw);
        let Tagged(value, tag) = raw.value;
        if let Some(tag) = tag.and_then(|tag| UnknownTag::new(&tag, &value, self.tag_place(&span))) {
            self.tags.push(tag);
            return Node { content: Content::Broken, span };
        }
        let content = match value {
            Raw::Null => Content::Null { removes: false },
            Raw::Text(text) => Content::Scalar(Scalar::written(text, false)),
            Raw::Plain(text) => {
                let text = self.written(&span).unwrap_or(text);
                Content::Scalar(Scalar::written(text, true))
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
    fn map(&mut self, entries: Vec<(RawKey, RawNode)>) -> Map {
        let mut map = Map::with_capacity(entries.len());
        for (key, value) in entries {
            let place = self.place(&key);
            let Tagged(key, tag) = key.value;
            let text = Raw::Text(String::new());
            self.tags.extend(tag.and_then(|tag| UnknownTag::new(&tag, &text, self.tag_place(&place))));
            let node = self.node(value);
            match map.entry(key) {
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
    pub fn duplicate(&self, error: &Error) -> Option<DuplicateKey> {
        let Error::DuplicateMappingKey { key, location } = error else { return None };
        Some(DuplicateKey { key: key.clone(), first: None, second: self.span(*location) })
    }

    /// A scalar that the library took for a number or a boolean, as the user wrote it.
    fn written(&self, span: &Span) -> Option<String> {
        let text = self.text.get(span.range.clone())?.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._:".contains(&b));
        is_plain.then(|| text.to_owned())
    }

    /// Returns the place of a value or key; that of an alias is the place of its anchor.
    fn place<T>(&self, raw: &Spanned<T>) -> Span {
        self.span(if raw.defined == Location::UNKNOWN { raw.referenced } else { raw.defined })
    }

    /// Returns the place of the tag before a value, or of the value if there is none.
    fn tag_place(&self, value: &Span) -> Span {
        let is_border = |c: char| c.is_whitespace() || "[{,".contains(c);
        let is_tag = |at: usize| self.text[at..].starts_with('!');
        let mut end = value.range.start;
        if is_tag(end) {
            end += self.text[end..].find(is_border).unwrap_or(self.text.len() - end);
        }
        // An anchor may stand between the two.
        for _ in 0..2 {
            let before = self.text[..end].trim_end();
            let start = before.rfind(is_border).map_or(0, |at| at + 1);
            if is_tag(start) {
                return Span { source: self.source, range: start..before.len() };
            }
            end = start;
        }
        value.clone()
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

    pub fn complain(&self, error: &Error, report: &mut DiagnosticSink) {
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
                let help = way_out(line, self.text, span.range.start).map(str::to_owned);
                report.error(report::SYNTAX, span, format!("invalid YAML: {line}")).maybe_help(help);
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
