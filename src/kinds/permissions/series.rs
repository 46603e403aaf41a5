//! The older way to change a policy: one statement added or removed at a time.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::FunctionUrlAuthType;

use super::Statement;
use super::spec::{Permissions, qualifier};
use crate::model::{FieldPath, StepReasonKind};
use crate::resource::{Observed, PlannedWrite, PreconditionKind, ResourceRef};
use crate::wire::AddPermissionInputBuilder;
use crate::wire::Operation;

/// The drafts of a change, statement by statement: what is new first, so that the policy never runs empty in between.
pub fn series(
    desired: &Permissions,
    live: Option<&Observed<Permissions>>,
    touched: &BTreeSet<&str>,
) -> Vec<PlannedWrite> {
    let is_live = |id: &str| live.is_some_and(|live| live.value.0.contains_key(id));
    let of = |wanted: bool, there: bool| {
        touched.iter().copied().filter(move |id| desired.get(id).is_some() == wanted && is_live(id) == there)
    };
    let new = of(true, false)
        .map(|id| one(Operation::AddPermission, id, StepReasonKind::AbsentStatement { statement: id.to_owned() }));
    let changed = of(true, true).flat_map(|id| {
        [
            one(Operation::RemovePermission, id, StepReasonKind::FixedStatement { statement: id.to_owned() }),
            one(Operation::AddPermission, id, StepReasonKind::RecreatedStatement { statement: id.to_owned() }),
        ]
    });
    let old = of(false, true).map(undeclared);
    new.chain(changed).chain(old).collect()
}

/// The write that removes a statement which the spec does not declare.
pub fn undeclared(id: &str) -> PlannedWrite {
    one(Operation::RemovePermission, id, StepReasonKind::UndeclaredStatement { statement: id.to_owned() })
}

fn one(operation: Operation, id: &str, reason: StepReasonKind) -> PlannedWrite {
    let write = PlannedWrite::new(operation, reason).covering(vec![FieldPath::root().then(id)]);
    let write = if operation == Operation::AddPermission { write.exclusively() } else { write };
    write.guarded(PreconditionKind::Revision)
}

/// The call that adds a statement.
pub fn added(at: &ResourceRef, id: &str, statement: &Statement) -> AddPermissionInputBuilder {
    let auth = statement.function_url_auth_type.as_deref().map(FunctionUrlAuthType::from);
    AddPermissionInputBuilder::default()
        .function_name(at.outer())
        .set_qualifier(qualifier(at))
        .statement_id(id)
        .action(&statement.action)
        .principal(&statement.principal)
        .set_source_arn(statement.source_arn.clone())
        .set_source_account(statement.source_account.clone())
        .set_principal_org_id(statement.principal_org_id.clone())
        .set_event_source_token(statement.event_source_token.clone())
        .set_function_url_auth_type(auth)
        .set_invoked_via_function_url(statement.invoked_via_function_url.then_some(true))
}
