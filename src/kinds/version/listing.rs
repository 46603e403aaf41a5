//! The published versions of a function, and the newest of them that started.

use std::collections::HashMap;

use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, State as LambdaState};

use crate::kinds::alias;
use crate::wire::{
    GetFunctionInputBuilder, ListFunctionsInputBuilder, ListFunctionsOutput, ListVersionsByFunctionInputBuilder,
    Missing, ReadCache,
};

/// The newest version that started, and the newest of all where that one did not.
#[derive(Debug, Default)]
pub struct Newest<'s> {
    /// The newest version whose state is not Failed.
    pub healthy: Option<&'s FunctionConfiguration>,
    /// The newest version of all, if it is not that one.
    pub failed: Option<&'s FunctionConfiguration>,
}

/// The number of a version; `None` for `$LATEST`.
pub fn number(config: &FunctionConfiguration) -> Option<u64> {
    config.version().and_then(|version| version.parse().ok())
}

/// The read of one version, the only one that returns its state.
pub fn reading(function: &str, version: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(function).qualifier(version)
}

/// The published versions of a function, the newest first, from whichever listing is the cheaper.
pub fn numbered<'s>(function: &str, cache: &'s ReadCache) -> Result<Vec<&'s FunctionConfiguration>, Missing> {
    let mut versions = all(function, cache)?;
    versions.retain(|config| number(config).is_some());
    versions.sort_by_key(|config| std::cmp::Reverse(number(config)));
    Ok(versions)
}

/// Finds the newest healthy version. Listings return no state, but no alias can be pointed to a version that failed.
pub fn newest<'s>(function: &str, cache: &'s ReadCache) -> Result<Newest<'s>, Missing> {
    let aliases = match cache.pages(alias::listing(function)) {
        // Where aliases are declared, they are read anyway.
        Err(Missing::Reads(_)) if cache.expects_more() => return Err(Missing::Postponed),
        aliases => aliases.unwrap_or_default(),
    };
    let aliased = |version: &str| {
        aliases.iter().flat_map(|page| page.aliases()).any(|alias| alias.function_version() == Some(version))
    };
    let mut newest = Newest::default();
    for config in numbered(function, cache)? {
        let version = config.version().unwrap_or_default();
        if !aliased(version) {
            let reply = cache.reply(reading(function, version))?;
            let state = reply.and_then(|reply| reply.configuration()).and_then(|config| config.state());
            if state == Some(&LambdaState::Failed) {
                newest.failed = newest.failed.or(Some(config));
                continue;
            }
        }
        newest.healthy = Some(config);
        break;
    }
    Ok(newest)
}

/// The places of each function's versions in the account's listing: pages, and items within them.
struct VersionPlaces(HashMap<String, Vec<(usize, usize)>>);

/// All versions of a function, `$LATEST` included.
fn all<'s>(function: &str, cache: &'s ReadCache) -> Result<Vec<&'s FunctionConfiguration>, Missing> {
    if cache.account_wide() {
        let everyone = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All);
        match cache.table(everyone.clone(), by_function) {
            Ok(table) => {
                let pages = cache.pages(everyone)?;
                let places = table.0.get(function).into_iter().flatten();
                let own: Vec<_> = places.map(|(page, item)| &pages[*page].functions()[*item]).collect();
                // Lambda qualifies every ARN of this listing; a server that does not has ignored what was asked.
                let qualified = |config: &&FunctionConfiguration| {
                    config.function_arn().is_some_and(|arn| arn.ends_with(":$LATEST"))
                };
                if own.is_empty() || own.iter().any(qualified) {
                    return Ok(own);
                }
            }
            // It turned out longer than what it was to spare.
            Err(Missing::GivenUp(_)) => {}
            Err(missing) => return Err(missing),
        }
    }
    let own = ListVersionsByFunctionInputBuilder::default().function_name(function);
    Ok(cache.pages(own)?.into_iter().flat_map(|page| page.versions()).collect())
}

fn by_function(pages: &[&ListFunctionsOutput]) -> VersionPlaces {
    let mut table: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    for (page, output) in pages.iter().enumerate() {
        for (item, config) in output.functions().iter().enumerate() {
            table.entry(config.function_name().unwrap_or_default().to_owned()).or_default().push((page, item));
        }
    }
    VersionPlaces(table)
}
