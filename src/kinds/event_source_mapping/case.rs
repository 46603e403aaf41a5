//! A declared mapping as its rules look at it.

use super::identity::KIND;
use super::source::EventSource;
use super::spec::EventSourceMapping;
use crate::model::Address;
use crate::resource::{Context, Declare, ResourceRef};

/// Everything that a rule looks at.
pub struct Case<'a> {
    /// The mapping, as declared.
    pub spec: &'a EventSourceMapping,
    /// Its event source, if it is known.
    pub source: Option<EventSource>,
    /// Its place.
    pub at: &'a ResourceRef,
    /// The other resources of the spec.
    pub cx: &'a dyn Context,
}

impl<'a> Case<'a> {
    /// The other declared mappings that have a text at a JSON pointer, with their values.
    pub fn others_with(
        &self,
        pointer: &'static str,
        text: &str,
    ) -> impl Iterator<Item = (&'a Address, &'a EventSourceMapping)> {
        let (own, cx) = (&self.at.address, self.cx);
        let others = cx.with_value(KIND, pointer, text).into_iter().filter(move |other| *other != own);
        others.filter_map(move |address| Some((address, cx.get(address)?)))
    }

    /// The mappings of the same function, alias or version that may read the same source and were declared before this one:
    /// of two that are alike, the second is reported.
    pub(super) fn siblings(&self) -> Vec<(&'a Address, &'a EventSourceMapping)> {
        let own = &self.at.address;
        let Some((_, parent)) = own.keys.split_last() else { return Vec::new() };
        let all = match self.spec.event_source_arn.as_deref() {
            Some(arn) => self.cx.with_value(KIND, "/event_source_arn", arn),
            None => self.cx.below(KIND, parent),
        };
        let is_sibling = |other: &&Address| *other < own && other.keys.split_last().is_some_and(|it| it.1 == parent);
        let declared = |address| Some((address, self.cx.get(address)?));
        all.into_iter().filter(is_sibling).filter_map(declared).collect()
    }

    /// Returns the resource of a type that a function has at most one of, such as its reserved concurrency.
    pub(super) fn of_function<S: Declare>(&self) -> Option<&'a S> {
        self.cx.get(&self.at.address.outermost(S::KIND))
    }
}
