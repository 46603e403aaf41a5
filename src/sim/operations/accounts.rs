//! The account's limits and what it uses of them.

use serde_json::json;

use super::reserved_concurrency::unreserved;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;

/// The bytes that an account may have of code.
const ROOM: i64 = 80_530_636_800;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "GetAccountSettings" => get,
        _ => return None,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation has this form")]
fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let functions = args.region.functions.iter().map(|(_, function)| function.code_size());
    let layers = args.region.layers.iter().flat_map(|(_, layer)| layer.versions.values());
    let layers: i64 = layers.map(|version| version.code.size).sum();
    args.context.shortages.notice_concurrency();
    let size = args.context.shortages.used_storage(functions.sum::<i64>() + layers, ROOM);
    Ok(Reply::json(json!({
        "AccountLimit": {
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": args.context.options.concurrent_executions,
            "TotalCodeSize": ROOM,
            "UnreservedConcurrentExecutions": unreserved(args),
        },
        "AccountUsage": {"FunctionCount": args.region.functions.len(), "TotalCodeSize": size},
    })))
}
