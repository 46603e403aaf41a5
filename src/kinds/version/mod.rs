//! Published version: a frozen copy of a function's code and configuration, known by its content and not by its number.
//!
//! A version is published when what the function will be differs from the newest healthy version, field by field and by
//! CodeSha256. AWS's quirks: publishing twice without an update in between gives the same version again; a version whose
//! start-up failed stays, and would be given again too, so the function is touched before the next try; listings do not
//! tell a version's state, but an alias that points to it does, because AWS rejects to point one to a failed version.
//! [AWS: PublishVersion](https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html).

mod authorize;
pub mod catalog;
mod content;
pub(super) mod listing;
mod observe;
mod present;
mod retention;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{FieldPath, Findings, KindId};
use crate::resource::{Context, CopiedField, Lifecycle, Links, ResourceRef};
pub use observe::History;
pub use rules::check_number;
pub use spec::{LATEST_PUBLISHED, Version, is_number};

impl crate::resource::Declare for Version {
    const KIND: KindId = KindId::Version;
    const PLACES: &'static [&'static str] = &["functions.*.publish"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    publish: {description: the first of its kind, retain_versions: 3}
"#
    );
    const SHORTHAND: Option<&'static str> = Some("enabled");

    fn lifecycle() -> Lifecycle {
        Lifecycle { implied: true, ..Lifecycle::default() }
    }

    fn check(spec: &Version, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(_spec: &Version, at: &ResourceRef) -> Links {
        // Publishing freezes the runtime management of the function.
        let links = Links::after(vec![at.address.outermost(KindId::RuntimeManagement)]);
        let function = at.address.outermost(KindId::Function);
        let copied = |field, original| CopiedField { field: FieldPath::from(field), of: function.clone(), original };
        // Lambda gives a version the description of the function, unless it is published with one of its own.
        let copies = vec![copied("content", FieldPath::root()), copied("description", FieldPath::from("description"))];
        Links { copies, ..links }
    }
}
