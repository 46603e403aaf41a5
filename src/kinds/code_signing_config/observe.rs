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
            first.notes.push("other live configurations have the same tags; using the first".to_owned());
        }
        Ok(alike.into_iter().next())
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
