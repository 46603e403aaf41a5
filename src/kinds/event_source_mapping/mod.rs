//! Event source mapping: Lambda reads a queue, stream or broker and invokes a function or an alias with what it reads.
//!
//! AWS's quirks: it has no name, so it is told by function and source (see [`find`]); whether it is enabled is not
//! shown but follows from its state; every write takes a while, during which others are refused; it outlives both its
//! function and its source; no RevisionId guards it; what can only be said at creation (source, starting position,
//! topic) makes a new mapping, which starts reading anew; listings hide encrypted filters.
//! [AWS: CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).

mod calls;
pub mod catalog;
mod find;
mod listings;
mod observed;
mod rules;
mod rules_kafka;
mod rules_source;
mod source;
mod spec;
mod spec_kafka;
mod strays;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use spec::EventSourceMapping;

use self::find::{Closeness, closeness, function_at};
use self::source::{Source, normalise};
use self::spec::Mistaken;
use crate::model::{
    Action, Address, FieldPath, Findings, KindId, Package, ReplacementConsequence, StepReason, StepReasonKind,
};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Discovered, Lifecycle, Observed, PlannedWrite, ResourceRef, Review,
    WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteEventSourceMappingInputBuilder, GetEventSourceMappingInputBuilder, Missing, Operation, ReadCache,
    Reply, TypedCall,
};

/// The kind's name.
const KIND: KindId = KindId::EventSourceMapping;

/// The tag on live mappings that names the address of their declaration.
pub const MAPPING_TAG: &str = "trueup:mapping";

impl crate::resource::Declare for EventSourceMapping {
    const KIND: KindId = KIND;
    const PLACES: &'static [&'static str] =
        &["functions.*.event_source_mappings.*", "functions.*.aliases.*.event_source_mappings.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {event_source_arn: "arn:aws:sqs:${region}:${account}:orders", batch_size: 5}
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { outlives_parent: true, may_be_orphaned: true, ..Lifecycle::default() }
    }

    fn check(spec: &EventSourceMapping, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, around, findings);
        rules_kafka::check(spec, at, around, findings);
    }
}

impl crate::resource::Observe for EventSourceMapping {
    fn observe(
        at: &ResourceRef,
        desired: Option<&EventSourceMapping>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<EventSourceMapping>>, Missing> {
        find::search(at, desired, cache)
    }

    fn discover(parent: &ResourceRef, around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        strays::found(parent, around, cache)
    }
}

impl crate::resource::PlanWrites for EventSourceMapping {
    fn apply_defaults(spec: &mut EventSourceMapping, at: &ResourceRef, _package: Option<&Package>) {
        normalise(spec);
        spec.function = Some(function_at(at));
    }

    fn derive_from_plan(spec: &mut EventSourceMapping, at: &ResourceRef, around: &dyn Context) -> Derived {
        spec.mistaken = mistaken(spec, at, around);
        Derived::default()
    }

    fn review(change: &WriteContext<'_, EventSourceMapping>, _around: &dyn Context) -> Review {
        let source = change.live.and_then(|live| Source::of(&live.value));
        let loss = source.is_some_and(Source::has_position);
        Review {
            data_loss: loss.then_some("the position in the stream: records may be read twice or never"),
            ..Review::default()
        }
    }

    fn canonicalize(desired: &EventSourceMapping, live: &mut EventSourceMapping) {
        agree(desired, live);
    }

    fn attributes(
        _at: &ResourceRef,
        after: &EventSourceMapping,
        live: Option<&Observed<EventSourceMapping>>,
        action: Action,
    ) -> Attributes {
        let stays = !matches!(action, Action::Create | Action::Replace) && after.mistaken.is_none();
        let known = |name: &str| {
            let value = live.filter(|_| stays).and_then(|live| live.attributes.get(name).cloned());
            value.map_or(Attribute::Unknown, Attribute::Known)
        };
        Attributes::from([("uuid", known("uuid")), ("arn", known("arn"))])
    }

    fn writes(work: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
        drafts(work)
    }
}

impl crate::resource::ApplyWrites for EventSourceMapping {
    fn request(operation: Operation, doing: &WriteRequest<'_, EventSourceMapping>) -> anyhow::Result<Call> {
        let live = || doing.live.as_ref().ok_or_else(|| anyhow::anyhow!("{operation} needs a live mapping"));
        if operation == Operation::DeleteEventSourceMapping {
            return Ok(DeleteEventSourceMappingInputBuilder::default().uuid(&live()?.identity).call());
        }
        let spec = doing.desired.as_ref().ok_or_else(|| anyhow::anyhow!("{operation} needs a declaration"))?;
        let arn = || live().map(|live| live.attributes.get("arn").and_then(Value::as_str).unwrap_or_default());
        let retags = doing.covers.iter().any(|path| path.within(&FieldPath::from("mistaken")));
        Ok(match operation {
            Operation::CreateEventSourceMapping => calls::create(doing.at, spec)?,
            Operation::UpdateEventSourceMapping => calls::update(&live()?.identity, doing, spec),
            Operation::UntagResource => calls::untag(arn()?, doing, spec),
            _ if retags => calls::retag(spec).ok_or_else(|| anyhow::anyhow!("there is no tag to give back"))?,
            _ => calls::tag(arn()?, doing, spec),
        })
    }

    fn read_response(
        at: &ResourceRef,
        desired: Option<&EventSourceMapping>,
        reply: &Reply,
    ) -> Option<Observed<EventSourceMapping>> {
        let mut live = observed::observed(at, &observed::told(reply)?, desired);
        let shows_filters = matches!(reply, Reply::GetEventSourceMapping(_) | Reply::DeleteEventSourceMapping(_));
        if live.value.kms_key_arn.is_some() && !shows_filters {
            observed::presume_filters(&mut live, desired);
        }
        Some(live)
    }

    fn poll(_at: &ResourceRef, _operation: Operation, last: Option<&Observed<EventSourceMapping>>) -> Option<Call> {
        last.map(|live| GetEventSourceMappingInputBuilder::default().uuid(&live.identity).call())
    }
}

/// The other declaration that the live mapping belongs to, if it bears our tag by mistake.
///
/// That is so when a key of the spec was given to another mapping: the tag still says the old one.
fn mistaken(spec: &EventSourceMapping, at: &ResourceRef, around: &dyn Context) -> Option<Mistaken> {
    let live = around.observed(&at.address)?;
    let value: &EventSourceMapping = live.value.get()?;
    let mine = closeness(spec, &function_at(at), value);
    if mine == Closeness::Whole {
        return None;
    }
    let others = around.below(KIND, &at.address.keys[..1]).into_iter().filter(|other| **other != at.address);
    let mut alike = others.filter(|other| around.observed(other).is_some_and(|it| it.identity == live.identity));
    let owner = alike.find(|other| {
        around.get::<EventSourceMapping>(other).cloned().is_some_and(|mut theirs| {
            normalise(&mut theirs);
            let theirs = closeness(&theirs, &function_of(other, at), value);
            theirs > mine || (theirs == mine && **other < at.address)
        })
    })?;
    let arn = live.attributes.get("arn").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Mistaken { arn, declared_as: owner.to_string() })
}

/// The function that another declaration of the same function invokes.
fn function_of(other: &Address, at: &ResourceRef) -> String {
    match other.keys.as_slice() {
        [_, alias, _] => format!("{}:{alias}", at.outer()),
        _ => at.outer().to_owned(),
    }
}

/// Puts live into the words of desired: filters that are the same JSON, and fields of a source that we do not know.
fn agree(desired: &EventSourceMapping, live: &mut EventSourceMapping) {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let wanted = desired.filter_criteria.as_ref().map(|criteria| criteria.filters.as_slice()).unwrap_or_default();
    for filter in live.filter_criteria.iter_mut().flat_map(|criteria| &mut criteria.filters) {
        let value = parsed(&filter.pattern);
        let same = wanted.iter().find(|other| value.is_some() && parsed(&other.pattern) == value);
        if let Some(same) = same {
            filter.pattern.clone_from(&same.pattern);
        }
    }
    if Source::of(desired).is_none() && Source::of(live).is_none() {
        // The defaults of such a source are not known, so what is not declared is not compared.
        live.batch_size.take_if(|_| desired.batch_size.is_none());
        live.maximum_batching_window_in_seconds.take_if(|_| desired.maximum_batching_window_in_seconds.is_none());
        live.starting_position.take_if(|_| desired.starting_position.is_none());
        live.maximum_record_age_in_seconds.take_if(|_| desired.maximum_record_age_in_seconds.is_none());
        live.maximum_retry_attempts.take_if(|_| desired.maximum_retry_attempts.is_none());
        live.bisect_batch_on_function_error.take_if(|_| desired.bisect_batch_on_function_error.is_none());
        live.parallelization_factor.take_if(|_| desired.parallelization_factor.is_none());
        live.tumbling_window_in_seconds.take_if(|_| desired.tumbling_window_in_seconds.is_none());
    }
}

fn drafts(work: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
    let delete = |reason: StepReason| PlannedWrite::new(Operation::DeleteEventSourceMapping, reason);
    let create = |reason: StepReasonKind| PlannedWrite::new(Operation::CreateEventSourceMapping, reason);
    let Some(desired) = work.desired else { return vec![delete(StepReasonKind::Undeclared.into())] };
    if let Some(mistaken) = &desired.mistaken {
        let reason = StepReasonKind::TagOfAnother { address: mistaken.declared_as.clone() };
        let retag = PlannedWrite::new(Operation::TagResource, reason).covering(work.changed("mistaken"));
        return vec![create(StepReasonKind::AbsentMapping), retag];
    }
    match work.action {
        Action::Create => vec![create(StepReasonKind::AbsentMapping)],
        Action::Replace => {
            let fixed = work.changes.iter().filter(|change| change.forces_replacement).map(|change| &change.path);
            let has_position = Source::of(desired).is_some_and(|source| source.has_position());
            let reason = StepReason::fixed(fixed, has_position.then_some(ReplacementConsequence::PositionLost));
            vec![delete(reason), create(StepReasonKind::Recreated)]
        }
        _ => changes_in_place(work),
    }
}

fn changes_in_place(work: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
    let tags = FieldPath::from("tags");
    let (mut tagged, mut untagged, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for change in work.changes {
        match (change.path.within(&tags), &change.after) {
            (true, Some(_)) => tagged.push(change.path.clone()),
            (true, None) => untagged.push(change.path.clone()),
            (false, _) => rest.push(change.path.clone()),
        }
    }
    if work.action == Action::Adopt && tagged.is_empty() {
        tagged.push(tags);
    }
    let mut drafts = Vec::new();
    if !untagged.is_empty() {
        drafts.push(PlannedWrite::new(Operation::UntagResource, StepReasonKind::TagsUndeclared).covering(untagged));
    }
    if !tagged.is_empty() {
        let reason = if work.action == Action::Adopt { StepReasonKind::Adopted } else { StepReasonKind::TagsDiffer };
        drafts.push(PlannedWrite::new(Operation::TagResource, reason).covering(tagged));
    }
    if !rest.is_empty() {
        let reason = StepReason::fields_differ(&rest);
        drafts.push(PlannedWrite::new(Operation::UpdateEventSourceMapping, reason).covering(rest));
    }
    drafts
}
