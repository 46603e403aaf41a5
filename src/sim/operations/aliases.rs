//! Aliases.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST};
use crate::sim::context::lookup::no_alias;
use crate::sim::context::preconditions::check_revision;
use crate::sim::context::request::{Arguments, OperationFn, RequestContext};
use crate::sim::http::response::Reply;
use crate::sim::store::function::{Alias, AliasShift, Function, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateAlias" => create,
        "GetAlias" => get,
        "ListAliases" => list,
        "UpdateAlias" => update,
        "DeleteAlias" => delete,
        _ => return None,
    })
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let alias = args.required("Name");
    let version = args.required("FunctionVersion");
    let weights = weights_of(args).unwrap_or_default();
    check_weights(&version, &weights)?;
    let function = args.region.functions.get(&name.name);
    check_targets(args.context, &name, function, &version, &weights)?;
    let arn = args.context.qualified_arn(&name.name, &alias);
    if function.is_some_and(|function| function.aliases.contains_key(&alias)) {
        return Err(ApiError::conflict(format!("Alias already exists: {arn}")));
    }
    let description = args.text("Description").unwrap_or_default().to_owned();
    let made = Alias { version, description, revision: args.ids.uuid(&arn), weights, shift: None };
    let reply = show(args.context, &name.name, &alias, &made);
    let function = args.region.functions.modify(&name.name).ok_or_else(|| name.function_not_found(args.context))?;
    function.aliases.insert(alias, Box::new(made));
    Ok(Reply::json(reply))
}

/// The weights that the request asks for, if it says anything about them.
fn weights_of(args: &Arguments<'_>) -> Option<BTreeMap<String, f64>> {
    let routing = args.input.get("RoutingConfig")?;
    let given = routing.get("AdditionalVersionWeights").and_then(Value::as_object).into_iter().flatten();
    Some(given.map(|(version, weight)| (version.clone(), weight.as_f64().unwrap_or(0.0))).collect())
}

fn check_weights(version: &str, weights: &BTreeMap<String, f64>) -> Result<(), ApiError> {
    if weights.len() > 1 {
        return Err(ApiError::invalid_parameter(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ));
    }
    if weights.contains_key(version) {
        return Err(ApiError::invalid_parameter(format!(
            "Invalid function version {version}. Function version {version} is already included in routing configuration."
        )));
    }
    if version == LATEST && !weights.is_empty() {
        return Err(ApiError::invalid_parameter(
            "$LATEST is not supported for an alias pointing to more than 1 version",
        )
        .untyped());
    }
    Ok(())
}

fn check_targets(
    context: RequestContext<'_>,
    name: &FunctionName,
    function: Option<&Function>,
    version: &str,
    weights: &BTreeMap<String, f64>,
) -> Result<(), ApiError> {
    for version in [version].into_iter().chain(weights.keys().map(String::as_str)) {
        if function.is_none_or(|function| function.snapshot(version).is_none()) {
            let arn = context.qualified_arn(&name.name, version);
            return Err(ApiError::not_found(format!("Function not found: {arn}")));
        }
    }
    Ok(())
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let alias = args.required("Name");
    let found = args.region.functions.get(&name.name).and_then(|function| function.aliases.get(&alias));
    let found = found.ok_or_else(|| no_alias(args.context, &name.name, &alias))?;
    Ok(Reply::json(show(args.context, &name.name, &alias, found)))
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let start = args.page_start()?;
    let version = args.text("FunctionVersion");
    let function = args.function(&name)?;
    let context = args.context;
    let after = |alias: &str| start.as_deref().is_none_or(|start| alias > start);
    let aliases = function.aliases.iter().filter(|(alias, _)| after(alias));
    let aliases = aliases.filter(|(_, alias)| version.is_none_or(|version| alias.version == version));
    let items = aliases.map(|(alias, found)| (alias.clone(), show(context, &name.name, alias, found)));
    Ok(args.page(10_000, items).reply("Aliases"))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let alias = args.required("Name");
    let arn = args.context.qualified_arn(&name.name, &alias);
    let function = args.region.functions.get(&name.name);
    let found = function.and_then(|function| function.aliases.get(&alias));
    let found = found.ok_or_else(|| ApiError::not_found(format!("Alias not found: {arn}")))?;
    check_revision(args.text("RevisionId"), &found.revision)?;
    let mut changed = found.clone();
    if let Some(version) = args.text("FunctionVersion") {
        version.clone_into(&mut changed.version);
    }
    if let Some(weights) = weights_of(args) {
        changed.weights = weights;
    }
    if let Some(description) = args.text("Description") {
        description.clone_into(&mut changed.description);
    }
    check_weights(&changed.version, &changed.weights)?;
    check_targets(args.context, &name, function, &changed.version, &changed.weights)?;
    if let Some(version) = function.and_then(|function| function.snapshot(&changed.version)) {
        check_healthy(&version.state, &args.context.qualified_arn(&name.name, &changed.version))?;
    }
    let moves =
        changed.version != found.version && function.is_some_and(|function| function.provisioned.contains_key(&alias));
    let from = found.version.clone();
    changed.revision = args.ids.uuid(&arn);
    if moves {
        // Recorded: the reply does not have the weights yet that the service is about to put there.
        changed.shift = None;
    }
    let reply = show(args.context, &name.name, &alias, &changed);
    if moves {
        move_provisioned(args, &name, &alias, &mut changed, from);
    }
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.aliases.insert(alias, changed);
    }
    Ok(Reply::json(reply))
}

fn check_healthy(state: &str, arn: &str) -> Result<(), ApiError> {
    if state != "Failed" {
        return Ok(());
    }
    Err(ApiError::conflict(format!(
        "The operation cannot be performed at this time. The resource {arn} is currently in the following state: 'Failed'. \
         StateReasonCode: 'FunctionError'"
    )))
}

/// While provisioned concurrency moves with an alias, the service holds the old version with a weight of its own.
fn move_provisioned(args: &mut Arguments<'_>, name: &FunctionName, alias: &str, changed: &mut Alias, from: String) {
    let arn = args.context.qualified_arn(&name.name, alias);
    let until = args.after(args.context.options.settle.alias_weights);
    changed.shift =
        Some(AliasShift { from, transition: Transition { until, failure: None, revision: Some(args.ids.uuid(&arn)) } });
    let ready = args.after(args.context.options.settle.provisioned);
    let revision = Some(args.ids.uuid(&arn));
    let function = args.region.functions.modify(&name.name);
    if let Some(provisioned) = function.and_then(|function| function.provisioned.get_mut(alias)) {
        provisioned.keeps_previous = provisioned.transition.is_none() && provisioned.failure.is_none();
        provisioned.transition = Some(Transition { until: ready, failure: None, revision });
    }
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let alias = args.required("Name");
    args.function(&name)?;
    if let Some(function) = args.region.functions.modify(&name.name)
        && function.aliases.remove(&alias).is_some()
    {
        function.forget(&alias);
    }
    Ok(Reply::empty())
}

fn show(context: RequestContext<'_>, name: &str, alias: &str, found: &Alias) -> Value {
    let mut out = Map::new();
    out.insert("AliasArn".to_owned(), json!(context.qualified_arn(name, alias)));
    out.insert("Name".to_owned(), json!(alias));
    out.insert("FunctionVersion".to_owned(), json!(found.version));
    out.insert("Description".to_owned(), json!(found.description));
    out.insert("RevisionId".to_owned(), json!(found.revision));
    let mut weights = found.weights.clone();
    if let Some(shift) = &found.shift {
        weights.insert(shift.from.clone(), 1.0);
    }
    if !weights.is_empty() {
        out.insert("RoutingConfig".to_owned(), json!({"AdditionalVersionWeights": weights}));
    }
    Value::Object(out)
}
