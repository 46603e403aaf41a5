//! The writes of event source mappings: planned, and phrased as calls.

use serde_json::Value;

use super::find::function_at;
use super::observe::{drafts, mistaken};
use super::source::{Source, normalise};
use super::spec::EventSourceMapping;
use crate::model::{Action, FieldPath, Package};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, ResourceRef, Review, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteEventSourceMappingInputBuilder, GetEventSourceMappingInputBuilder, Operation, Reply, TypedCall,
};

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
            Operation::CreateEventSourceMapping => super::calls::create(doing.at, spec)?,
            Operation::UpdateEventSourceMapping => super::calls::update(&live()?.identity, doing, spec),
            Operation::UntagResource => super::calls::untag(arn()?, doing, spec),
            _ if retags => super::calls::retag(spec).ok_or_else(|| anyhow::anyhow!("there is no tag to give back"))?,
            _ => super::calls::tag(arn()?, doing, spec),
        })
    }

    fn read_response(
        at: &ResourceRef,
        desired: Option<&EventSourceMapping>,
        reply: &Reply,
    ) -> Option<Observed<EventSourceMapping>> {
        let mut live = super::observe::observed(at, &super::observe::told(reply)?, desired);
        let shows_filters = matches!(reply, Reply::GetEventSourceMapping(_) | Reply::DeleteEventSourceMapping(_));
        if live.value.kms_key_arn.is_some() && !shows_filters {
            super::observe::presume_filters(&mut live, desired);
        }
        Some(live)
    }

    fn poll(_at: &ResourceRef, _operation: Operation, last: Option<&Observed<EventSourceMapping>>) -> Option<Call> {
        last.map(|live| GetEventSourceMappingInputBuilder::default().uuid(&live.identity).call())
    }
}

/// Puts live into the words of desired: filters that are the same JSON, and fields of a source that we do not know.
pub(super) fn agree(desired: &EventSourceMapping, live: &mut EventSourceMapping) {
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
