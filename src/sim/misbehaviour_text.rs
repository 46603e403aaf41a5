//! Reads the rules of a misbehaviour.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value};

use super::misbehaviour::{Deed, Misbehaviour, Rule, Span, Supply, When};
use super::model::table;

/// Reads one rule a line.
pub(super) fn read(text: &str) -> anyhow::Result<Misbehaviour> {
    let mut misbehaviour = Misbehaviour::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let context = || format!("line {}: {line}", index + 1);
        match line.strip_prefix("seed ") {
            Some(seed) => misbehaviour.seed = seed.trim().parse().with_context(context)?,
            None => misbehaviour.rules.push(rule(line).with_context(context)?),
        }
    }
    Ok(misbehaviour)
}

/// What is left to read of a line.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// The next word, or the next text in quotes, or the next object in braces.
    fn next(&mut self) -> anyhow::Result<Option<&'a str>> {
        let rest = self.0.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            self.0 = "";
            return Ok(None);
        }
        let end = match rest.as_bytes().first() {
            Some(b'"') => 2 + rest[1..].find('"').context("a text without its second quote")?,
            Some(b'{') => object_end(rest)?,
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (word, rest) = rest.split_at(end);
        self.0 = rest;
        Ok(Some(word))
    }

    /// The next word if `take` wants it.
    fn next_if(&mut self, take: impl Fn(&str) -> bool) -> anyhow::Result<Option<&'a str>> {
        let before = self.0;
        let word = self.next()?;
        if word.is_some_and(&take) {
            return Ok(word);
        }
        self.0 = before;
        Ok(None)
    }

    fn need(&mut self, what: &str) -> anyhow::Result<&'a str> {
        self.next()?.with_context(|| format!("{what} is missing"))
    }
}

/// Where the JSON object that `text` starts with ends.
fn object_end(text: &str) -> anyhow::Result<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next().context("an object is missing")?.context("this is not JSON")?;
    Ok(values.byte_offset())
}

fn rule(line: &str) -> anyhow::Result<Rule> {
    let mut words = Words(line);
    let deed = deed(&mut words)?;
    let mut rule = Rule { deed, on: Vec::new(), of: None, when: When::Always };
    while let Some(word) = words.next()? {
        match word {
            "on" => rule.on = operations(&mut words)?,
            "of" => rule.of = Some(words.need("what it is of")?.trim_matches('"').to_owned()),
            "at" => {
                let counts = words.need("a count")?.split(',').map(|count| count.trim().parse::<u64>());
                rule.when = When::At(counts.collect::<Result<_, _>>().context("`at` takes counts: 1 or 1,4")?);
            }
            "every" => {
                let every: u64 = words.need("a count")?.parse().context("`every` takes a count")?;
                ensure!(every > 0, "`every` takes a count from 1");
                rule.when = When::Every(every);
            }
            "chance" => {
                let chance: f64 = words.need("a chance")?.parse().context("`chance` takes a number")?;
                ensure!((0.0..=1.0).contains(&chance), "`chance` takes a number from 0 to 1");
                rule.when = When::Chance(chance);
            }
            other => bail!("`{other}` is none of on, of, at, every, chance"),
        }
    }
    Ok(rule)
}

/// Patterns, with or without commas between them, up to the next part of the rule.
fn operations(words: &mut Words<'_>) -> anyhow::Result<Vec<String>> {
    let mut patterns: Vec<String> = Vec::new();
    while let Some(word) = words.next_if(|word| !matches!(word, "of" | "at" | "every" | "chance"))? {
        patterns.extend(word.split(',').filter(|pattern| !pattern.is_empty()).map(str::to_owned));
    }
    ensure!(!patterns.is_empty(), "`on` takes operations");
    for pattern in patterns.iter().filter(|pattern| !matches!(pattern.as_str(), "reads" | "writes")) {
        let known = table().operations.keys().any(|operation| super::world::glob(pattern, operation));
        ensure!(known, "no operation is called `{pattern}`");
    }
    Ok(patterns)
}

fn deed(words: &mut Words<'_>) -> anyhow::Result<Deed> {
    Ok(match words.need("a rule")? {
        "latency" => {
            let given = words.need("a time")?;
            let (from, to) = given.split_once("..").unwrap_or((given, given));
            let (from, to) = (time(from)?, time(to)?);
            ensure!(from <= to, "a latency goes from the shorter time to the longer");
            Deed::Latency(from, to)
        }
        "quotas" => Deed::Quotas,
        "fail" => fail(words)?,
        "reset" => Deed::Reset,
        "lose" => Deed::Lose,
        "cut" => Deed::Cut,
        "slow" => Deed::Slow(time(words.need("a time")?)?),
        "stale" => Deed::Stale(span(words.need("a time or a count")?)?),
        "settle-failed" => Deed::SettleFailed(words.need("a reason code")?.to_owned()),
        "stranger" => Deed::Stranger(stranger(words)?),
        "roles" => Deed::Roles(span(words.need("a time or a count")?)?),
        "exhausted" => match words.need("what is exhausted")? {
            "concurrency" => Deed::Exhausted(Supply::Concurrency),
            "storage" => Deed::Exhausted(Supply::Storage),
            other => bail!("`{other}` is neither concurrency nor storage"),
        },
        other => bail!("no rule is called `{other}`"),
    })
}

fn fail(words: &mut Words<'_>) -> anyhow::Result<Deed> {
    let code = match words.need("a status or an error code")? {
        "409" => "ResourceConflictException",
        "429" => "TooManyRequestsException",
        "500" => "ServiceException",
        "503" => "ServiceUnavailable",
        code => code,
    };
    ensure!(code == "ServiceUnavailable" || table().error(code).is_some(), "no error is called `{code}`");
    let text = words.next_if(|word| word.starts_with('"'))?.map(|text| text.trim_matches('"').to_owned());
    let done = match words.need("`before` or `after`")? {
        "before" => false,
        "after" => true,
        other => bail!("`{other}` is neither before nor after"),
    };
    Ok(Deed::Fail { code: code.to_owned(), text, done })
}

fn stranger(words: &mut Words<'_>) -> anyhow::Result<Option<(&'static str, Map<String, Value>)>> {
    let own = |word: &str| !matches!(word, "on" | "of" | "at" | "every" | "chance");
    let Some(name) = words.next_if(own)? else { return Ok(None) };
    let (name, _) =
        table().operations.get_key_value(name).with_context(|| format!("no operation is called `{name}`"))?;
    let input = words.need("an object with the operation's members")?;
    let Value::Object(input) = serde_json::from_str(input).context("the members are not JSON")? else {
        bail!("the members are not an object");
    };
    Ok(Some((name, input)))
}

fn span(text: &str) -> anyhow::Result<Span> {
    match text.parse::<usize>() {
        Ok(calls) => Ok(Span::Calls(calls)),
        Err(_) => Ok(Span::Time(time(text)?)),
    }
}

fn time(text: &str) -> anyhow::Result<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().with_context(|| format!("`{text}` is no time; write 20ms, 3s or 2m"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => bail!("`{text}` is no time; write 20ms, 3s or 2m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_documentation_is_read() {
        let source = include_str!("misbehaviour.rs");
        let block = source.split("```text").nth(1).and_then(|rest| rest.split("```").next()).expect("the example");
        let text: Vec<&str> = block.lines().map(|line| line.trim_start_matches("//!").trim()).collect();
        let read = read(&text.join("\n")).expect("rules");
        assert_eq!((read.seed, read.rules.len()), (7, 19));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        for (text, wrong) in [
            ("quotas\nfail 500", "line 2"),
            ("fail 500 before on UpdateFunctoin", "no operation is called"),
            ("latency soon", "no time"),
            ("fail NoSuchException before", "no error is called"),
            ("reset at never", "counts"),
            ("stranger UpdateAlias [1]", "not an object"),
            ("cut some", "none of on"),
        ] {
            let error = format!("{:#}", read(text).expect_err(text));
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }
}
