//! Functions: create, read, list, delete. Updates have a file of their own.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::capacity_providers;
use super::code;
use super::code_signing;
use super::function_configuration;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST, is_version};
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::external_checks;
use crate::sim::rules::function_limits;
use crate::sim::rules::functions as function_rules;
use crate::sim::rules::layers as layer_rules;
use crate::sim::rules::networks as network_rules;
use crate::sim::store::documents::Tombstone;
use crate::sim::store::function::{Code, Function, Snapshot, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateFunction" => create,
        "GetFunction" => get,
        "GetFunctionConfiguration" => get_configuration,
        "ListFunctions" => list,
        "DeleteFunction" => delete,
        _ => return None,
    })
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = FunctionName::local(args.context, &args.required("FunctionName"))?.name;
    let image = args.text("PackageType") == Some("Image");
    function_limits::check_size(&args.input, args.input.contains_key("CapacityProviderConfig"))?;
    layer_rules::check_regions(args.context, &args.input)?;
    function_rules::check_new(&name, &args.input, image)?;
    function_rules::check(args.context, &args.input, image)?;
    if let Some(vpc) = args.input.get("VpcConfig") {
        network_rules::check(args.context, None, vpc)?;
    }
    function_limits::check_snap_start(&args.input, image)?;
    network_rules::check_files(None, &args.input)?;
    if args.region.functions.get(&name).is_some() {
        return Err(ApiError::conflict(format!("Function already exist: {name}")));
    }
    external_checks::check(args.context, &args.input)?;
    let mut input = args.input.clone();
    layer_rules::layers(args, &mut input)?;
    capacity_providers::check_named(args, input.get("CapacityProviderConfig"))?;
    if let Some(config) = args.text("CodeSigningConfigArn") {
        code_signing::check(args, config)?;
        code_signing::check_code(args, Some(config), &name, code::is_inline(&input))?;
    }
    let given = args.input.get("Code").and_then(Value::as_object).cloned().unwrap_or_default();
    let code = code::take(args, &given)?;
    layer_rules::check_size(args, &code, &input)?;
    code.check_code_storage(args.context)?;
    let latest = first_snapshot(args, &name, &input, code);
    let mut function = Function::new(&name, latest);
    function.tags = tags_of(args.input.get("Tags"));
    function.code_signing_config = args.text("CodeSigningConfigArn").map(str::to_owned);
    let arn = args.context.function_arn(&name);
    let mut reply = function_configuration::show(&function.latest, &arn, LATEST);
    if args.flag("Publish") || args.text("PublishTo").is_some() {
        function.check_slot(args.text("PublishTo"))?;
        // Recorded: the reply names version 1, with the ARN of the function.
        let revision = args.ids.uuid(&arn);
        let version = function.publish_to(args.text("PublishTo"), revision, None);
        reply.insert("Version".to_owned(), json!(version));
    }
    args.region.tombstones.remove(&name);
    args.region.functions.insert(&name, function);
    Ok(Reply::json(Value::Object(reply)))
}

fn first_snapshot(args: &mut Arguments<'_>, name: &str, input: &Map<String, Value>, code: Code) -> Snapshot {
    let arn = args.context.function_arn(name);
    let managed = input.contains_key("CapacityProviderConfig");
    let mut members = function_configuration::defaults(name, code.is_image(), managed);
    function_configuration::apply(args.context, input, &mut members);
    let timestamp = args.timestamp(&arn);
    members.insert("LastModified".to_owned(), json!(timestamp));
    let until = args.after(args.context.options.settle.create);
    Snapshot {
        members: Arc::new(members),
        code,
        revision: args.ids.uuid(&arn),
        state: "Pending".to_owned(),
        update: None,
        failure: None,
        transition: Some(Transition { until, failure: None, revision: Some(args.ids.uuid(&arn)) }),
    }
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let (function, snapshot, version) = version_at(args, &name)?;
    let mut body = Map::new();
    let shown = function_configuration::show(snapshot, &name.arn(args.context), &version);
    body.insert("Configuration".to_owned(), Value::Object(shown));
    body.insert("Code".to_owned(), snapshot.code.location(args.context));
    if !function.tags.is_empty() {
        body.insert("Tags".to_owned(), json!(function.tags));
    }
    if let (Some(reserved), None) = (function.reserved, &name.qualifier) {
        body.insert("Concurrency".to_owned(), json!({"ReservedConcurrentExecutions": reserved}));
    }
    Ok(Reply::json(Value::Object(body)))
}

fn get_configuration(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let (_, snapshot, version) = version_at(args, &name)?;
    Ok(Reply::json(Value::Object(function_configuration::show(snapshot, &name.arn(args.context), &version))))
}

/// Returns the version that a read of `name` returns: for a while also one that was deleted.
fn version_at<'a>(
    args: &'a Arguments<'_>,
    name: &FunctionName,
) -> Result<(&'a Function, &'a Snapshot, String), ApiError> {
    let gone = args.region.tombstones.get(&name.name).map(|tombstone| &tombstone.function);
    let function = args.region.functions.get(&name.name).or(gone);
    let version = function.and_then(|function| function.version_of(name.qualifier_or_latest()));
    let found = function.zip(version).and_then(|(function, version)| {
        let snapshot = function.snapshot(&version)?;
        Some((function, snapshot, version))
    });
    found.ok_or_else(|| name.not_found(args.context))
}

/// Pages go by function, so that one function's versions are on one page or on the next, and no page is found by counting.
fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let start = args.page_start()?;
    let all = args.text("FunctionVersion").is_some();
    // A marker is `FUNCTION` or `FUNCTION VERSION`; a blank sorts before every letter that a name may have.
    let (after, seen) = match start.as_deref().map(|start| start.split_once(' ').unwrap_or((start, ""))) {
        Some((name, version)) => (Some(name.to_owned()), version.parse::<u64>().ok()),
        None => (None, None),
    };
    let context = args.context;
    let resumed = after.as_deref().filter(|_| seen.is_some()).and_then(|name| args.region.functions.get(name));
    let rest = args.region.functions.after(after.as_deref()).map(|(_, function)| (function, None));
    let items = resumed.into_iter().map(|function| (function, seen)).chain(rest).flat_map(|(function, seen)| {
        let arn = |version: &str| context.qualified_arn(&function.name, version);
        let latest = seen.is_none().then(|| {
            let arn = if all { arn(LATEST) } else { context.function_arn(&function.name) };
            (format!("{} 0", function.name), function_configuration::show_item(&function.latest, &arn, LATEST))
        });
        let versions = function.versions.iter().filter(move |(number, _)| all && **number > seen.unwrap_or(0));
        let versions = versions.map(move |(number, snapshot)| {
            let number = number.to_string();
            (format!("{} {number}", function.name), function_configuration::show_item(snapshot, &arn(&number), &number))
        });
        latest.into_iter().chain(versions)
    });
    let items = items.map(|(key, item)| (key, Value::Object(item)));
    Ok(args.page(context.options.page_limit, items).reply("Functions"))
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let qualifier = name.qualifier.clone();
    if qualifier.as_deref() == Some(LATEST) {
        return Err(ApiError::invalid_parameter("$LATEST version cannot be deleted without deleting the function."));
    }
    let function = args.function(&name)?;
    let status = if function.is_managed() { 202 } else { 204 };
    match qualifier {
        None => leave(args, &name.name),
        Some(qualifier) if is_version(&qualifier) => {
            let aliases: Vec<&str> = function.aliases_of(&qualifier).collect();
            if !aliases.is_empty() {
                let text = format!(
                    "Unable to delete version because the following aliases reference it: [{}]",
                    aliases.join(", ")
                );
                return Err(ApiError::conflict(text));
            }
            // Recorded: deleting a version that does not exist succeeds.
            if let (Some(function), Ok(number)) = (args.region.functions.modify(&name.name), qualifier.parse::<u64>()) {
                function.versions.remove(&number);
                function.runtime_management.remove(&qualifier);
                function.scaling.remove(&qualifier);
                function.forget(&qualifier);
            }
        }
        Some(_) => return Err(ApiError::invalid_parameter("Deletion of aliases is not currently supported.")),
    }
    Ok(Reply::empty().with_status(status))
}

/// Deletes a function. Recorded: reads still find it for a few seconds, and nothing else does.
fn leave(args: &mut Arguments<'_>, name: &str) {
    let Some(function) = args.region.functions.remove(name) else { return };
    let linger = args.context.options.settle.delete;
    if !linger.is_zero() {
        let until = args.after(linger);
        args.region.tombstones.insert(name, Tombstone { until, function });
    }
}

impl Function {
    /// The aliases that lead to a version, by themselves or by a weight.
    pub(crate) fn aliases_of<'a>(&'a self, version: &'a str) -> impl Iterator<Item = &'a str> {
        let leads = move |alias: &crate::sim::store::function::Alias| {
            alias.version == version || alias.weights.contains_key(version)
        };
        self.aliases.iter().filter(move |(_, alias)| leads(alias)).map(|(name, _)| name.as_str())
    }

    /// Drops what was attached to a qualifier that is no more.
    pub(crate) fn forget(&mut self, qualifier: &str) {
        self.provisioned.remove(qualifier);
        self.policies.remove(qualifier);
        self.urls.remove(qualifier);
        self.invoke_configs.remove(qualifier);
    }
}
