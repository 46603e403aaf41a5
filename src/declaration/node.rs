//! A YAML value that knows where every part of it was written.

use indexmap::IndexMap;

use crate::model::{FieldLocation, FieldPath, Span, TargetPart};

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub content: Content,
    /// Its place; for maps and lists, the place where they begin.
    pub span: Span,
}

/// The keys of a map, in the order in which they were written.
pub type Map = IndexMap<String, Field>;

/// One entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The place of the key.
    pub key: Span,
    /// The value.
    pub node: Node,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing, which means the same as absent.
    Null {
        /// True if it removes what an earlier file declares.
        removes: bool,
    },
    /// Something whose expressions could not be worked out. It was reported, and nothing more is said of it.
    Broken,
    /// A text, a number or a boolean.
    Scalar(Scalar),
    /// A text in which something is not known yet.
    Template(Vec<Part>),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(Map),
}

/// A text, a number or a boolean: what it is depends on what its place takes, so that `VERSION: 1.10` stays a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The text as it was written, without quotes.
    pub text: String,
    /// True if it was written without quotes and may be a number or a boolean.
    pub plain: bool,
    /// True if it holds a value of the environment, which must not be shown.
    pub secret: bool,
    /// The text as it is written, with an expression such as `${env.X}` in place of each value of the environment; absent if
    /// it holds none.
    pub blanked: Option<String>,
    /// The variables that it was made of, such as `env.X` or `var.y`.
    pub sources: Vec<String>,
}

impl Scalar {
    /// A scalar as it was written.
    pub fn written(text: String, plain: bool) -> Scalar {
        Scalar { text, plain, secret: false, blanked: None, sources: Vec::new() }
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text that stands for itself.
    Text {
        /// The text.
        text: String,
        /// True if it holds a value of the environment.
        secret: bool,
        /// The variables that it was made of, the innermost first.
        sources: Vec<String>,
    },
    /// A reference, as in `functions.orders.arn`.
    Reference(String),
    /// The account or the region, while it is not known.
    Unknown(TargetPart),
}

impl Part {
    /// Tests whether the part is a reference to another resource.
    pub fn is_reference(&self) -> bool {
        matches!(self, Part::Reference(_))
    }
}

impl Node {
    /// A map made by us and not by the user.
    pub fn map(map: Map, span: Span) -> Self {
        Node { content: Content::Map(map), span }
    }

    /// Tests whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null { .. })
    }

    /// Returns the fields of a map.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.content {
            Content::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Returns the type of the value, with its article.
    pub fn what(&self) -> &'static str {
        match &self.content {
            Content::Null { .. } | Content::Broken => "nothing",
            Content::Scalar(scalar) if scalar.plain && matches!(scalar.text.as_str(), "true" | "false") => "a boolean",
            Content::Scalar(scalar) if scalar.plain && scalar.text.parse::<f64>().is_ok() => "a number",
            Content::Template(parts) if parts.iter().any(Part::is_reference) => "a string with a reference",
            Content::Scalar(_) | Content::Template(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// The value one level below, with the place of its key if it has one.
    pub fn below(&self, key: &str) -> Option<(Option<&Span>, &Node)> {
        match &self.content {
            Content::Map(map) => map.get(key).map(|field| (Some(&field.key), &field.node)),
            Content::List(list) => list.get(key.parse::<usize>().ok()?).map(|node| (None, node)),
            _ => None,
        }
    }

    /// Returns the place to underline for a field, or for the nearest thing around it that is written, and at last `key`,
    /// the key of this value.
    pub fn locate<'n>(&'n self, location: &FieldLocation, key: &'n Span) -> &'n Span {
        let (mut here, mut key) = (self, Some(key));
        let mut is_whole = true;
        for name in location.path().keys() {
            match here.below(name) {
                Some((inner, node)) if !node.is_null() => (here, key) = (node, inner),
                _ => {
                    is_whole = false;
                    break;
                }
            }
        }
        match (location, key) {
            (FieldLocation::Key(_), Some(key)) if is_whole => key,
            _ => here.mark(key),
        }
    }

    /// The place to underline for this value, given the place of its key.
    pub fn mark<'n>(&'n self, key: Option<&'n Span>) -> &'n Span {
        match (&self.content, key) {
            (Content::Map(_) | Content::List(_) | Content::Null { .. }, Some(key)) => key,
            _ => &self.span,
        }
    }

    /// Takes the field at `path` away.
    pub fn remove(&mut self, path: &FieldPath) {
        let Some((last, parents)) = path.keys().split_last() else { return };
        let parent = parents.iter().try_fold(self, |node, key| match &mut node.content {
            Content::Map(map) => map.get_mut(key).map(|field| &mut field.node),
            _ => None,
        });
        if let Some(Content::Map(map)) = parent.map(|node| &mut node.content) {
            map.shift_remove(last);
        }
    }
}
