//! The links between declared resources: references, written or implied by a word, and the order that kinds ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::declaration::Desired;
use crate::declaration::cycles::{Edge, EdgeReason};
use crate::declaration::references::{self, Mention, Names};
use crate::declaration::report;
use crate::declaration::shape::Pending;
use crate::model::{Action, Address, AttributeName, FieldPath, Span, Template};
use crate::resource::{Document, KindEntry, Links};

impl Builder<'_, '_> {
    /// Resolves the references that are written.
    pub(super) fn refer(&mut self, all: Vec<(Address, Pending)>) -> Vec<Mention> {
        let mut mentions = Vec::new();
        for (from, pending) in all {
            let names = Names { root: self.root, written: &self.written, broken: &self.broken_places };
            let Some(template) = names.template(&pending, &mut mentions, self.report) else { continue };
            self.depend(&from, pending.path, template, &pending.span);
        }
        mentions
    }

    /// Follows the references that are words, and brings into being what exists because it is referred to. Returns what comes
    /// before each resource though it does not refer to it.
    pub(super) fn imply(&mut self) -> Vec<(Address, Vec<Address>)> {
        let mut runs_after = Vec::new();
        let mut wanted: BTreeSet<Address> = self.targets();
        for address in self.resources.keys().cloned().collect::<Vec<_>>() {
            let (Some(it), Some(entry)) = (self.resources.get(&address), self.entry(address.kind)) else { continue };
            let links = self.links(entry, it);
            if !links.runs_after.is_empty() {
                runs_after.push((address.clone(), links.runs_after));
            }
            if let Some(it) = self.resources.get_mut(&address) {
                it.stands_alone = links.stands_alone;
            }
            wanted.extend(links.implies);
            for (path, template) in links.references {
                wanted.extend(template.references().map(|reference| reference.target.clone()));
                let span = match self.trees.get(&address) {
                    Some((tree, key)) => tree.locate(&(&path).into(), key).clone(),
                    None => continue,
                };
                self.depend(&address, path, template, &span);
            }
        }
        let mut missing = BTreeSet::new();
        for target in wanted {
            let may_be_there = || self.broken_places.iter().any(|place| place.may_declare(&target));
            if self.written.contains_key(&target) || may_be_there() {
                continue;
            }
            if !self.bring(&target) {
                missing.insert(target);
            } else if let (Some(it), Some(entry)) = (self.resources.get(&target), self.entry(target.kind)) {
                let after = self.links(entry, it).runs_after;
                runs_after.push((target, after));
            }
        }
        self.missing(&missing);
        runs_after
    }

    /// Adds what comes before a resource where it is declared, though the resource does not refer to it.
    pub(super) fn follow(&mut self, runs_after: Vec<(Address, Vec<Address>)>) {
        for (address, all) in runs_after {
            for before in all {
                let Some(first) = self.resources.get(&before) else { continue };
                let span = first.span.clone();
                self.edge(&address, &before, Edge { span, reason: EdgeReason::RunsAfter });
                if let Some(it) = self.resources.get_mut(&address) {
                    it.depends_on.insert(before);
                }
            }
        }
    }

    /// Returns the links of a resource that do not depend on what is wrong in it.
    fn links(&self, entry: &KindEntry, it: &Desired) -> Links {
        let Some(broken) = self.broken.get(&it.at.address) else { return entry.links(&it.value, &it.at) };
        let links = |value: &Document| entry.links(value, &it.at);
        Links {
            implies: broken.certain(|value| links(value).implies),
            references: broken.certain(|value| links(value).references),
            runs_after: broken.certain(|value| links(value).runs_after),
            copies: links(&it.value).copies,
            stands_alone: links(&it.value).stands_alone,
        }
    }

    fn targets(&self) -> BTreeSet<Address> {
        let templates = self.resources.values().flat_map(|it| it.pending.values());
        templates.flat_map(Template::references).map(|reference| reference.target.clone()).collect()
    }

    fn missing(&mut self, missing: &BTreeSet<Address>) {
        let mut dangling: Vec<_> = self.edges.iter().filter(|(_, target, _)| missing.contains(target)).collect();
        dangling.sort_by_key(|(from, target, _)| (from, target));
        dangling.dedup_by(|one, other| (&one.0, &one.1) == (&other.0, &other.1));
        for (from, target, edge) in dangling {
            let message = format!("{from} depends on {target}, which the spec does not declare");
            self.report.error(report::DANGLING, &edge.span, message).label("undefined reference");
        }
    }

    fn depend(&mut self, from: &Address, path: FieldPath, template: Template, span: &Span) {
        for reference in template.references() {
            self.edge(from, &reference.target, Edge { span: span.clone(), reason: EdgeReason::RefersTo });
        }
        if let Some(it) = self.resources.get_mut(from) {
            it.depends_on.extend(template.references().map(|reference| reference.target.clone()));
            it.pending.insert(path, template);
        }
    }

    pub(super) fn edge(&mut self, from: &Address, to: &Address, edge: Edge) {
        self.edges.push((from.clone(), to.clone(), edge));
    }

    /// Checks that the attributes that are referred to exist.
    pub(super) fn attributes(&mut self, mentions: &[Mention]) {
        let mut known: BTreeMap<&Address, Vec<AttributeName>> = BTreeMap::new();
        for mention in mentions {
            let target = &mention.reference.target;
            let Some(it) = self.resources.get(target) else { continue };
            let Some(entry) = self.entry(target.kind) else { continue };
            let names = known.entry(target).or_insert_with(|| self.attributes_of(entry, it));
            references::check_attribute(mention, names, self.report);
        }
    }

    /// Returns the attributes that a resource has, or could have if something is wrong in it.
    fn attributes_of(&self, entry: &KindEntry, it: &Desired) -> Vec<AttributeName> {
        let values = match self.broken.get(&it.at.address) {
            Some(broken) => broken.values.as_slice(),
            None => std::slice::from_ref(&it.value),
        };
        let names = values.iter().flat_map(|value| entry.attributes(&it.at, value, None, Action::Create).into_keys());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }
}
