//! Values that must not be shown: masked in every output, and scrubbed from texts that AWS writes.

use std::collections::BTreeSet;

/// What stands in every output where a secret value would.
pub const MASK: &str = "(sensitive)";

/// Values shorter than this are too common to scrub: replacing every `1` would ruin a text and hide nothing.
const SHORTEST: usize = 4;

/// The secret values of a run.
#[derive(Clone, Debug, Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Notes a value that must not be shown.
    pub fn note(&mut self, value: &str) {
        if value.len() >= SHORTEST {
            self.0.insert(value.to_owned());
        }
    }

    /// The text with every secret value masked, also where JSON has escaped it.
    pub fn scrub(&self, text: &str) -> String {
        // Longest first, so that a secret that contains another is masked whole.
        let mut values: Vec<&String> = self.0.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.iter().fold(text.to_owned(), |text, value| {
            let escaped = serde_json::Value::String((*value).clone()).to_string();
            text.replace(value.as_str(), MASK).replace(escaped.trim_matches('"'), MASK)
        })
    }
}
