//! Who else may use a version of a layer.

use serde_json::json;

use super::layers::{layer_name, layer_version, version_arn};
use super::permissions::{check_size, no_policy, no_statement, shown, stale, taken};
use crate::sim::context::api_error::Fault;
use crate::sim::context::lookup::find;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::documents::LayerVersion;
use crate::sim::store::policy_document::{OrderedJson, Policy};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddLayerVersionPermission" => add,
        "GetLayerVersionPolicy" => get,
        "RemoveLayerVersionPermission" => remove,
        _ => return None,
    })
}

struct Target {
    name: String,
    version: u64,
    arn: String,
}

fn target(call: &Call<'_>) -> Result<Target, Fault> {
    let (name, version) = (layer_name(call)?, layer_version(call)?);
    let arn = version_arn(call.here, &name, version);
    Ok(Target { name, version, arn })
}

fn found<'a>(call: &'a Call<'_>, target: &Target) -> Result<&'a LayerVersion, Fault> {
    let missing = || Fault::missing(format!("Layer version {} does not exist.", target.arn));
    find(call, &target.name, target.version).ok_or_else(missing)
}

fn check_revision(call: &Call<'_>, policy: Option<&Policy>) -> Result<(), Fault> {
    match call.text("RevisionId") {
        Some(given) if policy.is_none_or(|policy| policy.revision != given) => Err(stale("GetLayerPolicy")),
        _ => Ok(()),
    }
}

fn add(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let target = target(call)?;
    let before = found(call, &target)?.policy.as_ref();
    let id = call.required("StatementId");
    if before.is_some_and(|policy| policy.has(&id)) {
        return Err(taken(&id));
    }
    check_revision(call, before)?;
    let statement = statement(call, &id, &target.arn);
    let policy = before.cloned().unwrap_or_else(Policy::empty).with(statement.clone());
    let revision = write(call, &target, policy)?;
    Ok(Reply::json(json!({"Statement": statement.print(), "RevisionId": revision})))
}

fn statement(call: &Call<'_>, id: &str, arn: &str) -> OrderedJson {
    let given = call.required("Principal");
    let principal = match given.as_str() {
        "*" => OrderedJson::text("*"),
        arn if arn.starts_with("arn:") => OrderedJson::object([("AWS", OrderedJson::text(arn))]),
        account => {
            let arn = format!("arn:{}:iam::{account}:root", call.here.partition());
            OrderedJson::object([("AWS", OrderedJson::text(arn))])
        }
    };
    let mut statement = OrderedJson::object([
        ("Sid", OrderedJson::text(id)),
        ("Effect", OrderedJson::text("Allow")),
        ("Principal", principal),
        ("Action", OrderedJson::text(call.required("Action"))),
        ("Resource", OrderedJson::text(arn)),
    ]);
    if let (OrderedJson::Object(members), Some(organization)) = (&mut statement, call.text("OrganizationId")) {
        let equals = OrderedJson::object([("aws:PrincipalOrgID", OrderedJson::text(organization))]);
        members.insert("Condition".to_owned(), OrderedJson::object([("StringEquals", equals)]));
    }
    statement
}

/// Keeps a changed policy and gives its new RevisionId.
fn write(call: &mut Call<'_>, target: &Target, mut policy: Policy) -> Result<String, Fault> {
    check_size(&policy)?;
    let revision = call.mint.uuid(&target.arn);
    policy.revision.clone_from(&revision);
    let layer = call.region.layers.modify(&target.name);
    if let Some(version) = layer.and_then(|layer| layer.versions.get_mut(&target.version)) {
        version.policy = Some(policy).filter(|policy| !policy.is_empty());
    }
    Ok(revision)
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let target = target(call)?;
    Ok(shown(found(call, &target)?.policy.as_ref().ok_or_else(no_policy)?))
}

fn remove(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let target = target(call)?;
    let policy = found(call, &target)?.policy.as_ref().ok_or_else(no_policy)?;
    let id = call.required("StatementId");
    if !policy.has(&id) {
        return Err(no_statement(&id));
    }
    check_revision(call, Some(policy))?;
    let policy = policy.without(&id);
    write(call, &target, policy)?;
    Ok(Reply::empty())
}
