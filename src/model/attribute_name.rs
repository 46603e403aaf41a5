//! The names of the attributes by which resources refer to each other.

use std::borrow::Cow;
use std::fmt;

/// The name of an attribute, such as `arn` in `${functions.orders.arn}`.
///
/// Kinds use the constants, so that a misspelled name does not compile. Only the loader makes names of a user's words, and
/// checks each against the attributes of the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeName(Cow<'static, str>);

impl AttributeName {
    /// The ARN.
    pub const ARN: AttributeName = AttributeName::of("arn");
    /// The hash of the code that Lambda holds.
    pub const CODE_SHA256: AttributeName = AttributeName::of("code_sha256");
    /// The version that an alias points to.
    pub const FUNCTION_VERSION: AttributeName = AttributeName::of("function_version");
    /// The ID that Lambda chose.
    pub const ID: AttributeName = AttributeName::of("id");
    /// The ARN by which API Gateway invokes a function.
    pub const INVOKE_ARN: AttributeName = AttributeName::of("invoke_arn");
    /// The ARN of a layer without a version.
    pub const LAYER_ARN: AttributeName = AttributeName::of("layer_arn");
    /// The name in the account.
    pub const NAME: AttributeName = AttributeName::of("name");
    /// The URL of a function.
    pub const URL: AttributeName = AttributeName::of("url");
    /// The UUID of an event source mapping.
    pub const UUID: AttributeName = AttributeName::of("uuid");
    /// The number of a published version.
    pub const VERSION: AttributeName = AttributeName::of("version");

    const fn of(name: &'static str) -> Self {
        AttributeName(Cow::Borrowed(name))
    }

    /// Returns the name that a user has written, which no resource need have.
    pub fn written(name: &str) -> Self {
        AttributeName(Cow::Owned(name.to_owned()))
    }

    /// Returns the name as it stands in a reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_name_is_the_constant_of_that_name() {
        assert_eq!(AttributeName::written("arn"), AttributeName::ARN);
        assert_eq!(AttributeName::written("code_sha256"), AttributeName::CODE_SHA256);
        assert_ne!(AttributeName::written("arm"), AttributeName::ARN);
        assert_eq!(AttributeName::INVOKE_ARN.to_string(), "invoke_arn");
    }
}
