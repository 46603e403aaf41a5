//! Provisioned concurrency: execution environments that Lambda keeps warm for an alias or for a version by its number.
//!
//! AWS's quirks: the number counts inside the function's reserved concurrency; it moves with the alias and is
//! allocated again, which takes minutes; an allocation that failed stays listed and must be put again. No RevisionId guards it.
//! [AWS: PutProvisionedConcurrencyConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html).
//!
//! One listing per function covers all its aliases, and aliases are observed with the same listing. A server that does not
//! know the listing answers without the list itself, where AWS sends an empty one; only then is each alias read by itself,
//! so on AWS that never costs a call.

mod authorize;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use super::version;
use crate::model::{Findings, KindId};
use crate::resource::{Context, Links, Naming, ResourceRef, TerraformType};
pub use spec::ProvisionedConcurrency;

impl crate::resource::Declare for ProvisionedConcurrency {
    const KIND: KindId = KindId::ProvisionedConcurrency;
    const PLACES: &'static [&'static str] = &[
        "functions.*.aliases.*.provisioned_concurrent_executions",
        "functions.*.versions.*.provisioned_concurrent_executions",
    ];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 4}
"#
    );
    const SHORTHAND: Option<&'static str> = Some("provisioned_concurrent_executions");

    fn check(spec: &ProvisionedConcurrency, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(_spec: &ProvisionedConcurrency, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes.
        let by_number = at.address.keys.get(1).is_some_and(|key| version::is_number(key));
        Links::after(by_number.then(|| at.address.outermost(KindId::Version)).into_iter().collect())
    }
}

impl crate::resource::Present for ProvisionedConcurrency {
    const LABEL: &'static str = "provisioned concurrency";
    const TERRAFORM: TerraformType = TerraformType::of(
        "aws_lambda_provisioned_concurrency_config",
        &[("function_name", Naming::Parent), ("qualifier", Naming::Qualifier)],
    );

    fn present(change: &crate::resource::PresentedChange<'_>) -> crate::resource::Presentation {
        crate::kinds::shared::number::number(change, "provisioned_concurrent_executions")
    }
}
