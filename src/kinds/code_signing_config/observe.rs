//! Observes code signing configurations, declared or not.

use std::collections::BTreeMap;

use aws_sdk_lambda::types as aws;
use serde_json::json;

use super::spec::{AllowedPublishers, CONFIG_TAG, CodeSigningConfig, CodeSigningPolicies, warn};
use crate::kinds::shared::tags;
use crate::model::{Address, AttributeName, Ownership};
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{ListCodeSigningConfigsInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for CodeSigningConfig {
    fn observe(
        at: &ResourceRef,
        desired: Option<&CodeSigningConfig>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<CodeSigningConfig>>, Missing> {
        let is_ours = |live: &Observed<CodeSigningConfig>| {
            let tags = live.value.tags.as_ref();
            let is_tagged = live.owner.is_stack(&at.scope.stack)
                && tags.and_then(|tags| tags.get(CONFIG_TAG)) == Some(&at.address.to_string());
            is_tagged || live.identity == at.own()
        };
        let (ours, others): (Vec<_>, Vec<_>) = all(cache)?.into_iter().partition(is_ours);
        if !ours.is_empty() {
            return Ok(first(ours, "have the same tags"));
        }
        // A configuration has no name. One that nobody owns and that is what is declared is adopted, not made a second time.
        let is_equal = |live: &Observed<CodeSigningConfig>| {
            live.owner == Ownership::Untagged && desired.is_some_and(|desired| is_same(desired, &live.value))
        };
        let mut equal = first(others.into_iter().filter(is_equal).collect(), "are equal");
        equal.iter_mut().for_each(|live| live.presumed = true);
        Ok(equal)
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let ours = all(cache)?.into_iter().filter(|live| live.owner.is_stack(&parent.scope.stack));
        let found = ours.map(|live| {
            let address = Address::new(Self::KIND, &[&live.identity]);
            let at = ResourceRef { scope: parent.scope.clone(), address, names: [live.identity.clone()].into() };
            Discovered::new(at, live.identity)
        });
        Ok(found.collect())
    }
}

/// Returns the first of several configurations, with a note if there are others.
fn first(mut all: Vec<Observed<CodeSigningConfig>>, relation: &str) -> Option<Observed<CodeSigningConfig>> {
    all.sort_by(|one, other| one.identity.cmp(&other.identity));
    if let [first, _, ..] = all.as_mut_slice() {
        first.notes.push(format!("other live configurations {relation}; using the first"));
    }
    all.into_iter().next()
}

/// Returns true if a live configuration says what is declared.
fn is_same(desired: &CodeSigningConfig, live: &CodeSigningConfig) -> bool {
    let publishers = |config: &CodeSigningConfig| {
        let mut arns = config.allowed_publishers.signing_profile_version_arns.clone();
        arns.sort();
        arns
    };
    desired.description == live.description
        && desired.code_signing_policies == live.code_signing_policies
        && publishers(desired) == publishers(live)
}

pub(super) fn listing() -> ListCodeSigningConfigsInputBuilder {
    ListCodeSigningConfigsInputBuilder::default()
}

/// Every configuration of the account, with its tags.
pub(super) fn all(cache: &ReadCache) -> Result<Vec<Observed<CodeSigningConfig>>, Missing> {
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

/// Returns a configuration as Lambda describes it. Tags are not part of it, and are compared only where they were read.
pub(super) fn observed(config: &aws::CodeSigningConfig) -> Observed<CodeSigningConfig> {
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
    live.owner = Ownership::NotRead;
    live.attributes = BTreeMap::from([
        (AttributeName::ARN, json!(config.code_signing_config_arn())),
        (AttributeName::ID, json!(config.code_signing_config_id())),
    ])
    .into();
    live
}
