//! Observes function URLs, declared or not.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Cors as LambdaCors, FunctionUrlAuthType, FunctionUrlConfig, InvokeMode};
use serde_json::json;

use super::cors::Cors;
use super::spec::{KIND, Url, buffered};
use crate::kinds::permissions;
use crate::model::AttributeName;
use crate::resource::{Context, Discovered, Observed, ResourceRef};
use crate::wire::{ListFunctionUrlConfigsInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for Url {
    fn observe(at: &ResourceRef, _desired: Option<&Url>, cache: &ReadCache) -> Result<Option<Observed<Url>>, Missing> {
        let pages = cache.pages(listing(at))?;
        let mut configs = pages.iter().flat_map(|page| page.function_url_configs());
        Ok(configs.find(|config| config.function_arn() == permissions::arn(at)).map(observed))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::sibling(parent, KIND, live))
    }
}

/// The read that knows the URLs of a function and of all its aliases.
pub(super) fn listing(at: &ResourceRef) -> ListFunctionUrlConfigsInputBuilder {
    ListFunctionUrlConfigsInputBuilder::default().function_name(at.outer())
}

pub(super) fn observed(config: &FunctionUrlConfig) -> Observed<Url> {
    observed_parts(&config.auth_type, config.cors(), config.invoke_mode(), &config.function_url, &config.function_arn)
}

/// Returns a URL as the spec would declare it. Servers leave out a mode that was never set.
pub(super) fn observed_parts(
    auth: &FunctionUrlAuthType,
    cors: Option<&LambdaCors>,
    mode: Option<&InvokeMode>,
    url: &str,
    arn: &str,
) -> Observed<Url> {
    let value = Url {
        auth_type: auth.as_str().to_owned(),
        cors: cors.map(Cors::observed).filter(|cors| *cors != Cors::default()),
        invoke_mode: mode.map_or_else(buffered, |mode| mode.as_str().to_owned()),
        public_statements: true,
    };
    let mut live = Observed::new("url", value);
    live.attributes = BTreeMap::from([(AttributeName::URL, json!(url)), (AttributeName::ARN, json!(arn))]).into();
    live
}
