//! A line of rules cut into words that know where they stand, and what is said of a word that is wrong.

use std::fmt;

use serde_json::Value;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    /// The byte at which it begins.
    pub(crate) at: usize,
}

/// What is left to read of a line.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    line: &'a str,
    at: usize,
}

/// What is wrong with a line, and where in it.
#[derive(Debug)]
pub(crate) struct Wrong {
    at: usize,
    length: usize,
    message: String,
    advice: String,
}

impl Wrong {
    pub(crate) fn new(word: Word<'_>, message: impl Into<String>, advice: impl Into<String>) -> Wrong {
        Wrong { at: word.at, length: word.text.len(), message: message.into(), advice: advice.into() }
    }
}

impl<'a> Word<'a> {
    /// The text, without quotes where it had them.
    pub(crate) fn plain(self) -> String {
        serde_json::from_str(self.text).unwrap_or_else(|_| self.text.to_owned())
    }

    /// The pieces between commas.
    pub(crate) fn pieces(self) -> impl Iterator<Item = Word<'a>> {
        let mut at = self.at;
        let pieces = self.text.split(',').map(move |text| {
            let piece = Word { text, at };
            at += text.len() + 1;
            piece
        });
        pieces.filter(|piece| !piece.text.is_empty())
    }

    /// From this word to the end of `last`, which stands in the same line.
    pub(crate) fn through(self, last: Word<'_>, line: &'a str) -> Word<'a> {
        Word { text: line.get(self.at..last.at + last.text.len()).unwrap_or(self.text), at: self.at }
    }
}

impl<'a> Words<'a> {
    pub(crate) fn of(line: &'a str) -> Words<'a> {
        Words { line, at: 0 }
    }

    pub(crate) fn line(&self) -> &'a str {
        self.line
    }

    /// What was read since `first`.
    pub(crate) fn since(&self, first: Word<'_>) -> &'a str {
        self.line.get(first.at..self.at).unwrap_or_default()
    }

    /// The next word, or the next text in quotes, or the next object or list of JSON.
    pub(crate) fn next(&mut self) -> Result<Option<Word<'a>>, Wrong> {
        let rest = &self.line[self.at..];
        let at = self.at + rest.len() - rest.trim_start().len();
        let rest = &self.line[at..];
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(None);
        }
        let end = match rest.as_bytes().first() {
            Some(b'"' | b'{' | b'[') => json_end(Word { text: rest, at })?,
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        self.at = at + end;
        Ok(Some(Word { text: &rest[..end], at }))
    }

    /// The next word if `take` wants it.
    pub(crate) fn next_if(&mut self, take: impl Fn(&str) -> bool) -> Result<Option<Word<'a>>, Wrong> {
        let mut ahead = *self;
        let word = ahead.next()?.filter(|word| take(word.text));
        if word.is_some() {
            *self = ahead;
        }
        Ok(word)
    }

    /// The next word if `take` wants it; without one, `message` is wrong with the place where it should be.
    pub(crate) fn need(
        &mut self,
        take: impl Fn(&str) -> bool,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Result<Word<'a>, Wrong> {
        match self.next_if(take)? {
            Some(word) => Ok(word),
            None => Err(Wrong::new(self.context(), message, advice)),
        }
    }

    /// The place that was reached, with the word that stands there if one does.
    fn context(&self) -> Word<'a> {
        let mut ahead = *self;
        ahead.next().ok().flatten().unwrap_or(Word { text: "", at: self.at })
    }
}

/// Where the JSON value that a text starts with ends.
fn json_end(rest: Word<'_>) -> Result<usize, Wrong> {
    let mut values = serde_json::Deserializer::from_str(rest.text).into_iter::<Value>();
    match values.next() {
        Some(Ok(_)) => Ok(values.byte_offset()),
        _ if rest.text.starts_with('"') => {
            Err(Wrong::new(rest, "this text does not end", "put `\"` behind it, and `\\\"` for a quote within it"))
        }
        Some(Err(error)) => {
            // JSON counts bytes of the line from 1, and names the first that it cannot take.
            let begin = error.column().saturating_sub(1).min(rest.text.len());
            let begin = (0..=begin).rev().find(|at| rest.text.is_char_boundary(*at)).unwrap_or(0);
            let first = rest.text[begin..].chars().next().map_or(0, char::len_utf8);
            let context = Word { text: &rest.text[begin..begin + first], at: rest.at + begin };
            Err(Wrong::new(context, "this is not JSON", "write members as {\"FunctionName\": \"orders\"}"))
        }
        None => Err(Wrong::new(rest, "this is not JSON", "write members as {\"FunctionName\": \"orders\"}")),
    }
}

/// How alike two names are of which one can be meant by the other, on a scale to 1.
const NEAR: f64 = 0.88;

/// The name that was meant by `text`, as advice; `otherwise` if none is near.
pub(crate) fn meant<'n>(text: &str, names: impl IntoIterator<Item = &'n str>, otherwise: impl Into<String>) -> String {
    let small = text.to_lowercase();
    // What begins alike was meant sooner than what ends alike: UpdateFunctoin is no CreateFunction.
    let near = names.into_iter().map(|name| (strsim::jaro_winkler(&small, &name.to_lowercase()), name));
    match near.filter(|(near, _)| *near >= NEAR).max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => otherwise.into(),
    }
}

/// A line that cannot be read as a rule.
#[derive(Debug)]
pub struct WrongRule {
    place: String,
    line: String,
    wrong: Wrong,
}

impl WrongRule {
    /// What is `wrong` with a line of the text called `source`; the place is the line's number where there are several.
    pub(crate) fn new(source: &str, number: Option<usize>, line: &str, wrong: Wrong) -> WrongRule {
        let column = line.get(..wrong.at).unwrap_or(line).chars().count() + 1;
        let place = match (source, number) {
            ("", None) => format!("column {column}"),
            ("", Some(number)) => format!("line {number}, column {column}"),
            (source, None) => format!("{source}, column {column}"),
            (source, Some(number)) => format!("{source}:{number}:{column}"),
        };
        WrongRule { place, line: line.to_owned(), wrong }
    }
}

impl fmt::Display for WrongRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Wrong { at, length, message, advice } = &self.wrong;
        let before: String = self.line.get(..*at).unwrap_or_default().chars().map(blank).collect();
        let marked = self.line.get(*at..at + length).unwrap_or_default().chars().count().max(1);
        writeln!(out, "{}: {message}", self.place)?;
        writeln!(out, "    {}", self.line)?;
        write!(out, "    {before}{} {advice}", "^".repeat(marked))
    }
}

/// What takes as much room as a letter and shows nothing.
fn blank(letter: char) -> char {
    if letter == '\t' { '\t' } else { ' ' }
}

/// All lines that cannot be read.
#[derive(Debug)]
pub struct WrongRules(pub Vec<WrongRule>);

impl fmt::Display for WrongRules {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 { "a rule" } else { "rules" };
        write!(out, "{noun} of misbehaviour cannot be followed")?;
        self.0.iter().try_for_each(|wrong| write!(out, "\n{wrong}"))
    }
}

impl std::error::Error for WrongRules {}
