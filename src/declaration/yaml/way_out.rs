//! The way out of a syntax error: the YAML library says what it did not expect, and the line says what was meant.

/// The place of a syntax error.
struct Mistake<'t> {
    /// The library's message.
    message: &'t str,
    /// The line of the error.
    line: &'t str,
    /// The line after it.
    next: &'t str,
    /// The line from the error on.
    rest: &'t str,
}

type WayOut = (fn(&Mistake<'_>) -> bool, &'static str);

/// The ways out, the most certain first.
const WAYS_OUT: [WayOut; 13] = [
    (
        |it| it.message.contains("tab") || is_indented_by_tab(it.line) || is_indented_by_tab(it.next),
        "indent with spaces: YAML does not allow tabs there",
    ),
    (
        |it| it.line.contains("{{"),
        "templates `{{ … }}` are not filled in: write `\"${var.NAME}\"`, or render the file before",
    ),
    (|it| it.line.contains("{%"), "templates `{% … %}` are not run: render the file before"),
    (
        |it| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| it.line.starts_with(mark)),
        "resolve the merge conflict in the file",
    ),
    (
        |it| it.line.contains("${") && (it.message.contains("flow") || it.message.contains("bracket")),
        "inside of `{ }` and `[ ]`, put a value with `${…}` in quotes: `\"${var.NAME}\"`",
    ),
    (
        |it| it.line.contains("${") && it.message.contains("mapping values"),
        "put a value with `${…}` and a colon in quotes: `\"${var.NAME:-a: b}\"`",
    ),
    (
        |it| it.rest.starts_with(['*', '&', '%', '@', '`', '|', '>']) && !it.message.contains("block scalar"),
        "put a value that begins with this character in quotes",
    ),
    (|it| it.message.contains("block scalar"), "begin the text on the next line, indented"),
    (|it| it.message.contains("escape"), "use single quotes, in which `\\` is a plain character, or write `\\\\`"),
    (|it| it.message.contains("quoted scalar"), "close the quotes, or indent the lines of the text"),
    (
        |it| it.message.contains("mapping values") && it.line.trim_start().matches(": ").count() > 1,
        "put a value that contains `: ` in quotes",
    ),
    (
        |it| ["mapping values", "did not find expected", "indent"].iter().any(|words| it.message.contains(words)),
        "check the indentation: all keys of one map begin in the same column",
    ),
    (|it| it.message.contains("expected ':'"), "write `key: value`, with a space after the colon"),
];

/// Returns the way out of a syntax error at the offset `at`, if the text shows one.
pub(super) fn way_out(message: &str, text: &str, at: usize) -> Option<&'static str> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut lines = text[start..].lines();
    let (line, next) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let rest = text[at..].lines().next().unwrap_or_default();
    let mistake = Mistake { message, line, next, rest };
    WAYS_OUT.iter().find(|(applies, _)| applies(&mistake)).map(|(_, help)| *help)
}

fn is_indented_by_tab(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with('\t')
}
