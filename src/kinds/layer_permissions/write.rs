//! The writes of layers' policies: planned, and phrased as calls.

use std::collections::BTreeMap;

use serde_json::Value;

use super::observe::reading;
use super::spec::{LayerPermissions, LayerStatement};
use crate::kinds::layer;
use crate::model::{Action, AttributeName, FieldPath, KindId, RiskKind, StepReasonKind, Template};
use crate::resource::{
    Attribute, Context, Derived, Observed, PlannedWrite, PreconditionKind, RequestError, ResourceRef, Review, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    AddLayerVersionPermissionInputBuilder, Call, Operation, RemoveLayerVersionPermissionInputBuilder, Reply, TypedCall,
};

/// The field with the number of the version. It cannot be the id of a statement.
pub(super) const VERSION: &str = "$version";

impl crate::resource::PlanWrites for LayerPermissions {
    fn derive_from_plan(spec: &mut LayerPermissions, at: &ResourceRef, cx: &dyn Context) -> Derived {
        let layer = at.address.sibling(KindId::Layer);
        if let Some(Attribute::Known(version)) = cx.attribute(&layer, &AttributeName::VERSION) {
            spec.version = version.as_str().map(str::to_owned);
            return Derived::default();
        }
        spec.version = None;
        let version = (FieldPath::root().then(VERSION), Template::reference(layer, AttributeName::VERSION));
        // A new version has no statements, whatever the one before has.
        Derived { pending: vec![version], drops_live: true, ..Derived::default() }
    }

    fn canonicalize(desired: &LayerPermissions, live: &mut LayerPermissions) {
        for (id, have) in &mut live.statements {
            let want = desired.statements.get(id).map(|want| &want.principal);
            // An account and the ARN of its root are the same.
            if let Some(want) = want.filter(|want| account(want) == account(&have.principal)) {
                have.principal.clone_from(want);
            }
        }
    }

    fn review(change: &WriteContext<'_, LayerPermissions>, _cx: &dyn Context) -> Review {
        let touched = |id: &str| change.changes.iter().any(|it| it.path.first() == Some(id));
        let declared = change.desired.into_iter().flat_map(|desired| &desired.statements);
        let open = declared.filter(|(id, it)| touched(id) && it.principal == "*" && it.organization_id.is_none());
        let risks = open.map(|(id, it)| RiskKind::OpenPolicy {
            statement: id.clone(),
            to: "every AWS account".to_owned(),
            action: it.action.clone(),
        });
        Review { risks: risks.collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, LayerPermissions>) -> Vec<PlannedWrite> {
        let (none, before) = (BTreeMap::new(), change.live.map(|live| &live.value.statements));
        let (before, after) = (before.unwrap_or(&none), change.desired.map_or(&none, |desired| &desired.statements));
        let changed = |id: &&String| match change.live {
            // Other statements of the live policy are removed only where the diff says so.
            Some(_) => change.action == Action::Delete || change.changes.iter().any(|it| it.path.first() == Some(*id)),
            None => true,
        };
        let write = |operation, id: &String, reason: StepReasonKind| {
            PlannedWrite::new(operation, reason)
                .covering(vec![FieldPath::root().then(id.as_str())])
                .guarded(PreconditionKind::Revision)
        };
        let gone = before.keys().filter(changed).map(|id| {
            let statement = id.clone();
            let reason = if after.contains_key(id) {
                StepReasonKind::FixedStatement { statement }
            } else {
                StepReasonKind::UndeclaredStatement { statement }
            };
            write(Operation::RemoveLayerVersionPermission, id, reason)
        });
        let new = after.keys().filter(changed).map(|id| {
            let reason = StepReasonKind::AbsentStatement { statement: id.clone() };
            write(Operation::AddLayerVersionPermission, id, reason).exclusively()
        });
        gone.chain(new).collect()
    }
}

impl crate::resource::ApplyWrites for LayerPermissions {
    fn request(operation: Operation, write: &WriteRequest<'_, LayerPermissions>) -> Result<Call, RequestError> {
        let id = write.part(operation)?;
        let desired = write.desired.as_ref();
        let version = desired.and_then(|desired| desired.version.as_ref());
        let version = version.or_else(|| write.live.as_ref().and_then(|live| live.value.version.as_ref()));
        let version = version
            .and_then(|version| version.parse().ok())
            .ok_or(RequestError::Unknown("the version of the layer"))?;
        let name = layer::name(write.at);
        if operation == Operation::RemoveLayerVersionPermission {
            let call = RemoveLayerVersionPermissionInputBuilder::default().layer_name(name).version_number(version);
            return Ok(call.statement_id(id).call());
        }
        let statement = desired.and_then(|desired| desired.statements.get(id));
        let statement = statement.ok_or(RequestError::NotDeclared(operation))?;
        Ok(AddLayerVersionPermissionInputBuilder::default()
            .layer_name(name)
            .version_number(version)
            .statement_id(id)
            .action(&statement.action)
            .principal(&statement.principal)
            .set_organization_id(statement.organization_id.clone())
            .call())
    }

    fn read_response(
        _at: &ResourceRef,
        _desired: Option<&LayerPermissions>,
        reply: &Reply,
    ) -> Option<Observed<LayerPermissions>> {
        match reply {
            Reply::GetLayerVersionPolicy(reply) => {
                let mut live = observed(serde_json::from_str(reply.policy()?).ok()?)?;
                live.revision = reply.revision_id().map(str::to_owned);
                Some(live)
            }
            Reply::AddLayerVersionPermission(reply) => {
                let statement: Value = serde_json::from_str(reply.statement()?).ok()?;
                let mut live = observed(serde_json::json!({"Statement": [statement]}))?;
                // The reply has one statement, and the policy may have others.
                live.state = State::updating("its policy is being read");
                Some(live)
            }
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, _operation: Operation, last: Option<&Observed<LayerPermissions>>) -> Option<Call> {
        last.and_then(|last| last.identity.parse().ok()).map(|version| reading(at, version).call())
    }
}

/// A principal as the number of its account, where it is one.
pub(super) fn account(principal: &str) -> &str {
    let root = principal.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    root.filter(|_| principal.starts_with("arn:")).unwrap_or(principal)
}

/// A policy as Lambda writes it. It names the version in every statement, and says nothing without one.
pub(super) fn observed(policy: Value) -> Option<Observed<LayerPermissions>> {
    let mut value = LayerPermissions::default();
    for statement in policy.get("Statement")?.as_array()? {
        let text = |field: &str| statement.get(field).and_then(Value::as_str);
        let version = text("Resource").and_then(|arn| arn.rsplit(':').next());
        value.version = value.version.or(version.map(str::to_owned));
        let principal = statement.get("Principal")?;
        let principal = principal.as_str().or_else(|| principal.get("AWS")?.as_str());
        let organization = statement.pointer("/Condition/StringEquals/aws:PrincipalOrgID").and_then(Value::as_str);
        let granted = LayerStatement {
            principal: account(principal.unwrap_or_default()).to_owned(),
            organization_id: organization.map(str::to_owned),
            action: text("Action").unwrap_or_default().to_owned(),
        };
        value.statements.insert(text("Sid").unwrap_or_default().to_owned(), granted);
    }
    let identity = value.version.clone()?;
    Some(Observed::new(identity, value))
}
