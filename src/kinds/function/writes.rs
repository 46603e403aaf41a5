//! The writes of a function: which ones a change takes, in which order, and each as a call.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::super::capacity_provider;
use super::shape::Function;
use super::{arn, code, configuration};
use crate::model::{Action, FieldPath, StepReason, StepReasonKind};
use crate::resource::{PlannedWrite, PreconditionKind, WriteContext, WriteRequest};
use crate::wire::{
    Call, CreateFunctionInputBuilder, DeleteFunctionInputBuilder, Operation, TagResourceInputBuilder, TypedCall,
    UntagResourceInputBuilder,
};

/// The field that is known again only once the tag `trueup:code` is written.
const PLACE: &str = "code.s3";

/// The writes that do the work, in order.
pub fn drafts(work: &WriteContext<'_, Function>) -> Vec<PlannedWrite> {
    let create = |reason: StepReasonKind| PlannedWrite::new(Operation::CreateFunction, reason);
    let s3 = work.desired.and_then(|desired| desired.code.s3.as_ref());
    let remembers = s3.is_some_and(|s3| s3.sha256.is_none());
    let remember = || {
        PlannedWrite::new(Operation::TagResource, StepReasonKind::RecordCodeSource)
            .covering(vec![FieldPath::from(PLACE)])
    };
    match work.action {
        Action::Create if remembers => vec![create(StepReasonKind::Absent), remember()],
        Action::Create => vec![create(StepReasonKind::Absent)],
        Action::Delete => {
            let mut draft = PlannedWrite::new(Operation::DeleteFunction, StepReasonKind::Undeclared);
            let runs_on = work.live.and_then(|live| live.value.capacity_provider_config.as_ref());
            draft.frees.extend(runs_on.map(|config| {
                capacity_provider::unused(
                    &config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn,
                )
            }));
            vec![draft]
        }
        Action::Replace => {
            let fixed = work.changes.iter().filter(|change| change.forces_replacement).map(|change| &change.path);
            let delete = PlannedWrite::new(Operation::DeleteFunction, StepReason::fixed(fixed, None));
            let mut drafts = vec![delete, create(StepReasonKind::Recreated)];
            drafts.extend(remembers.then(remember));
            drafts
        }
        _ => updates(work, remembers.then(remember)),
    }
}

/// Configuration, code, tags: in this order, each waiting for the one before.
fn updates(work: &WriteContext<'_, Function>, remember: Option<PlannedWrite>) -> Vec<PlannedWrite> {
    let is_code = |path: &FieldPath| matches!(path.first(), Some("code" | "architectures"));
    let is_tag = |path: &FieldPath| path.first() == Some("tags");
    let all: Vec<FieldPath> = work.changes.iter().map(|change| change.path.clone()).collect();
    let code: Vec<FieldPath> = all.iter().filter(|path| is_code(path)).cloned().collect();
    let settings: Vec<FieldPath> = all.iter().filter(|path| !is_code(path) && !is_tag(path)).cloned().collect();
    let kept = |path: &FieldPath| {
        path.keys().get(1).is_some_and(|key| work.desired.is_some_and(|desired| desired.tags.contains_key(key)))
    };
    let (set, unset): (Vec<FieldPath>, Vec<FieldPath>) = all.into_iter().filter(|path| is_tag(path)).partition(kept);
    let mut drafts = Vec::new();
    if !settings.is_empty() {
        let again = settings.contains(&FieldPath::from("settled"));
        let reason = if again { StepReasonKind::UpdateFailed.into() } else { StepReason::fields_differ(&settings) };
        let settings = if again { repeated(settings, work.desired) } else { settings };
        drafts.push(
            PlannedWrite::new(Operation::UpdateFunctionConfiguration, reason)
                .covering(settings)
                .guarded(PreconditionKind::Revision),
        );
    }
    if !code.is_empty() {
        drafts.push(
            PlannedWrite::new(Operation::UpdateFunctionCode, StepReason::fields_differ(&code))
                .without_returned(vec![FieldPath::from(PLACE)])
                .covering(code)
                .guarded(PreconditionKind::Revision),
        );
        drafts.extend(remember);
    }
    if !set.is_empty() {
        drafts.push(PlannedWrite::new(Operation::TagResource, StepReasonKind::TagsDiffer).covering(set));
    }
    if !unset.is_empty() {
        drafts.push(PlannedWrite::new(Operation::UntagResource, StepReasonKind::TagsUndeclared).covering(unset));
    }
    drafts
}

/// The settings to send when an update is to be repeated: with those that differ, what an update fails of later on.
fn repeated(mut settings: Vec<FieldPath>, desired: Option<&Function>) -> Vec<FieldPath> {
    settings.push(FieldPath::from("role"));
    let networked = desired.is_some_and(|desired| desired.vpc_config.is_some());
    settings.extend(networked.then(|| FieldPath::from("vpc_config")));
    settings.sort();
    settings.dedup();
    settings
}

/// One of those writes as a call.
pub fn call(operation: Operation, doing: &WriteRequest<'_, Function>) -> anyhow::Result<Call> {
    let function = doing.at.outer();
    if operation == Operation::DeleteFunction {
        return Ok(DeleteFunctionInputBuilder::default().function_name(function).call());
    }
    let spec = doing.desired.as_ref().with_context(|| format!("{operation} needs a declaration"))?;
    Ok(match operation {
        Operation::CreateFunction => {
            let call = CreateFunctionInputBuilder::default().function_name(function);
            let call = configuration::create(call, spec)?;
            call.code(code::create(&spec.code, doing.package.as_ref())?).call()
        }
        Operation::UpdateFunctionCode => code::update(function, spec, doing.package.as_ref())?.call(),
        Operation::UpdateFunctionConfiguration => configuration::update(spec, doing)?.call(),
        Operation::UntagResource => untag(doing, spec),
        Operation::TagResource => tag(doing, spec)?,
        other => anyhow::bail!("a function has no operation {other}"),
    })
}

/// Takes away the covered tags that are not declared.
fn untag(doing: &WriteRequest<'_, Function>, spec: &Function) -> Call {
    let covered = doing.covers.iter().filter_map(|path| path.keys().get(1));
    let gone = covered.filter(|key| !spec.tags.contains_key(*key)).cloned().collect();
    UntagResourceInputBuilder::default().resource(arn(doing.at)).set_tag_keys(Some(gone)).call()
}

/// Writes the covered tags, among them the one that remembers where the code came from.
fn tag(doing: &WriteRequest<'_, Function>, spec: &Function) -> anyhow::Result<Call> {
    let covered = |key: &str| doing.covers.iter().any(|path| path.keys().get(1).is_some_and(|covered| covered == key));
    let tags = spec.tags.iter().filter(|(key, _)| covered(key));
    let mut tags: BTreeMap<String, String> = tags.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(s3) = spec.code.s3.as_ref().filter(|_| doing.covers.contains(&FieldPath::from(PLACE))) {
        let sha256 = doing.live.as_ref().and_then(|live| live.value.code.sha256.clone());
        let sha256 = sha256.context("Lambda has not told the CodeSha256 of the new code")?;
        tags.insert(code::CODE_TAG.to_owned(), code::remembered(s3, &sha256));
    }
    let tags = Some(tags.into_iter().collect());
    Ok(TagResourceInputBuilder::default().resource(arn(doing.at)).set_tags(tags).call())
}
