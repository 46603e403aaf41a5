//! The writes of resource policies: planned, and phrased as calls.

use std::collections::BTreeSet;

use super::document::rewritten;
use super::observe::{MOST_DECLARED, Policy, observed, single, whole};
use super::opening;
use super::series::{added, series, undeclared};
use super::spec::{Permissions, arn, qualifier};
use crate::model::{Change, FieldPath, RiskKind, StepReasonKind};
use crate::resource::{
    Context, Derived, Observed, PlannedWrite, PreconditionKind, RequestError, ResourceRef, Review, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, DeleteResourcePolicyInputBuilder, Operation, PutResourcePolicyInputBuilder, RemovePermissionInputBuilder,
    Reply, TypedCall,
};

/// The statements that a public URL brings along.
const OF_A_URL: usize = 2;

impl crate::resource::PlanWrites for Permissions {
    fn derive_from_plan(spec: &mut Permissions, at: &ResourceRef, cx: &dyn Context) -> Derived {
        super::opening::adjust(spec, at, cx);
        Derived::default()
    }

    fn canonicalize(desired: &Permissions, live: &mut Permissions) {
        for (id, live) in &mut live.0 {
            let (Some(desired), Some(live)) = (desired.get(id), live) else { continue };
            if let Some(in_part) = live.in_part() {
                // Beside the whole of it only those fields are shown in which it really differs.
                *live = in_part;
            }
            if super::statement::account(&desired.principal) == super::statement::account(&live.principal) {
                live.principal.clone_from(&desired.principal);
            }
        }
    }

    fn review(change: &WriteContext<'_, Permissions>, cx: &dyn Context) -> Review {
        let Some(desired) = change.desired else { return Review::default() };
        let touched = touched(change);
        let is_told = opening::is_part_of_new_url(change.at, cx);
        let open = desired.statements().filter(|(id, it)| touched.contains(id.as_str()) && !is_told(it));
        let risks = open.filter_map(|(id, statement)| {
            let (to, action) = (statement.opens_to()?.to_owned(), statement.action.clone());
            Some(RiskKind::OpenPolicy { statement: id.to_owned(), to, action })
        });
        Review { risks: risks.collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, Permissions>) -> Vec<PlannedWrite> {
        let is_whole = change.live.is_none_or(|live| live.extra.get::<Policy>().is_some_and(|policy| policy.is_whole));
        let Some(desired) = change.desired else {
            let ids = change.live.into_iter().flat_map(|live| live.value.0.keys());
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
        let touched = touched(change);
        if touched.is_empty() {
            return Vec::new();
        }
        // A few statements are added one by one everywhere, so nobody has to ask for more.
        if !is_whole || (change.live.is_none() && touched.len() <= MOST_DECLARED + OF_A_URL) {
            return series(desired, change.live, &touched);
        }
        if change.live.is_none() {
            return first(change.changes);
        }
        let stays = |id: &String| !touched.contains(id.as_str());
        let is_left =
            desired.statements().next().is_some() || change.live.is_some_and(|live| live.value.0.keys().any(stays));
        let statements = touched.iter().map(|id| (*id).to_owned()).collect();
        let write = match is_left {
            false => PlannedWrite::new(Operation::DeleteResourcePolicy, StepReasonKind::EmptyPolicy { statements }),
            true => PlannedWrite::new(Operation::PutResourcePolicy, StepReasonKind::StatementsDiffer { statements }),
        };
        let covers = change.changes.iter().map(|change| change.path.clone()).collect();
        vec![write.covering(covers).guarded(PreconditionKind::Revision)]
    }
}

/// The writes of a policy that does not exist yet. There is no RevisionId that PutResourcePolicy could carry, so it would replace
/// a statement that another client adds at the same time. AddPermission only adds, and returns the RevisionId for the rest.
fn first(changes: &[Change]) -> Vec<PlannedWrite> {
    let Some((first, rest)) = changes.split_first() else { return Vec::new() };
    let add = PlannedWrite::new(Operation::AddPermission, StepReasonKind::AbsentPolicy)
        .covering(vec![first.path.first().map_or_else(FieldPath::root, |id| FieldPath::root().then(id))]);
    let is_same = |change: &&Change| change.path.first() == first.path.first();
    let rest: Vec<FieldPath> =
        rest.iter().filter(|change| !is_same(change)).map(|change| change.path.clone()).collect();
    let statements = rest.iter().filter_map(|path| path.first()).map(str::to_owned);
    let statements: BTreeSet<String> = statements.collect();
    let put = (!rest.is_empty()).then(|| {
        let reason = StepReasonKind::StatementsDiffer { statements: statements.into_iter().collect() };
        PlannedWrite::new(Operation::PutResourcePolicy, reason).covering(rest)
    });
    // A document that follows would replace what the first one found, so that must be nothing.
    let add = if put.is_some() { add } else { add.exclusively() };
    [add].into_iter().chain(put).map(|write| write.guarded(PreconditionKind::Revision)).collect()
}

impl crate::resource::ApplyWrites for Permissions {
    fn request(operation: Operation, write: &WriteRequest<'_, Permissions>) -> Result<Call, RequestError> {
        let (at, name) = (write.at, write.at.outer());
        let nothing = Permissions::default();
        let desired = write.desired.as_ref().unwrap_or(&nothing);
        Ok(match operation {
            Operation::PutResourcePolicy => {
                let touched: BTreeSet<&str> = write.covers.iter().filter_map(|path| path.first()).collect();
                let before = write.live.as_ref().and_then(|live| Some(&live.extra.get::<Policy>()?.document));
                let policy = rewritten(before, desired, &touched, at).to_string();
                PutResourcePolicyInputBuilder::default().resource_arn(arn(at)).policy(policy).call()
            }
            Operation::DeleteResourcePolicy => DeleteResourcePolicyInputBuilder::default().resource_arn(arn(at)).call(),
            Operation::AddPermission => {
                let id = write.part(operation)?;
                let statement = desired.get(id).ok_or(RequestError::NotDeclared(operation))?;
                added(at, id, statement).call()
            }
            _ => RemovePermissionInputBuilder::default()
                .function_name(name)
                .set_qualifier(qualifier(at))
                .statement_id(write.part(operation)?)
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

/// The ids of the statements that change.
pub(super) fn touched<'w>(change: &'w WriteContext<'_, Permissions>) -> BTreeSet<&'w str> {
    change.changes.iter().filter_map(|change| change.path.first()).collect()
}
