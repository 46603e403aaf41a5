//! The grammar of the text between `${` and `}`, without its meaning.
//!
//! ```text
//! text       = { anything | "$${" for a literal "${" | "${" name [ ":-" text | ":?" message ] "}" }
//! ```

/// Defaults may hold expressions with defaults; nobody needs more than this.
const DEEPEST: usize = 8;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPiece<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// `${name}`, with what is to be done where the name has no value.
    Expression {
        /// The whole of it, as written.
        written: &'t str,
        /// The name.
        name: &'t str,
        /// The way to go on without a value.
        otherwise: Fallback<'t>,
    },
}

/// The way to go on where a name has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback<'t> {
    /// It is an error.
    Fail,
    /// It is an error with these words.
    Say(&'t str),
    /// This stands in its place.
    Use(Vec<TextPiece<'t>>),
}

/// The reason why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem<'t> {
    /// The words that are wrong.
    pub written: &'t str,
    /// The problem with them.
    pub message: String,
}

/// Reads a text.
pub fn parse(text: &str) -> Result<Vec<TextPiece<'_>>, Problem<'_>> {
    pieces(text, 0)
}

fn pieces(text: &str, depth: usize) -> Result<Vec<TextPiece<'_>>, Problem<'_>> {
    if depth > DEEPEST {
        return Err(Problem { written: text, message: format!("defaults are nested more than {DEEPEST} levels deep") });
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            pieces.push(TextPiece::Text(&rest[..at - 1]));
            pieces.push(TextPiece::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        pieces.push(TextPiece::Text(&rest[..at]));
        let Some(length) = closing(&rest[at + 2..]) else {
            return Err(Problem { written: &rest[at..], message: "`${` is not closed by `}`".to_owned() });
        };
        let written = &rest[at..at + 2 + length + 1];
        pieces.push(expression(written, &rest[at + 2..at + 2 + length], depth)?);
        rest = &rest[at + 2 + length + 1..];
    }
    pieces.push(TextPiece::Text(rest));
    pieces.retain(|piece| *piece != TextPiece::Text(""));
    Ok(pieces)
}

fn expression<'t>(written: &'t str, inner: &'t str, depth: usize) -> Result<TextPiece<'t>, Problem<'t>> {
    let end = inner.find(':').unwrap_or(inner.len());
    let (name, rest) = (inner[..end].trim(), &inner[end..]);
    let is_name_character = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(is_name_character) {
        let message =
            if name.is_empty() { "`${}` is empty".to_owned() } else { format!("`{name}` is not a valid name") };
        return Err(Problem { written, message });
    }
    let otherwise = match rest.get(..2) {
        None if rest.is_empty() => Fallback::Fail,
        Some(":-") => Fallback::Use(pieces(&rest[2..], depth + 1)?),
        Some(":?") => Fallback::Say(rest[2..].trim()),
        _ => {
            let message = format!("expected `:-` and a default, or `:?` and a message, after the name, found `{rest}`");
            return Err(Problem { written, message });
        }
    };
    Ok(TextPiece::Expression { written, name, otherwise })
}

/// Returns the position of the `}` that closes an expression, counting those inside.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut open, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open += 1;
                at += 1;
            }
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> TextPiece<'_> {
        TextPiece::Expression { written: text, name: &text[2..text.len() - 1], otherwise: Fallback::Fail }
    }

    #[test]
    fn texts_and_names() {
        assert_eq!(parse("a-${var.x}-b"), Ok(vec![TextPiece::Text("a-"), name("${var.x}"), TextPiece::Text("-b")]));
        assert_eq!(parse("$${x} $5 $"), Ok(vec![TextPiece::Text("${"), TextPiece::Text("x} $5 $")]));
        assert_eq!(parse(""), Ok(vec![]));
    }

    #[test]
    fn defaults_and_messages() {
        let nested = Fallback::Use(vec![TextPiece::Text("x-"), name("${b}")]);
        let written = "${a:-x-${b}}";
        assert_eq!(parse(written), Ok(vec![TextPiece::Expression { written, name: "a", otherwise: nested }]));
        let written = "${a:?set it: now}";
        let otherwise = Fallback::Say("set it: now");
        assert_eq!(parse(written), Ok(vec![TextPiece::Expression { written, name: "a", otherwise }]));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |text: &str| parse(text).expect_err("is wrong").message;
        assert_eq!(why("a ${b"), "`${` is not closed by `}`");
        assert_eq!(why("${}"), "`${}` is empty");
        assert_eq!(why("${a b}"), "`a b` is not a valid name");
        assert_eq!(why("${a:b}"), "expected `:-` and a default, or `:?` and a message, after the name, found `:b`");
        assert_eq!(why(&"${a:-".repeat(50)), "`${` is not closed by `}`");
        assert_eq!(
            why(&format!("{}{}", "${a:-".repeat(50), "}".repeat(50))),
            "defaults are nested more than 8 levels deep"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r"[${}:?\-a.é ]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn text_without_dollars_stands_for_itself(text in "[^$]{1,40}") {
            prop_assert_eq!(parse(&text), Ok(vec![TextPiece::Text(text.as_str())]));
        }
    }
}
