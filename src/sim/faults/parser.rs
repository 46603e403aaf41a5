//! The parser of fault rules: each error has its place and a way to fix it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::lexer::{Lexer, RuleError, RuleErrors, SyntaxError, Token, suggest};
use super::plan::{Capacity, Fault, FaultPlan, Occurrence, Rule, RuleSource, is_read, matches_operation};
use super::quantities::{TIMES, chance, count, span, time, times};
use super::reference::{CLAUSES, RULES, is_argument};
use super::targets;
use crate::sim::context::api_error::ApiError;
use crate::sim::http::service_model::model;

impl FaultPlan {
    /// Parses the rules in `text`, one a line. The error holds every line that is not valid.
    pub fn parse(text: &str) -> Result<FaultPlan, RuleErrors> {
        FaultPlan::parse_all(&[RuleSource { name: "", text, is_argument: false }])
    }

    /// Parses the rules of all sources, one after the other.
    pub fn parse_all(texts: &[RuleSource<'_>]) -> Result<FaultPlan, RuleErrors> {
        parse_texts(texts)
    }
}

fn parse_texts(texts: &[RuleSource<'_>]) -> Result<FaultPlan, RuleErrors> {
    let mut plan = FaultPlan::default();
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
            match parse_line(line, place, &mut seeded) {
                Ok(Line::Nothing) => {}
                Ok(Line::Seed(seed)) => plan.seed = seed,
                Ok(Line::Rule(rule)) => plan.rules.push(rule),
                Err(error) => wrong.push(RuleError::new(text.name, number, line, error)),
            }
        }
    }
    if wrong.is_empty() { Ok(plan) } else { Err(RuleErrors(wrong)) }
}

enum Line {
    Nothing,
    Seed(u64),
    Rule(Rule),
}

fn parse_line(line: &str, place: String, seeded: &mut bool) -> Result<Line, SyntaxError> {
    let mut lexer = Lexer::new(line);
    let Some(first) = lexer.next()? else { return Ok(Line::Nothing) };
    if first.text != "seed" {
        return rule(first, &mut lexer, place).map(Line::Rule);
    }
    if std::mem::replace(seeded, true) {
        return Err(SyntaxError::new(first, "duplicate seed", "remove one of the two; --seed overrides both"));
    }
    let advice = "write an integer: seed 7";
    let token = lexer.expect(|_| true, "missing seed", advice)?;
    let seed =
        token.text.parse().map_err(|_| SyntaxError::new(token, format!("`{}` is not a seed", token.text), advice))?;
    match lexer.next()? {
        Some(more) => {
            Err(SyntaxError::new(more, "unexpected text after the seed", "write rules on lines of their own"))
        }
        None => Ok(Line::Seed(seed)),
    }
}

fn rule(first: Token<'_>, lexer: &mut Lexer<'_>, place: String) -> Result<Rule, SyntaxError> {
    let fault = fault(first, lexer)?;
    let mut rule = Rule { fault, on: Vec::new(), of: None, when: Occurrence::Always, place, text: String::new() };
    let mut operations: Option<Token<'_>> = None;
    while let Some(token) = lexer.next()? {
        match token.text {
            "on" if operations.is_some() => {
                return Err(SyntaxError::new(
                    token,
                    "duplicate `on`",
                    "list all operations after one `on`: on Create*, Delete*",
                ));
            }
            "on" => {
                let (named, whole) = patterns(token, lexer)?;
                rule.on = named;
                operations = Some(whole);
            }
            "of" if rule.of.is_some() => {
                return Err(SyntaxError::new(token, "duplicate `of`", "write a rule for each name"));
            }
            "of" => {
                let name = lexer.expect(is_argument, "missing name", "write of orders")?;
                let unquoted = name.unquoted();
                if unquoted.is_empty() || unquoted.contains(char::is_whitespace) {
                    return Err(SyntaxError::new(name, "not a valid name", "write of orders"));
                }
                rule.of = Some(unquoted);
            }
            "at" | "every" | "chance" if !matches!(rule.when, Occurrence::Always) => {
                let advice = "remove this one, or write two rules";
                return Err(SyntaxError::new(token, "a rule takes only one of `at`, `every` and `chance`", advice));
            }
            "at" => rule.when = counts(lexer)?,
            "every" => rule.when = every(lexer)?,
            "chance" => {
                let advice = "write a number above 0 and up to 1: chance 0.1";
                rule.when = Occurrence::Chance(chance(lexer.expect(is_argument, "missing chance", advice)?, advice)?);
            }
            other => {
                let names = CLAUSES.iter().map(|clause| clause.keyword);
                let advice = suggest(other, names, "expected on, of, at, every or chance");
                return Err(SyntaxError::new(token, format!("unknown keyword `{other}`"), advice));
            }
        }
    }
    lexer.since(first).clone_into(&mut rule.text);
    targets::check(&rule, first, operations)?;
    Ok(rule)
}

/// Parses a list with commas, spaces or both between its items, up to the next clause.
fn list<'a>(lexer: &mut Lexer<'a>, message: &str, advice: &str) -> Result<Vec<Token<'a>>, SyntaxError> {
    let first = lexer.expect(is_argument, message, advice)?;
    let mut items: Vec<Token<'a>> = first.split_commas().collect();
    while let Some(token) = lexer.next_if(is_argument)? {
        items.extend(token.split_commas());
    }
    if items.is_empty() { Err(SyntaxError::new(first, message, advice)) } else { Ok(items) }
}

/// Parses patterns of operations; also returns the text of all of them.
fn patterns<'a>(on: Token<'a>, lexer: &mut Lexer<'a>) -> Result<(Vec<String>, Token<'a>), SyntaxError> {
    let advice = "write operations, reads or writes: on Create*, UpdateAlias";
    let items = list(lexer, "missing operations", advice)?;
    for item in &items {
        let known = model().operations.keys().any(|operation| matches_operation(item.text, operation));
        if !known {
            let names = model().operations.keys().map(String::as_str).chain(["reads", "writes"]);
            return Err(SyntaxError::new(
                *item,
                format!("unknown operation `{}`", item.text),
                suggest(item.text, names, advice),
            ));
        }
    }
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return Err(SyntaxError::new(on, "missing operations", advice));
    };
    let whole = first.up_to(*last, lexer.line());
    Ok((items.iter().map(|item| item.text.to_owned()).collect(), whole))
}

fn counts(lexer: &mut Lexer<'_>) -> Result<Occurrence, SyntaxError> {
    let advice = "write counts from 1, the first matching call: at 1 or at 1, 4";
    let mut counts = BTreeSet::new();
    for item in list(lexer, "missing counts", advice)? {
        counts.insert(count(item, advice)?);
    }
    Ok(Occurrence::At(counts))
}

fn every(lexer: &mut Lexer<'_>) -> Result<Occurrence, SyntaxError> {
    let advice = "write a count from 1: every 5";
    count(lexer.expect(is_argument, "missing count", advice)?, advice).map(Occurrence::Every)
}

fn fault(first: Token<'_>, lexer: &mut Lexer<'_>) -> Result<Fault, SyntaxError> {
    Ok(match first.text {
        "latency" => {
            let (from, to) = times(lexer)?;
            Fault::Latency(from, to)
        }
        "quotas" => Fault::Quotas,
        "fail" => fail(lexer)?,
        "reset" => Fault::Reset,
        "lose" => Fault::Lose,
        "cut" => Fault::Cut,
        "slow" => Fault::Slow(time(lexer.expect(is_argument, "missing time", TIMES)?)?),
        "stale" => Fault::Stale(span(lexer)?),
        "settle-failed" => Fault::SettleFailed(reason(lexer)?),
        // Rule files from before the rename say `stranger`.
        "concurrent-writer" | "stranger" => Fault::ConcurrentWriter(concurrent_writer(lexer)?),
        "roles" => Fault::Roles(span(lexer)?),
        "exhausted" => {
            let advice = "write exhausted concurrency or exhausted storage";
            let token = lexer.expect(is_argument, "missing resource", advice)?;
            match token.text {
                "concurrency" => Fault::Exhausted(Capacity::Concurrency),
                "storage" => Fault::Exhausted(Capacity::Storage),
                other => return Err(SyntaxError::new(token, format!("unknown resource `{other}`"), advice)),
            }
        }
        other => {
            let mut names: Vec<&str> = RULES.iter().map(|rule| rule.keyword()).chain(["seed"]).collect();
            names.dedup();
            let advice = suggest(other, names.iter().copied(), format!("expected one of {}", names.join(", ")));
            return Err(SyntaxError::new(first, format!("unknown rule `{other}`"), advice));
        }
    })
}

fn fail(lexer: &mut Lexer<'_>) -> Result<Fault, SyntaxError> {
    let advice =
        "write a status from 400 to 599, an error code of the Lambda API, or one such as AccessDeniedException";
    let token = lexer.expect(is_argument, "missing status or error code", advice)?;
    let Some(code) = ApiError::code_named(token.text) else {
        let advice = suggest(token.text, ApiError::codes(), advice);
        return Err(SyntaxError::new(token, format!("unknown error `{}`", token.text), advice));
    };
    let text = lexer.next_if(|token| token.starts_with('"'))?.map(Token::unquoted);
    let advice = "write before, to fail instead of the call, or after, to run the call and hide its result";
    let token = lexer.expect(is_argument, "missing `before` or `after`", advice)?;
    let after = match token.text {
        "before" => false,
        "after" => true,
        other => return Err(SyntaxError::new(token, format!("expected `before` or `after`, found `{other}`"), advice)),
    };
    Ok(Fault::Fail { code: code.to_owned(), text, after })
}

fn reason(lexer: &mut Lexer<'_>) -> Result<String, SyntaxError> {
    let advice = "write a reason such as InvalidSubnet; the README lists all";
    let token = lexer.expect(is_argument, "missing reason", advice)?;
    if targets::failure_reasons().any(|reason| reason == token.text) {
        return Ok(token.text.to_owned());
    }
    let advice = suggest(token.text, targets::failure_reasons(), advice);
    Err(SyntaxError::new(token, format!("unknown reason `{}`", token.text), advice))
}

/// The write of a concurrent writer, if the rule gives one.
type GivenWrite = Option<(&'static str, Map<String, Value>)>;

fn concurrent_writer(lexer: &mut Lexer<'_>) -> Result<GivenWrite, SyntaxError> {
    let Some(name) = lexer.next_if(is_argument)? else { return Ok(None) };
    let advice = "write an operation that writes and its members, or nothing";
    let Some((operation, model)) = model().operations.get_key_value(name.text) else {
        let advice = suggest(name.text, model().operations.keys().map(String::as_str), advice);
        return Err(SyntaxError::new(name, format!("unknown operation `{}`", name.text), advice));
    };
    if is_read(operation) {
        return Err(SyntaxError::new(name, "a read changes nothing", advice));
    }
    let advice = format!(
        "write concurrent-writer {operation} {{\"FunctionName\": \"orders\"}}, with the members of the operation"
    );
    let token = lexer.expect(|token| token.starts_with(['{', '[', '"']), "missing members", &advice)?;
    let Ok(Value::Object(input)) = serde_json::from_str(token.text) else {
        return Err(SyntaxError::new(token, "the members are not a JSON object", advice));
    };
    match targets::members(model.input.as_deref(), &input) {
        Ok(()) => Ok(Some((operation, input))),
        Err((message, advice)) => Err(SyntaxError::new(token, message, advice)),
    }
}
