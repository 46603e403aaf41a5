//! Observes runtime management configurations, declared or not.

use aws_sdk_lambda::types::{PackageType, UpdateRuntimeOn};

use super::spec::{AUTO, RuntimeManagement, qualifier};
use crate::kinds::{alias, function, version};
use crate::model::KindId;
use crate::resource::{Context, Declare as _, Discovered, Gap, Observe as _, Observed, ResourceRef};
use crate::wire::{GetRuntimeManagementConfigInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for RuntimeManagement {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&RuntimeManagement>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<RuntimeManagement>>, Missing> {
        if !has_runtime(at, cache)? {
            return Ok(None);
        }
        let set = cache.reply(reading(at))?.and_then(|reply| reply.update_runtime_on().map(|on| (on, reply)));
        Ok(set.map(|(on, reply)| observed(at, on, reply.runtime_version_arn().map(str::to_owned))))
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let (live, versions) = Missing::join(Self::observe(parent, None, cache), of_versions(parent, cx, cache))?;
        let VersionConfigs { read: versions, unread } = versions;
        let is_default = |config: &Observed<RuntimeManagement>| config.value.update_runtime_on == AUTO;
        // A version takes the configuration of its function along, and AWS's default says nothing.
        let declared = cx.get::<RuntimeManagement>(&parent.address.sibling(Self::KIND));
        let differs = |config: &Observed<RuntimeManagement>| declared != Some(&config.value) && !is_default(config);
        let versions = versions.into_iter().filter(|(_, config)| differs(config));
        let versions: Vec<Discovered> = versions.map(|(at, config)| Discovered::new(at, config.identity)).collect();
        let live = live.filter(|live| !is_default(live));
        Ok(Discovered::sibling(parent, Self::KIND, live).into_iter().chain(versions).chain(unread).collect())
    }
}

/// The configurations of the versions of a function that the spec does not declare.
#[derive(Default)]
struct VersionConfigs {
    /// Those of the versions that aliases use.
    read: Vec<(ResourceRef, Observed<RuntimeManagement>)>,
    /// The others, which are only named.
    unread: Vec<Discovered>,
}

/// Returns the configurations of the versions that the spec does not declare. Each takes a read of its own, so only a thorough
/// search looks at them, and only at those that run code: the versions that aliases point to.
fn of_versions(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<VersionConfigs, Missing> {
    if !cx.is_thorough() || parent.names.len() > 1 || !has_runtime(parent, cache)? {
        return Ok(VersionConfigs::default());
    }
    let (used, all) =
        Missing::join(alias::used_versions(parent.outer(), cache), version::listing::numbered(parent.outer(), cache))?;
    let place = |number: &str| parent.below(RuntimeManagement::KIND, number, number);
    let is_undeclared = |at: &ResourceRef| cx.declared(&at.address).is_none();
    let unused = all.iter().filter_map(|it| it.version()).filter(|number| !used.contains(*number));
    // Where the spec publishes no versions, they are named as a whole.
    let publishes = cx.declared(&parent.address.sibling(KindId::Version)).is_some();
    let unread = unused.map(place).filter(|at| publishes && is_undeclared(at)).map(|at| {
        let number = at.own().to_owned();
        Discovered { gap: Some(Gap::Unused), ..Discovered::new(at, number) }
    });
    let undeclared = used.iter().map(|number| place(number)).filter(is_undeclared);
    let configs = undeclared.map(|at| {
        let live = RuntimeManagement::observe(&at, None, cache)?;
        Ok(live.map(|live| (at, live)))
    });
    let read = Missing::join_all(configs)?.into_iter().flatten().collect();
    Ok(VersionConfigs { read, unread: unread.collect() })
}

pub(super) fn reading(at: &ResourceRef) -> GetRuntimeManagementConfigInputBuilder {
    GetRuntimeManagementConfigInputBuilder::default().function_name(at.outer()).qualifier(qualifier(at))
}

/// Returns true if the function exists and has a runtime of AWS's; AWS rejects the read for a container image.
pub(super) fn has_runtime(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let reply = cache.reply(function::reading(at.outer()))?;
    let config = reply.and_then(|reply| reply.configuration());
    Ok(config.is_some_and(|config| config.package_type() != Some(&PackageType::Image)))
}

pub(super) fn observed(at: &ResourceRef, on: &UpdateRuntimeOn, build: Option<String>) -> Observed<RuntimeManagement> {
    let value = RuntimeManagement { update_runtime_on: on.as_str().to_owned(), runtime_version_arn: build };
    Observed::new(qualifier(at), value)
}
