//! One resource of a plan as Terraform shows what happens to it: with the types, attributes and blocks of the AWS provider.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::marked_values::{MarkedValues, mark_secrets};
use super::provider_form::ProviderForm;
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
    /// The resources that are attributes of this one.
    merged: Vec<&'a ResourcePlan<Value>>,
    terraform: TerraformType,
    type_name: String,
}

impl<'a> Form<'a> {
    /// A resource in the form of the plan, with those that the provider makes attributes of it.
    pub fn new(
        names: &'a ParentNames<'a>,
        planned: &'a ResourcePlan<Value>,
        merged: Vec<&'a ResourcePlan<Value>>,
    ) -> Form<'a> {
        let kind = kinds::entry(planned.address.kind);
        let terraform = kind.terraform();
        let type_name = terraform.name.map_or_else(|| format!("trueup_{}", kind.name()), str::to_owned);
        Form { names, planned, merged, terraform, type_name }
    }

    /// Returns what happens to the resource, or to each of its parts; nothing for one that neither is nor will be.
    pub fn changes(&self, module: Option<&str>) -> Vec<Value> {
        let schema = kinds::entry(self.planned.address.kind).schema();
        let values = values(self.planned);
        let Some(attribute) = self.terraform.part else {
            let form = ProviderForm::new(self.terraform, schema);
            let mut values = values.map(|value| form.attributes(value)).with_names(|value| self.named(value));
            let mut action = self.planned.action;
            for merged in &self.merged {
                values.extend(attributes_above(merged));
                if action == Action::Keep && merged.action != Action::Keep {
                    action = Action::Update;
                }
            }
            let is_nothing = values.before.is_none() && values.after.is_none();
            return if is_nothing { Vec::new() } else { vec![self.change(module, None, action, values)] };
        };
        let fields = [&values.before, &values.after].into_iter().flatten().filter_map(Value::as_object);
        let is_part = |key: &&String| !field_traits::has(field_traits::field(schema, key), field_traits::DERIVED);
        let parts: BTreeSet<&String> = fields.flat_map(Map::keys).filter(is_part).collect();
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
            self.change(module, Some(key), action, shown)
        };
        parts.into_iter().map(part).collect()
    }

    /// Returns one change of the list.
    fn change(&self, module: Option<&str>, part: Option<&str>, action: Action, values: MarkedValues) -> Value {
        let planned = self.planned;
        // As with `for_each`: what belongs to a function has its name, and its own keys as the index.
        let (first, rest) =
            planned.address.keys.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let index: Vec<&str> = rest.iter().map(String::as_str).chain(part).collect();
        let index = (!index.is_empty()).then(|| index.join("/"));
        let resource = name(first);
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
        let address = |resource: &str, index: Option<&str>| {
            let index = index.map_or_else(String::new, |index| format!("[{}]", json!(index)));
            let own = format!("{}.{resource}{index}", self.type_name);
            module.map_or_else(|| own.clone(), |module| format!("{module}.{own}"))
        };
        let mut shown = json!({
            "address": address(&resource, index.as_deref()),
            "mode": "managed",
            "type": self.type_name,
            "name": resource,
            "provider_name": self.provider(),
            "change": change,
        });
        if let Some(index) = &index {
            shown["index"] = json!(index);
        }
        if let Some(module) = module {
            shown["module_address"] = json!(module);
        }
        if let Some(reason) = action_reason(action) {
            shown["action_reason"] = json!(reason);
        }
        if let Some(former) = &planned.replaces {
            shown["previous_address"] = json!(address(&name(&former.keys[0]), index.as_deref()));
        }
        shown
    }

    /// Returns the provider that has the type.
    fn provider(&self) -> &'static str {
        if self.terraform.name.is_some() { "registry.terraform.io/hashicorp/aws" } else { "trueup" }
    }

    /// Adds the attributes that name the resource.
    fn named(&self, value: Value) -> Value {
        let Value::Object(mut attributes) = value else { return value };
        let keys = &self.planned.address.keys;
        for (attribute, of) in self.terraform.named {
            let parent = |key: &'a String| {
                let parent = (kinds::top(self.planned.address.kind), key.as_str());
                self.names.get(&parent).copied().unwrap_or(key).as_str()
            };
            let qualifier = keys.get(1).map(String::as_str);
            let text = match of {
                Naming::Name => self.planned.name.as_ref().or(keys.last()).map(String::as_str),
                Naming::Parent => keys.first().map(parent),
                Naming::Qualifier => qualifier,
                Naming::QualifierOr(default) => qualifier.or(Some(default)),
            };
            attributes.extend(text.map(|text| ((*attribute).to_owned(), json!(text))));
        }
        Value::Object(attributes)
    }
}

/// Returns the values of a resource in a plan. One that is not there yet, or is no more, has none.
fn values(planned: &ResourcePlan<Value>) -> MarkedValues {
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
    let after = Some(after).filter(|after| planned.action != Action::Delete && !after.is_null());
    MarkedValues { before, after, unknown, secret_before, secret_after }
}

/// Returns a resource as attributes of the one above it.
fn attributes_above(planned: &ResourcePlan<Value>) -> MarkedValues {
    let kind = kinds::entry(planned.address.kind);
    let fields = |value: Value| {
        let of = |(field, attribute): &(&str, &str)| Some(((*attribute).to_owned(), value.get(*field)?.clone()));
        Value::Object(kind.terraform().merged.iter().filter_map(of).collect())
    };
    let mut values = values(planned).map(fields);
    if kind.publishes() {
        let attributes = [&mut values.before, &mut values.after].into_iter().flatten().filter_map(Value::as_object_mut);
        for attributes in attributes {
            attributes.entry("publish").or_insert(json!(true));
        }
        if matches!(planned.action, Action::Create | Action::Update) {
            values.unknown["version"] = json!(true);
        }
    }
    values
}
