//! Leaves of a tree: scalars, and texts with references in them.

use serde_json::Value;

use super::{Pending, Shape};
use crate::declaration::bounds::{check_number, check_text};
use crate::declaration::expanded::blanked;
use crate::declaration::node::{Content, Map, Node, Part, Scalar};
use crate::declaration::report;
use crate::declaration::spot::Spot;
use crate::declaration::types::{allowed, integer, takes, typed, types};
use crate::model::suggest::either;
use crate::model::{plain, with_examples};
use crate::resource::field_traits;

impl Shape<'_> {
    /// Reports the keys without a value of a map whose keys are the user's own. A null that removes the value of an earlier
    /// file is meant.
    pub(super) fn without_value(&mut self, map: &Map, schema: &Value, spot: Spot<'_>) {
        if !takes(&types(schema), "string") {
            return;
        }
        for (key, field) in map {
            if field.node.content == (Content::Null { removes: false }) {
                let path = spot.path.then(key);
                self.report
                    .error(report::NO_VALUE, &field.key, format!("`{path}` has no value"))
                    .label("no value")
                    .help("write `\"\"` for an empty text, or remove the key");
                self.broken.replace(path, schema, true, &field.key);
            }
        }
    }

    /// Warns of the fields that are written without a value. A null that removes the value of an earlier file is meant. A
    /// required field is reported as missing, and a resource of its own where it stands.
    pub(super) fn without_field_value(
        &mut self,
        map: &Map,
        properties: &serde_json::Map<String, Value>,
        required: &[&str],
        spot: Spot<'_>,
    ) {
        let is_resource = |key: &str| spot.path.keys().is_empty() && self.beside.contains(&key);
        let is_spoken_of = |key: &str| required.contains(&key) || is_resource(key) || !properties.contains_key(key);
        let is_null = |node: &Node| node.content == (Content::Null { removes: false });
        let fields = map.iter().filter(|(key, field)| is_null(&field.node) && !is_spoken_of(key));
        for (key, field) in fields {
            self.report
                .warning(
                    report::FIELD_WITHOUT_VALUE,
                    &field.key,
                    format!("`{}` has no value and counts as absent", spot.path.then(key)),
                )
                .label("no value")
                .help("write the value, or remove the key");
        }
    }

    /// The value of a scalar, or `None` if it is of the wrong type, not allowed or out of range.
    pub(super) fn scalar(
        &mut self,
        node: &Node,
        scalar: &Scalar,
        types: &[&str],
        schema: &Value,
        spot: Spot<'_>,
    ) -> Option<Value> {
        let hidden = self.hidden > 0 || scalar.secret;
        let Some(value) = typed(scalar, types) else {
            let shown = if hidden { None } else { Some(scalar.text.as_str()) };
            // An integer that no computer word holds is an integer all the same.
            if let Some(number) = integer(scalar, types)
                && !check_number(&number, shown, node, schema, spot, self.report)
            {
                return None;
            }
            self.mistyped(node, types, schema, spot);
            return None;
        };
        if hidden {
            self.secrets.insert(&scalar.text);
            let written = scalar.blanked.clone().filter(|_| self.hidden == 0);
            self.secret.insert(spot.path.clone(), written.unwrap_or_else(|| scalar.sources.join(" ")));
        } else {
            self.secrets.reveal(&scalar.text);
        }
        self.declared.insert(spot.path.clone());
        let shown = if hidden { None } else { Some(scalar.text.as_str()) };
        let mut is_good = self.allowed(&value, shown, node, schema, spot);
        match &value {
            Value::String(text) => is_good &= check_text(text, shown, node, schema, spot, self.patterns, self.report),
            Value::Number(number) => is_good &= check_number(number, shown, node, schema, spot, self.report),
            _ => {}
        }
        is_good.then_some(value)
    }

    /// The text of one in which something is not known yet. References are filled in later. A text without any is checked
    /// with an example in the place of the account and the region; `None` if it does not fit.
    pub(super) fn template(&mut self, node: &Node, parts: &[Part], schema: &Value, spot: Spot<'_>) -> Option<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text { text: more, secret, sources } => {
                    text += more;
                    if *secret || self.hidden > 0 {
                        match secret {
                            true => self.secrets.insert(more),
                            false => self.secrets.insert_part(more),
                        }
                        *self.secret.entry(spot.path.clone()).or_default() += &(sources.join(" ") + " ");
                    }
                }
                Part::Reference(name) => text += &format!("${{{name}}}"),
                Part::Unknown(part) => text += part.expression(),
            }
        }
        self.declared.insert(spot.path.clone());
        if let Some(written) = blanked(parts).filter(|_| self.hidden == 0) {
            self.secret.insert(spot.path.clone(), written);
        }
        if parts.iter().any(Part::is_reference) {
            self.pending.push(Pending { path: spot.path.clone(), parts: parts.to_vec(), span: node.span.clone() });
            return Some(Value::String(text));
        }
        let shown = (!self.secret.contains_key(spot.path)).then_some(text.as_str());
        let is_good = check_text(&with_examples(&text), shown, node, schema, spot, self.patterns, self.report);
        is_good.then_some(Value::String(text))
    }

    /// Checks the value against the list of those allowed.
    fn allowed(&mut self, value: &Value, shown: Option<&str>, node: &Node, schema: &Value, spot: Spot<'_>) -> bool {
        let Some(allowed) = allowed(schema) else { return true };
        if allowed.contains(&value) {
            return true;
        }
        let names: Vec<String> = allowed.iter().map(|value| plain(value)).collect();
        let names = || names.iter().map(String::as_str);
        let help = shown
            .and_then(|text| self.report.did_you_mean(text, names()))
            .unwrap_or_else(|| format!("expected {}", either(names())));
        let message = match shown {
            Some(text) => format!("`{text}` is not a valid value of `{}`", spot.path),
            None => format!("invalid value of `{}`", spot.path),
        };
        if let Some(words) = schema.get(field_traits::OPEN_ENUM) {
            let message = match shown {
                Some(text) => format!("unknown value `{text}` of `{}`", spot.path),
                None => format!("unknown value of `{}`", spot.path),
            };
            let words = words.as_str().map(|words| format!("{help} ({words})"));
            self.report
                .warning(report::NEW_VALUE, &node.span, message)
                .label("unknown value")
                .help(words.unwrap_or(help));
            return true;
        }
        self.report.error(report::VALUE, &node.span, message).label("not allowed").help(help);
        false
    }
}
