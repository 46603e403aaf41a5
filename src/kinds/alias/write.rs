//! The writes of aliases: planned, and phrased as calls.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{AliasConfiguration, AliasRoutingConfiguration};
use serde_json::json;

use super::observe::observed;
use super::spec::{Alias, RoutingConfig, arn};
use super::weights::has_more_weights;
use crate::kinds::version;
use crate::model::{Action, AttributeName, KindId, RiskKind, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Observed, PlannedWrite, PreconditionKind, RequestError, ResourceRef, Review, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    Call, CreateAliasInputBuilder, DeleteAliasInputBuilder, GetAliasInputBuilder, Operation, Reply, TypedCall,
    UpdateAliasInputBuilder,
};

impl crate::resource::PlanWrites for Alias {
    fn apply_defaults(spec: &mut Alias, _at: &ResourceRef, _package: Option<&crate::model::Package>) {
        // No weights and an empty map of weights are the same alias.
        spec.routing_config.take_if(|routing| routing.additional_version_weights.is_empty());
    }

    fn review(change: &WriteContext<'_, Alias>, cx: &dyn Context) -> Review {
        let (Some(desired), at) = (change.desired, change.at) else { return Review::default() };
        let weights = desired.routing_config.iter().flat_map(|routing| routing.additional_version_weights.keys());
        let (mut objections, mut needs) = (Vec::new(), Vec::new());
        let version = at.address.outermost(KindId::Version);
        let newest = cx.observed(&version).and_then(|live| Some(live.extra.get::<version::History>()?.newest));
        let next = match cx.attribute(&version, &AttributeName::VERSION) {
            Some(Attribute::Predicted(next)) => next.as_str().and_then(|next| next.parse::<u64>().ok()),
            _ => None,
        };
        let function = at.address.outermost(KindId::Function);
        let is_new = cx.observed(&function).is_none() && !cx.is_unreadable(&function);
        for number in weights.chain([&desired.function_version]) {
            let Ok(number) = number.parse::<u64>() else { continue };
            let is_declared = cx.declared(&version).is_some();
            let is_known = is_declared && !cx.is_recreated(&version) && !cx.is_unreadable(&version);
            if is_known && number > newest.unwrap_or(0).max(next.unwrap_or(0)) {
                objections.push(format!("{} names version {number}, which does not exist", at.address));
            }
            if !is_declared && (is_new || cx.is_recreated(&function)) {
                objections.push(format!(
                    "{} names version {number}, but {function} is created by this plan and publishes none",
                    at.address
                ));
            }
            if newest.is_none_or(|newest| number > newest) {
                needs.push(version.clone());
            }
        }
        let shares =
            |routing: &RoutingConfig| routing.additional_version_weights.contains_key(&desired.function_version);
        if desired.routing_config.as_ref().is_some_and(shares) {
            let number = &desired.function_version;
            objections.push(format!("{} gives a weight to version {number}, to which it points already", at.address));
        }
        Review { objections, needs, risks: risks(change, next), ..Review::default() }
    }

    fn attributes(at: &ResourceRef, after: &Alias, _live: Option<&Observed<Alias>>, _action: Action) -> Attributes {
        Attributes::from([
            (AttributeName::ARN, Attribute::Known(json!(arn(at)))),
            (AttributeName::NAME, Attribute::Known(json!(at.own()))),
            (AttributeName::FUNCTION_VERSION, Attribute::Predicted(json!(after.function_version))),
        ])
    }

    fn writes(change: &WriteContext<'_, Alias>) -> Vec<PlannedWrite> {
        vec![match change.action {
            Action::Create | Action::Replace => {
                PlannedWrite::new(Operation::CreateAlias, StepReasonKind::Absent).exclusively()
            }
            Action::Delete => PlannedWrite::new(Operation::DeleteAlias, StepReasonKind::Undeclared),
            _ => PlannedWrite::new(Operation::UpdateAlias, update_reason(change)).guarded(PreconditionKind::Revision),
        }]
    }
}

/// Returns what happens to traffic that nobody may expect: some goes back to an older version, or leaves one at once. `next` is
/// the number of the version that the plan publishes.
fn risks(change: &WriteContext<'_, Alias>, next: Option<u64>) -> Vec<RiskKind> {
    let Some((desired, live)) = change.desired.zip(change.live.map(|live| &live.value)) else { return Vec::new() };
    let (before, after) = (shares(live, None), shares(desired, next));
    let Some(current) = live.function_version.parse::<u64>().ok() else { return Vec::new() };
    let gains = |version: &u64, share: f64| share > before.get(version).copied().unwrap_or_default();
    let older = after.iter().find(|(version, share)| **version < current && gains(version, **share));
    let older = older.map(|(to, _)| RiskKind::OlderVersion { from: current.to_string(), to: to.to_string() });
    let leaves = |version: &u64| *version != current && after.get(version).is_none_or(|share| *share == 0.0);
    // A canary that becomes the version of the alias keeps its traffic.
    let reset = before.iter().find(|(version, share)| **share > 0.0 && leaves(version));
    let reset = reset.map(|(version, _)| RiskKind::WeightsReset { version: version.to_string() });
    older.into_iter().chain(reset).collect()
}

/// Returns the share of each version with a number, of which the last without one is the `next`.
fn shares(alias: &Alias, next: Option<u64>) -> BTreeMap<u64, f64> {
    let weights = alias.routing_config.iter().flat_map(|routing| &routing.additional_version_weights);
    let mut shares: BTreeMap<u64, f64> =
        weights.filter_map(|(version, share)| Some((version.parse().ok()?, *share))).collect();
    let rest = 1.0 - shares.values().sum::<f64>();
    if let Some(version) = alias.function_version.parse().ok().or(next) {
        *shares.entry(version).or_default() += rest;
    }
    shares
}

impl crate::resource::ApplyWrites for Alias {
    fn request(operation: Operation, write: &WriteRequest<'_, Alias>) -> Result<Call, RequestError> {
        let (function, name) = (write.at.outer(), write.at.own());
        if operation == Operation::DeleteAlias {
            return Ok(DeleteAliasInputBuilder::default().function_name(function).name(name).call());
        }
        let spec = write.declared(operation)?;
        let weights = spec.routing_config.as_ref().map(|routing| routing.additional_version_weights.clone());
        let routing = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(weights.unwrap_or_default().into_iter().collect()))
            .build();
        Ok(match operation {
            Operation::CreateAlias => CreateAliasInputBuilder::default()
                .function_name(function)
                .name(name)
                .function_version(&spec.function_version)
                .description(&spec.description)
                .set_routing_config(spec.routing_config.is_some().then_some(routing))
                .call(),
            _ => UpdateAliasInputBuilder::default()
                .function_name(function)
                .name(name)
                .function_version(&spec.function_version)
                .description(&spec.description)
                .routing_config(routing)
                .call(),
        })
    }

    fn read_response(at: &ResourceRef, desired: Option<&Alias>, reply: &Reply) -> Option<Observed<Alias>> {
        let alias = match reply {
            Reply::CreateAlias(reply) => AliasConfiguration::builder()
                .set_function_version(reply.function_version.clone())
                .set_description(reply.description.clone())
                .set_routing_config(reply.routing_config.clone())
                .set_revision_id(reply.revision_id.clone())
                .build(),
            Reply::UpdateAlias(reply) => AliasConfiguration::builder()
                .set_function_version(reply.function_version.clone())
                .set_description(reply.description.clone())
                .set_routing_config(reply.routing_config.clone())
                .set_revision_id(reply.revision_id.clone())
                .build(),
            Reply::GetAlias(reply) => AliasConfiguration::builder()
                .set_function_version(reply.function_version.clone())
                .set_description(reply.description.clone())
                .set_routing_config(reply.routing_config.clone())
                .set_revision_id(reply.revision_id.clone())
                .build(),
            _ => return None,
        };
        let mut live = observed(at, &alias);
        // The reply to the update does not have the weights yet that AWS gives an alias with provisioned concurrency.
        let is_early = matches!(reply, Reply::UpdateAlias(_));
        if is_early || desired.is_some_and(|desired| has_more_weights(&live.value, desired)) {
            live.state = State::updating("AWS is moving the alias's traffic");
        }
        Some(live)
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<Alias>>) -> Option<Call> {
        // A deletion is done when it is answered.
        (operation != Operation::DeleteAlias)
            .then(|| GetAliasInputBuilder::default().function_name(at.outer()).name(at.own()).call())
    }
}

pub(super) fn update_reason(change: &WriteContext<'_, Alias>) -> StepReason {
    match change.live {
        Some(live) if !change.changed("function_version").is_empty() => {
            StepReasonKind::PointsElsewhere { version: live.value.function_version.clone() }.into()
        }
        _ if !change.changed("routing_config").is_empty() => StepReasonKind::TrafficWeightsDiffer.into(),
        _ => StepReason::fields_differ(change.changes.iter().map(|change| &change.path)),
    }
}
