//! The page of the spec: every field of the JSON Schema of a stack, in a section for each resource.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;
use trueup::kinds::KINDS;

use super::reference::{GENERATED, cell};

/// The most values of an enumeration that stand in a table; more of them stand in a list below it.
const MAX_VALUES_IN_TABLE: usize = 6;

/// What may stand at a place of a spec.
#[derive(Default)]
struct Member<'s> {
    /// All schemas of the place: its own, those it refers to, and those it offers as alternatives.
    schemas: Vec<&'s Value>,
    is_required: bool,
}

/// Adds a schema, what it refers to and its alternatives, but not those for expressions and for nothing.
fn add_schemas<'s>(root: &'s Value, schema: &'s Value, schemas: &mut Vec<&'s Value>) {
    let is_expression = schema["pattern"] == "\\$\\{" || schema["type"] == "null";
    if is_expression || schemas.iter().any(|known| std::ptr::eq(*known, schema)) {
        return;
    }
    schemas.push(schema);
    let referred = schema["$ref"].as_str().map(|path| root.pointer(path.trim_start_matches('#')).expect(path));
    let alternatives = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    for part in referred.into_iter().chain(alternatives) {
        add_schemas(root, part, schemas);
    }
}

/// Returns the members of a value by name: `*` for keys that users choose, and `[]` for the items of a list.
fn members<'s>(root: &'s Value, schemas: &[&'s Value]) -> BTreeMap<String, Member<'s>> {
    let mut members: BTreeMap<String, Member<'s>> = BTreeMap::new();
    for &schema in schemas {
        let named = schema["properties"].as_object().into_iter().flatten().map(|(name, field)| (name.clone(), field));
        let matched = schema["patternProperties"].as_object().into_iter().flatten();
        let matched = matched.map(|(pattern, field)| (format!("{}*", pattern.trim_start_matches('^')), field));
        let elements = [("*", &schema["additionalProperties"]), ("[]", &schema["items"])].into_iter();
        let elements = elements.filter(|(_, field)| !matches!(field, Value::Null | Value::Bool(false)));
        for (name, field) in named.chain(matched).chain(elements.map(|(name, field)| (name.to_owned(), field))) {
            let is_required = schema["required"].as_array().is_some_and(|names| names.iter().any(|it| *it == name));
            let member = members.entry(name).or_default();
            member.is_required |= is_required;
            add_schemas(root, field, &mut member.schemas);
        }
    }
    members
}

/// Returns the schemas at a place of a spec, in which `*` is a key that users choose.
fn at<'s>(root: &'s Value, place: &str) -> Vec<&'s Value> {
    let mut schemas = Vec::new();
    add_schemas(root, root, &mut schemas);
    place.split('.').fold(schemas, |schemas, key| members(root, &schemas).remove(key).expect(place).schemas)
}

/// Returns the first description; that of a field comes before those of its alternatives.
fn description<'s>(schemas: &[&'s Value]) -> Option<&'s str> {
    schemas.iter().find_map(|schema| schema["description"].as_str())
}

/// Returns the values of all enumerations.
fn values(schemas: &[&Value]) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for &schema in schemas {
        for value in schema["enum"].as_array().into_iter().flatten().chain(schema.get("const")) {
            let shown = format!("`{}`", value.as_str().map_or(value.to_string(), str::to_owned));
            if !value.is_null() && !values.contains(&shown) {
                values.push(shown);
            }
        }
    }
    values
}

/// Returns the names of the types of one schema, without those that a string stands for.
fn type_names(schema: &Value) -> Vec<&str> {
    if schema["enum"].is_array() || schema.get("const").is_some() {
        return Vec::new();
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ => Vec::new(),
    };
    // A plain number or boolean in the place of a text is the text that was written.
    if names == ["string", "number", "boolean"] { vec!["string"] } else { names }
}

/// Returns whether one of the schemas was met on the way to it, as happens where a schema refers to itself.
fn is_repeated(schemas: &[&Value], above: &[&Value]) -> bool {
    schemas.iter().any(|schema| above.iter().any(|met| std::ptr::eq(*met, *schema)))
}

/// Returns the resource whose section describes what stands at a place.
fn resource_at(place: &str) -> Option<&'static str> {
    let is_there = |name: &str, places: &[&str]| {
        places.contains(&place) || place.strip_prefix("defaults.").is_some_and(|default| default == name)
    };
    KINDS.iter().find(|entry| is_there(entry.name(), entry.places())).map(|entry| entry.name())
}

/// Returns the place of a member of what stands at a place.
fn joined(place: &str, name: &str) -> String {
    match (place, name) {
        ("", name) => name.to_owned(),
        (place, "[]") => format!("{place}[]"),
        (place, name) => format!("{place}.{name}"),
    }
}

/// The table of a section, and the long enumerations of its fields.
struct Table<'s> {
    root: &'s Value,
    rows: String,
    enumerations: String,
}

impl<'s> Table<'s> {
    fn new(root: &'s Value) -> Table<'s> {
        Table { root, rows: String::new(), enumerations: String::new() }
    }

    /// Returns the type of a value in words: its values, then the types that it may have.
    fn type_of(&self, schemas: &[&'s Value], above: &[&'s Value], place: &str) -> String {
        if is_repeated(schemas, above) {
            return "the same again".to_owned();
        }
        let mut names = values(schemas);
        if names.len() > MAX_VALUES_IN_TABLE {
            names = vec![format!("one of {} values below", names.len())];
        }
        for &schema in schemas {
            for name in type_names(schema) {
                let shown = self.type_in_words(schema, name, &[above, schemas].concat(), place);
                if !names.contains(&shown) {
                    names.push(shown);
                }
            }
        }
        match names.split_last() {
            None => "any".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} or {last}", before.join(", ")),
        }
    }

    fn type_in_words(&self, schema: &'s Value, name: &str, above: &[&'s Value], place: &str) -> String {
        let of_elements = |word: &str, key: &str| {
            let element = members(self.root, &[schema]).remove(key);
            let of = |element: Member<'s>| self.type_of(&element.schemas, above, &joined(place, key));
            element.map_or_else(|| word.to_owned(), |element| format!("{word} of {}", of(element)))
        };
        match (name, &schema["minimum"], &schema["maximum"]) {
            ("array", ..) => of_elements("list", "[]"),
            ("object", ..) => match resource_at(place) {
                Some(resource) => format!("[{resource}](#{resource})"),
                None => of_elements("map", "*"),
            },
            (_, Value::Number(least), Value::Number(most)) => format!("{name} from {least} to {most}"),
            (_, Value::Number(least), _) => format!("{name} from {least}"),
            (_, _, Value::Number(most)) => format!("{name} to {most}"),
            _ => name.to_owned(),
        }
    }

    /// Adds a row for each field below a path, but not for those that have a section of their own.
    fn add_rows(&mut self, schemas: &[&'s Value], above: &[&'s Value], place: &str, path: &str) {
        let above = [above, schemas].concat();
        for (name, member) in members(self.root, schemas) {
            let (below, shown) = (joined(place, &name), joined(path, &name));
            let is_element = name == "*" || name == "[]";
            // The row of a map or of a list without a description has that of its elements.
            let is_described = description(&member.schemas).is_some() && description(schemas).is_some();
            if !is_element || is_described {
                self.add_row(&member, &above, &below, &shown);
            }
            self.add_enumeration(&member.schemas, &shown);
            if resource_at(&below).is_none() && !is_repeated(&member.schemas, &above) {
                self.add_rows(&member.schemas, &above, &below, &shown);
            }
        }
    }

    fn add_row(&mut self, member: &Member<'s>, above: &[&'s Value], place: &str, shown: &str) {
        let mut defaults = member.schemas.iter().map(|schema| &schema["default"]).filter(|value| !value.is_null());
        let default = match defaults.next() {
            _ if member.is_required => "required".to_owned(),
            Some(value) if resource_at(place).is_none() => format!("`{value}`"),
            _ => String::new(),
        };
        let elements = || members(self.root, &member.schemas).remove("*");
        let about =
            description(&member.schemas).or_else(|| elements().and_then(|element| description(&element.schemas)));
        let shown_type = self.type_of(&member.schemas, above, place);
        let about = cell(about.unwrap_or_default());
        let _ = writeln!(self.rows, "| `{shown}` | {shown_type} | {} | {about} |", cell(&default));
    }

    fn add_enumeration(&mut self, schemas: &[&'s Value], shown: &str) {
        let values = values(schemas);
        if values.len() > MAX_VALUES_IN_TABLE {
            let _ = writeln!(self.enumerations, "\nValues of `{shown}`: {}.", values.join(", "));
        }
    }

    fn text(&self) -> String {
        format!("| field | type | default | |\n|---|---|---|---|\n{}{}", self.rows, self.enumerations)
    }
}

/// Adds the section of a resource, whose fields are the same at all of its places.
fn add_section(page: &mut String, root: &Value, name: &str, places: &[&str]) {
    let schemas = at(root, places[0]);
    let named: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
    let about = description(&schemas).unwrap_or_default();
    let _ = write!(page, "\n## {name}\n\n{}\n\n{about}\n\n", named.join(", "));
    let mut table = Table::new(root);
    // Its own place would make the type a link to this very section.
    let own = table.type_of(&schemas, &[], "");
    if !own.starts_with("map") {
        let _ = write!(page, "Type: {own}. The fields of the map:\n\n");
    }
    table.add_enumeration(&schemas, name);
    table.add_rows(&schemas, &[], places[0], "");
    page.push_str(&table.text());
}

/// Returns the page of a stack's schema.
pub fn page(root: &Value) -> String {
    let mut page = format!(
        "# Spec\n\n{GENERATED} Fields have the names of the Lambda API in snake_case. A field that is absent has the default of AWS. \
         `trueup schema` prints the JSON Schema, which editors use.\n\nIn the names of fields `*` is a key of your own choice, and `[]` \
         is any item of a list. In the place of a string, a number or a boolean is the text that was written. A resource below \
         `defaults` has the fields of its section, none of them required; they hold where a resource of that type has none of its \
         own.\n\n## The stack\n\n"
    );
    let mut stack = Vec::new();
    add_schemas(root, root, &mut stack);
    let mut table = Table::new(root);
    table.add_rows(&stack, &[], "", "");
    page.push_str(&table.text());
    for entry in KINDS.iter() {
        add_section(&mut page, root, entry.name(), entry.places());
    }
    page
}

#[test]
fn a_table_has_alternatives_maps_lists_and_what_is_referred_to() {
    let tree = serde_json::json!({
        "type": "object",
        "properties": {"leaf": {"enum": [1]}, "trees": {"type": "array", "items": {"$ref": "#/definitions/tree"}}},
    });
    let map = serde_json::json!({"type": "object", "properties": {"a": {"type": "integer", "maximum": 2}}});
    let root = serde_json::json!({
        "definitions": {"tree": tree},
        "required": ["either"],
        "properties": {
            "either": {"anyOf": [{"type": "boolean"}, map]},
            "many": {"type": "object", "additionalProperties": {"description": "One.", "properties": {"b": {"default": 7}}}},
            "long": {"type": ["array", "null"], "items": {"enum": [1, 2, 3, 4, 5, 6, 7]}},
            "tree": {"$ref": "#/definitions/tree"},
        },
        "patternProperties": {"^x-": true},
    });
    let mut table = Table::new(&root);
    table.add_rows(&[&root], &[], "", "");
    let rows = [
        "| `either` | boolean or map | required |  |",
        "| `either.a` | integer to 2 |  |  |",
        "| `long` | list of one of 7 values below |  |  |",
        "| `many` | map of map |  | One. |",
        "| `many.*.b` | any | `7` |  |",
        "| `tree` | map |  |  |",
        "| `tree.leaf` | `1` |  |  |",
        "| `tree.trees` | list of the same again |  |  |",
        "| `x-*` | any |  |  |",
    ];
    assert_eq!(table.rows.lines().collect::<Vec<_>>(), rows);
    assert_eq!(table.enumerations, "\nValues of `long[]`: `1`, `2`, `3`, `4`, `5`, `6`, `7`.\n");
}
