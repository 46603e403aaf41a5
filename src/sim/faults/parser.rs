//! Reads the rules of a misbehaviour, and says of what cannot be read where it stands and what to write instead.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::lexer::{Word, Words, Wrong, WrongRule, WrongRules, meant};
use super::plan::{Deed, Misbehaviour, Rule, RuleText, Supply, When, is_named, is_read};
use super::quantities::{TIMES, chance, count, span, time, times};
use super::reference::{CLAUSES, RULES, is_argument};
use super::targets;
use crate::sim::context::api_error::ApiError;
use crate::sim::http::service_model::model;

impl Misbehaviour {
    /// Reads the rules in `text`; an error names the lines that cannot be read.
    pub fn read(text: &str) -> Result<Misbehaviour, WrongRules> {
        Misbehaviour::read_all(&[RuleText { name: "", text, is_argument: false }])
    }

    /// Reads the rules in all texts, one after the other.
    pub fn read_all(texts: &[RuleText<'_>]) -> Result<Misbehaviour, WrongRules> {
        read(texts)
    }
}

/// Reads all texts, one rule a line; tells of all lines that are wrong.
fn read(texts: &[RuleText<'_>]) -> Result<Misbehaviour, WrongRules> {
    let mut misbehaviour = Misbehaviour::default();
    let mut seeded = false;
    let mut wrong = Vec::new();
    for text in texts {
        let whole = text.text.trim_start_matches('\u{feff}');
        let several = whole.lines().nth(1).is_some() || !text.is_argument;
        for (index, line) in whole.lines().enumerate() {
            let number = several.then_some(index + 1);
            let place = match number {
                Some(number) if text.name.is_empty() => format!("line {number}"),
                Some(number) => format!("{}:{number}", text.name),
                None => text.name.to_owned(),
            };
            match one(line, place, &mut seeded) {
                Ok(Line::Nothing) => {}
                Ok(Line::Seed(seed)) => misbehaviour.seed = seed,
                Ok(Line::Rule(rule)) => misbehaviour.rules.push(rule),
                Err(error) => wrong.push(WrongRule::new(text.name, number, line, error)),
            }
        }
    }
    if wrong.is_empty() { Ok(misbehaviour) } else { Err(WrongRules(wrong)) }
}

enum Line {
    Nothing,
    Seed(u64),
    Rule(Rule),
}

fn one(line: &str, place: String, seeded: &mut bool) -> Result<Line, Wrong> {
    let mut words = Words::of(line);
    let Some(first) = words.next()? else { return Ok(Line::Nothing) };
    if first.text != "seed" {
        return rule(first, &mut words, place).map(Line::Rule);
    }
    if std::mem::replace(seeded, true) {
        return Err(Wrong::new(first, "there is a seed already", "leave one of the two; --seed goes before both"));
    }
    let advice = "write a whole number: seed 7";
    let word = words.need(|_| true, "the seed is missing", advice)?;
    let seed = word.text.parse().map_err(|_| Wrong::new(word, format!("`{}` is no seed", word.text), advice))?;
    match words.next()? {
        Some(more) => {
            Err(Wrong::new(more, "a seed is one number", "put what else there is to say on lines of its own"))
        }
        None => Ok(Line::Seed(seed)),
    }
}

fn rule(first: Word<'_>, words: &mut Words<'_>, place: String) -> Result<Rule, Wrong> {
    let deed = deed(first, words)?;
    let mut rule = Rule { deed, on: Vec::new(), of: None, when: When::Always, place, text: String::new() };
    let mut operations: Option<Word<'_>> = None;
    while let Some(word) = words.next()? {
        match word.text {
            "on" if operations.is_some() => {
                return Err(Wrong::new(
                    word,
                    "`on` stands here twice",
                    "name all behind one `on`: on Create*, Delete*",
                ));
            }
            "on" => {
                let (named, whole) = patterns(word, words)?;
                rule.on = named;
                operations = Some(whole);
            }
            "of" if rule.of.is_some() => {
                return Err(Wrong::new(word, "`of` stands here twice", "write a rule for each of the two"));
            }
            "of" => {
                let name = words.need(is_argument, "what it is of is missing", "write of orders")?;
                let plain = name.plain();
                if plain.is_empty() || plain.contains(char::is_whitespace) {
                    return Err(Wrong::new(name, "nothing can have this name", "write of orders"));
                }
                rule.of = Some(plain);
            }
            "at" | "every" | "chance" if !matches!(rule.when, When::Always) => {
                let advice = "take one of `at`, `every` and `chance`, or write two rules";
                return Err(Wrong::new(word, "which calls are meant was said already", advice));
            }
            "at" => rule.when = counts(words)?,
            "every" => rule.when = every(words)?,
            "chance" => {
                let advice = "write a number above 0 and up to 1: chance 0.1";
                rule.when = When::Chance(chance(words.need(is_argument, "the chance is missing", advice)?, advice)?);
            }
            other => {
                let names = CLAUSES.iter().map(|clause| clause.word);
                let advice = meant(other, names, "a rule goes on with on, of, at, every or chance");
                return Err(Wrong::new(word, format!("`{other}` means nothing here"), advice));
            }
        }
    }
    words.since(first).clone_into(&mut rule.text);
    targets::check(&rule, first, operations)?;
    Ok(rule)
}

/// The items of a list, with commas, spaces or both between them, up to the next clause.
fn list<'a>(words: &mut Words<'a>, message: &str, advice: &str) -> Result<Vec<Word<'a>>, Wrong> {
    let first = words.need(is_argument, message, advice)?;
    let mut items: Vec<Word<'a>> = first.pieces().collect();
    while let Some(word) = words.next_if(is_argument)? {
        items.extend(word.pieces());
    }
    if items.is_empty() { Err(Wrong::new(first, message, advice)) } else { Ok(items) }
}

/// Patterns of operations, and where they stand.
fn patterns<'a>(on: Word<'a>, words: &mut Words<'a>) -> Result<(Vec<String>, Word<'a>), Wrong> {
    let advice = "write operations, reads or writes: on Create*, UpdateAlias";
    let items = list(words, "the operations are missing", advice)?;
    for item in &items {
        let known = model().operations.keys().any(|operation| is_named(item.text, operation));
        if !known {
            let names = model().operations.keys().map(String::as_str).chain(["reads", "writes"]);
            return Err(Wrong::new(
                *item,
                format!("no operation is called `{}`", item.text),
                meant(item.text, names, advice),
            ));
        }
    }
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return Err(Wrong::new(on, "the operations are missing", advice));
    };
    let whole = first.through(*last, words.line());
    Ok((items.iter().map(|item| item.text.to_owned()).collect(), whole))
}

fn counts(words: &mut Words<'_>) -> Result<When, Wrong> {
    let advice = "write counts from 1, the first call that fits: at 1 or at 1, 4";
    let mut counts = BTreeSet::new();
    for item in list(words, "the counts are missing", advice)? {
        counts.insert(count(item, advice)?);
    }
    Ok(When::At(counts))
}

fn every(words: &mut Words<'_>) -> Result<When, Wrong> {
    let advice = "write a count from 1: every 5";
    count(words.need(is_argument, "the count is missing", advice)?, advice).map(When::Every)
}

fn deed(first: Word<'_>, words: &mut Words<'_>) -> Result<Deed, Wrong> {
    Ok(match first.text {
        "latency" => {
            let (from, to) = times(words)?;
            Deed::Latency(from, to)
        }
        "quotas" => Deed::Quotas,
        "fail" => fail(words)?,
        "reset" => Deed::Reset,
        "lose" => Deed::Lose,
        "cut" => Deed::Cut,
        "slow" => Deed::Slow(time(words.need(is_argument, "the time is missing", TIMES)?)?),
        "stale" => Deed::Stale(span(words)?),
        "settle-failed" => Deed::SettleFailed(reason(words)?),
        "stranger" => Deed::Stranger(stranger(words)?),
        "roles" => Deed::Roles(span(words)?),
        "exhausted" => {
            let advice = "write exhausted concurrency or exhausted storage";
            let word = words.need(is_argument, "what is exhausted is missing", advice)?;
            match word.text {
                "concurrency" => Deed::Exhausted(Supply::Concurrency),
                "storage" => Deed::Exhausted(Supply::Storage),
                other => return Err(Wrong::new(word, format!("`{other}` cannot be exhausted"), advice)),
            }
        }
        other => {
            let mut names: Vec<&str> = RULES.iter().map(|rule| rule.word()).chain(["seed"]).collect();
            names.dedup();
            let advice = meant(other, names.iter().copied(), format!("begin with one of {}", names.join(", ")));
            return Err(Wrong::new(first, format!("no rule is called `{other}`"), advice));
        }
    })
}

fn fail(words: &mut Words<'_>) -> Result<Deed, Wrong> {
    let advice = "write a status from 400 to 599, an error code of Lambda's, or one such as AccessDeniedException";
    let word = words.need(is_argument, "what it fails with is missing", advice)?;
    let Some(code) = ApiError::code_named(word.text) else {
        let advice = meant(word.text, ApiError::codes(), advice);
        return Err(Wrong::new(word, format!("no error is called `{}`", word.text), advice));
    };
    let text = words.next_if(|word| word.starts_with('"'))?.map(Word::plain);
    let advice = "write before, so that nothing is done, or after, so that all is done and the answer hides it";
    let word = words.need(is_argument, "`before` or `after` is missing", advice)?;
    let done = match word.text {
        "before" => false,
        "after" => true,
        other => return Err(Wrong::new(word, format!("`{other}` is neither `before` nor `after`"), advice)),
    };
    Ok(Deed::Fail { code: code.to_owned(), text, done })
}

fn reason(words: &mut Words<'_>) -> Result<String, Wrong> {
    let advice = "write a reason such as InvalidSubnet; the README lists all";
    let word = words.need(is_argument, "the reason is missing", advice)?;
    if targets::reasons().any(|reason| reason == word.text) {
        return Ok(word.text.to_owned());
    }
    let advice = meant(word.text, targets::reasons(), advice);
    Err(Wrong::new(word, format!("nothing settles as failed for the reason `{}`", word.text), advice))
}

/// What a stranger does, if it is written.
type Given = Option<(&'static str, Map<String, Value>)>;

fn stranger(words: &mut Words<'_>) -> Result<Given, Wrong> {
    let Some(name) = words.next_if(is_argument)? else { return Ok(None) };
    let advice = "write an operation that changes something and its members, or nothing";
    let Some((operation, model)) = model().operations.get_key_value(name.text) else {
        let advice = meant(name.text, model().operations.keys().map(String::as_str), advice);
        return Err(Wrong::new(name, format!("no operation is called `{}`", name.text), advice));
    };
    if is_read(operation) {
        return Err(Wrong::new(name, "a stranger who only reads changes nothing", advice));
    }
    let advice = format!("write stranger {operation} {{\"FunctionName\": \"orders\"}}, with what the operation takes");
    let word = words.need(|word| word.starts_with(['{', '[', '"']), "the operation's members are missing", &advice)?;
    let Ok(Value::Object(input)) = serde_json::from_str(word.text) else {
        return Err(Wrong::new(word, "the members are no object of JSON", advice));
    };
    match targets::members(model.input.as_deref(), &input) {
        Ok(()) => Ok(Some((operation, input))),
        Err((message, advice)) => Err(Wrong::new(word, message, advice)),
    }
}
