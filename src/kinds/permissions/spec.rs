//! The spec of resource policies.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::statement::Statement;
use crate::model::{Address, KindId};
use crate::resource::ResourceRef;

/// The policy of the function, the alias or the version that it stands below: statements by their ids.
/// Live statements that are not named here are left alone unless pruned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("x-open" = true))]
pub struct Permissions(
    /// A statement by its id, of letters, digits, `-` and `_`. One without a value is to go.
    pub BTreeMap<String, Option<Statement>>,
);

impl Permissions {
    /// The statements that there are to be.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&String, &Statement)> {
        self.0.iter().filter_map(|(id, statement)| Some((id, statement.as_ref()?)))
    }

    pub(super) fn get(&self, id: &str) -> Option<&Statement> {
        self.0.get(id).and_then(Option::as_ref)
    }
}

/// The address of the policy of what stands at a place.
pub(crate) fn policy_address(at: &ResourceRef) -> Address {
    at.address.sibling(KindId::Permissions)
}

/// The ARN of the function, the alias or the version that has the policy.
pub(crate) fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}", at.names.join(":")))
}

pub(super) fn qualifier(at: &ResourceRef) -> Option<String> {
    at.names.get(1).cloned()
}
