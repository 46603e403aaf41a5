//! The rules of asynchronous invocation configurations: what Lambda would reject, as far as the spec shows it.

use super::spec::EventInvokeConfig;
use crate::kinds::version;
use crate::model::Findings;
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &EventInvokeConfig, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    version::check_number(at, cx, findings);
    if let Some(config) = &spec.destination_config {
        config.check(at, findings);
    }
}
