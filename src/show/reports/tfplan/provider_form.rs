//! Values in the form of the provider: its names of attributes, and its blocks, each of which is a list.

use serde_json::{Map, Value};

use crate::model::FieldPath;
use crate::resource::{TerraformType, field_traits};

/// The form that the provider gives to the values of a resource type, and to the marks on them.
#[derive(Clone, Copy)]
pub struct ProviderForm<'a> {
    terraform: TerraformType,
    schema: &'a Value,
}

impl<'a> ProviderForm<'a> {
    /// The form for a schema of values.
    pub fn new(terraform: TerraformType, schema: &'a Value) -> ProviderForm<'a> {
        ProviderForm { terraform, schema }
    }

    /// Returns the attributes of a value, or of the marks on one.
    pub fn attributes(&self, mut value: Value) -> Value {
        let mut moved = Map::new();
        for (field, attribute) in self.terraform.moved.iter().filter(|(field, to)| above(field) != above(to)) {
            let path = FieldPath::from(*field);
            if let Some(found) = path.get(&value).cloned() {
                moved.insert((*attribute).to_owned(), found);
            }
        }
        if let Value::Object(map) = &mut value {
            // What is left of a block out of which fields are moved says nothing that the provider knows.
            let blocks = self.terraform.moved.iter().filter(|(field, to)| above(field) != above(to));
            blocks.filter_map(|(field, _)| field.split('.').next()).for_each(|block| drop(map.remove(block)));
            map.retain(|key, _| self.is_attribute(key));
        }
        let Value::Object(mut attributes) = self.named(value, self.schema, "") else { return Value::Null };
        attributes.append(&mut moved);
        if let Some(tags) = attributes.get("tags") {
            attributes.insert("tags_all".to_owned(), tags.clone());
        }
        match self.terraform.block {
            Some(_) if attributes.is_empty() => Value::Object(attributes),
            Some(block) => serde_json::json!({block: [attributes]}),
            None => Value::Object(attributes),
        }
    }

    /// Tests for a field that does not merely follow from others, or that is an attribute all the same.
    fn is_attribute(&self, field: &str) -> bool {
        let is_derived = field_traits::has(field_traits::field(self.schema, field), field_traits::DERIVED);
        !is_derived || self.terraform.moved.iter().any(|(from, _)| *from == field)
    }

    /// Returns a value with the provider's names, and with every block in a list. Maps of free keys stay maps.
    fn named(&self, value: Value, schema: &Value, path: &str) -> Value {
        match value {
            Value::Object(map) => Value::Object(map.into_iter().map(|it| self.field(it, schema, path)).collect()),
            Value::Array(items) => {
                let schema = field_traits::field(schema, "");
                Value::Array(items.into_iter().map(|item| self.named(item, schema, path)).collect())
            }
            plain => plain,
        }
    }

    fn field(&self, (key, value): (String, Value), schema: &Value, path: &str) -> (String, Value) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let schema = field_traits::present(field_traits::field(schema, &key));
        let is_block = value.is_object() && schema.get("properties").is_some();
        let value = self.named(value, schema, &path);
        let renamed =
            self.terraform.moved.iter().find(|(from, _)| *from == path).and_then(|(_, to)| to.split('.').next_back());
        (renamed.map_or(key, str::to_owned), if is_block { Value::Array(vec![value]) } else { value })
    }
}

/// Returns the path of the block that has a field.
fn above(field: &str) -> &str {
    field.rsplit_once('.').map_or("", |(block, _)| block)
}
