//! A text whose expressions have been replaced by their values.

use super::node::{Content, Part, Scalar};

/// A text with its values in place.
#[derive(Clone, Debug, Default)]
pub struct Expanded {
    /// The texts, references and unknown values, in order.
    pub parts: Vec<Part>,
    /// At least what all parts take, in bytes.
    pub length: usize,
    /// True if it may be a number or a boolean: it was one expression and nothing else.
    pub plain: bool,
}

impl Expanded {
    /// Returns the expansion of a text without expressions.
    pub fn text(text: &str, secret: bool) -> Self {
        // Even an empty part costs something, so that variables that multiply empty texts come to an end.
        Expanded { parts: vec![Part::Text { text: text.to_owned(), secret }], length: text.len() + 1, plain: false }
    }

    /// Returns true if nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text { text, .. } if text.is_empty()))
    }

    /// Appends `more`.
    pub fn then(mut self, more: Expanded) -> Self {
        self.parts.extend(more.parts);
        self.length += more.length;
        self.plain = more.plain;
        self
    }

    /// Returns the value: a template if not every part is known.
    pub fn content(self) -> Content {
        if self.parts.iter().any(|part| !matches!(part, Part::Text { .. })) {
            return Content::Template(self.parts);
        }
        let mut scalar = Scalar { text: String::with_capacity(self.length), plain: self.plain, secret: false };
        for part in self.parts {
            if let Part::Text { text, secret } = part {
                scalar.text += &text;
                scalar.secret |= secret;
            }
        }
        Content::Scalar(scalar)
    }
}
