//! Observes capacity providers, declared or not.

use aws_sdk_lambda::types as aws;

use super::spec::{CapacityProvider, arn, names};
use crate::kinds::shared::tags;
use crate::model::{Address, Ownership};
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef, State};
use crate::wire::{GetCapacityProviderInputBuilder, ListCapacityProvidersInputBuilder, Missing, ReadCache};

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

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let all = listed(cache)?;
        let tags = Missing::join_all(all.iter().map(|live| tags::read(live.capacity_provider_arn(), cache)))?;
        let ours = all.iter().zip(tags).filter(|(_, tags)| tags::owner(tags.as_ref()).is_stack(&parent.scope.stack));
        let found = ours.map(|(live, _)| {
            let name = live.capacity_provider_arn().rsplit(':').next().unwrap_or_default().to_owned();
            let address = Address::new(Self::KIND, &[&name]);
            let at = ResourceRef { scope: parent.scope.clone(), address, names: [name.clone()].into() };
            Discovered::new(at, name)
        });
        Ok(found.collect())
    }
}

pub(super) fn reading(at: &ResourceRef) -> GetCapacityProviderInputBuilder {
    GetCapacityProviderInputBuilder::default().capacity_provider_name(at.own())
}

pub(super) fn listing() -> ListCapacityProvidersInputBuilder {
    ListCapacityProvidersInputBuilder::default()
}

pub(super) fn listed(cache: &ReadCache) -> Result<Vec<&aws::CapacityProvider>, Missing> {
    let pages = cache.pages(listing())?;
    let all = pages.into_iter().flat_map(|page| page.capacity_providers());
    Ok(all.filter(|live| *live.state() != aws::CapacityProviderState::Deleting).collect())
}

pub(super) fn observed(at: &ResourceRef, provider: &aws::CapacityProvider) -> Observed<CapacityProvider> {
    let mut live = Observed::new(at.own(), super::calls::observed(at.own(), provider));
    live.attributes = names(at).into();
    live.owner = Ownership::NotRead;
    live.state = match provider.state() {
        aws::CapacityProviderState::Active => State::Settled,
        aws::CapacityProviderState::Failed => {
            State::Failed { code: "Failed".to_owned(), reason: "Lambda gives no reason".to_owned() }
        }
        state => State::updating(format!("State {}", state.as_str())),
    };
    live
}
