//! Code signing configuration: whose signatures are trusted, and what happens to code without one.
//!
//! AWS's quirks: it has no name, and its ARN is Lambda's choice, so it is known again by our tags, which are written in
//! the call that creates it; a change counts from the next deployment of a function; it cannot be deleted while a
//! function uses it.
//! [AWS: CreateCodeSigningConfig](https://docs.aws.amazon.com/lambda/latest/api/API_CreateCodeSigningConfig.html).

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_sdk_lambda::types as aws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::kinds::shared::tags::{self, TAG_VALUE, Tags};
use crate::model::Ownership;
use crate::model::{Action, Address, Findings, KindId, Package, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{
    Attribute, Attributes, Context, Discovered, Observed, PlannedWrite, ResourceRef, STACK_TAG, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, CreateCodeSigningConfigInputBuilder, DeleteCodeSigningConfigInputBuilder, GetCodeSigningConfigInputBuilder,
    ListCodeSigningConfigsInputBuilder, Missing, Operation, ReadCache, Reply, TypedCall,
    UpdateCodeSigningConfigInputBuilder,
};

/// The tag on live configurations that names the address of their declaration.
pub const CONFIG_TAG: &str = "trueup:code-signing-config";

/// Which signatures Lambda trusts. Functions refer to it as `code_signing_config_arn: ${code_signing_configs.NAME.arn}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeSigningConfig {
    /// What it is for; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// Whose signatures are trusted.
    pub allowed_publishers: AllowedPublishers,
    /// What happens to code that nobody trusted has signed.
    #[serde(default)]
    pub code_signing_policies: CodeSigningPolicies,
    /// Up to 48 tags, since AWS takes 50 and two are ours; live tags that are not named here are left alone unless pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-open" = true, "x-optional" = true, "maxProperties" = 48, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub tags: Option<Tags>,
}

/// Whose signatures are trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedPublishers {
    /// The ARNs of 1 to 20 versions of signing profiles.
    #[schemars(
        length(min = 1, max = 20),
        inner(
            length(max = 10000),
            regex(
            pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$"
        )),
        extend("x-set" = true)
    )]
    pub signing_profile_version_arns: Vec<String>,
}

/// What happens to code that nobody trusted has signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeSigningPolicies {
    /// `Warn` lets it in and writes to CloudWatch, `Enforce` refuses it.
    #[serde(default = "warn")]
    #[schemars(extend("enum" = ["Warn", "Enforce"]))]
    pub untrusted_artifact_on_deployment: String,
}

impl Default for CodeSigningPolicies {
    fn default() -> Self {
        CodeSigningPolicies { untrusted_artifact_on_deployment: warn() }
    }
}

fn warn() -> String {
    "Warn".to_owned()
}

impl crate::resource::Declare for CodeSigningConfig {
    const KIND: KindId = KindId::CodeSigningConfig;
    const PLACES: &'static [&'static str] = &["code_signing_configs.*"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
code_signing_configs:
  ours:
    description: what our pipeline signs
    allowed_publishers:
      signing_profile_version_arns:
        - arn:aws:signer:${region}:${account}:/signing-profiles/pipeline/a1b2c3d4e5
        - arn:aws:signer:${region}:${account}:/signing-profiles/fallback/f1a2b3c4d5
    code_signing_policies: {untrusted_artifact_on_deployment: Enforce}
    tags: {team: payments}
"#;

    fn check(spec: &CodeSigningConfig, _at: &ResourceRef, _around: &dyn Context, findings: &mut Findings) {
        tags::check(spec.tags.as_ref(), findings);
    }
}

impl crate::resource::Observe for CodeSigningConfig {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&CodeSigningConfig>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<CodeSigningConfig>>, Missing> {
        let mut alike = Vec::new();
        for live in all(cache)? {
            let tags = live.value.tags.as_ref();
            let is_ours = live.owner.is_stack(&at.scope.stack)
                && tags.and_then(|tags| tags.get(CONFIG_TAG)) == Some(&at.address.to_string());
            if is_ours || live.identity == at.own() {
                alike.push(live);
            }
        }
        alike.sort_by(|one, other| one.identity.cmp(&other.identity));
        if let [first, _, ..] = alike.as_mut_slice() {
            first.notes.push("other live configurations bear the same tags, and the first was taken".to_owned());
        }
        Ok(alike.into_iter().next())
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let ours = all(cache)?.into_iter().filter(|live| live.owner.is_stack(&parent.scope.stack));
        let found = ours.map(|live| {
            let address = Address::new(Self::KIND, &[&live.identity]);
            let at = ResourceRef { scope: parent.scope.clone(), address, names: vec![live.identity.clone()] };
            Discovered::new(at, live.identity)
        });
        Ok(found.collect())
    }
}

impl crate::resource::PlanWrites for CodeSigningConfig {
    fn apply_defaults(spec: &mut CodeSigningConfig, at: &ResourceRef, _package: Option<&Package>) {
        let tags = spec.tags.get_or_insert_default();
        tags.insert(STACK_TAG.to_owned(), at.scope.stack.clone());
        tags.insert(CONFIG_TAG.to_owned(), at.address.to_string());
    }

    fn attributes(
        _at: &ResourceRef,
        _after: &CodeSigningConfig,
        live: Option<&Observed<CodeSigningConfig>>,
        _action: Action,
    ) -> Attributes {
        let known = |name: &str| {
            let value = live.and_then(|live| live.attributes.get(name).cloned());
            value.map_or(Attribute::Unknown, Attribute::Known)
        };
        Attributes::from([("arn", known("arn")), ("id", known("id"))])
    }

    fn writes(work: &WriteContext<'_, CodeSigningConfig>) -> Vec<PlannedWrite> {
        match work.action {
            Action::Create | Action::Replace => {
                vec![PlannedWrite::new(Operation::CreateCodeSigningConfig, StepReasonKind::AbsentByTags)]
            }
            Action::Delete => {
                let mut draft = PlannedWrite::new(Operation::DeleteCodeSigningConfig, StepReasonKind::Undeclared);
                let arn = work.live.and_then(|live| live.attributes.get("arn")?.as_str());
                draft.takes.extend(arn.map(unused));
                vec![draft]
            }
            _ => {
                let (mut drafts, rest) = tags::drafts(work.changes);
                if !rest.is_empty() {
                    let draft = PlannedWrite::new(
                        Operation::UpdateCodeSigningConfig,
                        StepReason::deployment_fields_differ(&rest),
                    );
                    drafts.push(draft.covering(rest));
                }
                drafts
            }
        }
    }
}

impl crate::resource::ApplyWrites for CodeSigningConfig {
    fn request(operation: Operation, doing: &WriteRequest<'_, CodeSigningConfig>) -> anyhow::Result<Call> {
        let arn = doing.live.as_ref().and_then(|live| live.attributes.get("arn")?.as_str());
        let arn = || arn.with_context(|| format!("{operation} needs a live configuration"));
        if operation == Operation::DeleteCodeSigningConfig {
            return Ok(DeleteCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn()?).call());
        }
        let spec = doing.desired.as_ref().with_context(|| format!("{operation} needs a declaration"))?;
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
                .set_description(doing.changes("description").then(|| spec.description.clone()))
                .set_allowed_publishers(doing.changes("allowed_publishers").then_some(publishers))
                .set_code_signing_policies(doing.changes("code_signing_policies").then_some(policies))
                .call(),
            _ => tags::call(operation, arn()?, doing.covers, spec.tags.as_ref()),
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
        let arn = last.and_then(|live| live.attributes.get("arn")?.as_str())?;
        (operation != Operation::DeleteCodeSigningConfig)
            .then(|| GetCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn).call())
    }
}

/// The limit in which a function makes room that stops using the configuration.
pub fn unused(arn: &str) -> String {
    format!("functions off {arn}")
}

fn listing() -> ListCodeSigningConfigsInputBuilder {
    ListCodeSigningConfigsInputBuilder::default()
}

/// Every configuration of the account, with its tags.
fn all(cache: &ReadCache) -> Result<Vec<Observed<CodeSigningConfig>>, Missing> {
    let pages = cache.pages(listing())?;
    let configs = pages.iter().flat_map(|page| page.code_signing_configs());
    let tagged = configs.map(|config| {
        let mut live = observed(config);
        live.value.tags = tags::read(config.code_signing_config_arn(), cache)?;
        live.owner = tags::owner(live.value.tags.as_ref());
        Ok(live)
    });
    Missing::join_all(tagged)
}

/// What Lambda tells of a configuration; tags are not part of it, and compared only where they were read.
fn observed(config: &aws::CodeSigningConfig) -> Observed<CodeSigningConfig> {
    let publishers = config.allowed_publishers().map(|it| it.signing_profile_version_arns()).unwrap_or_default();
    let policy = config.code_signing_policies().and_then(|policies| policies.untrusted_artifact_on_deployment());
    let value = CodeSigningConfig {
        description: config.description().unwrap_or_default().to_owned(),
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: publishers.to_vec() },
        code_signing_policies: CodeSigningPolicies {
            untrusted_artifact_on_deployment: policy.map_or_else(warn, |policy| policy.as_str().to_owned()),
        },
        tags: None,
    };
    let mut live = Observed::new(config.code_signing_config_id(), value);
    live.owner = Ownership::Unknown;
    live.attributes = BTreeMap::from([
        ("arn", json!(config.code_signing_config_arn())),
        ("id", json!(config.code_signing_config_id())),
    ]);
    live
}
