//! The spec of recursion configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// AWS's default.
pub(super) const TERMINATE: &str = "Terminate";

/// Lambda's response to a function that invokes itself in a loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recursion {
    /// `Terminate` ends the loop after about 16 rounds; `Allow` lets it go on.
    #[serde(default = "terminate")]
    #[schemars(extend("enum" = ["Allow", "Terminate"]))]
    pub recursive_loop: String,
}

pub(super) fn terminate() -> String {
    TERMINATE.to_owned()
}
