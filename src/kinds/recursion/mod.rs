//! Recursion config: whether Lambda ends a function that invokes itself in a loop through SQS, SNS or S3.
//!
//! AWS's quirks: it is always there and cannot be deleted, so deleting it is putting AWS's default; it is of the function as a whole, without versions. No RevisionId guards it.
//! [AWS: PutFunctionRecursionConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html).

mod authorize;
mod observe;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::KindId;
use crate::resource::{Lifecycle, Naming, TerraformType};
pub use spec::Recursion;

impl crate::resource::Declare for Recursion {
    const KIND: KindId = KindId::Recursion;
    const PLACES: &'static [&'static str] = &["functions.*.recursive_loop"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    recursive_loop: Allow
"#
    );
    const SHORTHAND: Option<&'static str> = Some("recursive_loop");

    fn lifecycle() -> Lifecycle {
        Lifecycle { created_with_parent: true, ..Lifecycle::default() }
    }
}

impl crate::resource::Present for Recursion {
    const LABEL: &'static str = "recursion";
    const TERRAFORM: TerraformType =
        TerraformType::of("aws_lambda_function_recursion_config", &[("function_name", Naming::Parent)]);
}
