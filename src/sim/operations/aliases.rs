//! Aliases.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, Name};
use crate::sim::context::lookup::no_alias;
use crate::sim::context::preconditions::check_revision;
use crate::sim::context::request::{Call, Here, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::{Alias, AliasShift, Function, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateAlias" => create,
        "GetAlias" => get,
        "ListAliases" => list,
        "UpdateAlias" => update,
        "DeleteAlias" => delete,
        _ => return None,
    })
}

fn create(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let alias = call.required("Name");
    let version = call.required("FunctionVersion");
    let weights = weights_of(call).unwrap_or_default();
    check_weights(&version, &weights)?;
    let function = call.region.functions.get(&name.name);
    check_targets(call.here, &name, function, &version, &weights)?;
    let arn = call.here.qualified_arn(&name.name, &alias);
    if function.is_some_and(|function| function.aliases.contains_key(&alias)) {
        return Err(Fault::conflict(format!("Alias already exists: {arn}")));
    }
    let description = call.text("Description").unwrap_or_default().to_owned();
    let made = Alias { version, description, revision: call.mint.uuid(&arn), weights, shift: None };
    let reply = show(call.here, &name.name, &alias, &made);
    let function = call.region.functions.modify(&name.name).ok_or_else(|| name.missing_function(call.here))?;
    function.aliases.insert(alias, Box::new(made));
    Ok(Reply::json(reply))
}

/// The weights that the request asks for, if it says anything about them.
fn weights_of(call: &Call<'_>) -> Option<BTreeMap<String, f64>> {
    let routing = call.input.get("RoutingConfig")?;
    let given = routing.get("AdditionalVersionWeights").and_then(Value::as_object).into_iter().flatten();
    Some(given.map(|(version, weight)| (version.clone(), weight.as_f64().unwrap_or(0.0))).collect())
}

fn check_weights(version: &str, weights: &BTreeMap<String, f64>) -> Result<(), Fault> {
    if weights.len() > 1 {
        return Err(Fault::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    if weights.contains_key(version) {
        return Err(Fault::invalid(format!(
            "Invalid function version {version}. Function version {version} is already included in routing configuration."
        )));
    }
    if version == LATEST && !weights.is_empty() {
        return Err(Fault::invalid("$LATEST is not supported for an alias pointing to more than 1 version").untyped());
    }
    Ok(())
}

fn check_targets(
    here: Here<'_>,
    name: &Name,
    function: Option<&Function>,
    version: &str,
    weights: &BTreeMap<String, f64>,
) -> Result<(), Fault> {
    for version in [version].into_iter().chain(weights.keys().map(String::as_str)) {
        if function.is_none_or(|function| function.snapshot(version).is_none()) {
            let arn = here.qualified_arn(&name.name, version);
            return Err(Fault::missing(format!("Function not found: {arn}")));
        }
    }
    Ok(())
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let alias = call.required("Name");
    let found = call.region.functions.get(&name.name).and_then(|function| function.aliases.get(&alias));
    let found = found.ok_or_else(|| no_alias(call.here, &name.name, &alias))?;
    Ok(Reply::json(show(call.here, &name.name, &alias, found)))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let start = call.page_start()?;
    let version = call.text("FunctionVersion");
    let function = call.function(&name)?;
    let here = call.here;
    let after = |alias: &str| start.as_deref().is_none_or(|start| alias > start);
    let aliases = function.aliases.iter().filter(|(alias, _)| after(alias));
    let aliases = aliases.filter(|(_, alias)| version.is_none_or(|version| alias.version == version));
    let items = aliases.map(|(alias, found)| (alias.clone(), show(here, &name.name, alias, found)));
    Ok(call.page(10_000, items).reply("Aliases"))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let alias = call.required("Name");
    let arn = call.here.qualified_arn(&name.name, &alias);
    let function = call.region.functions.get(&name.name);
    let found = function.and_then(|function| function.aliases.get(&alias));
    let found = found.ok_or_else(|| Fault::missing(format!("Alias not found: {arn}")))?;
    check_revision(call.text("RevisionId"), &found.revision)?;
    let mut changed = found.clone();
    if let Some(version) = call.text("FunctionVersion") {
        version.clone_into(&mut changed.version);
    }
    if let Some(weights) = weights_of(call) {
        changed.weights = weights;
    }
    if let Some(description) = call.text("Description") {
        description.clone_into(&mut changed.description);
    }
    check_weights(&changed.version, &changed.weights)?;
    check_targets(call.here, &name, function, &changed.version, &changed.weights)?;
    if let Some(version) = function.and_then(|function| function.snapshot(&changed.version)) {
        check_healthy(&version.state, &call.here.qualified_arn(&name.name, &changed.version))?;
    }
    let moves =
        changed.version != found.version && function.is_some_and(|function| function.provisioned.contains_key(&alias));
    let from = found.version.clone();
    changed.revision = call.mint.uuid(&arn);
    if moves {
        // Recorded: the reply does not have the weights yet that the service is about to put there.
        changed.shift = None;
    }
    let reply = show(call.here, &name.name, &alias, &changed);
    if moves {
        move_provisioned(call, &name, &alias, &mut changed, from);
    }
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.aliases.insert(alias, changed);
    }
    Ok(Reply::json(reply))
}

fn check_healthy(state: &str, arn: &str) -> Result<(), Fault> {
    if state != "Failed" {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "The operation cannot be performed at this time. The resource {arn} is currently in the following state: 'Failed'. \
         StateReasonCode: 'FunctionError'"
    )))
}

/// While provisioned concurrency moves with an alias, the service holds the old version with a weight of its own.
fn move_provisioned(call: &mut Call<'_>, name: &Name, alias: &str, changed: &mut Alias, from: String) {
    let arn = call.here.qualified_arn(&name.name, alias);
    let until = call.after(call.here.options.settle.alias_weights);
    changed.shift = Some(AliasShift {
        from,
        transition: Transition { until, failure: None, revision: Some(call.mint.uuid(&arn)) },
    });
    let ready = call.after(call.here.options.settle.provisioned);
    let revision = Some(call.mint.uuid(&arn));
    let function = call.region.functions.modify(&name.name);
    if let Some(provisioned) = function.and_then(|function| function.provisioned.get_mut(alias)) {
        provisioned.keeps_previous = provisioned.transition.is_none() && provisioned.failure.is_none();
        provisioned.transition = Some(Transition { until: ready, failure: None, revision });
    }
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let alias = call.required("Name");
    call.function(&name)?;
    if let Some(function) = call.region.functions.modify(&name.name)
        && function.aliases.remove(&alias).is_some()
    {
        function.forget(&alias);
    }
    Ok(Reply::empty())
}

fn show(here: Here<'_>, name: &str, alias: &str, found: &Alias) -> Value {
    let mut out = Map::new();
    out.insert("AliasArn".to_owned(), json!(here.qualified_arn(name, alias)));
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
