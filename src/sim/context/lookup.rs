//! The lookup of the documents that a request names, and the errors for those that do not exist.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api_error::ApiError;
use super::identifiers::{FunctionName, parse_parts};
use super::request::{Arguments, RequestContext};
use crate::sim::store::documents::LayerVersion;
use crate::sim::store::function::{Function, Snapshot};

impl FunctionName {
    /// Parses `text`, which must be of this region and account.
    pub(crate) fn local(context: RequestContext<'_>, text: &str) -> Result<FunctionName, ApiError> {
        let Some(parts) = parse_parts(text) else {
            return Err(ApiError::not_found(format!("Function not found: {}", context.function_arn(text))));
        };
        if let Some(region) = parts.region.filter(|region| region != context.region) {
            let text = format!("Functions from '{region}' are not reachable in this region ('{}')", context.region);
            return Err(ApiError::not_found(text));
        }
        if parts.account.is_some_and(|account| account != context.options.account) {
            return Err(ApiError::access_denied());
        }
        Ok(parts.name)
    }

    /// Returns the ARN, with the qualifier if there is one.
    pub(crate) fn arn(&self, context: RequestContext<'_>) -> String {
        match &self.qualifier {
            Some(qualifier) => context.qualified_arn(&self.name, qualifier),
            None => context.function_arn(&self.name),
        }
    }

    /// Returns the error for a function, version or alias that does not exist.
    pub(crate) fn not_found(&self, context: RequestContext<'_>) -> ApiError {
        ApiError::not_found(format!("Function not found: {}", self.arn(context)))
    }

    /// Returns the same error with the ARN of the function itself.
    pub(crate) fn function_not_found(&self, context: RequestContext<'_>) -> ApiError {
        ApiError::not_found(format!("Function not found: {}", context.function_arn(&self.name)))
    }
}

impl Arguments<'_> {
    /// The function named by `FunctionName` and, where the operation has it, `Qualifier`.
    pub(crate) fn function_name(&self) -> Result<FunctionName, ApiError> {
        let mut name = FunctionName::local(self.context, self.text("FunctionName").unwrap_or_default())?;
        if let Some(given) = self.text("Qualifier").filter(|given| !given.is_empty()) {
            if name.qualifier.as_deref().is_some_and(|derived| derived != given) {
                let text = "The derived qualifier from the function name does not match the specified qualifier.";
                return Err(ApiError::invalid_parameter(text));
            }
            name.qualifier = Some(given.to_owned());
        }
        Ok(name)
    }

    /// The function that `name` names, whatever its qualifier.
    pub(crate) fn function(&self, name: &FunctionName) -> Result<&Function, ApiError> {
        self.region.functions.get(&name.name).ok_or_else(|| name.function_not_found(self.context))
    }

    /// The version that `name` names, directly or through an alias, with its number.
    pub(crate) fn resolve(&self, name: &FunctionName) -> Result<(&Function, &Snapshot, String), ApiError> {
        let missing = || name.not_found(self.context);
        let function = self.region.functions.get(&name.name).ok_or_else(missing)?;
        let version = function.version_of(name.qualifier_or_latest()).ok_or_else(missing)?;
        let snapshot = function.snapshot(&version).ok_or_else(missing)?;
        Ok((function, snapshot, version))
    }
}

/// Returns the error of most operations for an alias that does not exist.
pub(crate) fn no_alias(context: RequestContext<'_>, name: &str, alias: &str) -> ApiError {
    ApiError::not_found(format!("Cannot find alias arn: {}", context.qualified_arn(name, alias)))
}

/// Returns the version of a layer, if it exists.
pub(crate) fn find<'a>(args: &'a Arguments<'_>, name: &str, version: u64) -> Option<&'a LayerVersion> {
    args.region.layers.get(name).and_then(|layer| layer.versions.get(&version))
}

/// Returns tags as they are stored.
pub(crate) fn tags_of(given: Option<&Value>) -> BTreeMap<String, String> {
    let given = given.and_then(Value::as_object).into_iter().flatten();
    given.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
