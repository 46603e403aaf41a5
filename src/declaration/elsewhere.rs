//! The right place of a field that stands in the wrong one: on the function instead of its alias, or one level too high.

use serde_json::Value;

use super::places::Place;
use crate::resource::{KindEntry, field_traits};

/// The tree of places, seen from one of them.
pub struct Elsewhere<'t> {
    /// The top of the tree.
    pub root: &'t Place<'t>,
    /// The place, as its kind writes it: `functions.*.aliases.*`.
    pub place: &'static str,
}

impl Elsewhere<'_> {
    /// Returns the place of the field `name`, such as `aliases.NAME`, if this one is wrong and another is right: first inside of
    /// the resource, then in those below it, then in those around it.
    pub fn find(&self, name: &str) -> Option<String> {
        let steps: Vec<&str> = self.place.split('.').collect();
        let here = steps.iter().try_fold(self.root, |place, step| place.step(step))?;
        let inner = here.kind.and_then(|(entry, _)| inner_field(entry, name));
        inner.or_else(|| below(here, name, &mut Vec::new())).or_else(|| enclosing_with(self.root, &steps, name))
    }
}

/// Returns the map among the fields of a resource that has the field.
fn inner_field(entry: &KindEntry, name: &str) -> Option<String> {
    let fields = entry.schema().get("properties")?.as_object()?;
    let holds = |schema: &Value| has_field(field_traits::present(schema), name);
    let mut owners =
        fields.iter().filter(|(_, schema)| !field_traits::has(schema, field_traits::DERIVED) && holds(schema));
    // Of several maps that have it, none is surely meant.
    let owner = owners.next().map(|(owner, _)| owner.clone());
    owner.filter(|_| owners.next().is_none())
}

fn has_field(schema: &Value, name: &str) -> bool {
    schema
        .get("properties")
        .and_then(|fields| fields.get(name))
        .is_some_and(|field| !field_traits::has(field, field_traits::DERIVED))
}

/// Returns the nearest place below that has the field.
fn below(place: &Place<'_>, name: &str, path: &mut Vec<String>) -> Option<String> {
    if !path.is_empty() {
        let own = place.kind.is_some_and(|(entry, _)| has_field(entry.schema(), name));
        if own || place.fields.contains_key(name) {
            return Some(path.join("."));
        }
    }
    let named = place.fields.iter().map(|(field, place)| ((*field).to_owned(), place));
    // The name of a child whose place is a collection is the user's own.
    let each = place.each.as_deref().map(|place| ("NAME".to_owned(), place));
    let mut found: Vec<String> = Vec::new();
    for (step, inner) in named.chain(each) {
        path.push(step);
        found.extend(below(inner, name, path));
        path.pop();
    }
    found.into_iter().min_by_key(|path| path.matches('.').count())
}

/// Returns the innermost place around that has the field.
fn enclosing_with(root: &Place<'_>, steps: &[&str], name: &str) -> Option<String> {
    (1..steps.len()).rev().find_map(|length| {
        let place = steps[..length].iter().try_fold(root, |place, step| place.step(step))?;
        let (entry, _) = place.kind?;
        let own = has_field(entry.schema(), name) || place.fields.contains_key(name);
        own.then(|| steps[..length].join(".").replace('*', "NAME"))
    })
}
