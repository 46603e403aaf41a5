//! Holds a node to a schema: the value it stands for, and everything in which it does not fit.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use fancy_regex::Regex;
use serde_json::{Map, Number, Value};

use super::interpolate::{Filled, Known, Part, interpolate};
use super::yaml::{Content, Node};
use super::{Found, nearest};
use crate::kinds::policy;
use crate::model::{Path, Severity, Span};

/// A field that mentions other resources.
pub struct Mentioning {
    /// The field.
    pub path: Path,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Where it is written.
    pub span: Span,
}

/// What comes of holding a node to a schema.
#[derive(Default)]
pub struct Shaped {
    /// Fields that mention other resources.
    pub mentions: Vec<Mentioning>,
    /// The fields that are written.
    pub declared: BTreeSet<Path>,
    /// Whether everything fits.
    pub fits: bool,
}

/// Turns nodes into values.
pub struct Shaper<'a> {
    /// What `${…}` means.
    pub known: Known<'a>,
    /// Keys that are allowed beside those of the schema, at the top.
    pub also: Vec<String>,
}

impl Shaper<'_> {
    /// The value of a node.
    pub fn shape(&self, node: &Node, schema: &Value, found: &mut Found) -> (Value, Shaped) {
        let mut shaped = Shaped { fits: true, ..Shaped::default() };
        let value = self.value(node, schema, &Path::root(), false, found, &mut shaped);
        (value, shaped)
    }

    fn value(
        &self,
        node: &Node,
        schema: &Value,
        path: &Path,
        secret: bool,
        found: &mut Found,
        out: &mut Shaped,
    ) -> Value {
        let secret = secret || policy::has(schema, policy::SECRET);
        let schema = policy::present(schema).as_object().map_or(schema, |_| policy::present(schema));
        match &node.content {
            Content::Null => Value::Null,
            Content::Scalar { text, plain } => self.scalar(node, text, *plain, schema, path, secret, found, out),
            Content::List(items) => self.list(node, items, schema, path, secret, found, out),
            Content::Map(_) => self.map(node, schema, path, secret, found, out),
        }
    }

    fn map(
        &self,
        node: &Node,
        schema: &Value,
        path: &Path,
        secret: bool,
        found: &mut Found,
        out: &mut Shaped,
    ) -> Value {
        let Content::Map(entries) = &node.content else { return Value::Null };
        if wrong_type(schema, "object") {
            return misfit(found, out, "S003", node, format!("{} cannot be a map", name(path)), expected(schema));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let allowed =
            |key: &str| properties.and_then(|all| all.get(key)).filter(|field| !policy::has(field, policy::DERIVED));
        let open = !matches!(schema.get("additionalProperties"), Some(Value::Bool(false)));
        let mut map = Map::new();
        for (key, value) in entries {
            let below = path.then(key.text.as_str());
            let field = match allowed(&key.text) {
                Some(field) => field,
                None if open => policy::field(schema, &key.text),
                None => {
                    out.fits = false;
                    let fields =
                        properties.into_iter().flatten().filter(|(_, field)| !policy::has(field, policy::DERIVED));
                    let names: Vec<&str> = fields.map(|(name, _)| name.as_str()).chain(self.also_at(path)).collect();
                    let help = match nearest(&key.text, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known here: {}", names.join(", ")),
                    };
                    found.error("S002", Some(key.span.clone()), format!("there is no field `{}`", key.text), &help);
                    continue;
                }
            };
            if !value.is_null() {
                let value = self.value(value, field, &below, secret, found, out);
                map.insert(key.text.clone(), value);
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for field in required.filter(|field| !map.contains_key(*field)) {
            out.fits = false;
            let what = if path.0.is_empty() { String::new() } else { format!(" in `{path}`") };
            let about = properties
                .and_then(|all| all.get(field))
                .and_then(|field| field.get("description"))
                .and_then(Value::as_str);
            let help = format!("add `{field}: …`: {}", about.unwrap_or_default().lines().next().unwrap_or_default());
            found.error("S004", Some(node.span.clone()), format!("`{field}` is missing{what}"), &help);
        }
        count(found, out, node, schema, path, map.len(), "entries");
        Value::Object(map)
    }

    fn also_at(&self, path: &Path) -> impl Iterator<Item = &str> {
        self.also.iter().filter(move |_| path.0.is_empty()).map(String::as_str)
    }

    #[allow(clippy::too_many_arguments)]
    fn list(
        &self,
        node: &Node,
        items: &[Node],
        schema: &Value,
        path: &Path,
        secret: bool,
        found: &mut Found,
        out: &mut Shaped,
    ) -> Value {
        if wrong_type(schema, "array") {
            return misfit(found, out, "S003", node, format!("{} cannot be a list", name(path)), expected(schema));
        }
        out.declared.insert(path.clone());
        count(found, out, node, schema, path, items.len(), "items");
        let item = schema.get("items").unwrap_or(&Value::Null);
        let values = items
            .iter()
            .enumerate()
            .map(|(at, node)| self.value(node, item, &path.then(at.to_string()), secret, found, out));
        Value::Array(values.collect())
    }

    #[allow(clippy::too_many_arguments)]
    fn scalar(
        &self,
        node: &Node,
        text: &str,
        plain: bool,
        schema: &Value,
        path: &Path,
        secret: bool,
        found: &mut Found,
        out: &mut Shaped,
    ) -> Value {
        out.declared.insert(path.clone());
        let filled = match interpolate(text, &self.known) {
            Ok(filled) => filled,
            Err((message, help)) => return misfit(found, out, "S006", node, message, help),
        };
        filled.secrets.iter().for_each(|value| found.secrets.note(value));
        if let Some(words) = schema.get(policy::WORDS).and_then(Value::as_object) {
            return match words.get(&text.to_owned()) {
                Some(value) => value.clone(),
                None => {
                    let known: Vec<String> = words.keys().map(|word| format!("`{word}`")).collect();
                    misfit(
                        found,
                        out,
                        "S003",
                        node,
                        format!("{} cannot be `{text}`", name(path)),
                        format!("write a map, or {}", known.join(" or ")),
                    )
                }
            };
        }
        let Some(text) = filled.text() else {
            return self.mention(node, filled, schema, path, found, out);
        };
        if secret {
            found.secrets.note(&text);
        }
        let plain = plain || (filled.changed && !types(schema).contains(&"string"));
        typed(node, &text, plain, schema, path, secret, found, out)
    }

    fn mention(
        &self,
        node: &Node,
        filled: Filled,
        schema: &Value,
        path: &Path,
        found: &mut Found,
        out: &mut Shaped,
    ) -> Value {
        let types = types(schema);
        if !types.is_empty() && !types.contains(&"string") {
            let message = format!("{} cannot refer to another resource", name(path));
            return misfit(found, out, "S003", node, message, expected(schema));
        }
        let shown: String = filled
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Mention(mention) => format!("${{{mention}}}"),
            })
            .collect();
        out.mentions.push(Mentioning { path: path.clone(), parts: filled.parts, span: node.span.clone() });
        Value::String(shown)
    }
}

#[allow(clippy::too_many_arguments)]
fn typed(
    node: &Node,
    text: &str,
    plain: bool,
    schema: &Value,
    path: &Path,
    secret: bool,
    found: &mut Found,
    out: &mut Shaped,
) -> Value {
    let types = types(schema);
    let may = |kind: &str| types.is_empty() || types.contains(&kind);
    let shown = if secret { "that".to_owned() } else { format!("`{text}`") };
    if types.contains(&"string") {
        fits_text(node, text, schema, path, &shown, found, out);
        return Value::String(text.to_owned());
    }
    if plain && may("boolean") && (text == "true" || text == "false") {
        return Value::Bool(text == "true");
    }
    if plain
        && may("integer")
        && let Ok(number) = text.replace('_', "").parse::<i64>()
    {
        in_range(node, number as f64, schema, path, &shown, found, out);
        return Value::from(number);
    }
    if plain
        && may("number")
        && let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64)
    {
        in_range(node, number.as_f64().unwrap_or_default(), schema, path, &shown, found, out);
        return Value::Number(number);
    }
    if types.is_empty() {
        return Value::String(text.to_owned());
    }
    misfit(found, out, "S003", node, format!("{} cannot be {shown}", name(path)), expected(schema))
}

fn fits_text(node: &Node, text: &str, schema: &Value, path: &Path, shown: &str, found: &mut Found, out: &mut Shaped) {
    if let Some(known) = schema.get("enum").and_then(Value::as_array) {
        let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
        if !known.contains(&text) {
            let near = nearest(text, known.iter().copied());
            let help =
                near.map_or_else(|| format!("one of {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            match schema.get(policy::OPEN_ENUM).and_then(Value::as_str) {
                Some(why) => {
                    found.report(
                        Severity::Warning,
                        "S005",
                        Some(node.span.clone()),
                        format!("{} is {shown}: {why}", name(path)),
                        &help,
                    );
                }
                None => drop(misfit(found, out, "S005", node, format!("{} cannot be {shown}", name(path)), help)),
            }
            return;
        }
    }
    count(found, out, node, schema, path, text.chars().count(), "characters");
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && !matches(pattern, text)
    {
        let about = schema.get("description").and_then(Value::as_str).unwrap_or("it has to fit the pattern");
        misfit(found, out, "S005", node, format!("{} cannot be {shown}", name(path)), format!("{about} ({pattern})"));
    }
}

fn in_range(node: &Node, number: f64, schema: &Value, path: &Path, shown: &str, found: &mut Found, out: &mut Shaped) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
        let help = match (least, most) {
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (_, most) => format!("at most {}", most.unwrap_or_default()),
        };
        misfit(found, out, "S005", node, format!("{} cannot be {shown}", name(path)), help);
    }
}

/// Checks a length against the bounds that its kind of value has in JSON Schema.
fn count(found: &mut Found, out: &mut Shaped, node: &Node, schema: &Value, path: &Path, length: usize, what: &str) {
    let (least, most) = match what {
        "characters" => ("minLength", "maxLength"),
        "items" => ("minItems", "maxItems"),
        _ => ("minProperties", "maxProperties"),
    };
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    if let Some(most) = bound(most).filter(|most| length > *most) {
        misfit(
            found,
            out,
            "S005",
            node,
            format!("{} has {length} {what}", name(path)),
            format!("at most {most} are allowed"),
        );
    } else if let Some(least) = bound(least).filter(|least| length < *least) {
        misfit(
            found,
            out,
            "S005",
            node,
            format!("{} has {length} {what}", name(path)),
            format!("at least {least} are needed"),
        );
    }
}

fn misfit(
    found: &mut Found,
    out: &mut Shaped,
    code: &'static str,
    node: &Node,
    message: String,
    help: String,
) -> Value {
    out.fits = false;
    found.error(code, Some(node.span.clone()), message, &help);
    Value::Null
}

fn name(path: &Path) -> String {
    if path.0.is_empty() { "this".to_owned() } else { format!("`{path}`") }
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn wrong_type(schema: &Value, wanted: &str) -> bool {
    let types = types(schema);
    !types.is_empty() && !types.contains(&wanted)
}

fn expected(schema: &Value) -> String {
    let words = types(schema).into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
        "object" => "a map",
        "array" => "a list",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        _ => "text",
    });
    let words: Vec<&str> = words.collect();
    if words.is_empty() { String::new() } else { format!("it takes {}", words.join(" or ")) }
}

/// Whether the whole text fits the pattern. Patterns are compiled once.
fn matches(pattern: &str, text: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Option<Rc<Regex>>>> = RefCell::default();
    }
    let regex = COMPILED.with_borrow_mut(|compiled| match compiled.get(pattern) {
        Some(regex) => regex.clone(),
        None => {
            let regex = Regex::new(pattern).ok().map(Rc::new);
            compiled.insert(pattern.to_owned(), regex.clone());
            regex
        }
    });
    // A pattern that cannot be compiled or takes too long says nothing against the text.
    regex.is_none_or(|regex| regex.is_match(text).unwrap_or(true))
}
