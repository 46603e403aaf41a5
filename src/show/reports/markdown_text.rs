//! Texts of others inside Markdown and HTML: names of a spec and words of AWS must not become markup, links or mentions.

use sha2::{Digest, Sha256};

/// The longest list of targets in a marker; longer ones are hashed.
const LONG_MARKER: usize = 500;

/// Returns a text as a code span: nothing in it is markup, and nobody is mentioned.
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    // A blank keeps backticks at the ends apart from the fence, and is not shown.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Returns lines as a fenced block in which added and removed lines are coloured.
pub fn diff_block(lines: &str) -> String {
    block("diff", lines)
}

/// Returns lines as a fenced block of a language.
pub fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.trim_end_matches('\n'))
}

/// Returns a text as HTML, such as in a summary.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the line that nobody sees, by which a text about a stack and its targets is found again.
pub fn hidden_marker<'a>(about: &str, stack: &str, targets: impl IntoIterator<Item = &'a str>, part: usize) -> String {
    // A blank and `-->` would end it.
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut names: Vec<&str> = targets.into_iter().collect();
    names.sort_unstable();
    let mut targets = names.into_iter().map(encoded).collect::<Vec<_>>().join(",");
    if targets.len() > LONG_MARKER {
        targets = hex::encode(Sha256::digest(targets));
    }
    let part = if part > 1 { format!(" part={part}") } else { String::new() };
    format!("<!-- trueup:{about} stack={} target={targets}{part} -->", encoded(stack))
}

/// Returns the length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_span_or_its_block() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code("@all <b> **x**\nnext"), "`@all <b> **x** next`");
        let block = diff_block("+ ```\n+ ````\n# forged");
        assert!(block.starts_with("`````diff\n") && block.ends_with("\n`````\n"), "{block}");
        assert_eq!(html("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
