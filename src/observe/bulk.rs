//! Answers the reads of many functions from listings of the account, where those are fewer calls.
//!
//! A kind asks for the read of one function; how many functions are asked for at once is known only here. The code signing
//! of functions is the one such read whose answers a listing holds: the functions of each configuration are a listing, and
//! a function that none of them names has no configuration. What a listing cannot answer is read function by function.

use std::collections::HashMap;

use crate::wire::{
    Call, GetFunctionCodeSigningConfigOutput, ListCodeSigningConfigsInputBuilder,
    ListFunctionsByCodeSigningConfigInputBuilder, Missing, ReadCache, ReadResult, Reply, TypedCall as _,
};

/// Returns true for a read that a listing may answer.
pub(super) fn may_answer(call: &Call) -> bool {
    function_of(call).is_some()
}

/// Returns the listing that tells which listings answer these reads; `None` if they are too few to need any.
pub(super) fn first_listing(reads: &[Call]) -> Option<Call> {
    (reads.len() > 1).then(|| configs().call())
}

/// Returns the listings that answer this many reads, if those are fewer.
pub(super) fn listings(reads: usize, cache: &ReadCache) -> Option<Vec<Call>> {
    let (arns, pages) = arns(cache)?;
    (pages + arns.len() <= reads).then(|| arns.into_iter().map(|arn| functions(arn).call()).collect())
}

/// Returns the results of these reads, if the listings have them.
pub(super) fn answers(reads: &[Call], cache: &ReadCache) -> Option<Vec<ReadResult>> {
    let (arns, _) = arns(cache)?;
    let pages = Missing::join_all(arns.iter().map(|arn| Ok((*arn, cache.pages(functions(arn))?)))).ok()?;
    // A configuration that is gone meanwhile has no page.
    if pages.iter().any(|(_, pages)| pages.is_empty()) {
        return None;
    }
    let mut configs: HashMap<&str, &str> = HashMap::new();
    for (arn, pages) in pages {
        let functions = pages.into_iter().flat_map(|page| page.function_arns());
        configs.extend(functions.filter_map(|function| Some((function.rsplit(':').next()?, arn))));
    }
    let answer = |call: &Call| {
        let function = function_of(call)?;
        // An empty ARN is how Lambda answers for a function without a configuration.
        let config = configs.get(function).copied().unwrap_or_default();
        let output = GetFunctionCodeSigningConfigOutput::builder().function_name(function);
        let output = output.code_signing_config_arn(config).build().ok()?;
        Some(ReadResult::Pages(vec![Reply::GetFunctionCodeSigningConfig(Box::new(output))]))
    };
    reads.iter().map(answer).collect()
}

/// Returns the function whose code signing the call reads.
fn function_of(call: &Call) -> Option<&str> {
    match call {
        Call::GetFunctionCodeSigningConfig(input) => input.get_function_name().as_deref(),
        _ => None,
    }
}

/// The listing of the configurations.
fn configs() -> ListCodeSigningConfigsInputBuilder {
    ListCodeSigningConfigsInputBuilder::default()
}

/// The listing of the functions of one configuration.
fn functions(arn: &str) -> ListFunctionsByCodeSigningConfigInputBuilder {
    ListFunctionsByCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn)
}

/// Returns the ARN of every configuration, and the number of pages that they take.
fn arns(cache: &ReadCache) -> Option<(Vec<&str>, usize)> {
    let pages = cache.pages(configs()).ok().filter(|pages| !pages.is_empty())?;
    let arns = pages.iter().flat_map(|page| page.code_signing_configs()).map(|config| config.code_signing_config_arn());
    Some((arns.collect(), pages.len()))
}
