//! Reserved concurrency.

use serde_json::json;

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, Name};
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "PutFunctionConcurrency" => put,
        "GetFunctionConcurrency" => get,
        "DeleteFunctionConcurrency" => delete,
        _ => return None,
    })
}

/// The function that the request names, which must not have a qualifier.
fn whole_function(call: &Call<'_>) -> Result<Name, Fault> {
    let name = call.name()?;
    if name.qualifier.is_some() {
        return Err(Fault::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please \
             specify either a function name or an unqualified function ARN.",
        ));
    }
    Ok(name)
}

fn put(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = whole_function(call)?;
    let reserved = call.number("ReservedConcurrentExecutions").unwrap_or(0);
    let Some(function) = call.region.functions.get(&name.name) else {
        // Recorded: this operation looks for `$LATEST`.
        let arn = call.here.qualified_arn(&name.name, LATEST);
        return Err(Fault::missing(format!("Function not found: {arn}")));
    };
    let provisioned = function.total_provisioned();
    if reserved < provisioned {
        // The blanks are the service's own.
        return Err(Fault::invalid(format!(
            " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency \
             [{provisioned}]."
        ))
        .untyped());
    }
    let minimum = call.here.options.unreserved_minimum;
    // The function's own provisioned concurrency will come out of what it reserves.
    let free = unreserved(call) + function.reserved.unwrap_or(0) - provisioned_elsewhere(call, &name.name);
    if free - reserved < minimum && reserved > function.reserved.unwrap_or(0) {
        call.here.lacks.feel_concurrency();
        return Err(Fault::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{minimum}]."
        ))
        .untyped());
    }
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.reserved = Some(reserved);
    }
    Ok(Reply::json(json!({"ReservedConcurrentExecutions": reserved})))
}

/// What no function has reserved.
pub(crate) fn unreserved(call: &Call<'_>) -> i64 {
    let reserved: i64 = call.region.functions.iter().filter_map(|(_, function)| function.reserved).sum();
    call.here.lacks.unreserved(call.here.options.concurrent_executions - reserved, call.here.options.unreserved_minimum)
}

/// What functions without a reservation have provisioned of what no function has reserved, but for the one called `name`.
pub(crate) fn provisioned_elsewhere(call: &Call<'_>, name: &str) -> i64 {
    let others = call.region.functions.iter().filter(|(other, function)| *other != name && function.reserved.is_none());
    others.map(|(_, function)| function.total_provisioned()).sum()
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = whole_function(call)?;
    let reserved = call.function(&name)?.reserved;
    Ok(Reply::json(reserved.map_or_else(|| json!({}), |reserved| json!({"ReservedConcurrentExecutions": reserved}))))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = whole_function(call)?;
    call.function(&name)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.reserved = None;
    }
    Ok(Reply::empty())
}
