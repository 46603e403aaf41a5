//! Observes layers' policies, declared or not.

use super::spec::LayerPermissions;
use crate::kinds::layer::{self, Layer};
use crate::resource::{
    ApplyWrites as _, Context, Declare as _, Discovered, Observe as _, Observed, PlanWrites as _, ResourceRef,
};
use crate::wire::{GetLayerVersionPolicyInputBuilder, Missing, ReadCache, Reply};

impl crate::resource::Observe for LayerPermissions {
    fn observe(
        at: &ResourceRef,
        desired: Option<&LayerPermissions>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<LayerPermissions>>, Missing> {
        let version = match &*at.names {
            [_, own] => own.parse().ok(),
            _ => layer::newest(layer::name(at), cache)?,
        };
        let Some(version) = version else { return Ok(None) };
        let reply = cache.reply(reading(at, version))?.cloned();
        Ok(reply.and_then(|reply| Self::read_response(at, desired, &Reply::GetLayerVersionPolicy(Box::new(reply)))))
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if parent.names.len() > 1 {
            // The policy of an old version goes with it.
            return Ok(Vec::new());
        }
        let (live, older) = Missing::join(Self::observe(parent, None, cache), older(parent, cx, cache))?;
        Ok(Discovered::sibling(parent, Self::KIND, live).into_iter().chain(older).collect())
    }
}

/// Returns the policies of the older versions that stay and that grant something which the spec does not declare. Each takes
/// a read of its own, so only a thorough search looks at them.
fn older(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
    if !cx.is_thorough() {
        return Ok(Vec::new());
    }
    let stay = cx.get::<Layer>(&parent.address).and_then(|layer| layer.retain_versions);
    let stay = stay.map_or(usize::MAX, |keep| keep as usize);
    let declared = cx.get::<LayerPermissions>(&parent.address.sibling(LayerPermissions::KIND));
    let versions = layer::numbered(layer::name(parent), cache)?.into_iter().take(stay).skip(1);
    let policies = versions.map(|item| {
        let number = item.version().to_string();
        let at = parent.below(LayerPermissions::KIND, &number, &number);
        let live = LayerPermissions::observe(&at, None, cache)?;
        let grants_more = live.is_some_and(|mut live| {
            let Some(declared) = declared else { return true };
            LayerPermissions::canonicalize(declared, &mut live.value);
            live.value.statements.iter().any(|(id, statement)| declared.statements.get(id) != Some(statement))
        });
        Ok(grants_more.then(|| Discovered::new(at, number)))
    });
    Ok(Missing::join_all(policies)?.into_iter().flatten().collect())
}

pub(super) fn reading(at: &ResourceRef, version: i64) -> GetLayerVersionPolicyInputBuilder {
    GetLayerVersionPolicyInputBuilder::default().layer_name(layer::name(at)).version_number(version)
}
