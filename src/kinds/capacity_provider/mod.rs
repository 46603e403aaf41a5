//! Capacity provider: a pool of EC2 instances in a VPC that functions can run on.
//!
//! AWS's quirks: every write takes a while, during which others are refused; only scaling, logging and the tags of the
//! instances change in place; it cannot be deleted, nor replaced, while a version of a function runs on it.
//! [AWS: CreateCapacityProvider](https://docs.aws.amazon.com/lambda/latest/api/API_CreateCapacityProvider.html).

mod calls;
pub mod catalog;
mod spec;

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_sdk_lambda::types as aws;
use serde_json::{Value, json};

pub use self::spec::CapacityProvider;

use crate::kinds::function::Function;
use crate::kinds::shared::{settled, tags};
use crate::model::Ownership;
use crate::model::{
    Action, Address, FieldPath, Findings, KindId, Package, ReplacementConsequence, StepReason, StepReasonKind,
};
use crate::resource::Declare as _;
use crate::resource::{
    Attribute, Attributes, Context, Derived, Discovered, Observed, PlannedWrite, ResourceRef, Review, STACK_TAG, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteCapacityProviderInputBuilder, GetCapacityProviderInputBuilder, ListCapacityProvidersInputBuilder,
    Missing, Operation, ReadCache, Reply, TypedCall,
};

impl crate::resource::Declare for CapacityProvider {
    const KIND: KindId = KindId::CapacityProvider;
    const PLACES: &'static [&'static str] = &["capacity_providers.*"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
capacity_providers:
  pool:
    vpc_config: {subnet_ids: [subnet-b, subnet-a], security_group_ids: [sg-1]}
    permissions_config: {capacity_provider_operator_role_arn: "arn:aws:iam::${account}:role/operator"}
    instance_requirements: {architectures: [arm64], allowed_instance_types: [m7g.xlarge, c7g.xlarge]}
    capacity_provider_scaling_config:
      max_v_cpu_count: 64
      scaling_mode: Manual
      scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]
    propagate_tags: {mode: Explicit, explicit_tags: {team: payments}}
    telemetry_config: {logging_config: {system_log_level: WARN}}
    tags: {team: payments}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::${account}:role/orders
    architectures: [arm64]
    code: {zip: package.zip}
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.pool.arn}
    publish: true
"#;

    fn name(spec: &CapacityProvider, key: &str) -> String {
        spec.capacity_provider_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &CapacityProvider, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        check(spec, at, around, findings);
    }
}

impl crate::resource::Observe for CapacityProvider {
    fn observe(
        at: &ResourceRef,
        desired: Option<&CapacityProvider>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<CapacityProvider>>, Missing> {
        let provider = match listed(cache) {
            // A provider that was discovered in the listing is whole there.
            Ok(all) if desired.is_none() => Ok(all.into_iter().find(|live| live.capacity_provider_arn() == arn(at))),
            _ => cache.reply(reading(at)).map(|reply| reply.and_then(|reply| reply.capacity_provider())),
        };
        let (provider, tags) = Missing::join(provider, tags::read(&arn(at), cache))?;
        // One that is being deleted is as good as gone: creating it again waits for that.
        let provider = provider.filter(|live| *live.state() != aws::CapacityProviderState::Deleting);
        let Some(mut live) = provider.map(|live| observed(at, live)) else { return Ok(None) };
        live.owner = tags::owner(tags.as_ref());
        live.value.tags = tags;
        Ok(Some(live))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let all = listed(cache)?;
        let tags = Missing::join_all(all.iter().map(|live| tags::read(live.capacity_provider_arn(), cache)))?;
        let ours = all.iter().zip(tags).filter(|(_, tags)| tags::owner(tags.as_ref()).is_stack(&parent.scope.stack));
        let found = ours.map(|(live, _)| {
            let name = live.capacity_provider_arn().rsplit(':').next().unwrap_or_default().to_owned();
            let address = Address::new(Self::KIND, &[&name]);
            let at = ResourceRef { scope: parent.scope.clone(), address, names: vec![name.clone()] };
            Discovered::new(at, name)
        });
        Ok(found.collect())
    }
}

impl crate::resource::PlanWrites for CapacityProvider {
    fn apply_defaults(spec: &mut CapacityProvider, at: &ResourceRef, _package: Option<&Package>) {
        let logging = &mut spec.telemetry_config.logging_config;
        logging.log_group.get_or_insert_with(|| calls::log_group(at.own()));
        spec.tags.get_or_insert_default().insert(STACK_TAG.to_owned(), at.scope.stack.clone());
    }

    fn derive_from_plan(spec: &mut CapacityProvider, at: &ResourceRef, around: &dyn Context) -> Derived {
        spec.settled = settled::wanted(around.get_live::<CapacityProvider>(&at.address).and_then(|live| live.settled));
        Derived::default()
    }

    fn canonicalize(desired: &CapacityProvider, live: &mut CapacityProvider) {
        settled::agree(desired.settled, &mut live.settled);
    }

    fn review(change: &WriteContext<'_, CapacityProvider>, _around: &dyn Context) -> Review {
        // One that Lambda could not set up has no instances.
        if change.live.is_none_or(|live| live.value.settled == Some(false)) {
            return Review::default();
        }
        // Only Lambda knows whether a version runs on it, and a replacement never frees one: what refers to the provider
        // of the same name goes on doing so.
        let loss = "its instances, and Lambda refuses it while a version of a function runs on it: rather declare another \
             provider, move the functions there, delete their old versions, and then take this one away";
        Review { data_loss: Some(loss), ..Review::default() }
    }

    fn attributes(
        at: &ResourceRef,
        _after: &CapacityProvider,
        _live: Option<&Observed<CapacityProvider>>,
        _action: Action,
    ) -> Attributes {
        names(at).into_iter().map(|(name, value)| (name, Attribute::Known(value))).collect()
    }

    fn writes(work: &WriteContext<'_, CapacityProvider>) -> Vec<PlannedWrite> {
        let create = |reason: StepReasonKind| PlannedWrite::new(Operation::CreateCapacityProvider, reason);
        match work.action {
            Action::Create => vec![create(StepReasonKind::Absent)],
            Action::Delete => vec![delete(work, StepReasonKind::Undeclared)],
            Action::Replace => {
                let fixed = work.changes.iter().filter(|change| change.forces_replacement);
                let fixed: Vec<&FieldPath> = fixed.map(|change| &change.path).collect();
                let reason = match &fixed[..] {
                    [field] if field.first() == Some("settled") => StepReasonKind::CreationFailed.into(),
                    fixed => StepReason::fixed(fixed.iter().copied(), Some(ReplacementConsequence::MustBeUnused)),
                };
                vec![delete(work, reason), create(StepReasonKind::Recreated)]
            }
            _ => {
                let (mut drafts, rest) = tags::drafts(work.changes);
                if !rest.is_empty() {
                    drafts.push(
                        PlannedWrite::new(Operation::UpdateCapacityProvider, StepReason::fields_differ(&rest))
                            .covering(rest),
                    );
                }
                drafts
            }
        }
    }
}

impl crate::resource::ApplyWrites for CapacityProvider {
    fn request(operation: Operation, doing: &WriteRequest<'_, CapacityProvider>) -> anyhow::Result<Call> {
        let name = doing.at.own();
        if operation == Operation::DeleteCapacityProvider {
            return Ok(DeleteCapacityProviderInputBuilder::default().capacity_provider_name(name).call());
        }
        let spec = doing.desired.as_ref().with_context(|| format!("{operation} needs a declaration"))?;
        match operation {
            Operation::CreateCapacityProvider => calls::create(name, spec),
            Operation::UpdateCapacityProvider => calls::update(name, spec, |field| doing.changes(field)),
            _ => Ok(tags::call(operation, &arn(doing.at), doing.covers, spec.tags.as_ref())),
        }
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&CapacityProvider>,
        reply: &Reply,
    ) -> Option<Observed<CapacityProvider>> {
        let told = match reply {
            Reply::CreateCapacityProvider(reply) => reply.capacity_provider(),
            Reply::GetCapacityProvider(reply) => reply.capacity_provider(),
            Reply::UpdateCapacityProvider(reply) => reply.capacity_provider(),
            Reply::DeleteCapacityProvider(reply) => reply.capacity_provider(),
            _ => None,
        };
        told.map(|live| observed(at, live))
    }

    fn poll(at: &ResourceRef, _operation: Operation, _last: Option<&Observed<CapacityProvider>>) -> Option<Call> {
        Some(reading(at).call())
    }
}

/// The deletion, after everything that this plan moves off the provider.
fn delete(work: &WriteContext<'_, CapacityProvider>, reason: impl Into<StepReason>) -> PlannedWrite {
    let mut draft = PlannedWrite::new(Operation::DeleteCapacityProvider, reason);
    let arn = work.live.and_then(|live| live.attributes.get("arn")?.as_str());
    draft.takes.extend(arn.map(unused));
    draft
}

fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("capacity-provider:{}", at.own()))
}

fn names(at: &ResourceRef) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([("arn", json!(arn(at))), ("name", json!(at.own()))])
}

fn reading(at: &ResourceRef) -> GetCapacityProviderInputBuilder {
    GetCapacityProviderInputBuilder::default().capacity_provider_name(at.own())
}

fn listing() -> ListCapacityProvidersInputBuilder {
    ListCapacityProvidersInputBuilder::default()
}

fn listed(cache: &ReadCache) -> Result<Vec<&aws::CapacityProvider>, Missing> {
    let pages = cache.pages(listing())?;
    let all = pages.into_iter().flat_map(|page| page.capacity_providers());
    Ok(all.filter(|live| *live.state() != aws::CapacityProviderState::Deleting).collect())
}

fn observed(at: &ResourceRef, told: &aws::CapacityProvider) -> Observed<CapacityProvider> {
    let mut live = Observed::new(at.own(), calls::observed(at.own(), told));
    live.attributes = names(at);
    live.owner = Ownership::Unknown;
    live.state = match told.state() {
        aws::CapacityProviderState::Active => State::Settled,
        aws::CapacityProviderState::Failed => {
            State::Failed { code: "Failed".to_owned(), reason: "Lambda gives no reason".to_owned() }
        }
        state => State::updating(format!("State {}", state.as_str())),
    };
    live
}

fn check(spec: &CapacityProvider, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
    let name = at.own();
    if name.len() > 140 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        findings
            .error("V045", "capacity_provider_name", format!("`{name}` cannot name a capacity provider"))
            .help("use at most 140 letters, digits, `-` and `_`");
    }
    let wanted = &spec.instance_requirements;
    if !wanted.allowed_instance_types.is_empty() && !wanted.excluded_instance_types.is_empty() {
        findings
            .error("V051", "instance_requirements", "types are either allowed or excluded, not both")
            .help("keep one of the two lists");
    }
    let scaling = &spec.capacity_provider_scaling_config;
    let field = "capacity_provider_scaling_config.scaling_policies";
    match (scaling.scaling_mode.as_str(), scaling.scaling_policies.is_empty()) {
        ("Manual", true) => findings
            .warning("V052", field, "the mode `Manual` has no policy to scale by")
            .help("add a policy, or take the mode away"),
        ("Auto", false) => findings
            .warning("V052", field, "policies count only with the mode `Manual`")
            .help("write `scaling_mode: Manual`, or take the policies away"),
        _ => {}
    }
    if spec.propagate_tags.mode != "Explicit" && !spec.propagate_tags.explicit_tags.is_empty() {
        findings
            .error("V053", "propagate_tags.explicit_tags", "tags are named only with the mode `Explicit`")
            .help("write `mode: Explicit`, or take the tags away");
    }
    tags::check(spec.tags.as_ref(), findings);
    for address in around.referrers(KindId::Function, &at.address) {
        let runs_here = around.pending(address).into_iter().flatten().any(|(path, template)| {
            path.within(&FieldPath::from("capacity_provider_config"))
                && template.references().any(|it| it.target == at.address)
        });
        let architecture = around.get::<Function>(address).and_then(|function| function.architectures.first());
        let Some(other) = architecture.filter(|it| runs_here && !wanted.architectures.iter().any(|own| own == *it))
        else {
            continue;
        };
        findings
            .error(
                "V044",
                "instance_requirements",
                format!("{address} is built for {other}, and runs on these instances"),
            )
            .help("give both the same architecture");
    }
}

/// The limit in which a function makes room that stops running on the provider.
pub fn unused(arn: &str) -> String {
    format!("functions off {arn}")
}

#[cfg(test)]
mod tests;
