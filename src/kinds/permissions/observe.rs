//! Observes resource policies, declared or not.

use serde_json::Value;

use super::document::identified;
use super::spec::{Permissions, arn, qualifier};
use super::statement::Statement;
use crate::kinds::{function, version};
use crate::model::KindId;
use crate::resource::{Context, Discovered, Extra, Observed, PlanWrites as _, ResourceRef};
use crate::wire::{FailureClass, GetPolicyInputBuilder, GetResourcePolicyInputBuilder, Missing, ReadCache};

/// The most declared statements of a new policy that are added one by one.
pub(super) const MOST_DECLARED: usize = 2;

/// A live policy, apart from its statements.
pub(super) struct Policy {
    /// The document as Lambda has it.
    pub(super) document: Value,
    /// Lambda lets the document be written as a whole.
    pub(super) is_whole: bool,
}

impl crate::resource::Observe for Permissions {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Permissions>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Permissions>>, Missing> {
        let reply = cache.reply(single(at))?;
        let live = reply.map(|reply| observed(at, reply.policy(), reply.revision_id(), false));
        if !may_be_rewritten(desired, live.as_ref()) {
            return Ok(live);
        }
        match cache.reply(whole(at)) {
            Ok(reply) => Ok(reply.map(|reply| observed(at, reply.policy(), reply.revision_id(), true))),
            // An empty policy remembers in which way it has to be written.
            Err(Missing::Failed(failure)) if is_lacking(&failure) => {
                Ok(live.or_else(|| desired.map(|_| observed(at, None, None, false))))
            }
            Err(missing) => Err(missing),
        }
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let places = places(parent, cache)?;
        // In which way a policy has to be written is a question for those that are not declared.
        let live = Missing::join_all(places.iter().map(|at| cache.reply(single(at))))?;
        let found = places.into_iter().zip(live).filter(|(_, live)| live.is_some());
        Ok(found
            .map(|(at, _)| {
                let name = identity(&at);
                Discovered::new(at, name)
            })
            .collect())
    }
}

/// Returns true if the policy may have to be written as a whole, so that it has to be known if it can be. Most policies are as
/// declared, and the statements of most new ones are added.
fn may_be_rewritten(desired: Option<&Permissions>, live: Option<&Observed<Permissions>>) -> bool {
    match (desired, live) {
        (_, None) => desired.is_some_and(|desired| desired.statements().count() > MOST_DECLARED),
        (None, Some(_)) => true,
        (Some(desired), Some(live)) => {
            let mut live = live.value.clone();
            Permissions::canonicalize(desired, &mut live);
            live != *desired
        }
    }
}

/// The read of a policy that can be written as a whole. It shares its quota with most operations.
pub(super) fn whole(at: &ResourceRef) -> GetResourcePolicyInputBuilder {
    GetResourcePolicyInputBuilder::default().resource_arn(arn(at))
}

/// The older read, which has a quota of its own. It tells the same, but not if the policy can be written as a whole.
pub(super) fn single(at: &ResourceRef) -> GetPolicyInputBuilder {
    GetPolicyInputBuilder::default().function_name(at.outer()).set_qualifier(qualifier(at))
}

/// Returns true if a failed read means that policies cannot be read and written as a whole here: the server does not know how,
/// or the caller is not allowed to. Both leave the older operations.
pub(super) fn is_lacking(failure: &crate::wire::Failure) -> bool {
    matches!(failure.class, FailureClass::Invalid | FailureClass::AccessDenied) || failure.status == Some(501)
}

/// Everything below `parent` that may have a policy and is not a resource itself: `parent`, and a function's versions.
pub(super) fn places(parent: &ResourceRef, cache: &ReadCache) -> Result<Vec<ResourceRef>, Missing> {
    let mut places = vec![parent.sibling(KindId::Permissions)];
    if parent.names.len() == 1 {
        let function = cache.reply(function::reading(parent.outer())).unwrap_or_default();
        let is_managed = function
            .and_then(|function| function.configuration())
            .is_some_and(|config| config.capacity_provider_config().is_some());
        if is_managed {
            let published = version::LATEST_PUBLISHED;
            places.push(parent.below(KindId::Permissions, published, published));
        }
        for config in version::listing::numbered(parent.outer(), cache)? {
            let number = config.version().unwrap_or_default();
            places.push(parent.below(KindId::Permissions, number, number));
        }
    }
    Ok(places)
}

/// The name of what the policy belongs to.
fn identity(at: &ResourceRef) -> String {
    at.names.join(":")
}

pub(super) fn observed(
    at: &ResourceRef,
    policy: Option<&str>,
    revision: Option<&str>,
    is_whole: bool,
) -> Observed<Permissions> {
    let document: Value = policy.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let resource = arn(at);
    let statements = identified(&document).into_iter().map(|(id, raw)| (id, Some(Statement::read(raw, &resource))));
    let mut live = Observed::new(identity(at), Permissions(statements.collect()));
    live.revision = revision.map(str::to_owned);
    live.extra = Extra::of(Policy { document, is_whole });
    live
}
