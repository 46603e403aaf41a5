//! Patterns of a policy: names of actions, ARNs and values.

use fancy_regex::Regex;

/// A text in which `*` stands for any text and `?` for a character.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    regex: Regex,
}

impl Pattern {
    /// Reads the pattern of an action, whose case does not matter.
    pub(crate) fn of_action(text: &str) -> Result<Pattern, String> {
        Ok(Pattern { text: text.to_owned(), ..Pattern::new(&text.to_lowercase())? })
    }

    /// Reads a pattern.
    pub(crate) fn new(text: &str) -> Result<Pattern, String> {
        if text.contains("${") {
            return Err(format!("`{text}`: the simulator knows no policy variables"));
        }
        let escaped = fancy_regex::escape(text).replace("\\*", ".*").replace("\\?", ".");
        let regex = Regex::new(&format!("^{escaped}$")).map_err(|error| format!("`{text}`: {error}"))?;
        Ok(Pattern { text: text.to_owned(), regex })
    }

    /// Returns true if a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text).unwrap_or_default()
    }
}
