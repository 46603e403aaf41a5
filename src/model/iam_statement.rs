//! The statement of an IAM policy that allows one action.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The statement of an IAM policy that allows one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct IamStatement {
    /// The action, such as `lambda:GetPolicy`.
    pub action: String,
    /// The ARN of the resource; `*` for an action that has none.
    pub resource: String,
}

impl fmt::Display for IamStatement {
    /// Writes it as a policy has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IamStatement { action, resource } = self;
        write!(f, r#"{{"Effect": "Allow", "Action": {}, "Resource": {}}}"#, json!(action), json!(resource))
    }
}
