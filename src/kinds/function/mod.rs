//! Function: code and configuration under a name, with its tags.
//!
//! AWS's quirks: code and configuration are two calls with a wait between them; an omitted member keeps its value;
//! the RevisionId moves again when an update settles and at every tag call; architectures change only together with
//! the code. One GetFunction knows configuration, tags and reserved concurrency, and has the largest quota.
//! [AWS: CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).

mod authorize;
mod calls;
pub mod catalog;
pub(super) mod code;
mod configuration;
mod exclusions;
mod observe;
mod package_rules;
mod present;
mod rules;
mod settings;
pub(super) mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::kinds::shared::package_source;
use crate::model::{Findings, KindId, Package, PackageSource};
use crate::resource::{Context, Lifecycle, ResourceRef, UsedPackage};
pub use observe::{configuration, state};
pub use observe::{reading, reads};
pub use spec::Function;
pub use spec::arn;

impl crate::resource::Declare for Function {
    const KIND: KindId = KindId::Function;
    const PLACES: &'static [&'static str] = &["functions.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    memory_size: 512
    environment: {variables: {TABLE: orders}}
    tags: {team: payments}
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { is_tagged: true, ..Lifecycle::default() }
    }

    fn name(spec: &Function, key: &str) -> String {
        spec.function_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &Function, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn package_source(spec: &Function) -> Option<PackageSource> {
        let code = &spec.code;
        package_source::source(code.dir.as_ref(), code.links.as_ref(), code.zip.as_ref())
    }

    fn check_package(spec: &Function, own: Option<&Package>, used: &[UsedPackage<'_>], findings: &mut Findings) {
        if let Some(package) = own {
            package_rules::check(spec, &package.contents, findings);
        }
        package_rules::check_size(own, used, findings);
    }
}
