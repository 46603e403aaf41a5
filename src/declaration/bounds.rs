//! The bounds that a schema sets: sizes, lengths, patterns.

use std::collections::HashMap;

use fancy_regex::Regex;
use serde_json::{Number, Value};

use super::node::Node;
use super::report::{self, DiagnosticSink};
use super::spot::Spot;
use super::units::Unit;

/// Compiled patterns. Compiling one costs more than matching it a thousand times, and most are never needed.
#[derive(Default)]
pub struct Patterns(HashMap<String, Option<Regex>>);

impl Patterns {
    /// Tests whether the text matches the pattern. A pattern that cannot be compiled matches all: Lambda checks it anyway.
    fn fits(&mut self, pattern: &str, text: &str) -> bool {
        if !self.0.contains_key(pattern) {
            self.0.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        match self.0.get(pattern) {
            Some(Some(regex)) => regex.is_match(text).unwrap_or(true),
            _ => true,
        }
    }
}

/// Checks the length and the pattern of a text.
pub fn check_text(
    text: &str,
    shown: Option<&str>,
    node: &Node,
    schema: &Value,
    spot: Spot<'_>,
    patterns: &mut Patterns,
    report: &mut DiagnosticSink,
) -> bool {
    let length = text.chars().count() as u64;
    if let Some(message) = outside(length, schema, "minLength", "maxLength", "character") {
        let message = format!("`{}`: expected {message}, found {length}", spot.path);
        report.error(report::VALUE, &node.span, message).label(plural(length, "character"));
        return false;
    }
    match schema.get("pattern").and_then(Value::as_str) {
        Some(pattern) if !patterns.fits(pattern, text) => {
            let message = match shown {
                Some(text) => format!("`{text}` is not a valid value of `{}`", spot.path),
                None => format!("invalid value of `{}`", spot.path),
            };
            report.error(report::VALUE, &node.span, message).label("invalid format").maybe_help(format_help(schema));
            false
        }
        _ => true,
    }
}

/// Returns the help for a text of the wrong format: what the field is, and an example if the schema has one.
fn format_help(schema: &Value) -> Option<String> {
    let description = schema.get("description").and_then(Value::as_str).and_then(|text| text.lines().next());
    let example = schema.get("examples").and_then(|examples| examples.get(0)?.as_str());
    match (description, example) {
        (Some(text), Some(example)) => Some(format!("{text} Example: `{example}`")),
        (None, Some(example)) => Some(format!("example: `{example}`")),
        (text, None) => text.map(str::to_owned),
    }
}

/// Checks the size of a number.
pub fn check_number(
    number: &Number,
    shown: Option<&str>,
    node: &Node,
    schema: &Value,
    spot: Spot<'_>,
    report: &mut DiagnosticSink,
) -> bool {
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    let value = number.as_f64().unwrap_or(f64::NAN);
    let format = schema.get("format").and_then(Value::as_str).and_then(range);
    let least = bound("minimum").or(format.map(|(least, _)| least));
    let most = bound("maximum").or(format.map(|(_, most)| most));
    let above = bound("exclusiveMinimum");
    let below = bound("exclusiveMaximum");
    let fits = |value: f64| {
        least.is_none_or(|least| value >= least)
            && most.is_none_or(|most| value <= most)
            && above.is_none_or(|above| value > above)
            && below.is_none_or(|below| value < below)
    };
    if fits(value) {
        return true;
    }
    let unit = Unit::of(schema);
    let meant = unit.filter(|_| shown.is_some()).and_then(|unit| unit.meant(value, fits));
    let help = meant.map(|(name, number)| format!("did you mean `{number}`? The value looks like {name}"));
    // What the type could hold is worth saying only where it is what was overstepped.
    let least = bound("minimum").or(above).or(least.filter(|least| value < *least));
    let most = bound("maximum").or(below).or(most.filter(|most| value > *most));
    let limits = match (least, most) {
        (Some(least), Some(most)) => format!("from {least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (_, Some(most)) => format!("at most {most}"),
        (None, None) => "another number".to_owned(),
    };
    let shown = shown.map_or("the value".to_owned(), |text| format!("`{text}`"));
    let unit = unit.map_or(String::new(), |unit| format!(" {}", unit.name()));
    report
        .error(report::VALUE, &node.span, format!("{shown} is out of range: `{}` must be {limits}{unit}", spot.path))
        .label("out of range")
        .maybe_help(help);
    false
}

/// Checks the length of a list.
pub fn check_list(length: usize, schema: &Value, spot: Spot<'_>, report: &mut DiagnosticSink) -> bool {
    check_size(length, schema, ("minItems", "maxItems"), "item", spot, report)
}

/// Checks the number of keys of a map.
pub fn check_map(length: usize, schema: &Value, spot: Spot<'_>, report: &mut DiagnosticSink) -> bool {
    check_size(length, schema, ("minProperties", "maxProperties"), "key", spot, report)
}

fn check_size(
    length: usize,
    schema: &Value,
    (least, most): (&str, &str),
    what: &str,
    spot: Spot<'_>,
    report: &mut DiagnosticSink,
) -> bool {
    let Some(message) = outside(length as u64, schema, least, most, what) else { return true };
    let message = format!("`{}`: expected {message}, found {length}", spot.path);
    report.error(report::VALUE, spot.key, message).label(plural(length as u64, what));
    false
}

fn outside(length: u64, schema: &Value, least: &str, most: &str, what: &str) -> Option<String> {
    let bound = |key| schema.get(key).and_then(Value::as_u64);
    match (bound(least), bound(most)) {
        (Some(least), _) if length < least => Some(format!("at least {}", plural(least, what))),
        (_, Some(most)) if length > most => Some(format!("at most {}", plural(most, what))),
        _ => None,
    }
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The smallest and largest number of a Rust type that a schema names as a format.
fn range(format: &str) -> Option<(f64, f64)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint8" => (0.0, u8::MAX.into()),
        "uint16" => (0.0, u16::MAX.into()),
        "uint32" => (0.0, u32::MAX.into()),
        // The largest floats below the limits, so that nothing passes here that the type would reject.
        "int64" => (-9_223_372_036_854_774_784.0, 9_223_372_036_854_774_784.0),
        "uint64" | "uint" => (0.0, 18_446_744_073_709_549_568.0),
        _ => return None,
    })
}
