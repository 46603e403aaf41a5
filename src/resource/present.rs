//! The words in which people read a resource in a plan.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{Action, Change, FieldPath};

/// The words for a resource type. They are made of the values of a plan, in which secrets are masked.
pub trait Present {
    /// The name of the resource type for people, such as `event source`.
    const LABEL: &'static str;

    /// The type of the AWS provider of Terraform that describes such a resource, as policies know it.
    const TERRAFORM: TerraformType = TerraformType::NONE;

    /// True if to create, update or replace the resource publishes a version, and leaves those before it as they are.
    const PUBLISHES: bool = false;

    /// Returns the heading above a resource at the top of the account and all that belongs to it. That of a function, for
    /// example, is its key.
    fn heading(key: &str) -> String {
        format!("{} {key}", Self::LABEL)
    }

    /// Returns what is said of a change in place of some of its fields. All others are listed with their values. The traffic of
    /// an alias, for example, is shown in percent.
    fn present(_change: &PresentedChange<'_>) -> Presentation {
        Presentation::default()
    }
}

/// What an attribute of Terraform names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The resource itself.
    Name,
    /// The function or the layer that the resource belongs to.
    Parent,
    /// The alias or the version of the function.
    Qualifier,
    /// The same, or this one where none is named.
    QualifierOr(&'static str),
}

/// A resource type of the AWS provider of Terraform.
#[derive(Clone, Copy, Debug)]
pub struct TerraformType {
    /// Its name; absent where the provider has none.
    pub name: Option<&'static str>,
    /// The attributes that name the resource.
    pub named: &'static [(&'static str, Naming)],
    /// The fields that have another name there, or are out of a block that the provider does not have, by their paths.
    pub moved: &'static [(&'static str, &'static str)],
    /// The block in which all fields are.
    pub block: Option<&'static str>,
    /// The fields that are attributes of the resource above, where the provider has no type of its own for them.
    pub merged: &'static [(&'static str, &'static str)],
    /// The attribute with the key of a part, where each field of the resource is a resource of the provider's own.
    pub part: Option<&'static str>,
}

impl TerraformType {
    /// No type: the provider has none.
    pub const NONE: TerraformType =
        TerraformType { name: None, named: &[], moved: &[], block: None, merged: &[], part: None };

    /// No type: these fields are attributes of the resource above.
    pub const fn merged(fields: &'static [(&'static str, &'static str)]) -> TerraformType {
        TerraformType { merged: fields, ..TerraformType::NONE }
    }

    /// Returns a type of the provider, with the attributes that name a resource.
    pub const fn of(name: &'static str, named: &'static [(&'static str, Naming)]) -> TerraformType {
        TerraformType { name: Some(name), named, ..TerraformType::NONE }
    }
}

/// The change of a resource that is put into words.
#[derive(Clone, Copy, Debug)]
pub struct PresentedChange<'a> {
    /// The action.
    pub action: Action,
    /// The live value; absent for a creation.
    pub before: Option<&'a Value>,
    /// The value to come; absent for a deletion.
    pub after: Option<&'a Value>,
    /// The fields that differ.
    pub changes: &'a [Change<Value>],
    /// What Lambda will probably return.
    pub predicted: &'a BTreeMap<String, Value>,
}

/// A change in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presentation {
    /// The name of the resource, where it is not the label with the keys of its address.
    pub name: Option<String>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// The fields that the facts tell.
    pub told: Vec<FieldPath>,
}

/// One fact about a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What happens to it: it is created, updated or deleted.
    pub action: Action,
    /// What it is about; empty for the resource itself.
    pub name: String,
    /// The fact.
    pub text: String,
    /// True if its numbers of versions are those of this one resource, and another one with other numbers changes alike.
    pub has_versions: bool,
}

impl PresentedChange<'_> {
    /// Returns the value before and the value after at a path.
    pub fn at(&self, path: &'static str) -> (Option<&Value>, Option<&Value>) {
        let path = FieldPath::from(path);
        (self.before.and_then(|value| path.get(value)), self.after.and_then(|value| path.get(value)))
    }

    /// Returns the value to come at a path, or else the live one: what is said of a new and of a deleted resource.
    pub fn any(&self, path: &'static str) -> Option<&Value> {
        let (before, after) = self.at(path);
        after.or(before)
    }

    /// Returns true if the resource is new, or goes: all of it is told then.
    pub fn is_whole(&self) -> bool {
        self.before.is_none() || self.after.is_none()
    }
}

impl Presentation {
    /// Adds a fact.
    pub fn fact(&mut self, action: Action, name: impl Into<String>, text: impl Into<String>) {
        self.facts.push(Fact { action, name: name.into(), text: text.into(), has_versions: false });
    }

    /// Adds a fact about versions.
    pub fn versions(&mut self, action: Action, name: impl Into<String>, text: impl Into<String>) {
        self.facts.push(Fact { action, name: name.into(), text: text.into(), has_versions: true });
    }
}
