//! The writes of code signing configurations: planned, and phrased as calls.

use aws_sdk_lambda::types as aws;

use super::observe::observed;
use super::spec::{CONFIG_TAG, CodeSigningConfig};
use crate::kinds::shared::tags;
use crate::model::{Action, AttributeName, Package, RiskKind, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Observed, PlannedWrite, RequestError, ResourceRef, Review, STACK_TAG, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, CreateCodeSigningConfigInputBuilder, DeleteCodeSigningConfigInputBuilder, GetCodeSigningConfigInputBuilder,
    Operation, Reply, TypedCall, UpdateCodeSigningConfigInputBuilder,
};

impl crate::resource::PlanWrites for CodeSigningConfig {
    fn apply_defaults(spec: &mut CodeSigningConfig, at: &ResourceRef, _package: Option<&Package>) {
        let tags = spec.tags.get_or_insert_default();
        tags.insert(STACK_TAG.to_owned(), at.scope.stack.clone());
        tags.insert(CONFIG_TAG.to_owned(), at.address.to_string());
    }

    fn review(change: &WriteContext<'_, CodeSigningConfig>, _cx: &dyn Context) -> Review {
        let policy = |config: &CodeSigningConfig| config.code_signing_policies.untrusted_artifact_on_deployment.clone();
        let drops = change.live.is_some_and(|live| policy(&live.value) == "Enforce")
            && change.desired.is_some_and(|desired| policy(desired) != "Enforce");
        let protection = "the rejection of code without a trusted signature".to_owned();
        let risk = drops.then_some(RiskKind::ProtectionDropped { protection });
        Review { risks: risk.into_iter().collect(), ..Review::default() }
    }

    fn attributes(
        _at: &ResourceRef,
        _after: &CodeSigningConfig,
        live: Option<&Observed<CodeSigningConfig>>,
        _action: Action,
    ) -> Attributes {
        let known = |name: &AttributeName| {
            let value = live.and_then(|live| live.attributes.get(name).cloned());
            value.map_or(Attribute::Unknown, Attribute::Known)
        };
        Attributes::from([
            (AttributeName::ARN, known(&AttributeName::ARN)),
            (AttributeName::ID, known(&AttributeName::ID)),
        ])
    }

    fn writes(change: &WriteContext<'_, CodeSigningConfig>) -> Vec<PlannedWrite> {
        match change.action {
            Action::Create | Action::Replace => {
                vec![PlannedWrite::new(Operation::CreateCodeSigningConfig, StepReasonKind::AbsentByTags)]
            }
            Action::Delete => {
                let mut write = PlannedWrite::new(Operation::DeleteCodeSigningConfig, StepReasonKind::Undeclared);
                let arn = change.live.and_then(|live| live.text(&AttributeName::ARN));
                write.takes.extend(arn.map(unused));
                vec![write]
            }
            _ => {
                let (mut writes, rest) = tags::planned_writes(change.changes);
                if !rest.is_empty() {
                    let write = PlannedWrite::new(
                        Operation::UpdateCodeSigningConfig,
                        StepReason::deployment_fields_differ(&rest),
                    );
                    writes.push(write.covering(rest));
                }
                writes
            }
        }
    }
}

impl crate::resource::ApplyWrites for CodeSigningConfig {
    fn request(operation: Operation, write: &WriteRequest<'_, CodeSigningConfig>) -> Result<Call, RequestError> {
        let arn = write.live.as_ref().and_then(|live| live.text(&AttributeName::ARN));
        let arn = || arn.ok_or(RequestError::NotLive(operation));
        if operation == Operation::DeleteCodeSigningConfig {
            return Ok(DeleteCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn()?).call());
        }
        let spec = write.declared(operation)?;
        let publishers = aws::AllowedPublishers::builder()
            .set_signing_profile_version_arns(Some(spec.allowed_publishers.signing_profile_version_arns.clone()))
            .build()?;
        let policy = spec.code_signing_policies.untrusted_artifact_on_deployment.as_str();
        let policies = aws::CodeSigningPolicies::builder().untrusted_artifact_on_deployment(policy.into()).build();
        Ok(match operation {
            Operation::CreateCodeSigningConfig => CreateCodeSigningConfigInputBuilder::default()
                .description(&spec.description)
                .allowed_publishers(publishers)
                .code_signing_policies(policies)
                .set_tags(spec.tags.clone().map(|tags| tags.into_iter().collect()))
                .call(),
            Operation::UpdateCodeSigningConfig => UpdateCodeSigningConfigInputBuilder::default()
                .code_signing_config_arn(arn()?)
                .set_description(write.changes("description").then(|| spec.description.clone()))
                .set_allowed_publishers(write.changes("allowed_publishers").then_some(publishers))
                .set_code_signing_policies(write.changes("code_signing_policies").then_some(policies))
                .call(),
            _ => tags::call(operation, arn()?, write.covers, spec.tags.as_ref()),
        })
    }

    fn read_response(
        _at: &ResourceRef,
        _desired: Option<&CodeSigningConfig>,
        reply: &Reply,
    ) -> Option<Observed<CodeSigningConfig>> {
        match reply {
            Reply::CreateCodeSigningConfig(reply) => reply.code_signing_config().map(observed),
            Reply::UpdateCodeSigningConfig(reply) => reply.code_signing_config().map(observed),
            Reply::GetCodeSigningConfig(reply) => reply.code_signing_config().map(observed),
            _ => None,
        }
    }

    fn poll(_at: &ResourceRef, operation: Operation, last: Option<&Observed<CodeSigningConfig>>) -> Option<Call> {
        let arn = last.and_then(|live| live.text(&AttributeName::ARN))?;
        (operation != Operation::DeleteCodeSigningConfig)
            .then(|| GetCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn).call())
    }
}

/// The limit in which a function makes room that stops using the configuration.
pub fn unused(arn: &str) -> String {
    format!("functions off {arn}")
}
