//! Masks values and keeps keys, references and positions.

/// Masks the values of entries in braces, of which a line may have several.
pub(super) fn entries(text: &str, out: &mut String) {
    let (mut start, mut quote, mut reference) = (0, None, 0_usize);
    let mut before = ':';
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (quote, letter) {
            _ if reference > 0 => match letter {
                '{' => reference += 1,
                '}' => reference -= 1,
                _ => {}
            },
            (_, '{') if text[..at].ends_with('$') => reference = 1,
            (Some('"'), '\\') => drop(letters.next()),
            // A quote in single quotes is written twice.
            (Some('\''), '\'') if letters.peek().is_some_and(|(_, next)| *next == '\'') => drop(letters.next()),
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') if ":,{[".contains(before) => quote = Some(letter),
            (None, '{' | '}' | ',') => {
                entry(&text[start..at], out);
                out.push(letter);
                start = at + 1;
            }
            _ => {}
        }
        if !letter.is_whitespace() {
            before = letter;
        }
    }
    entry(&text[start..], out);
}

/// Masks the value of `KEY: value`, or everything if there is no key. Returns the position of the value.
pub(super) fn entry(text: &str, out: &mut String) -> usize {
    let at = colon(text).filter(|at| is_key(&text[..*at])).unwrap_or(0);
    let (key, value) = text.split_at(at);
    out.push_str(key);
    hide(value, out);
    at
}

/// Returns the offset after the colon that ends a key.
fn colon(text: &str) -> Option<usize> {
    text.match_indices(':')
        .map(|(at, _)| at + 1)
        .find(|end| text[*end..].chars().next().is_none_or(char::is_whitespace))
}

/// Tests whether a text may be a key and not the line of a value.
fn is_key(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphanumeric() || "_-.: \t\"'?".contains(letter)) && !text.contains("--")
}

/// Counts the brackets that a text opens and closes, and finds the quote that it leaves open. Outside of brackets only the
/// first character opens anything.
pub(super) fn brackets(text: &str, depth: &mut usize, quote: &mut Option<char>) {
    let (mut before, mut is_first) = (':', quote.is_none());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (*quote, letter) {
            (Some('"'), '\\') => drop(letters.next()),
            (Some('\''), '\'') if letters.peek() == Some(&'\'') => drop(letters.next()),
            (Some(open), _) if open == letter => *quote = None,
            (None, '"' | '\'') if (is_first || *depth > 0) && ":,{[".contains(before) => *quote = Some(letter),
            (None, '{' | '[') if (is_first || *depth > 0) && before != '$' => *depth += 1,
            (None, '}' | ']') => *depth = depth.saturating_sub(1),
            _ => {}
        }
        if !letter.is_whitespace() {
            (before, is_first) = (letter, false);
        }
    }
}

/// Masks everything but references, which are not secret and often the subject of a message.
pub(super) fn hide(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, reference)) = rest.find("${").map(|at| rest.split_at(at)) {
        out.extend(before.chars().map(blot));
        // The default of a reference is a value.
        let end = reference.find('}').map_or(reference.len(), |at| at + 1);
        let shown = reference[..end].find(":-").map_or(end, |at| at + 2);
        out.push_str(&reference[..shown]);
        let hidden = if shown < end { end - 1 } else { end };
        out.extend(reference[shown..hidden].chars().map(blot));
        out.push_str(&reference[hidden..end]);
        rest = &reference[end..];
    }
    out.extend(rest.chars().map(blot));
}

/// Masks the user and the password of each URL.
pub(super) fn hide_users(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        out.push_str(before);
        let end = after.find(|letter: char| letter.is_whitespace() || "/?#\"'<>`".contains(letter));
        let user = after[..end.unwrap_or(after.len())].rfind('@').unwrap_or(0);
        out.extend(after[..user].chars().map(blot));
        rest = &after[user..];
    }
    out + rest
}

/// Returns a mask of as many bytes.
fn blot(letter: char) -> char {
    match letter.len_utf8() {
        // Quotes are kept for readers.
        _ if letter.is_whitespace() || letter == '"' || letter == '\'' => letter,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{1F539}',
    }
}
