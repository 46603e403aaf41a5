//! How an operation finds the documents that a request names, and the errors for naming none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api_error::Fault;
use super::identifiers::{Name, parse};
use super::request::{Call, Here};
use crate::sim::store::documents::LayerVersion;
use crate::sim::store::function::{Function, Snapshot};

impl Name {
    /// Reads `text`, which must be of this region and account.
    pub(crate) fn read(here: Here<'_>, text: &str) -> Result<Name, Fault> {
        let Some(parts) = parse(text) else {
            return Err(Fault::missing(format!("Function not found: {}", here.function_arn(text))));
        };
        if let Some(region) = parts.region.filter(|region| region != here.region) {
            let text = format!("Functions from '{region}' are not reachable in this region ('{}')", here.region);
            return Err(Fault::missing(text));
        }
        if parts.account.is_some_and(|account| account != here.options.account) {
            return Err(Fault::denied());
        }
        Ok(parts.name)
    }

    /// The function's ARN as it was asked for: with a qualifier if there is one.
    pub(crate) fn arn(&self, here: Here<'_>) -> String {
        match &self.qualifier {
            Some(qualifier) => here.qualified_arn(&self.name, qualifier),
            None => here.function_arn(&self.name),
        }
    }

    /// The answer to naming something that is not there.
    pub(crate) fn missing(&self, here: Here<'_>) -> Fault {
        Fault::missing(format!("Function not found: {}", self.arn(here)))
    }

    /// The same, with the function's own ARN.
    pub(crate) fn missing_function(&self, here: Here<'_>) -> Fault {
        Fault::missing(format!("Function not found: {}", here.function_arn(&self.name)))
    }
}

impl Call<'_> {
    /// The function named by `FunctionName` and, where the operation has it, `Qualifier`.
    pub(crate) fn name(&self) -> Result<Name, Fault> {
        let mut name = Name::read(self.here, self.text("FunctionName").unwrap_or_default())?;
        if let Some(given) = self.text("Qualifier").filter(|given| !given.is_empty()) {
            if name.qualifier.as_deref().is_some_and(|derived| derived != given) {
                let text = "The derived qualifier from the function name does not match the specified qualifier.";
                return Err(Fault::invalid(text));
            }
            name.qualifier = Some(given.to_owned());
        }
        Ok(name)
    }

    /// The function that `name` names, whatever its qualifier.
    pub(crate) fn function(&self, name: &Name) -> Result<&Function, Fault> {
        self.region.functions.get(&name.name).ok_or_else(|| name.missing_function(self.here))
    }

    /// The version that `name` names, directly or through an alias, with its number.
    pub(crate) fn resolve(&self, name: &Name) -> Result<(&Function, &Snapshot, String), Fault> {
        let missing = || name.missing(self.here);
        let function = self.region.functions.get(&name.name).ok_or_else(missing)?;
        let version = function.version_of(name.or_latest()).ok_or_else(missing)?;
        let snapshot = function.snapshot(&version).ok_or_else(missing)?;
        Ok((function, snapshot, version))
    }
}

/// The answer to naming an alias that is not there, in most places.
pub(crate) fn no_alias(here: Here<'_>, name: &str, alias: &str) -> Fault {
    Fault::missing(format!("Cannot find alias arn: {}", here.qualified_arn(name, alias)))
}

/// The version of a layer, if it is there.
pub(crate) fn find<'a>(call: &'a Call<'_>, name: &str, version: u64) -> Option<&'a LayerVersion> {
    call.region.layers.get(name).and_then(|layer| layer.versions.get(&version))
}

/// Tags as they are kept.
pub(crate) fn tags_of(given: Option<&Value>) -> BTreeMap<String, String> {
    let given = given.and_then(Value::as_object).into_iter().flatten();
    given.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
