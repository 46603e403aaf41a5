//! Reports what does not fit a schema: fields that are missing, keys that it does not have, values of another type.

use serde_json::{Map as Object, Value};

use super::Shape;
use crate::declaration::node::{Content, Field, Node, Part, Scalar};
use crate::declaration::report;
use crate::declaration::spot::Spot;
use crate::declaration::types::{article, example, takes, typed};
use crate::declaration::units::Unit;
use crate::model::FieldPath;
use crate::model::suggest::listed;
use crate::resource::field_traits;

impl Shape<'_> {
    pub(super) fn missing<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
        properties: &Object<String, Value>,
        spot: Spot<'_>,
    ) {
        for name in names {
            let schema = properties.get(name).unwrap_or(&Value::Bool(true));
            if field_traits::has(schema, field_traits::DERIVED) {
                continue;
            }
            self.broken.replace(spot.path.then(name), schema, true, spot.key);
            let help = schema.get("description").and_then(Value::as_str);
            let help = help.map(|text| format!("`{name}`: {}", text.lines().next().unwrap_or_default()));
            self.report
                .error(report::MISSING, spot.key, format!("required field `{}` is missing", spot.path.then(name)))
                .label(format!("has no `{name}`"))
                .maybe_help(help);
        }
    }

    /// Reports an unknown key. Returns the field that is probably meant, if one is.
    pub(super) fn unknown<'p>(
        &mut self,
        key: &str,
        field: &Field,
        properties: &'p Object<String, Value>,
        path: &FieldPath,
    ) -> Option<(&'p String, &'p Value)> {
        let known = properties.iter().filter(|(_, schema)| !field_traits::has(schema, field_traits::DERIVED));
        let mut names: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
        let owner = if path.is_root() {
            names.extend(&self.beside);
            self.owner.clone()
        } else {
            format!("`{path}`")
        };
        names.sort_unstable();
        let place = self.elsewhere.as_ref().filter(|_| path.is_root()).and_then(|places| places.find(key));
        if let Some(place) = place {
            self.report
                .error(report::UNKNOWN_KEY, &field.key, format!("{owner} has no field `{key}`"))
                .label("in the wrong place")
                .help(format!("write it in `{place}`"));
            return None;
        }
        let meant = self.report.nearest(key, names.iter().copied());
        let help = meant.map(report::did_you_mean).unwrap_or_else(|| match names.len() {
            0..=12 => format!("its fields are {}", listed(names.iter().copied())),
            _ => "`trueup schema` lists all fields".to_owned(),
        });
        self.misspelled.extend(self.beside.iter().filter(|name| path.is_root() && Some(**name) == meant));
        self.report
            .error(report::UNKNOWN_KEY, &field.key, format!("{owner} has no field `{key}`"))
            .label("unknown field")
            .help(help);
        properties.get_key_value(meant?)
    }

    /// Reports a value of another type than the field takes.
    pub(super) fn mistyped(&mut self, node: &Node, types: &[&str], schema: &Value, spot: Spot<'_>) {
        let kinds = types.iter().filter(|kind| **kind != "null").map(|kind| article(kind).to_owned());
        let words = schema.get(field_traits::WORDS).and_then(Value::as_object).into_iter().flat_map(Object::keys);
        let wanted: Vec<String> = kinds.chain(words.map(|word| format!("`{word}`"))).collect();
        let unit = Unit::of(schema).filter(|_| takes(types, "integer"));
        let unit_name = unit.map_or(String::new(), |unit| format!(" ({})", unit.name()));
        let wanted = wanted.join(" or ") + &unit_name;
        let name = match &self.standing_for {
            _ if spot.path.is_root() => self.owner.clone(),
            Some((field, key)) if spot.path.keys() == [*field] => format!("`{key}`"),
            _ => format!("`{}`", spot.path),
        };
        let message = match &node.content {
            Content::Template(parts) if parts.iter().any(Part::is_reference) => {
                format!("{name}: expected {wanted}, found a reference, which is a string")
            }
            _ => format!("{name}: expected {wanted}, found {}", node.what()),
        };
        let quoted = matches!(&node.content, Content::Scalar(scalar) if !scalar.plain
            && typed(&Scalar { plain: true, ..scalar.clone() }, types).is_some());
        let converted = match &node.content {
            Content::Scalar(scalar) if self.hidden == 0 && !scalar.secret => {
                unit.and_then(|unit| unit.number(&scalar.text))
            }
            _ => None,
        };
        let help = match converted {
            Some(number) => Some(format!("write `{number}`")),
            None if quoted => Some("remove the quotes".to_owned()),
            None => example(schema),
        };
        self.report.error(report::TYPE, node.mark(Some(spot.key)), message).label(node.what()).maybe_help(help);
    }
}
