//! The lexer of fault rules: a line in tokens that know their place, and errors that mark a token.

use std::fmt;

use serde_json::Value;

/// A token of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    /// The byte at which it begins.
    pub(crate) at: usize,
}

/// The rest of a line that has not been read.
#[derive(Clone, Copy)]
pub(crate) struct Lexer<'a> {
    line: &'a str,
    at: usize,
}

/// An error in a line, with its place and a way to fix it.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    at: usize,
    length: usize,
    message: String,
    advice: String,
}

impl SyntaxError {
    pub(crate) fn new(token: Token<'_>, message: impl Into<String>, advice: impl Into<String>) -> SyntaxError {
        SyntaxError { at: token.at, length: token.text.len(), message: message.into(), advice: advice.into() }
    }
}

impl<'a> Token<'a> {
    /// Returns the text without its quotes.
    pub(crate) fn unquoted(self) -> String {
        serde_json::from_str(self.text).unwrap_or_else(|_| self.text.to_owned())
    }

    /// Splits the token at commas.
    pub(crate) fn split_commas(self) -> impl Iterator<Item = Token<'a>> {
        let mut at = self.at;
        let split_commas = self.text.split(',').map(move |text| {
            let piece = Token { text, at };
            at += text.len() + 1;
            piece
        });
        split_commas.filter(|piece| !piece.text.is_empty())
    }

    /// Returns the part of `line` from this token to the end of `last`.
    pub(crate) fn up_to(self, last: Token<'_>, line: &'a str) -> Token<'a> {
        Token { text: line.get(self.at..last.at + last.text.len()).unwrap_or(self.text), at: self.at }
    }
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(line: &'a str) -> Lexer<'a> {
        Lexer { line, at: 0 }
    }

    pub(crate) fn line(&self) -> &'a str {
        self.line
    }

    /// Returns the text from `first` to the last token that was read.
    pub(crate) fn since(&self, first: Token<'_>) -> &'a str {
        self.line.get(first.at..self.at).unwrap_or_default()
    }

    /// Reads the next token: a word, a quoted string, or a JSON object or array.
    pub(crate) fn next(&mut self) -> Result<Option<Token<'a>>, SyntaxError> {
        let rest = &self.line[self.at..];
        let at = self.at + rest.len() - rest.trim_start().len();
        let rest = &self.line[at..];
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(None);
        }
        let terminate_before = match rest.as_bytes().first() {
            Some(b'"' | b'{' | b'[') => json_end(Token { text: rest, at })?,
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        self.at = at + terminate_before;
        Ok(Some(Token { text: &rest[..terminate_before], at }))
    }

    /// Reads the next token if `take` accepts it.
    pub(crate) fn next_if(&mut self, take: impl Fn(&str) -> bool) -> Result<Option<Token<'a>>, SyntaxError> {
        let mut ahead = *self;
        let token = ahead.next()?.filter(|token| take(token.text));
        if token.is_some() {
            *self = ahead;
        }
        Ok(token)
    }

    /// Reads the next token if `take` accepts it; the error `message` marks the place where it should be.
    pub(crate) fn expect(
        &mut self,
        take: impl Fn(&str) -> bool,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Result<Token<'a>, SyntaxError> {
        match self.next_if(take)? {
            Some(token) => Ok(token),
            None => Err(SyntaxError::new(self.context(), message, advice)),
        }
    }

    /// Returns the next token without reading it, or the end of the line.
    fn context(&self) -> Token<'a> {
        let mut ahead = *self;
        ahead.next().ok().flatten().unwrap_or(Token { text: "", at: self.at })
    }
}

/// Returns the length of the JSON value at the start of a text.
fn json_end(rest: Token<'_>) -> Result<usize, SyntaxError> {
    let mut values = serde_json::Deserializer::from_str(rest.text).into_iter::<Value>();
    match values.next() {
        Some(Ok(_)) => Ok(values.byte_offset()),
        _ if rest.text.starts_with('"') => {
            Err(SyntaxError::new(rest, "unterminated string", "add a closing `\"`; write `\\\"` for a quote within it"))
        }
        Some(Err(error)) => {
            // serde_json counts the bytes of a line from 1, and names the first that is not valid.
            let begin = error.column().saturating_sub(1).min(rest.text.len());
            let begin = (0..=begin).rev().find(|at| rest.text.is_char_boundary(*at)).unwrap_or(0);
            let first = rest.text[begin..].chars().next().map_or(0, char::len_utf8);
            let context = Token { text: &rest.text[begin..begin + first], at: rest.at + begin };
            Err(SyntaxError::new(context, "invalid JSON", "write members as {\"FunctionName\": \"orders\"}"))
        }
        None => Err(SyntaxError::new(rest, "invalid JSON", "write members as {\"FunctionName\": \"orders\"}")),
    }
}

/// The similarity, from 0 to 1, from which one name may be a misspelling of another.
const NEAR: f64 = 0.88;

/// Returns the advice to write the name most similar to `text`; `otherwise` if none is.
pub(crate) fn suggest<'n>(
    text: &str,
    names: impl IntoIterator<Item = &'n str>,
    otherwise: impl Into<String>,
) -> String {
    let small = text.to_lowercase();
    // A common start counts more than a common end: UpdateFunctoin is not CreateFunction.
    let near = names.into_iter().map(|name| (strsim::jaro_winkler(&small, &name.to_lowercase()), name));
    match near.filter(|(near, _)| *near >= NEAR).max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => otherwise.into(),
    }
}

/// A line that is not a valid rule.
#[derive(Debug)]
pub struct RuleError {
    place: String,
    line: String,
    error: SyntaxError,
}

impl RuleError {
    /// Makes the error of a line of `source`; `number` is the number of the line where there are several.
    pub(crate) fn new(source: &str, number: Option<usize>, line: &str, error: SyntaxError) -> RuleError {
        let column = line.get(..error.at).unwrap_or(line).chars().count() + 1;
        let place = match (source, number) {
            ("", None) => format!("column {column}"),
            ("", Some(number)) => format!("line {number}, column {column}"),
            (source, None) => format!("{source}, column {column}"),
            (source, Some(number)) => format!("{source}:{number}:{column}"),
        };
        RuleError { place, line: line.to_owned(), error }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SyntaxError { at, length, message, advice } = &self.error;
        let part = |range| visible(self.line.get(range).unwrap_or_default());
        let before: String = part(0..*at).chars().map(blank).collect();
        let marked = part(*at..at + length).chars().count().max(1);
        writeln!(out, "{}: {}", visible(&self.place), visible(message))?;
        writeln!(out, "    {}", visible(&self.line))?;
        write!(out, "    {before}{} {}", "^".repeat(marked), visible(advice))
    }
}

/// Returns a text without the characters that a terminal obeys.
fn visible(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\t' => letter.to_string(),
        _ if letter.is_control() || letter.escape_debug().len() > 2 => letter.escape_default().to_string(),
        _ => letter.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Returns a blank as wide as a letter.
fn blank(letter: char) -> char {
    if letter == '\t' { '\t' } else { ' ' }
}

/// All lines that are not valid rules.
#[derive(Debug)]
pub struct RuleErrors(pub Vec<RuleError>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 { "rule" } else { "rules" };
        write!(out, "{} invalid fault {noun}", self.0.len())?;
        self.0.iter().try_for_each(|error| write!(out, "\n{error}"))
    }
}

impl std::error::Error for RuleErrors {}
