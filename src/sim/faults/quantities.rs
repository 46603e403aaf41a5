//! Times, counts and chances in the rules of a misbehaviour.

use std::time::Duration;

use super::lexer::{Word, Words, Wrong};
use super::plan::Span;
use super::reference::is_argument;

/// The longest time that a rule can name. Who waits longer has met a service that is down, and `reset` does that.
const LONGEST: Duration = Duration::from_secs(3600);

/// How times are written.
pub(crate) const TIMES: &str = "write 20ms, 3s or 2m; an hour is the most";

/// A time that is neither nothing nor too long.
pub(crate) fn time(word: Word<'_>) -> Result<Duration, Wrong> {
    let wrong = |message: String| Wrong::new(word, message, TIMES);
    let (number, unit) = word.text.split_at(word.text.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.text.len()));
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return Err(wrong(format!("`{}` is no time", word.text))),
    };
    let number: u64 = number.parse().map_err(|_| wrong(format!("`{}` is no time", word.text)))?;
    let time = Duration::from_millis(number.saturating_mul(unit));
    match time {
        Duration::ZERO => Err(wrong("no time at all changes nothing".to_owned())),
        long if long > LONGEST => Err(wrong(format!("`{}` is too long", word.text))),
        time => Ok(time),
    }
}

/// A time, or from one time to another.
pub(crate) fn times(words: &mut Words<'_>) -> Result<(Duration, Duration), Wrong> {
    let word = words.need(is_argument, "the time is missing", "write 20ms or 20ms..80ms")?;
    let Some((from, to)) = word.text.split_once("..") else {
        let time = time(word)?;
        return Ok((time, time));
    };
    let (from, to) = (Word { text: from, at: word.at }, Word { text: to, at: word.at + from.len() + 2 });
    // From nothing at all is a beginning, though to nothing is no end.
    let (begin, end) = (if is_nothing(from.text) { Duration::ZERO } else { time(from)? }, time(to)?);
    if begin > end {
        return Err(Wrong::new(word, "the longer time stands first", format!("write {}..{}", to.text, from.text)));
    }
    Ok((begin, end))
}

fn is_nothing(time: &str) -> bool {
    ["0ms", "0s", "0m"].contains(&time)
}

/// A time, or a count of calls.
pub(crate) fn span(words: &mut Words<'_>) -> Result<Span, Wrong> {
    let advice = format!("{TIMES}; or write a count");
    let word = words.need(is_argument, "the time or the count is missing", &advice)?;
    match word.text.parse::<usize>() {
        Ok(0) => Err(Wrong::new(word, "after 0 calls nothing is different", "write a count from 1, or a time")),
        Ok(calls) => Ok(Span::Calls(calls)),
        Err(_) => time(word).map(Span::Time),
    }
}

/// A count from 1.
pub(crate) fn count(word: Word<'_>, advice: &str) -> Result<u64, Wrong> {
    let wrong = || Wrong::new(word, format!("`{}` is no count, so the rule would never act", word.text), advice);
    word.text.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)
}

/// A chance that is not none.
pub(crate) fn chance(word: Word<'_>, advice: &str) -> Result<f64, Wrong> {
    let chance = word.text.parse().ok().filter(|chance: &f64| *chance > 0.0 && *chance <= 1.0);
    chance.ok_or_else(|| Wrong::new(word, format!("`{}` is no chance", word.text), advice))
}
