//! Reserved concurrency.

use serde_json::json;

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST};
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PutFunctionConcurrency" => put,
        "GetFunctionConcurrency" => get,
        "DeleteFunctionConcurrency" => delete,
        _ => return None,
    })
}

/// The function that the request names, which must not have a qualifier.
fn whole_function(args: &Arguments<'_>) -> Result<FunctionName, ApiError> {
    let name = args.function_name()?;
    if name.qualifier.is_some() {
        return Err(ApiError::invalid_parameter(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please \
             specify either a function name or an unqualified function ARN.",
        ));
    }
    Ok(name)
}

fn put(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = whole_function(args)?;
    let reserved = args.number("ReservedConcurrentExecutions").unwrap_or(0);
    let Some(function) = args.region.functions.get(&name.name) else {
        // Recorded: this operation looks for `$LATEST`.
        let arn = args.context.qualified_arn(&name.name, LATEST);
        return Err(ApiError::not_found(format!("Function not found: {arn}")));
    };
    let provisioned = function.total_provisioned();
    if reserved < provisioned {
        // The blanks are the service's own.
        return Err(ApiError::invalid_parameter(format!(
            " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency \
             [{provisioned}]."
        ))
        .untyped());
    }
    let minimum = args.context.options.unreserved_minimum;
    // The function's own provisioned concurrency will come out of what it reserves.
    let free = unreserved(args) + function.reserved.unwrap_or(0) - provisioned_elsewhere(args, &name.name);
    if free - reserved < minimum && reserved > function.reserved.unwrap_or(0) {
        args.context.shortages.notice_concurrency();
        return Err(ApiError::invalid_parameter(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{minimum}]."
        ))
        .untyped());
    }
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.reserved = Some(reserved);
    }
    Ok(Reply::json(json!({"ReservedConcurrentExecutions": reserved})))
}

/// Returns the concurrency that no function has reserved.
pub(crate) fn unreserved(args: &Arguments<'_>) -> i64 {
    let reserved: i64 = args.region.functions.iter().filter_map(|(_, function)| function.reserved).sum();
    args.context
        .shortages
        .unreserved(args.context.options.concurrent_executions - reserved, args.context.options.unreserved_minimum)
}

/// Returns the provisioned concurrency of all functions without a reservation, except the one called `name`.
pub(crate) fn provisioned_elsewhere(args: &Arguments<'_>, name: &str) -> i64 {
    let others = args.region.functions.iter().filter(|(other, function)| *other != name && function.reserved.is_none());
    others.map(|(_, function)| function.total_provisioned()).sum()
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = whole_function(args)?;
    let reserved = args.function(&name)?.reserved;
    Ok(Reply::json(reserved.map_or_else(|| json!({}), |reserved| json!({"ReservedConcurrentExecutions": reserved}))))
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = whole_function(args)?;
    args.function(&name)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.reserved = None;
    }
    Ok(Reply::empty())
}
