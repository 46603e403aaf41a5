//! Answers the reads of many functions from listings of the account, where those are fewer calls.
//!
//! A kind asks for the read of one function; how many functions are asked for at once is known only here. The code signing
//! of functions is the one such read whose answers a listing holds: the functions of each configuration are a listing, and
//! a function that none of them names has no configuration. What a listing cannot answer is read function by function.

use std::collections::HashMap;

use super::reader::Reader;
use crate::wire::{
    Call, GetFunctionCodeSigningConfigOutput, ListCodeSigningConfigsInputBuilder,
    ListFunctionsByCodeSigningConfigInputBuilder, Missing, ReadResult, Reply, TypedCall as _,
};

/// Answers those of the reads that listings answer with fewer calls, and returns the others.
pub(super) async fn answer(reader: &mut Reader, calls: Vec<Call>) -> Vec<Call> {
    let most = calls.iter().filter(|call| function_of(call).is_some()).count();
    let Some(configs) = code_signing_configs(reader, most).await else { return calls };
    let mut others = Vec::new();
    for call in calls {
        let Some(function) = function_of(&call) else {
            others.push(call);
            continue;
        };
        // This is how Lambda answers for a function without one.
        let config = configs.get(function).map_or("", String::as_str);
        let output =
            GetFunctionCodeSigningConfigOutput::builder().function_name(function).code_signing_config_arn(config);
        match output.build() {
            Ok(output) => {
                let reply = Reply::GetFunctionCodeSigningConfig(Box::new(output));
                reader.cache.insert(&call, ReadResult::Pages(vec![reply]));
            }
            Err(_) => others.push(call),
        }
    }
    others
}

/// Returns the function whose code signing the call reads.
fn function_of(call: &Call) -> Option<&str> {
    match call {
        Call::GetFunctionCodeSigningConfig(input) => input.get_function_name().as_deref(),
        _ => None,
    }
}

/// Returns the configuration of each function of the account that has one, unless that takes more than `most` calls.
async fn code_signing_configs(reader: &mut Reader, most: usize) -> Option<HashMap<String, String>> {
    if most < 2 {
        return None;
    }
    let all = ListCodeSigningConfigsInputBuilder::default();
    reader.send_all(vec![all.clone().call()]).await;
    let pages = reader.cache.pages(all).ok()?;
    let configs = pages.iter().flat_map(|page| page.code_signing_configs());
    let arns: Vec<String> = configs.map(|config| config.code_signing_config_arn().to_owned()).collect();
    if pages.len() + arns.len() > most {
        return None;
    }
    let of_config = |arn: &String| ListFunctionsByCodeSigningConfigInputBuilder::default().code_signing_config_arn(arn);
    reader.send_all(arns.iter().map(|arn| of_config(arn).call()).collect()).await;
    let functions = arns.iter().map(|arn| Ok((arn, reader.cache.pages(of_config(arn))?)));
    let functions = Missing::join_all(functions).ok()?;
    let pairs = functions.into_iter().flat_map(|(arn, pages)| {
        let names = pages.into_iter().flat_map(|page| page.function_arns());
        let names = names.filter_map(|function| function.rsplit(':').next());
        names.map(|name| (name.to_owned(), arn.clone())).collect::<Vec<_>>()
    });
    Some(pairs.collect())
}
