//! The resource policies of layer versions.

use serde_json::json;

use super::layers::{layer_name, layer_version, version_arn};
use super::permissions::{check_size, no_policy, no_statement, shown, stale, taken};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::lookup::find;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::documents::LayerVersion;
use crate::sim::store::policy_document::{OrderedJson, Policy};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
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

fn target(args: &Arguments<'_>) -> Result<Target, ApiError> {
    let (name, version) = (layer_name(args)?, layer_version(args)?);
    let arn = version_arn(args.context, &name, version);
    Ok(Target { name, version, arn })
}

fn existing<'a>(args: &'a Arguments<'_>, target: &Target) -> Result<&'a LayerVersion, ApiError> {
    let missing = || ApiError::not_found(format!("Layer version {} does not exist.", target.arn));
    find(args, &target.name, target.version).ok_or_else(missing)
}

fn check_revision(args: &Arguments<'_>, policy: Option<&Policy>) -> Result<(), ApiError> {
    match args.text("RevisionId") {
        Some(given) if policy.is_none_or(|policy| policy.revision != given) => Err(stale("GetLayerPolicy")),
        _ => Ok(()),
    }
}

fn add(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let target = target(args)?;
    let before = existing(args, &target)?.policy.as_ref();
    let id = args.required("StatementId");
    if before.is_some_and(|policy| policy.has(&id)) {
        return Err(taken(&id));
    }
    check_revision(args, before)?;
    let statement = statement(args, &id, &target.arn);
    let policy = before.cloned().unwrap_or_else(Policy::empty).with(statement.clone());
    let revision = write(args, &target, policy)?;
    Ok(Reply::json(json!({"Statement": statement.print(), "RevisionId": revision})))
}

fn statement(args: &Arguments<'_>, id: &str, arn: &str) -> OrderedJson {
    let given = args.required("Principal");
    let principal = match given.as_str() {
        "*" => OrderedJson::text("*"),
        arn if arn.starts_with("arn:") => OrderedJson::object([("AWS", OrderedJson::text(arn))]),
        account => {
            let arn = format!("arn:{}:iam::{account}:root", args.context.partition());
            OrderedJson::object([("AWS", OrderedJson::text(arn))])
        }
    };
    let mut statement = OrderedJson::object([
        ("Sid", OrderedJson::text(id)),
        ("Effect", OrderedJson::text("Allow")),
        ("Principal", principal),
        ("Action", OrderedJson::text(args.required("Action"))),
        ("Resource", OrderedJson::text(arn)),
    ]);
    if let (OrderedJson::Object(members), Some(organization)) = (&mut statement, args.text("OrganizationId")) {
        let equals = OrderedJson::object([("aws:PrincipalOrgID", OrderedJson::text(organization))]);
        members.insert("Condition".to_owned(), OrderedJson::object([("StringEquals", equals)]));
    }
    statement
}

/// Stores a changed policy and returns its new RevisionId.
fn write(args: &mut Arguments<'_>, target: &Target, mut policy: Policy) -> Result<String, ApiError> {
    check_size(&policy)?;
    let revision = args.ids.uuid(&target.arn);
    policy.revision.clone_from(&revision);
    let layer = args.region.layers.modify(&target.name);
    if let Some(version) = layer.and_then(|layer| layer.versions.get_mut(&target.version)) {
        version.policy = Some(policy).filter(|policy| !policy.is_empty());
    }
    Ok(revision)
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let target = target(args)?;
    Ok(shown(existing(args, &target)?.policy.as_ref().ok_or_else(no_policy)?))
}

fn remove(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let target = target(args)?;
    let policy = existing(args, &target)?.policy.as_ref().ok_or_else(no_policy)?;
    let id = args.required("StatementId");
    if !policy.has(&id) {
        return Err(no_statement(&id));
    }
    check_revision(args, Some(policy))?;
    let policy = policy.without(&id);
    write(args, &target, policy)?;
    Ok(Reply::empty())
}
