//! stub
use super::*;
use crate::wire::*;
pub fn reading(name: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(name)
}
pub fn reads(at: &At, seen: &Seen) -> Vec<Call> {
    let c = reading(at.outer()).call();
    if seen.has(&c) { vec![] } else { vec![c] }
}
