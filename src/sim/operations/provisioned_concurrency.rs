//! Provisioned concurrency.

use serde_json::{Map, Value, json};

use super::reserved_concurrency::{provisioned_elsewhere, unreserved};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST, is_version};
use crate::sim::context::lookup::no_alias;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::function_limits::unsupported;
use crate::sim::store::failures;
use crate::sim::store::function::{Function, Provisioned, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PutProvisionedConcurrencyConfig" => put,
        "GetProvisionedConcurrencyConfig" => get,
        "DeleteProvisionedConcurrencyConfig" => delete,
        "ListProvisionedConcurrencyConfigs" => list,
        _ => return None,
    })
}

/// The qualifier that the request names, with the function, if both exist.
fn target<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a Function, ApiError> {
    let qualifier = name.qualifier_or_latest();
    let function = args.region.functions.get(&name.name);
    if is_version(qualifier) {
        let found = function.filter(|function| function.snapshot(qualifier).is_some());
        return found.ok_or_else(|| name.not_found(args.context));
    }
    // Recorded: a missing alias is missed first, even where the function is missing too.
    let found = function.filter(|function| function.aliases.contains_key(qualifier));
    found.ok_or_else(|| no_alias(args.context, &name.name, qualifier))
}

fn put(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let qualifier = name.qualifier_or_latest().to_owned();
    if qualifier == LATEST {
        return Err(ApiError::invalid_parameter(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        ));
    }
    let requested = args.number("ProvisionedConcurrentExecutions").unwrap_or(0);
    let function = target(args, &name)?;
    check_free(function, &qualifier)?;
    check_no_snapshot(function, &qualifier)?;
    check_limits(args, function, &qualifier, requested)?;
    let arn = args.context.qualified_arn(&name.name, &qualifier);
    let provisioned = Provisioned {
        requested,
        modified: args.timestamp(&arn),
        failure: None,
        keeps_previous: false,
        transition: Some(Transition {
            failure: None,
            until: args.after(args.context.options.settle.provisioned),
            revision: Some(args.ids.uuid(&arn)),
        }),
    };
    let reply = show(&provisioned);
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.provisioned.insert(qualifier, provisioned);
    }
    Ok(Reply::json(Value::Object(reply)))
}

/// A version has provisioned concurrency of its own or of one alias, never both.
fn check_free(function: &Function, qualifier: &str) -> Result<(), ApiError> {
    let Some(alias) = function.aliases.get(qualifier) else {
        let pointed = function.aliases_of(qualifier).any(|alias| function.provisioned.contains_key(alias));
        return if pointed {
            Err(ApiError::conflict("Version is pointed by a Provisioned Concurrency alias"))
        } else {
            Ok(())
        };
    };
    if !alias.weights.is_empty() || alias.shift.is_some() {
        return Err(ApiError::invalid_parameter("Alias with weights can not be used with Provisioned Concurrency"));
    }
    if alias.version == LATEST {
        return Err(ApiError::invalid_parameter(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        ));
    }
    let shared = function.provisioned.contains_key(&alias.version)
        || function
            .aliases_of(&alias.version)
            .any(|other| other != qualifier && function.provisioned.contains_key(other));
    if shared {
        let text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
        return Err(ApiError::conflict(text));
    }
    Ok(())
}

/// A version that starts from a snapshot has nothing that could be started beforehand.
fn check_no_snapshot(function: &Function, qualifier: &str) -> Result<(), ApiError> {
    let version = function.version_of(qualifier);
    match version.and_then(|version| function.snapshot(&version)) {
        Some(version) if version.has_snapshot() => Err(unsupported("Provisioned Concurrency")),
        _ => Ok(()),
    }
}

fn check_limits(args: &Arguments<'_>, function: &Function, qualifier: &str, requested: i64) -> Result<(), ApiError> {
    let before = function.provisioned.get(qualifier).map_or(0, |provisioned| provisioned.requested);
    let of_others = function.total_provisioned().saturating_sub(before);
    if let Some(reserved) = function.reserved {
        if of_others.saturating_add(requested) > reserved {
            let text = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
            return Err(ApiError::invalid_parameter(text).untyped());
        }
        return Ok(());
    }
    let unreserved = unreserved(args) - provisioned_elsewhere(args, &function.name) - of_others;
    let minimum = args.context.options.unreserved_minimum;
    if unreserved - requested < minimum {
        args.context.shortages.notice_concurrency();
    }
    if requested > unreserved {
        return Err(ApiError::invalid_parameter(format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}]."
        ))
        .untyped());
    }
    if unreserved - requested < minimum {
        return Err(ApiError::invalid_parameter(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value \
             of [{minimum}]."
        ))
        .untyped());
    }
    Ok(())
}

fn published(name: &FunctionName) -> Result<(), ApiError> {
    if name.qualifier_or_latest() == LATEST {
        return Err(ApiError::invalid_parameter(
            "The function resource provided must be an alias or a published version.",
        ));
    }
    Ok(())
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    published(&name)?;
    let found = target(args, &name)?.provisioned.get(name.qualifier_or_latest());
    let found = found.ok_or_else(|| {
        let text = "No Provisioned Concurrency Config found for this function";
        ApiError::new("ProvisionedConcurrencyConfigNotFoundException", text)
    })?;
    Ok(Reply::json(Value::Object(show(found))))
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    published(&name)?;
    target(args, &name)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.provisioned.remove(name.qualifier_or_latest());
    }
    Ok(Reply::empty())
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let start = args.page_start()?;
    let function = args.function(&name)?;
    let context = args.context;
    let after = |qualifier: &str| start.as_deref().is_none_or(|start| qualifier > start);
    let found = function.provisioned.iter().filter(|(qualifier, _)| after(qualifier));
    let items = found.map(|(qualifier, provisioned)| {
        let mut item = show(provisioned);
        item.insert("FunctionArn".to_owned(), json!(context.qualified_arn(&name.name, qualifier)));
        (qualifier.clone(), Value::Object(item))
    });
    Ok(args.page(50, items).reply("ProvisionedConcurrencyConfigs"))
}

fn show(provisioned: &Provisioned) -> Map<String, Value> {
    let failed = provisioned.failure.is_some();
    let ready = provisioned.transition.is_none() && !failed;
    let there = if ready || provisioned.keeps_previous { provisioned.requested } else { 0 };
    let shown = json!({
        "AllocatedProvisionedConcurrentExecutions": there,
        "AvailableProvisionedConcurrentExecutions": there,
        "RequestedProvisionedConcurrentExecutions": provisioned.requested,
        "Status": if failed { "FAILED" } else if ready { "READY" } else { "IN_PROGRESS" },
        "LastModified": provisioned.modified,
    });
    let mut shown = shown.as_object().cloned().unwrap_or_default();
    if let Some(code) = &provisioned.failure {
        shown.insert("StatusReason".to_owned(), json!(failures::of_provisioned(code)));
    }
    shown
}
