//! Patterns of a policy: names of actions, ARNs and values.

use fancy_regex::Regex;

/// A text in which `*` stands for any text and `?` for a character.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    regex: Regex,
}

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn new(text: &str) -> Result<Pattern, String> {
        if text.contains("${") {
            return Err(format!("`{text}`: the simulator knows no policy variables"));
        }
        let escaped = fancy_regex::escape(text).replace("\\*", ".*").replace("\\?", ".");
        // IAM compares the names of actions without case, and ARNs of Lambda are in lower case but for the names in them.
        let case = if text.starts_with("arn:") { "" } else { "(?i)" };
        let regex = Regex::new(&format!("{case}^{escaped}$")).map_err(|error| format!("`{text}`: {error}"))?;
        Ok(Pattern { text: text.to_owned(), regex })
    }

    /// Returns true if a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text).unwrap_or_default()
    }
}
