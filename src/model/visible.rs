//! Texts of others, made safe to show: what a terminal, a log or a comment would obey or hide is written out instead.
//!
//! # Guarantees
//! No control character (C0, DEL, C1), line break, mark of the direction of text or character without width is left
//! (`tests/it/hostile_texts.rs` plants them in every text that is shown).

use std::borrow::Cow;

/// Returns the text on one line, with an escape such as `\u{1b}` for each character that is not shown as itself.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|letter| push(letter, &mut shown));
    Cow::Owned(shown)
}

/// Does the same with bytes that may not be UTF-8, such as the name of a file.
pub fn escaped(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| push(letter, &mut shown));
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    shown
}

/// Returns serialised JSON with an escape for each hidden character of its strings that serde leaves as it is.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_left = |letter: char| is_hidden(letter) && letter != '\n';
    if !json.contains(is_left) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_left(letter) {
            shown.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Tests for characters that a reader does not see, or sees elsewhere than they stand.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control() || is_invisible(letter)
}

fn push(letter: char, shown: &mut String) {
    if is_hidden(letter) {
        shown.extend(letter.escape_unicode());
    } else {
        shown.push(letter);
    }
}

/// Tests for line and paragraph separators, marks of the direction of text, tags, and characters without width.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_as_itself_is_written_out() {
        let hostile = "a\r\n\u{1b}[2J\u{7f}\u{9b}8m\u{202e}\u{e0041}é";
        assert_eq!(visible(hostile), r"a\u{d}\u{a}\u{1b}[2J\u{7f}\u{9b}8m\u{202e}\u{e0041}é");
        assert_eq!(escaped(hostile.as_bytes()), visible(hostile));
        assert_eq!(escaped(b"a\xff"), r"a\xff");
    }

    proptest::proptest! {
        #[test]
        fn nothing_hidden_is_left_and_json_keeps_its_value(
            text in ".{0,20}|[\u{0}-\u{ad}\u{2000}-\u{206f}\u{e0000}-\u{e007f}]{0,20}"
        ) {
            proptest::prop_assert!(!visible(&text).contains(is_hidden));
            let json = serde_json::to_string(&text).unwrap();
            let shown = visible_json(&json);
            proptest::prop_assert!(!shown.contains(is_hidden));
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
