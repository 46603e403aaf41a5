//! Reserved concurrency: the share of the account's concurrency that belongs to one function, and its ceiling.
//!
//! AWS's quirks: at least 100 executions of the account must stay unreserved at every moment, so lowering comes before
//! raising across the whole plan; 0 is a value and stops the function; no RevisionId guards it. A function without a
//! reservation has no such resource, so a spec that declares it unreserved, or says nothing of it, is met by its absence.
//! [AWS: PutFunctionConcurrency](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html).

mod authorize;
mod observe;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::KindId;
use crate::resource::{Lifecycle, TerraformType};
pub use spec::ReservedConcurrency;

impl crate::resource::Declare for ReservedConcurrency {
    const KIND: KindId = KindId::ReservedConcurrency;
    const PLACES: &'static [&'static str] = &["functions.*.reserved_concurrent_executions"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    reserved_concurrent_executions: 20
"#
    );
    const SHORTHAND: Option<&'static str> = Some("reserved_concurrent_executions");

    fn lifecycle() -> Lifecycle {
        Lifecycle { is_parent_field: true, ..Lifecycle::default() }
    }
}

impl crate::resource::Present for ReservedConcurrency {
    const LABEL: &'static str = "reserved concurrency";
    const TERRAFORM: TerraformType =
        TerraformType::merged(&[("reserved_concurrent_executions", "reserved_concurrent_executions")]);

    fn present(change: &crate::resource::PresentedChange<'_>) -> crate::resource::Presentation {
        crate::kinds::shared::number::number(change, "reserved_concurrent_executions")
    }
}
