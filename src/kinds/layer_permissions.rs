//! Layer permissions: who else may use the newest version of a layer.
//!
//! AWS's quirks: a policy belongs to one version, so every new version needs its statements again; there is no update,
//! a changed statement is removed and added; the policy has a RevisionId of its own, and is gone with its last statement.
//! [AWS: AddLayerVersionPermission](https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html).

pub mod catalog;

use std::collections::BTreeMap;

use anyhow::Context as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layer;
use crate::model::{Action, FieldLocation, FieldPath, Findings, KindId, StepReasonKind, Template};
use crate::resource::{ApplyWrites as _, Declare as _};
use crate::resource::{
    Attribute, Context, Derived, Discovered, Observed, PlannedWrite, PreconditionKind, ResourceRef, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    AddLayerVersionPermissionInputBuilder, Call, GetLayerVersionPolicyInputBuilder, Missing, Operation, ReadCache,
    RemoveLayerVersionPermissionInputBuilder, Reply, TypedCall,
};

/// The field with the number of the version. It cannot be the id of a statement.
const VERSION: &str = "$version";

/// Statements by their ids. Live statements that are not named here are left alone unless pruned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-open" = true))]
pub struct LayerPermissions {
    /// The number of the layer's version that the statements are for.
    #[serde(rename = "$version", default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub version: Option<String>,
    /// The statements.
    #[serde(flatten)]
    pub statements: BTreeMap<String, Statement>,
}

/// Lets somebody use the layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Who: the number of an account, the ARN of its root, or `*` for everybody or a whole organization.
    #[schemars(length(max = 10000), regex(pattern = r"^(\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root)$"))]
    pub principal: String,
    /// Only accounts of this organization; with the principal `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 34), regex(pattern = r"^o-[a-z0-9]{10,32}$"))]
    pub organization_id: Option<String>,
    /// What they may do; Lambda knows only `lambda:GetLayerVersion`.
    #[serde(default = "get_layer_version")]
    #[schemars(extend("enum" = ["lambda:GetLayerVersion"]))]
    pub action: String,
}

fn get_layer_version() -> String {
    "lambda:GetLayerVersion".to_owned()
}

impl crate::resource::Declare for LayerPermissions {
    const KIND: KindId = KindId::LayerPermissions;
    const PLACES: &'static [&'static str] = &["layers.*.permissions"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
layers:
  common:
    code: {zip: package.zip}
    permissions:
      partner: {principal: "210987654321"}
      organization: {principal: "*", organization_id: o-a1b2c3d4e5}
"#;

    fn check(spec: &LayerPermissions, _at: &ResourceRef, _around: &dyn Context, findings: &mut Findings) {
        for (id, statement) in &spec.statements {
            if id.is_empty() || id.len() > 100 || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            {
                findings
                    .error("V087", FieldPath::root().then(id), format!("`{id}` cannot name a statement"))
                    .help("use at most 100 letters, digits, `-` and `_`");
            }
            let principal = &statement.principal;
            if statement.organization_id.is_some() && principal != "*" && !principal.contains("${") {
                let field = FieldPath::root().then(id).then("organization_id");
                findings
                    .error("V087", FieldLocation::key(field), "an organization goes with the principal `*`")
                    .help("write `principal: \"*\"`, or take the organization away");
            }
        }
    }
}

impl crate::resource::Observe for LayerPermissions {
    fn observe(
        at: &ResourceRef,
        desired: Option<&LayerPermissions>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<LayerPermissions>>, Missing> {
        let Some(newest) = layer::newest(layer::name(at), cache)? else { return Ok(None) };
        let reply = cache.reply(reading(at, newest))?.cloned();
        Ok(reply.and_then(|reply| Self::read_response(at, desired, &Reply::GetLayerVersionPolicy(Box::new(reply)))))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if parent.names.len() > 1 {
            // The policy of an old version goes with it.
            return Ok(Vec::new());
        }
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::beside(parent, Self::KIND, live))
    }
}

impl crate::resource::PlanWrites for LayerPermissions {
    fn derive_from_plan(spec: &mut LayerPermissions, at: &ResourceRef, around: &dyn Context) -> Derived {
        let layer = at.address.sibling(KindId::Layer);
        if let Some(Attribute::Known(version)) = around.attribute(&layer, "version") {
            spec.version = version.as_str().map(str::to_owned);
            return Derived::default();
        }
        spec.version = None;
        let version = (FieldPath::root().then(VERSION), Template::reference(layer, "version"));
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

    fn writes(work: &WriteContext<'_, LayerPermissions>) -> Vec<PlannedWrite> {
        let (none, before) = (BTreeMap::new(), work.live.map(|live| &live.value.statements));
        let (before, after) = (before.unwrap_or(&none), work.desired.map_or(&none, |desired| &desired.statements));
        let changed = |id: &&String| match work.live {
            // What the live policy has beside the declared statements goes only where the diff says so.
            Some(_) => work.action == Action::Delete || work.changes.iter().any(|it| it.path.first() == Some(*id)),
            None => true,
        };
        let draft = |operation, id: &String, reason: StepReasonKind| {
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
            draft(Operation::RemoveLayerVersionPermission, id, reason)
        });
        let new = after.keys().filter(changed).map(|id| {
            let reason = StepReasonKind::AbsentStatement { statement: id.clone() };
            draft(Operation::AddLayerVersionPermission, id, reason)
        });
        gone.chain(new).collect()
    }
}

impl crate::resource::ApplyWrites for LayerPermissions {
    fn request(operation: Operation, doing: &WriteRequest<'_, LayerPermissions>) -> anyhow::Result<Call> {
        let id = doing.covers.first().and_then(|path| path.first()).context("the step names no statement")?;
        let desired = doing.desired.as_ref();
        let version = desired.and_then(|desired| desired.version.as_ref());
        let version = version.or_else(|| doing.live.as_ref().and_then(|live| live.value.version.as_ref()));
        let version = version.and_then(|version| version.parse().ok()).context("the version is not known")?;
        let name = layer::name(doing.at);
        if operation == Operation::RemoveLayerVersionPermission {
            let call = RemoveLayerVersionPermissionInputBuilder::default().layer_name(name).version_number(version);
            return Ok(call.statement_id(id).call());
        }
        let statement = desired.and_then(|desired| desired.statements.get(id));
        let statement = statement.with_context(|| format!("the statement {id} is not declared"))?;
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
                // The answer tells one statement, and the policy may have others.
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

fn reading(at: &ResourceRef, version: i64) -> GetLayerVersionPolicyInputBuilder {
    GetLayerVersionPolicyInputBuilder::default().layer_name(layer::name(at)).version_number(version)
}

/// A principal as the number of its account, where it is one.
fn account(principal: &str) -> &str {
    let root = principal.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    root.filter(|_| principal.starts_with("arn:")).unwrap_or(principal)
}

/// A policy as Lambda writes it. It names the version in every statement, and says nothing without one.
fn observed(policy: Value) -> Option<Observed<LayerPermissions>> {
    let mut value = LayerPermissions::default();
    for statement in policy.get("Statement")?.as_array()? {
        let text = |field: &str| statement.get(field).and_then(Value::as_str);
        let version = text("Resource").and_then(|arn| arn.rsplit(':').next());
        value.version = value.version.or(version.map(str::to_owned));
        let principal = statement.get("Principal")?;
        let principal = principal.as_str().or_else(|| principal.get("AWS")?.as_str());
        let organization = statement.pointer("/Condition/StringEquals/aws:PrincipalOrgID").and_then(Value::as_str);
        let granted = Statement {
            principal: account(principal.unwrap_or_default()).to_owned(),
            organization_id: organization.map(str::to_owned),
            action: text("Action").unwrap_or_default().to_owned(),
        };
        value.statements.insert(text("Sid").unwrap_or_default().to_owned(), granted);
    }
    let identity = value.version.clone()?;
    Some(Observed::new(identity, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::PlanWrites as _;
    use crate::resource::testing::{self, TestContext};
    use crate::wire::GetLayerVersionPolicyOutput;

    fn at() -> ResourceRef {
        testing::at(KindId::LayerPermissions, &["common"])
    }

    #[test]
    fn a_policy_is_read_in_the_words_of_the_spec() {
        let policy = r#"{"Version": "2012-10-17", "Id": "default", "Statement": [
            {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
             "Action": "lambda:GetLayerVersion", "Resource": "arn:aws:lambda:eu-west-1:123456789012:layer:common:7"},
            {"Sid": "b", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion",
             "Resource": "arn:aws:lambda:eu-west-1:123456789012:layer:common:7",
             "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}"#;
        let reply = GetLayerVersionPolicyOutput::builder().policy(policy).revision_id("r1").build();
        let mut live =
            LayerPermissions::read_response(&at(), None, &Reply::GetLayerVersionPolicy(Box::new(reply))).unwrap();
        assert_eq!((live.identity.as_str(), live.revision.as_deref()), ("7", Some("r1")));
        let spec = |a: &str| {
            let spec =
                serde_json::json!({"a": {"principal": a}, "b": {"principal": "*", "organization_id": "o-a1b2c3d4e5"}});
            LayerPermissions { version: Some("7".into()), ..serde_json::from_value(spec).unwrap() }
        };
        assert_eq!(live.value, spec("210987654321"));
        let desired = spec("arn:aws:iam::210987654321:root");
        LayerPermissions::canonicalize(&desired, &mut live.value);
        assert_eq!(live.value, desired);
    }

    #[test]
    fn an_organization_goes_with_everybody_and_ids_are_plain() {
        let rules = |value: Value| {
            testing::broken::<LayerPermissions>(&serde_json::from_value(value).unwrap(), &at(), &TestContext::default())
        };
        let organization =
            |principal: &str| serde_json::json!({"principal": principal, "organization_id": "o-a1b2c3d4e5"});
        assert_eq!(rules(serde_json::json!({"a": organization("*")})), [""; 0]);
        assert_eq!(rules(serde_json::json!({"a": organization("210987654321")})), ["V087"]);
        assert_eq!(rules(serde_json::json!({"a b": {"principal": "*"}})), ["V087"]);
    }
}
