//! Alias: a name that points to a published version, and may share its traffic with a second one.
//!
//! AWS's quirks: an update that leaves out the weights keeps them, so they are always sent. Moving an alias that has
//! provisioned concurrency makes AWS add weights of its own for some minutes; that is AWS at work, not somebody's edit.
//! [AWS: CreateAlias](https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html).

pub mod catalog;
mod weights;

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{AliasConfiguration, AliasRoutingConfiguration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::version;
use crate::kinds::function::Function;
use crate::kinds::version::Version;
use crate::model::{Action, FieldPath, Findings, KindId, StepReason, StepReasonKind, Template};
use crate::resource::Declare as _;
use crate::resource::{
    Attribute, Attributes, Context, Discovered, Links, Observed, PlannedWrite, PreconditionKind, ResourceRef, Review,
    State, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, CreateAliasInputBuilder, DeleteAliasInputBuilder, GetAliasInputBuilder, ListAliasesInputBuilder, Missing,
    Operation, ReadCache, Reply, TypedCall, UpdateAliasInputBuilder,
};

use weights::{RoutingConfig, has_more_weights, is_moving};

/// The word that stands for the version that this spec publishes.
pub const PUBLISHED: &str = "published";

/// A name for a version of a function. Everything attached to the name follows when it moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The version that the alias points to: `published` for the version that this spec publishes, a number, or `$LATEST`.
    #[schemars(length(min = 1, max = 1024), regex(pattern = r"^(published|\$LATEST(\.PUBLISHED)?|[0-9]+)$"))]
    pub function_version: String,
    /// What the alias is for; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// A second version that takes a share of the traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_config: Option<RoutingConfig>,
}

impl crate::resource::Declare for Alias {
    const KIND: KindId = KindId::Alias;
    const PLACES: &'static [&'static str] = &["functions.*.aliases.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live: {function_version: published, description: what customers reach}
"#
    );

    fn check(spec: &Alias, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        let name = at.own();
        if name.chars().all(|c| c.is_ascii_digit()) {
            findings
                .error("V054", "", format!("the alias name `{name}` is a number, and numbers are versions"))
                .help("give the alias a name with a letter in it");
        } else if name.len() > 128 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            findings
                .error("V054", "", format!("`{name}` cannot name an alias"))
                .help("use at most 128 letters, digits, `-` and `_`");
        }
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        let is_ordinary = function.is_some_and(|function| function.capacity_provider_config.is_none());
        if spec.function_version == version::LATEST_PUBLISHED && is_ordinary {
            findings
                .error("V047", "function_version", "only functions on managed instances have $LATEST.PUBLISHED")
                .help("point the alias to `published`, or to a number");
        }
        let publishing = around.get::<Version>(&at.address.outermost(KindId::Version));
        let never = publishing.is_some_and(|version| !version.enabled);
        if spec.function_version == PUBLISHED && never {
            findings
                .error("V133", "function_version", "the alias asks for the published version, and none is published")
                .help("take `publish: false` away, or name a version by its number");
        }
        weights::check(spec, findings);
    }

    fn links(spec: &Alias, at: &ResourceRef) -> Links {
        let version = at.address.outermost(KindId::Version);
        let published = Template::reference(version.clone(), "version");
        let references = (spec.function_version == PUBLISHED).then(|| (FieldPath::from("function_version"), published));
        // A number may be that of the version which the same plan publishes.
        Links { references: references.into_iter().collect(), runs_after: vec![version], ..Links::default() }
    }
}

impl crate::resource::Observe for Alias {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Alias>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Alias>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        let found = pages.iter().flat_map(|page| page.aliases()).find(|alias| alias.name() == Some(at.own()));
        let Some(mut live) = found.map(|alias| observed(at, alias)) else { return Ok(None) };
        if let Some(desired) = desired.filter(|desired| has_more_weights(&live.value, desired))
            && is_moving(at, cache)?
        {
            // The weights are AWS's own, and go by themselves.
            live.value.routing_config.clone_from(&desired.routing_config);
            live.state = State::updating("AWS is moving the alias's provisioned concurrency");
        }
        Ok(Some(live))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let pages = cache.pages(listing(parent.outer()))?;
        let names = pages.iter().flat_map(|page| page.aliases()).filter_map(|alias| alias.name());
        Ok(names.map(|name| Discovered::new(parent.below(Self::KIND, name, name), name)).collect())
    }
}

impl crate::resource::PlanWrites for Alias {
    fn apply_defaults(spec: &mut Alias, _at: &ResourceRef, _package: Option<&crate::model::Package>) {
        // No weights and an empty map of weights are the same alias.
        spec.routing_config.take_if(|routing| routing.additional_version_weights.is_empty());
    }

    fn review(change: &WriteContext<'_, Alias>, around: &dyn Context) -> Review {
        let (Some(desired), at) = (change.desired, change.at) else { return Review::default() };
        let weights = desired.routing_config.iter().flat_map(|routing| routing.additional_version_weights.keys());
        let mut objections = Vec::new();
        let version = at.address.outermost(KindId::Version);
        let newest = around.observed(&version).and_then(|live| Some(live.extra.get::<version::History>()?.newest));
        let next = match around.attribute(&version, "version") {
            Some(Attribute::Predicted(next)) => next.as_str().and_then(|next| next.parse::<u64>().ok()),
            _ => None,
        };
        for number in weights.chain([&desired.function_version]) {
            let known = around.declared(&version).is_some() && !around.is_made_anew(&version);
            if let Some(number) = number.parse::<u64>().ok().filter(|_| known)
                && number > newest.unwrap_or(0).max(next.unwrap_or(0))
            {
                objections.push(format!("{} names version {number}, which does not exist", at.address));
            }
        }
        let shares =
            |routing: &RoutingConfig| routing.additional_version_weights.contains_key(&desired.function_version);
        if desired.routing_config.as_ref().is_some_and(shares) {
            let number = &desired.function_version;
            objections.push(format!("{} gives a weight to version {number}, to which it points already", at.address));
        }
        Review { objections, ..Review::default() }
    }

    fn attributes(at: &ResourceRef, after: &Alias, _live: Option<&Observed<Alias>>, _action: Action) -> Attributes {
        Attributes::from([
            ("arn", Attribute::Known(json!(arn(at)))),
            ("name", Attribute::Known(json!(at.own()))),
            ("function_version", Attribute::Predicted(json!(after.function_version))),
        ])
    }

    fn writes(work: &WriteContext<'_, Alias>) -> Vec<PlannedWrite> {
        vec![match work.action {
            Action::Create | Action::Replace => PlannedWrite::new(Operation::CreateAlias, StepReasonKind::Absent),
            Action::Delete => PlannedWrite::new(Operation::DeleteAlias, StepReasonKind::Undeclared),
            _ => PlannedWrite::new(Operation::UpdateAlias, update_reason(work)).guarded(PreconditionKind::Revision),
        }]
    }
}

impl crate::resource::ApplyWrites for Alias {
    fn request(operation: Operation, doing: &WriteRequest<'_, Alias>) -> anyhow::Result<Call> {
        let (function, name) = (doing.at.outer(), doing.at.own());
        if operation == Operation::DeleteAlias {
            return Ok(DeleteAliasInputBuilder::default().function_name(function).name(name).call());
        }
        let spec = doing.desired.as_ref().ok_or_else(|| anyhow::anyhow!("{operation} needs a declaration"))?;
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

/// The ARN of an alias.
fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}:{}", at.outer(), at.own()))
}

/// The read that knows every alias of a function; others who need aliases ask for the same.
pub fn listing(function: &str) -> ListAliasesInputBuilder {
    ListAliasesInputBuilder::default().function_name(function)
}

fn observed(at: &ResourceRef, alias: &AliasConfiguration) -> Observed<Alias> {
    let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
    let value = Alias {
        function_version: alias.function_version().unwrap_or_default().to_owned(),
        description: alias.description().unwrap_or_default().to_owned(),
        routing_config: weights.filter(|weights| !weights.is_empty()).map(|weights| RoutingConfig {
            additional_version_weights: weights.iter().map(|(version, weight)| (version.clone(), *weight)).collect(),
        }),
    };
    let mut live = Observed::new(at.own(), value);
    live.revision = alias.revision_id().map(str::to_owned);
    live.attributes = BTreeMap::from([
        ("arn", json!(arn(at))),
        ("name", json!(at.own())),
        ("function_version", json!(live.value.function_version)),
    ]);
    live
}

fn update_reason(work: &WriteContext<'_, Alias>) -> StepReason {
    match work.live {
        Some(live) if !work.changed("function_version").is_empty() => {
            StepReasonKind::PointsElsewhere { version: live.value.function_version.clone() }.into()
        }
        _ if !work.changed("routing_config").is_empty() => StepReasonKind::TrafficWeightsDiffer.into(),
        _ => StepReason::fields_differ(work.changes.iter().map(|change| &change.path)),
    }
}
