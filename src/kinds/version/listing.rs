//! Which versions there are, and which of them is the newest that started.

use std::collections::HashMap;

use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, State as LambdaState};

use crate::kinds::alias;
use crate::wire::{
    Call, GetFunctionInputBuilder, ListFunctionsInputBuilder, ListFunctionsOutput, ListVersionsByFunctionInputBuilder,
    ReadCache, ReadError, TypedCall,
};

/// Something that has to be read first, or cannot be.
#[derive(Debug)]
pub enum Lack {
    /// Nobody has asked for this yet.
    Wanted(Box<Call>),
    /// It was asked for in vain.
    ReadError(ReadError),
}

impl Lack {
    /// The call to send, if sending one helps.
    pub fn wanted(self) -> Vec<Call> {
        match self {
            Lack::Wanted(call) => vec![*call],
            Lack::ReadError(_) => Vec::new(),
        }
    }

    /// The same, for those who read no more.
    pub fn unread(self) -> ReadError {
        match self {
            Lack::Wanted(call) => ReadError::NotAsked(call.operation().name()),
            Lack::ReadError(unread) => unread,
        }
    }

    fn of(call: impl TypedCall, unread: ReadError) -> Lack {
        match unread {
            ReadError::NotAsked(_) => Lack::Wanted(Box::new(call.call())),
            unread => Lack::ReadError(unread),
        }
    }
}

/// The newest version that started, and the newest of all where that one did not.
#[derive(Debug, Default)]
pub struct Newest<'s> {
    /// The newest version whose state is not Failed.
    pub healthy: Option<&'s FunctionConfiguration>,
    /// The newest version of all, if it is not that one.
    pub failed: Option<&'s FunctionConfiguration>,
    /// What has to be read to be sure.
    pub lacks: Vec<Call>,
}

/// The number of a version; `None` for `$LATEST`.
pub fn number(config: &FunctionConfiguration) -> Option<u64> {
    config.version().and_then(|version| version.parse().ok())
}

/// The read of one version, which alone tells its state.
pub fn reading(function: &str, version: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(function).qualifier(version)
}

/// The published versions of a function, the newest first, from whichever listing is the cheaper.
pub fn numbered<'s>(function: &str, seen: &'s ReadCache) -> Result<Vec<&'s FunctionConfiguration>, Lack> {
    let mut versions = all(function, seen)?;
    versions.retain(|config| number(config).is_some());
    versions.sort_by_key(|config| std::cmp::Reverse(number(config)));
    Ok(versions)
}

/// Finds the newest healthy version. Listings tell no state, but no alias can be pointed to a version that failed.
pub fn newest<'s>(function: &str, seen: &'s ReadCache) -> Result<Newest<'s>, Lack> {
    let aliases = seen.pages(alias::listing(function)).unwrap_or_default();
    let aliased = |version: &str| {
        aliases.iter().flat_map(|page| page.aliases()).any(|alias| alias.function_version() == Some(version))
    };
    let mut newest = Newest::default();
    for config in numbered(function, seen)? {
        let version = config.version().unwrap_or_default();
        if !aliased(version) {
            let reply = match seen.reply(reading(function, version)) {
                Ok(reply) => reply,
                Err(unread) => {
                    newest.lacks = match Lack::of(reading(function, version), unread) {
                        Lack::Wanted(call) => vec![*call],
                        lack => return Err(lack),
                    };
                    return Ok(newest);
                }
            };
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

/// Where in the account's listing the versions of a function are: pages, and items within them.
struct ByFunction(HashMap<String, Vec<(usize, usize)>>);

/// All versions of a function, `$LATEST` included.
fn all<'s>(function: &str, seen: &'s ReadCache) -> Result<Vec<&'s FunctionConfiguration>, Lack> {
    if seen.account_wide() {
        let everyone = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All);
        match seen.table(everyone.clone(), by_function) {
            Ok(table) => {
                let pages = seen.pages(everyone).map_err(Lack::ReadError)?;
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
            Err(ReadError::GivenUp(_)) => {}
            Err(unread) => return Err(Lack::of(everyone, unread)),
        }
    }
    let own = ListVersionsByFunctionInputBuilder::default().function_name(function);
    match seen.pages(own.clone()) {
        Ok(pages) => Ok(pages.into_iter().flat_map(|page| page.versions()).collect()),
        Err(unread) => Err(Lack::of(own, unread)),
    }
}

fn by_function(pages: &[&ListFunctionsOutput]) -> ByFunction {
    let mut table: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    for (page, output) in pages.iter().enumerate() {
        for (item, config) in output.functions().iter().enumerate() {
            table.entry(config.function_name().unwrap_or_default().to_owned()).or_default().push((page, item));
        }
    }
    ByFunction(table)
}
