//! The resources of a plan by function, and functions that change alike as one. Pure.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::lines::{FactLine, ResourceLines, resource_lines};
use crate::kinds;
use crate::model::{Action, KindId, visible};
use crate::plan::ResourcePlan;
use crate::show::Sign;

/// A function with all that hangs under it, or another resource at the top of the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The kind of the resource at the top, and its key in the spec.
    pub top: (KindId, String),
    /// The name in the account, where it is another one.
    pub name: Option<String>,
    /// What happens to the resource at the top.
    pub sign: Sign,
    /// The resources, deletions first.
    pub resources: Vec<ResourceLines>,
}

impl Group {
    /// Returns the group's name for people.
    pub fn title(&self) -> String {
        let (kind, key) = &self.top;
        visible(&kinds::entry(*kind).heading(key)).into_owned()
    }

    /// Returns one word for what happens to all of it.
    pub fn state(&self) -> Option<&'static str> {
        match self.sign {
            Sign::Create => Some("new"),
            Sign::Delete => Some("deleted"),
            Sign::Replace => Some("replaced"),
            Sign::Adopt => Some("adopted"),
            Sign::Change | Sign::Publish | Sign::None => None,
        }
    }

    /// Returns true if something in it changes.
    pub fn changes(&self) -> bool {
        self.resources.iter().any(|resource| resource.sign != Sign::None)
    }

    fn loses(&self) -> bool {
        self.resources.iter().any(|resource| matches!(resource.sign, Sign::Delete | Sign::Replace))
    }
}

/// Returns the resources by what they belong to: what loses something first, then by name.
pub fn groups<'a>(resources: impl IntoIterator<Item = &'a ResourcePlan<Value>>) -> Vec<Group> {
    let mut by_top: BTreeMap<(KindId, String), Vec<&ResourcePlan<Value>>> = BTreeMap::new();
    for planned in resources {
        let key = planned.address.keys.first().cloned().unwrap_or_default();
        by_top.entry((kinds::top(planned.address.kind), key)).or_default().push(planned);
    }
    let mut groups: Vec<Group> = by_top.into_iter().map(|(top, resources)| group(top, resources)).collect();
    groups.sort_by_key(|group| !group.loses());
    groups
}

fn group(top: (KindId, String), mut resources: Vec<&ResourcePlan<Value>>) -> Group {
    let is_top = |planned: &&&ResourcePlan<Value>| planned.address.kind == top.0 && planned.address.keys.len() == 1;
    let own = resources.iter().find(is_top).copied();
    let (name, sign) = (own.and_then(|own| own.name.clone()), own.map_or(Sign::None, |own| Sign::from(own.action)));
    let is_kept = |planned: &ResourcePlan<Value>| !matches!(planned.action, Action::Delete | Action::Replace);
    resources.sort_by_key(|planned| (is_kept(planned), planned.address.kind as usize, planned.address.keys.clone()));
    let mut resources: Vec<ResourceLines> = resources.into_iter().map(resource_lines).collect();
    if let Some(own) = own {
        // The heading says so of all of them.
        let note = format!("note: deleted with {}", own.address);
        resources.iter_mut().for_each(|resource| resource.notes.retain(|it| *it != visible(&note)));
    }
    Group { name, sign, resources, top }
}

/// Groups that change alike: the lines of all of them are the same, but for numbers of versions.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The groups, at least one.
    pub groups: Vec<Group>,
    /// True if the numbers of their versions differ, so that those of the first are not those of all.
    pub has_other_numbers: bool,
}

impl Alike {
    /// Returns the number of the groups, and the first of their names.
    pub fn title(&self) -> String {
        const FIRST: usize = 3;
        let names: Vec<String> = self.groups.iter().map(Group::title).collect();
        let what = kinds::entry(self.groups[0].top.0).label();
        let list = match names.as_slice() {
            few if few.len() <= FIRST => few.join(", "),
            [first, second, ..] => format!("{first}, {second} and {} more", names.len() - 2),
            _ => String::new(),
        };
        format!("{} {what}s: {list}", names.len())
    }
}

/// Puts groups together that change alike, in the order of the first of each.
pub fn fold(groups: Vec<Group>) -> Vec<Alike> {
    let mut classes: IndexMap<String, Alike> = IndexMap::new();
    for group in groups {
        let lines = without_numbers(&group.resources);
        let said: Vec<_> = lines.iter().map(words).collect();
        let key = format!("{:?} {:?} {said:?}", group.top.0, group.sign);
        match classes.get_mut(&key) {
            Some(alike) => {
                let first = alike.groups[0].resources.iter().map(words);
                alike.has_other_numbers |= !first.eq(group.resources.iter().map(words));
                alike.groups.push(group);
            }
            None => drop(classes.insert(key, Alike { groups: vec![group], has_other_numbers: false })),
        }
    }
    classes.into_values().collect()
}

/// Returns what the lines of a resource say, whatever its address is.
fn words(lines: &ResourceLines) -> (Sign, &str, &[FactLine], &[String]) {
    (lines.sign, &lines.name, &lines.facts, &lines.notes)
}

/// Returns the lines with `N` in place of the numbers of versions.
pub fn without_numbers(resources: &[ResourceLines]) -> Vec<ResourceLines> {
    let mut resources = resources.to_vec();
    for resource in &mut resources {
        if resource.is_version {
            resource.name = numberless(&resource.name);
        }
        for fact in resource.facts.iter_mut().filter(|fact| fact.has_versions) {
            fact.name = numberless(&fact.name);
            fact.text.iter_mut().for_each(|text| *text = numberless(text));
        }
    }
    resources
}

/// Replaces the numbers of versions in a text: those after the word, and those that such a one changes to.
fn numberless(text: &str) -> String {
    const WORD: &str = "version ";
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(WORD) {
        let (before, after) = rest.split_at(at + WORD.len());
        shown.push_str(before);
        rest = number(after, &mut shown);
        if let Some(next) = rest.strip_prefix(" → ") {
            shown.push_str(" → ");
            rest = number(next, &mut shown);
        }
    }
    shown + rest
}

/// Adds `N` for the number at the start of the text, and returns what is after it.
fn number<'a>(text: &'a str, shown: &mut String) -> &'a str {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    if rest.len() < text.len() {
        shown.push('N');
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_versions_alone_are_replaced() {
        assert_eq!(numberless("version 3 → 4 (100 %)"), "version N → N (100 %)");
        assert_eq!(numberless("version 12"), "version N");
        assert_eq!(numberless("memory_size 256 → 512"), "memory_size 256 → 512");
        assert_eq!(numberless("version $LATEST"), "version $LATEST");
    }
}
