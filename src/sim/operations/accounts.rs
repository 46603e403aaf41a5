//! The account's limits and what it uses of them.

use serde_json::json;

use super::reserved_concurrency::unreserved;
use crate::sim::context::api_error::Fault;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;

/// The bytes that an account may have of code.
const ROOM: i64 = 80_530_636_800;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "GetAccountSettings" => get,
        _ => return None,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation has this form")]
fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let functions = call.region.functions.iter().map(|(_, function)| function.code_size());
    let layers = call.region.layers.iter().flat_map(|(_, layer)| layer.versions.values());
    let layers: i64 = layers.map(|version| version.code.size).sum();
    call.here.lacks.feel_concurrency();
    let size = call.here.lacks.used_storage(functions.sum::<i64>() + layers, ROOM);
    Ok(Reply::json(json!({
        "AccountLimit": {
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": call.here.options.concurrent_executions,
            "TotalCodeSize": ROOM,
            "UnreservedConcurrentExecutions": unreserved(call),
        },
        "AccountUsage": {"FunctionCount": call.region.functions.len(), "TotalCodeSize": size},
    })))
}
