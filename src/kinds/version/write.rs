//! The writes of published versions: planned, and phrased as calls.

use std::sync::Arc;

use aws_sdk_lambda::types::FunctionVersionLatestPublished;
use serde_json::json;

use super::content::{attributes_of, empty, observed, within};
use super::listing::{number, reading};
use super::observe::{History, is_slot};
use super::spec::{LATEST_PUBLISHED, Version, arn, is_number};
use crate::kinds::function::{self, Function};
use crate::model::{Action, AttributeName, FieldPath, KindId, StepReasonKind, UnreadablePart};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, PreconditionKind, RequestError, ResourceRef,
    Review, State, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteFunctionInputBuilder, Operation, PublishVersionInputBuilder, Reply, TypedCall,
    UpdateFunctionConfigurationInputBuilder,
};

impl crate::resource::PlanWrites for Version {
    fn derive_from_plan(spec: &mut Version, at: &ResourceRef, cx: &dyn Context) -> Derived {
        // What is ignored on the function is no reason to publish it.
        let ignored = cx.ignored(&at.address.outermost(KindId::Function));
        let mut derived = Derived { ignore: ignored.iter().map(within).collect(), ..Derived::default() };
        derived.created_with_parent = comes_with_function(spec, at, cx);
        spec.at_creation = derived.created_with_parent.then_some(true);
        if let Some((content, pending)) = super::content::planned(at, cx) {
            spec.content = Some(Box::new(content));
            derived.pending = pending;
        }
        derived
    }

    fn review(change: &WriteContext<'_, Version>, cx: &dyn Context) -> Review {
        let function = cx.observed(&change.at.address.outermost(KindId::Function));
        let unreadable = function.into_iter().flat_map(|live| &live.unreadable);
        let frozen = unreadable.filter(|part| part.field.first() != Some("tags"));
        let note = |UnreadablePart { field, cause, .. }: &UnreadablePart| {
            format!("it freezes the `{field}` of the function as it is, which could not be read: {cause}")
        };
        Review { notes: frozen.map(note).collect(), ..Review::default() }
    }

    fn canonicalize(desired: &Version, live: &mut Version) {
        // What only the spec knows is the same in both, so that unchanged versions are equal as they are.
        live.description.clone_from(&desired.description);
        live.retain_versions = desired.retain_versions;
        live.publish_to.clone_from(&desired.publish_to);
        live.enabled = desired.enabled;
    }

    fn attributes(at: &ResourceRef, after: &Version, live: Option<&Observed<Version>>, action: Action) -> Attributes {
        let attribute = |live: &Observed<Version>, name: &AttributeName| live.attributes.get(name).cloned();
        if let Some(version) =
            live.filter(|_| action == Action::Keep).and_then(|live| attribute(live, &AttributeName::VERSION))
        {
            let arn = json!(arn(at, version.as_str().unwrap_or_default()));
            return Attributes::from([
                (AttributeName::VERSION, Attribute::Known(version)),
                (AttributeName::ARN, Attribute::Known(arn)),
            ]);
        }
        if is_slot(Some(after)) {
            let known = |value: serde_json::Value| Attribute::Known(value);
            let arn = json!(arn(at, LATEST_PUBLISHED));
            return Attributes::from([
                (AttributeName::VERSION, known(json!(LATEST_PUBLISHED))),
                (AttributeName::ARN, known(arn)),
            ]);
        }
        let next = (live.and_then(History::of).map_or(0, |history| history.newest) + 1).to_string();
        let arn = json!(arn(at, &next));
        Attributes::from([
            (AttributeName::VERSION, Attribute::Predicted(json!(next))),
            (AttributeName::ARN, Attribute::Predicted(arn)),
        ])
    }

    fn writes(change: &WriteContext<'_, Version>) -> Vec<PlannedWrite> {
        let Some(desired) = change.desired else {
            return vec![PlannedWrite::new(Operation::DeleteFunction, StepReasonKind::Undeclared)];
        };
        if !desired.enabled || desired.at_creation.is_some() {
            return Vec::new();
        }
        let function = PreconditionKind::RevisionOf(change.at.address.outermost(KindId::Function));
        let reason = match change.live.and_then(|live| live.attributes.get(&AttributeName::VERSION)) {
            Some(version) => StepReasonKind::ContentDiffers { version: crate::model::plain(version) },
            None => StepReasonKind::Unpublished,
        };
        let publish = PlannedWrite::new(Operation::PublishVersion, reason).guarded(function.clone());
        let failed = change.live.and_then(History::of).and_then(|history| history.failed.as_ref());
        let again = failed.is_some() && desired.content.as_deref() == failed;
        let touch = PlannedWrite::new(Operation::UpdateFunctionConfiguration, StepReasonKind::FailedVersion);
        let touch = touch.guarded(function).covering(vec![FieldPath::from("enabled")]);
        if again { vec![touch, publish] } else { vec![publish] }
    }
}

/// Returns true if the call that creates the function can publish it too: nothing is to be done in between, Lambda publishes at
/// once, and the call takes all that is declared of the version.
fn comes_with_function(spec: &Version, at: &ResourceRef, cx: &dyn Context) -> bool {
    let function = at.address.outermost(KindId::Function);
    let is_plain = |function: &Function| !function.takes_snapshots() && function.capacity_provider_config.is_none();
    cx.is_recreated(&function)
        && cx.get_planned::<Function>(&function).is_some_and(is_plain)
        && cx.declared(&at.address.outermost(KindId::RuntimeManagement)).is_none()
        && spec.enabled
        && spec.description.is_none()
        && spec.publish_to.is_none()
}

impl crate::resource::ApplyWrites for Version {
    fn request(operation: Operation, write: &WriteRequest<'_, Version>) -> Result<Call, RequestError> {
        let name = write.at.outer();
        if operation == Operation::DeleteFunction {
            // The declared version has no number in its address.
            let number = &write.observed(operation)?.identity;
            return Ok(DeleteFunctionInputBuilder::default().function_name(name).qualifier(number).call());
        }
        let spec = write.declared(operation)?;
        let content = spec.content.as_ref().ok_or(RequestError::Unknown("the content to publish"))?;
        Ok(match operation {
            Operation::UpdateFunctionConfiguration => UpdateFunctionConfigurationInputBuilder::default()
                .function_name(name)
                .set_memory_size(content.memory_size)
                .call(),
            _ => PublishVersionInputBuilder::default()
                .function_name(name)
                .set_code_sha256(content.code.sha256.clone())
                .set_description(spec.description.clone())
                .set_publish_to(spec.publish_to.as_deref().map(FunctionVersionLatestPublished::from))
                .call(),
        })
    }

    fn read_response(at: &ResourceRef, _desired: Option<&Version>, reply: &Reply) -> Option<Observed<Version>> {
        match reply {
            Reply::CreateFunction(reply) => {
                // Recorded: the reply names version 1, with the ARN of the function.
                let number = reply.version().filter(|version| is_number(version))?;
                let mut live = Observed::new(number, empty());
                live.attributes = Arc::new(attributes_of(at, number));
                Some(live)
            }
            Reply::PublishVersion(reply) => {
                let mut live = Observed::new(reply.version()?, empty());
                live.state = State::creating("it is being published");
                Some(live)
            }
            Reply::GetFunction(reply) => {
                let config = reply.configuration()?;
                let mut live = observed(at, config);
                if number(config).is_none() && config.version() != Some(LATEST_PUBLISHED) {
                    // This is the function itself, touched so that it can be published again.
                    live.identity.clear();
                }
                live.state = function::state(config);
                Some(live)
            }
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, last: Option<&Observed<Version>>) -> Option<Call> {
        match operation {
            Operation::DeleteFunction => None,
            Operation::PublishVersion => last.map(|last| reading(at.outer(), &last.identity).call()),
            _ => Some(function::reading(at.outer()).call()),
        }
    }
}
