//! The writes of event source mappings: planned, and phrased as calls.

use super::canonical::canonicalize;
use super::identity::{Closeness, KIND, closeness, function_at};
use super::source::{EventSource, normalise};
use super::spec::{EventSourceMapping, MisplacedTag};
use crate::model::{
    Action, Address, AttributeName, FieldPath, Package, ReplacementConsequence, RiskKind, StepReason, StepReasonKind,
};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, DeleteEventSourceMappingInputBuilder, GetEventSourceMappingInputBuilder, Operation, Reply, TypedCall,
};

impl crate::resource::PlanWrites for EventSourceMapping {
    fn apply_defaults(spec: &mut EventSourceMapping, at: &ResourceRef, _package: Option<&Package>) {
        normalise(spec);
        spec.function = Some(function_at(at));
    }

    fn derive_from_plan(spec: &mut EventSourceMapping, at: &ResourceRef, cx: &dyn Context) -> Derived {
        spec.misplaced_tag = misplaced_tag(spec, at, cx);
        spec.same_key_declarations = same_key_declarations(at, cx);
        Derived::default()
    }

    fn review(change: &WriteContext<'_, EventSourceMapping>, _cx: &dyn Context) -> Review {
        let source = change.live.and_then(|live| EventSource::of(&live.value));
        let loss = source.is_some_and(EventSource::has_position);
        let was_enabled = change.live.is_some_and(|live| live.value.enabled);
        let is_disabled = was_enabled && change.desired.is_some_and(|desired| !desired.enabled);
        let keeps_failed = |mapping: &EventSourceMapping| {
            mapping.destination_config.as_ref().is_some_and(|to| to.on_failure.is_some())
        };
        let had = change.live.is_some_and(|live| keeps_failed(&live.value));
        let drops = had && change.desired.is_some_and(|desired| !keeps_failed(desired));
        let protection = "the destination of records that fail".to_owned();
        let dropped = drops.then_some(RiskKind::ProtectionDropped { protection });
        Review {
            risks: is_disabled.then_some(RiskKind::MappingDisabled).into_iter().chain(dropped).collect(),
            data_loss: loss.then_some("the position in the stream: records may be read twice or never"),
            ..Review::default()
        }
    }

    fn canonicalize(desired: &EventSourceMapping, live: &mut EventSourceMapping) {
        canonicalize(desired, live);
    }

    fn attributes(
        _at: &ResourceRef,
        after: &EventSourceMapping,
        live: Option<&Observed<EventSourceMapping>>,
        action: Action,
    ) -> Attributes {
        let stays = !matches!(action, Action::Create | Action::Replace) && after.misplaced_tag.is_none();
        let known = |name: &AttributeName| {
            let value = live.filter(|_| stays).and_then(|live| live.attributes.get(name).cloned());
            value.map_or(Attribute::Unknown, Attribute::Known)
        };
        Attributes::from([
            (AttributeName::UUID, known(&AttributeName::UUID)),
            (AttributeName::ARN, known(&AttributeName::ARN)),
        ])
    }

    fn writes(change: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
        planned_writes(change)
    }
}

impl crate::resource::ApplyWrites for EventSourceMapping {
    fn request(operation: Operation, write: &WriteRequest<'_, EventSourceMapping>) -> Result<Call, RequestError> {
        if operation == Operation::DeleteEventSourceMapping {
            return Ok(DeleteEventSourceMappingInputBuilder::default()
                .uuid(&write.observed(operation)?.identity)
                .call());
        }
        let spec = write.declared(operation)?;
        let arn = || write.observed(operation).map(|live| live.text(&AttributeName::ARN).unwrap_or_default());
        let retags = write.covers.iter().any(|path| path.within(&FieldPath::from("misplaced_tag")));
        Ok(match operation {
            Operation::CreateEventSourceMapping => super::calls::create(write.at, spec)?,
            Operation::UpdateEventSourceMapping => {
                super::calls::update(&write.observed(operation)?.identity, write, spec)
            }
            Operation::UntagResource => super::calls::untag(arn()?, write, spec),
            _ if retags => super::calls::retag(spec).ok_or(RequestError::Unknown("the tag to restore"))?,
            _ => super::calls::tag(arn()?, write, spec),
        })
    }

    fn read_response(
        at: &ResourceRef,
        desired: Option<&EventSourceMapping>,
        reply: &Reply,
    ) -> Option<Observed<EventSourceMapping>> {
        let mut live = super::live::observed(at, &super::live::mapping_in(reply)?, desired);
        let shows_filters = matches!(reply, Reply::GetEventSourceMapping(_) | Reply::DeleteEventSourceMapping(_));
        if live.value.kms_key_arn.is_some() && !shows_filters {
            super::live::presume_filters(&mut live, desired);
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
pub(crate) fn misplaced_tag(spec: &EventSourceMapping, at: &ResourceRef, cx: &dyn Context) -> Option<MisplacedTag> {
    let live = cx.observed(&at.address)?;
    let value: &EventSourceMapping = live.value.get()?;
    let mine = closeness(spec, &function_at(at), value);
    if mine == Closeness::Whole {
        return None;
    }
    let others = cx.below(KIND, &at.address.keys[..1]).into_iter().filter(|other| **other != at.address);
    let mut alike = others.filter(|other| cx.observed(other).is_some_and(|it| it.identity == live.identity));
    let owner = alike.find(|other| {
        cx.get::<EventSourceMapping>(other).cloned().is_some_and(|mut theirs| {
            normalise(&mut theirs);
            let theirs = closeness(&theirs, &function_of_declaration(other, at), value);
            theirs > mine || (theirs == mine && **other < at.address)
        })
    })?;
    let arn = live.text(&AttributeName::ARN).unwrap_or_default().to_owned();
    Some(MisplacedTag { arn, declared_as: owner.to_string() })
}

/// The other declarations with the same key under the same function, such as that of another alias.
fn same_key_declarations(at: &ResourceRef, cx: &dyn Context) -> Vec<String> {
    let all = cx.below(KIND, &at.address.keys[..1]).into_iter();
    let others = all.filter(|other| **other != at.address && other.keys.last() == at.address.keys.last());
    others.map(ToString::to_string).collect()
}

/// The function that another declaration of the same function invokes.
pub(crate) fn function_of_declaration(other: &Address, at: &ResourceRef) -> String {
    match &*other.keys {
        [_, alias, _] => format!("{}:{alias}", at.outer()),
        _ => at.outer().to_owned(),
    }
}

pub(crate) fn planned_writes(change: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
    let delete = |reason: StepReason| PlannedWrite::new(Operation::DeleteEventSourceMapping, reason);
    let Some(desired) = change.desired else { return vec![delete(StepReasonKind::Undeclared.into())] };
    let create = |reason: StepReasonKind| {
        let create = PlannedWrite::new(Operation::CreateEventSourceMapping, reason);
        let is_exclusive = EventSource::of(desired).is_some_and(EventSource::is_exclusive);
        if is_exclusive { create.exclusively() } else { create }
    };
    if let Some(misplaced_tag) = &desired.misplaced_tag {
        let reason = StepReasonKind::TagOfAnother { address: misplaced_tag.declared_as.clone() };
        let retag = PlannedWrite::new(Operation::TagResource, reason).covering(change.changed("misplaced_tag"));
        return vec![create(StepReasonKind::AbsentMapping), retag];
    }
    match change.action {
        Action::Create => vec![create(StepReasonKind::AbsentMapping)],
        Action::Replace => {
            let fixed = change.changes.iter().filter(|change| change.forces_replacement).map(|change| &change.path);
            let has_position = EventSource::of(desired).is_some_and(|source| source.has_position());
            let reason = StepReason::fixed(fixed, has_position.then_some(ReplacementConsequence::PositionLost));
            vec![delete(reason), create(StepReasonKind::Recreated)]
        }
        _ => changes_in_place(change),
    }
}

pub(crate) fn changes_in_place(change: &WriteContext<'_, EventSourceMapping>) -> Vec<PlannedWrite> {
    let tags = FieldPath::from("tags");
    let (mut tagged, mut untagged, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for change in change.changes {
        match (change.path.within(&tags), &change.after) {
            (true, Some(_)) => tagged.push(change.path.clone()),
            (true, None) => untagged.push(change.path.clone()),
            (false, _) => rest.push(change.path.clone()),
        }
    }
    // The tag that names the declaration is absent, or that of another function.
    let needs_tag = change.action == Action::Adopt || change.live.is_some_and(|live| live.presumed);
    if needs_tag && tagged.is_empty() {
        tagged.push(tags);
    }
    let mut planned_writes = Vec::new();
    if !untagged.is_empty() {
        planned_writes
            .push(PlannedWrite::new(Operation::UntagResource, StepReasonKind::TagsUndeclared).covering(untagged));
    }
    if !tagged.is_empty() {
        let reason = if change.action == Action::Adopt { StepReasonKind::Adopted } else { StepReasonKind::TagsDiffer };
        planned_writes.push(PlannedWrite::new(Operation::TagResource, reason).covering(tagged));
    }
    if !rest.is_empty() {
        let reason = StepReason::fields_differ(&rest);
        planned_writes.push(PlannedWrite::new(Operation::UpdateEventSourceMapping, reason).covering(rest));
    }
    planned_writes
}
