//! Alias: a name that points to a published version, and may share its traffic with a second one.
//!
//! AWS's quirks: an update that leaves out the weights keeps them, so they are always sent. Moving an alias that has
//! provisioned concurrency makes AWS add weights of its own for some minutes; those are AWS's own work and no drift.
//! [AWS: CreateAlias](https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html).

mod authorize;
pub mod catalog;
mod observe;
mod present;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod weights;
mod write;

use crate::model::{AttributeName, FieldPath, Findings, KindId, Template};
use crate::resource::{Context, Links, ResourceRef};
pub use observe::{listing, used_versions, versions_of};
pub use spec::{Alias, PUBLISHED};

impl crate::resource::Declare for Alias {
    const KIND: KindId = KindId::Alias;
    const PLACES: &'static [&'static str] = &["functions.*.aliases.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live: {function_version: published, description: what customers reach}
"#
    );

    fn check(spec: &Alias, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(spec: &Alias, at: &ResourceRef) -> Links {
        let version = at.address.outermost(KindId::Version);
        let published = Template::reference(version.clone(), AttributeName::VERSION);
        let references = (spec.function_version == PUBLISHED).then(|| (FieldPath::from("function_version"), published));
        Links {
            references: references.into_iter().collect(),
            // A number may be that of the version which the same plan publishes.
            runs_after: vec![version],
            stands_alone: spec.function_version.parse::<u64>().is_ok(),
            ..Links::default()
        }
    }
}
