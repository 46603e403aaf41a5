//! One resource of a plan as Terraform shows what happens to it: with the types, attributes and blocks of the AWS provider.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::marked_values::{MarkedValues, mark_secrets};
use crate::kinds;
use crate::model::{Action, FieldPath, KindId};
use crate::plan::ResourcePlan;
use crate::resource::{Naming, TerraformType, field_traits};

/// Returns the actions of Terraform: a replacement is two words, so that a policy can look for `delete`.
fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::Create => &["create"],
        Action::Update | Action::Adopt => &["update"],
        Action::Replace => &["delete", "create"],
        Action::Delete => &["delete"],
        Action::Keep => &["no-op"],
    }
}

fn action_reason(action: Action) -> Option<&'static str> {
    match action {
        Action::Replace => Some("replace_because_cannot_update"),
        Action::Delete => Some("delete_because_no_resource_config"),
        _ => None,
    }
}

/// Returns a name as Terraform allows it: letters, digits, `_` and `-`.
pub fn name(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    text.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect()
}

/// The names in the account of functions and layers by their keys, where they are others.
pub type ParentNames<'a> = HashMap<(KindId, &'a str), &'a String>;

/// A resource of a plan on its way into the provider's form.
pub struct Form<'a> {
    names: &'a ParentNames<'a>,
    planned: &'a ResourcePlan<Value>,
    terraform: TerraformType,
    schema: &'a Value,
    type_name: String,
}

impl<'a> Form<'a> {
    /// A resource in the form of the plan.
    pub fn new(names: &'a ParentNames<'a>, planned: &'a ResourcePlan<Value>) -> Form<'a> {
        let kind = kinds::entry(planned.address.kind);
        let terraform = kind.terraform();
        let type_name = terraform.name.map_or_else(|| format!("trueup_{}", kind.name()), str::to_owned);
        Form { names, planned, terraform, schema: kind.schema(), type_name }
    }

    /// Returns what happens to the resource, or to each of its parts.
    pub fn changes(&self, module: Option<&str>) -> Vec<Value> {
        let values = self.values();
        let keys = self.planned.address.keys.join("_");
        let Some(attribute) = self.terraform.part else {
            let values = values.map(|value| self.attributes(value)).with_names(|value| self.named(value));
            return vec![self.change(module, &name(&keys), self.planned.action, values)];
        };
        let fields = [&values.before, &values.after].into_iter().flatten().filter_map(Value::as_object);
        let parts: BTreeSet<&String> = fields.flat_map(Map::keys).collect();
        let part = |key: &String| {
            let of_part = values.field(key);
            let action = match (&of_part.before, &of_part.after) {
                (before, after) if before == after => Action::Keep,
                (None, _) => Action::Create,
                (_, None) => Action::Delete,
                _ => Action::Update,
            };
            let shown = of_part.with_names(|value| {
                let mut value = self.named(value);
                FieldPath::from(attribute).set(&mut value, Some(json!(key)));
                value
            });
            self.change(module, &name(&format!("{keys}_{key}")), action, shown)
        };
        parts.into_iter().map(part).collect()
    }

    /// Returns the values of the plan, without fields that follow from others.
    fn values(&self) -> MarkedValues {
        let planned = self.planned;
        let is_new = planned.action == Action::Create || planned.replaced_with.is_some();
        let before = planned.baseline.as_ref().filter(|_| !is_new).map(|it| it.value.clone());
        let mut after = before.clone().unwrap_or(Value::Null);
        let (mut unknown, mut secret_before, mut secret_after) = (json!({}), json!({}), json!({}));
        for change in &planned.changes {
            // As with Terraform, what is unknown has a mark and no value.
            match change.after.clone().filter(|_| !change.unknown) {
                Some(value) => change.path.set(&mut after, Some(value)),
                None => change.path.remove(&mut after),
            }
            if change.unknown {
                change.path.set(&mut unknown, Some(Value::Bool(true)));
            }
        }
        mark_secrets(before.as_ref(), &FieldPath::root(), &mut secret_before);
        mark_secrets(Some(&after), &FieldPath::root(), &mut secret_after);
        let after = (planned.action != Action::Delete).then_some(after);
        MarkedValues { before, after, unknown, secret_before, secret_after }.map(|value| self.without_derived(value))
    }

    /// Returns one change of the list.
    fn change(&self, module: Option<&str>, resource: &str, action: Action, values: MarkedValues) -> Value {
        let planned = self.planned;
        let MarkedValues { before, after, unknown, secret_before, secret_after } = values;
        let mut change = json!({
            "actions": actions(action),
            "before": before,
            "after": after,
            "after_unknown": unknown,
            "before_sensitive": secret_before,
            "after_sensitive": secret_after,
        });
        let replaces: Vec<&[String]> =
            planned.changes.iter().filter(|it| it.forces_replacement).map(|it| it.path.keys()).collect();
        if !replaces.is_empty() {
            change["replace_paths"] = json!(replaces);
        }
        if action == Action::Adopt {
            change["importing"] = json!({"id": planned.baseline.as_ref().map(|it| it.identity.clone())});
        }
        let address = format!("{}.{resource}", self.type_name);
        let mut shown = json!({
            "address": module.map_or_else(|| address.clone(), |module| format!("{module}.{address}")),
            "mode": "managed",
            "type": self.type_name,
            "name": resource,
            "provider_name": self.provider(),
            "change": change,
        });
        if let Some(module) = module {
            shown["module_address"] = json!(module);
        }
        if let Some(reason) = action_reason(action) {
            shown["action_reason"] = json!(reason);
        }
        if let Some(former) = &planned.replaces {
            shown["previous_address"] = json!(format!("{}.{}", self.type_name, name(&former.keys.join("_"))));
        }
        shown
    }

    /// Returns the provider that has the type.
    fn provider(&self) -> &'static str {
        if self.terraform.name.is_some() { "registry.terraform.io/hashicorp/aws" } else { "trueup" }
    }

    /// Returns a value or its marks without the fields that follow from others.
    fn without_derived(&self, mut value: Value) -> Value {
        if let Value::Object(map) = &mut value {
            map.retain(|key, _| !field_traits::has(field_traits::field(self.schema, key), field_traits::DERIVED));
        }
        value
    }

    /// Returns the attributes of a value, or of its marks.
    fn attributes(&self, mut value: Value) -> Value {
        let mut moved = Vec::new();
        for (field, attribute) in self.terraform.moved {
            let path = FieldPath::from(*field);
            if let Some(found) = path.get(&value).cloned() {
                path.set(&mut value, None);
                moved.push(((*attribute).to_owned(), found));
            }
        }
        if self.terraform.moved.iter().any(|(field, _)| field.contains('.'))
            && let Value::Object(map) = &mut value
        {
            // What is left of the block says nothing that the provider knows.
            map.remove("code");
        }
        let mut value = blocks(value, self.schema);
        if let Value::Object(map) = &mut value {
            map.extend(moved);
        }
        value
    }

    /// Adds the attributes that name the resource.
    fn named(&self, value: Value) -> Value {
        let Value::Object(mut attributes) = value else { return value };
        let keys = &self.planned.address.keys;
        for (attribute, of) in self.terraform.named {
            let text = match of {
                Naming::Name => self.planned.name.as_ref().or(keys.last()),
                Naming::Parent => keys.first().map(|key| {
                    let parent = (kinds::top(self.planned.address.kind), key.as_str());
                    self.names.get(&parent).copied().unwrap_or(key)
                }),
                Naming::Qualifier => keys.get(1),
            };
            attributes.extend(text.map(|text| ((*attribute).to_owned(), json!(text))));
        }
        Value::Object(attributes)
    }
}

/// Puts every block into a list, as the provider does. Maps of free keys stay maps.
fn blocks(value: Value, schema: &Value) -> Value {
    let Value::Object(map) = value else { return value };
    let fields = map.into_iter().map(|(key, value)| {
        let below = field_traits::field(schema, &key);
        let is_block = value.is_object() && below.get("properties").is_some();
        let value = blocks(value, below);
        (key, if is_block { Value::Array(vec![value]) } else { value })
    });
    Value::Object(fields.collect())
}
