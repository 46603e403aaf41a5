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
        let part = Part::Text { text: text.to_owned(), secret, sources: Vec::new() };
        Expanded { parts: vec![part], length: text.len() + 1, plain: false }
    }

    /// Returns true if nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text { text, .. } if text.is_empty()))
    }

    /// Notes that the text is the value of a variable, such as `env.X`.
    pub fn from(mut self, variable: &str) -> Self {
        for part in &mut self.parts {
            if let Part::Text { sources, .. } = part {
                sources.push(variable.to_owned());
            }
        }
        self
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
        let mut scalar = Scalar::written(String::with_capacity(self.length), self.plain);
        scalar.blanked = blanked(&self.parts);
        for part in self.parts {
            if let Part::Text { text, secret, sources } = part {
                scalar.text += &text;
                scalar.secret |= secret;
                scalar.sources.extend(sources);
            }
        }
        Content::Scalar(scalar)
    }
}

/// Returns the text of these parts with an expression in place of each value of the environment, if there is one.
pub fn blanked(parts: &[Part]) -> Option<String> {
    let has_secret = parts.iter().any(|part| matches!(part, Part::Text { secret: true, .. }));
    let text = |part: &Part| match part {
        Part::Text { secret: true, sources, .. } => sources.iter().map(|name| format!("${{{name}}}")).collect(),
        Part::Text { text, .. } => text.clone(),
        Part::Reference(name) => format!("${{{name}}}"),
        Part::Unknown(part) => part.expression().to_owned(),
    };
    has_secret.then(|| parts.iter().map(text).collect())
}
