//! Permissions: who else may use a function, one of its aliases or one of its versions; each has a policy of its own.
//!
//! The whole policy is one resource, so that several statements change in one step. Where Lambda has PutResourcePolicy,
//! that step is one atomic write of the whole document with the policy's RevisionId: statements of others go back as
//! they came, and a policy that moved since the plan is refused. Elsewhere, and where the caller may not read with
//! GetResourcePolicy, statements are added and removed one after the other, each with the revision that the one before
//! left. AWS's quirks: a statement cannot be updated; two writes at a time lose one; a policy without statements is none.
//! [AWS: resource-based policies](https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html).

pub mod catalog;
mod document;
mod opening;
mod rules;
mod series;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{function, version};
use crate::model::{Address, Findings, KindId, StepReasonKind};
use crate::resource::Extra;
use crate::resource::{
    Context, Derived, Discovered, Lifecycle, Observed, PlannedWrite, PreconditionKind, ResourceRef, Review,
    WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteResourcePolicyInputBuilder, FailureClass, GetPolicyInputBuilder, GetResourcePolicyInputBuilder,
    Missing, Operation, PutResourcePolicyInputBuilder, ReadCache, RemovePermissionInputBuilder, Reply, TypedCall,
};
use document::{identified, rewritten};
pub(super) use opening::opens_url;
use series::{added, series, undeclared};
pub use statement::Statement;

/// The largest policy that Lambda takes, in bytes.
const LARGEST: usize = 20_480;

/// A live policy, beside its statements.
struct Policy {
    /// The document as Lambda has it.
    document: Value,
    /// Lambda lets the document be written as a whole.
    is_whole: bool,
}

/// Who may use the function, the alias or the version around it: statements by their ids.
/// Live statements that are not named here are left alone unless pruned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("x-open" = true))]
pub struct Permissions(
    /// A statement by its id, of letters, digits, `-` and `_`. One without a value is to go.
    pub BTreeMap<String, Option<Statement>>,
);

impl Permissions {
    /// The statements that there are to be.
    fn statements(&self) -> impl Iterator<Item = (&String, &Statement)> {
        self.0.iter().filter_map(|(id, statement)| Some((id, statement.as_ref()?)))
    }

    fn get(&self, id: &str) -> Option<&Statement> {
        self.0.get(id).and_then(Option::as_ref)
    }
}

impl crate::resource::Declare for Permissions {
    const KIND: KindId = KindId::Permissions;
    const PLACES: &'static [&'static str] = &[
        "functions.*.permissions",
        // Before the place of versions: what comes with a URL stands below an alias.
        "functions.*.aliases.*.permissions",
        "functions.*.versions.*.permissions",
    ];
    const EXAMPLE: &'static str = function_with!(
        r#"
    permissions:
      topic: {action: "lambda:InvokeFunction", principal: sns.amazonaws.com, source_arn: "arn:aws:sns:us-east-1:123456789012:orders"}
      uploads:
        action: lambda:InvokeFunction
        principal: s3.amazonaws.com
        source_arn: arn:aws:s3:::uploads
        source_account: "123456789012"
      partner: {action: "lambda:GetFunction", principal: "arn:aws:iam::210987654321:root"}
    aliases:
      live:
        function_version: published
        permissions:
          organization: {action: "lambda:InvokeFunction", principal: "*", principal_org_id: o-a1b2c3d4e5}
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { implied: true, ..Lifecycle::default() }
    }

    fn check(spec: &Permissions, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, around, findings);
    }
}

impl crate::resource::Observe for Permissions {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Permissions>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Permissions>>, Missing> {
        match cache.reply(whole(at)) {
            Ok(reply) => Ok(reply.map(|reply| observed(at, reply.policy(), reply.revision_id(), true))),
            Err(Missing::Failed(failure)) if is_lacking(&failure) => {
                let reply = cache.reply(single(at))?;
                let live = reply.map(|reply| observed(at, reply.policy(), reply.revision_id(), false));
                // An empty policy remembers in which way it has to be written.
                Ok(live.or_else(|| desired.map(|_| observed(at, None, None, false))))
            }
            Err(missing) => Err(missing),
        }
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let places = places(parent, cache)?;
        let live = Missing::join_all(places.iter().map(|at| Self::observe(at, None, cache)))?;
        let found = places.into_iter().zip(live);
        Ok(found.filter_map(|(at, live)| live.map(|live| Discovered::new(at, live.identity))).collect())
    }
}

impl crate::resource::PlanWrites for Permissions {
    fn derive_from_plan(spec: &mut Permissions, at: &ResourceRef, around: &dyn Context) -> Derived {
        opening::adjust(spec, at, around);
        Derived::default()
    }

    fn canonicalize(desired: &Permissions, live: &mut Permissions) {
        for (id, live) in &mut live.0 {
            let (Some(desired), Some(live)) = (desired.get(id), live) else { continue };
            if let Some(in_part) = live.in_part() {
                // Beside the whole of it only those fields are shown in which it really differs.
                *live = in_part;
            }
            if statement::account(&desired.principal) == statement::account(&live.principal) {
                live.principal.clone_from(&desired.principal);
            }
        }
    }

    fn review(change: &WriteContext<'_, Permissions>, _around: &dyn Context) -> Review {
        let Some(desired) = change.desired else { return Review::default() };
        let touched = touched(change);
        let open = desired.statements().filter(|(id, _)| touched.contains(id.as_str()));
        let open = open.filter_map(|(id, statement)| Some((id, statement.opens_to()?, &statement.action)));
        let notes = open.map(|(id, who, action)| format!("`{id}` opens the function to {who}: {action}"));
        Review { notes: notes.collect(), ..Review::default() }
    }

    fn writes(work: &WriteContext<'_, Permissions>) -> Vec<PlannedWrite> {
        let is_whole = work.live.is_none_or(|live| live.extra.get::<Policy>().is_some_and(|policy| policy.is_whole));
        let Some(desired) = work.desired else {
            let ids = work.live.into_iter().flat_map(|live| live.value.0.keys());
            return match is_whole {
                true => {
                    vec![
                        PlannedWrite::new(Operation::DeleteResourcePolicy, StepReasonKind::Undeclared)
                            .guarded(PreconditionKind::Revision),
                    ]
                }
                false => ids.map(|id| undeclared(id)).collect(),
            };
        };
        let touched = touched(work);
        if touched.is_empty() {
            return Vec::new();
        }
        if !is_whole {
            return series(desired, work.live, &touched);
        }
        let stays = |id: &String| !touched.contains(id.as_str());
        let is_left =
            desired.statements().next().is_some() || work.live.is_some_and(|live| live.value.0.keys().any(stays));
        let statements = touched.iter().map(|id| (*id).to_owned()).collect();
        let draft = match (is_left, work.live) {
            (false, _) => {
                PlannedWrite::new(Operation::DeleteResourcePolicy, StepReasonKind::EmptyPolicy { statements })
            }
            (true, None) => PlannedWrite::new(Operation::PutResourcePolicy, StepReasonKind::AbsentPolicy),
            (true, Some(_)) => {
                PlannedWrite::new(Operation::PutResourcePolicy, StepReasonKind::StatementsDiffer { statements })
            }
        };
        let covers = work.changes.iter().map(|change| change.path.clone()).collect();
        vec![draft.covering(covers).guarded(PreconditionKind::Revision)]
    }
}

impl crate::resource::ApplyWrites for Permissions {
    fn request(operation: Operation, doing: &WriteRequest<'_, Permissions>) -> anyhow::Result<Call> {
        let (at, name) = (doing.at, doing.at.outer());
        let nothing = Permissions::default();
        let desired = doing.desired.as_ref().unwrap_or(&nothing);
        let id = || doing.covers.first().and_then(|path| path.first()).context("it is not known which statement");
        Ok(match operation {
            Operation::PutResourcePolicy => {
                let touched: BTreeSet<&str> = doing.covers.iter().filter_map(|path| path.first()).collect();
                let before = doing.live.as_ref().and_then(|live| Some(&live.extra.get::<Policy>()?.document));
                let policy = rewritten(before, desired, &touched, at).to_string();
                PutResourcePolicyInputBuilder::default().resource_arn(arn(at)).policy(policy).call()
            }
            Operation::DeleteResourcePolicy => DeleteResourcePolicyInputBuilder::default().resource_arn(arn(at)).call(),
            Operation::AddPermission => {
                let id = id()?;
                let statement = desired.get(id).with_context(|| format!("there is no statement `{id}` to add"))?;
                added(at, id, statement).call()
            }
            _ => RemovePermissionInputBuilder::default()
                .function_name(name)
                .set_qualifier(qualifier(at))
                .statement_id(id()?)
                .call(),
        })
    }

    fn read_response(at: &ResourceRef, _desired: Option<&Permissions>, reply: &Reply) -> Option<Observed<Permissions>> {
        match reply {
            Reply::PutResourcePolicy(reply) => Some(observed(at, reply.policy(), reply.revision_id(), true)),
            Reply::GetResourcePolicy(reply) => Some(observed(at, reply.policy(), reply.revision_id(), true)),
            Reply::GetPolicy(reply) => Some(observed(at, reply.policy(), reply.revision_id(), false)),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<Permissions>>) -> Option<Call> {
        match operation {
            Operation::DeleteResourcePolicy => None,
            Operation::PutResourcePolicy => Some(whole(at).call()),
            _ => Some(single(at).call()),
        }
    }
}

/// The address of the policy of what stands at a place.
pub(super) fn beside(at: &ResourceRef) -> Address {
    at.address.sibling(KindId::Permissions)
}

/// The ARN of the function, the alias or the version that has the policy.
pub(super) fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}", at.names.join(":")))
}

fn qualifier(at: &ResourceRef) -> Option<String> {
    at.names.get(1).cloned()
}

/// The read of a policy that can be written as a whole.
fn whole(at: &ResourceRef) -> GetResourcePolicyInputBuilder {
    GetResourcePolicyInputBuilder::default().resource_arn(arn(at))
}

/// The older read, of a policy that is written statement by statement.
fn single(at: &ResourceRef) -> GetPolicyInputBuilder {
    GetPolicyInputBuilder::default().function_name(at.outer()).set_qualifier(qualifier(at))
}

/// Whether a failed read says that policies cannot be read and written as a whole here: the server does not know how,
/// or the caller is not allowed to. Both leave the older operations.
fn is_lacking(failure: &crate::wire::Failure) -> bool {
    matches!(failure.class, FailureClass::Invalid | FailureClass::AccessDenied) || failure.status == Some(501)
}

/// Everything below `parent` that may have a policy and is not a resource itself: `parent`, and a function's versions.
fn places(parent: &ResourceRef, cache: &ReadCache) -> Result<Vec<ResourceRef>, Missing> {
    let mut places = vec![parent.beside(KindId::Permissions)];
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

fn observed(at: &ResourceRef, policy: Option<&str>, revision: Option<&str>, is_whole: bool) -> Observed<Permissions> {
    let document: Value = policy.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let resource = arn(at);
    let statements = identified(&document).into_iter().map(|(id, raw)| (id, Some(Statement::read(raw, &resource))));
    let mut live = Observed::new(at.names.join(":"), Permissions(statements.collect()));
    live.revision = revision.map(str::to_owned);
    live.extra = Extra::of(Policy { document, is_whole });
    live
}

/// The ids of the statements that change.
fn touched<'w>(work: &'w WriteContext<'_, Permissions>) -> BTreeSet<&'w str> {
    work.changes.iter().filter_map(|change| change.path.first()).collect()
}

#[cfg(test)]
mod tests;
