//! Text that refers to other resources, whose value may be known only while applying.

use std::fmt;

use serde_json::Value;

use super::{Address, AttributeName, TargetPart};

/// A mention of another resource's attribute, as in `${functions.orders.arn}`: an edge of the graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The resource that is mentioned.
    pub target: Address,
    /// The attribute.
    pub attribute: AttributeName,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.target, self.attribute)
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// The place of another resource's attribute.
    Reference(Reference),
}

/// A string with references in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

impl Template {
    /// A template that is one reference and nothing else.
    pub fn reference(target: Address, attribute: AttributeName) -> Self {
        Template(vec![Piece::Reference(Reference { target, attribute })])
    }

    /// The references in it, in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Reference(reference) => Some(reference),
            Piece::Text(_) => None,
        })
    }

    /// The text with every reference replaced; `None` while one of them is unknown.
    pub fn fill(&self, mut known: impl FnMut(&Reference) -> Option<String>) -> Option<String> {
        self.0.iter().try_fold(String::new(), |text, piece| match piece {
            Piece::Text(more) => Some(text + more),
            Piece::Reference(reference) => Some(text + &known(reference)?),
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Reference(reference) => write!(f, "${{{reference}}}"),
        })
    }
}

/// Returns true if a text of a spec refers to another resource, so that its value may be known only while applying.
///
/// `${account}` and `${region}` are no references: they stay in texts only while nobody is connected.
pub fn has_reference(text: &str) -> bool {
    let is_other = |rest: &str| !TargetPart::ALL.iter().any(|part| rest.starts_with(part.expression()));
    text.match_indices("${").any(|(at, _)| is_other(&text[at..]))
}

/// Returns a text with examples in the places of an unknown account and region, to check its form.
pub fn with_examples(text: &str) -> String {
    TargetPart::ALL.iter().fold(text.to_owned(), |text, part| text.replace(part.expression(), part.example()))
}

/// A value as it stands inside a text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
