//! Times, counts and chances in fault rules.

use std::time::Duration;

use super::lexer::{Lexer, SyntaxError, Token};
use super::plan::Window;
use super::reference::is_argument;

/// The longest time that a rule can have. A longer wait is a service that is down, which `reset` simulates.
const LONGEST: Duration = Duration::from_secs(3600);

/// The form of a time, as advice.
pub(crate) const TIMES: &str = "write 20ms, 3s or 2m; at most an hour";

/// Parses a time above 0 and up to the longest.
pub(crate) fn time(token: Token<'_>) -> Result<Duration, SyntaxError> {
    let wrong = |message: String| SyntaxError::new(token, message, TIMES);
    let (number, unit) =
        token.text.split_at(token.text.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.text.len()));
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return Err(wrong(format!("`{}` is not a time", token.text))),
    };
    let number: u64 = number.parse().map_err(|_| wrong(format!("`{}` is not a time", token.text)))?;
    let time = Duration::from_millis(number.saturating_mul(unit));
    match time {
        Duration::ZERO => Err(wrong("a time of 0 has no effect".to_owned())),
        long if long > LONGEST => Err(wrong(format!("`{}` is too long", token.text))),
        time => Ok(time),
    }
}

/// Parses a time, or a range of times.
pub(crate) fn times(lexer: &mut Lexer<'_>) -> Result<(Duration, Duration), SyntaxError> {
    let token = lexer.expect(is_argument, "missing time", "write 20ms or 20ms..80ms")?;
    let Some((from, to)) = token.text.split_once("..") else {
        let time = time(token)?;
        return Ok((time, time));
    };
    let (from, to) = (Token { text: from, at: token.at }, Token { text: to, at: token.at + from.len() + 2 });
    // A range may start at 0, though it may not end there.
    let (begin, terminate_before) = (if is_nothing(from.text) { Duration::ZERO } else { time(from)? }, time(to)?);
    if begin > terminate_before {
        return Err(SyntaxError::new(token, "the range is reversed", format!("write {}..{}", to.text, from.text)));
    }
    Ok((begin, terminate_before))
}

fn is_nothing(time: &str) -> bool {
    ["0ms", "0s", "0m"].contains(&time)
}

/// Parses a time, or a count of calls.
pub(crate) fn span(lexer: &mut Lexer<'_>) -> Result<Window, SyntaxError> {
    let advice = format!("{TIMES}; or write a count");
    let token = lexer.expect(is_argument, "missing time or count", &advice)?;
    match token.text.parse::<usize>() {
        Ok(0) => Err(SyntaxError::new(token, "a count of 0 has no effect", "write a count from 1, or a time")),
        Ok(calls) => Ok(Window::Calls(calls)),
        Err(_) => time(token).map(Window::Time),
    }
}

/// Parses a count from 1.
pub(crate) fn count(token: Token<'_>, advice: &str) -> Result<u64, SyntaxError> {
    let wrong = || {
        SyntaxError::new(token, format!("`{}` is not a count from 1, so the rule would never act", token.text), advice)
    };
    token.text.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)
}

/// Parses a chance above 0 and up to 1.
pub(crate) fn chance(token: Token<'_>, advice: &str) -> Result<f64, SyntaxError> {
    let chance = token.text.parse().ok().filter(|chance: &f64| *chance > 0.0 && *chance <= 1.0);
    chance.ok_or_else(|| SyntaxError::new(token, format!("`{}` is not a chance", token.text), advice))
}
