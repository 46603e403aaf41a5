//! Event source mapping: Lambda reads a queue, stream or broker and invokes a function or an alias with what it reads.
//!
//! AWS's quirks: it has no name, so it is recognised by function and source (see [`find`]); whether it is enabled is not
//! shown but follows from its state; every write takes a while, during which others are rejected; it outlives both its
//! function and its source; no RevisionId guards it; a change of what is fixed at creation (source, starting position,
//! topic) makes a new mapping, which loses the position in the source; listings hide encrypted filters.
//! [AWS: CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).

mod authorize;
mod calls;
mod canonical;
mod case;
pub mod catalog;
mod filter_pattern;
mod find;
mod identity;
mod listings;
mod live;
mod observe;
mod present;
mod rules;
mod rules_kafka;
mod rules_source;
mod source;
mod spec;
mod spec_delivery;
mod spec_kafka;
mod spec_source;
#[cfg(test)]
mod tests;
mod undeclared;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, ResourceRef};
use identity::KIND;
pub use identity::MAPPING_TAG;
pub use spec::EventSourceMapping;

impl crate::resource::Declare for EventSourceMapping {
    const KIND: KindId = KIND;
    const PLACES: &'static [&'static str] =
        &["functions.*.event_source_mappings.*", "functions.*.aliases.*.event_source_mappings.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {event_source_arn: "arn:aws:sqs:${region}:${account}:orders", batch_size: 5}
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { is_tagged: true, outlives_parent: true, may_be_orphaned: true, ..Lifecycle::default() }
    }

    fn check(spec: &EventSourceMapping, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
        rules_kafka::check(spec, at, cx, findings);
    }
}
