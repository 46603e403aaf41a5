//! The rules of code signing configurations: what Lambda would reject, as far as the spec shows it.

use super::spec::CodeSigningConfig;
use crate::kinds::shared::tags;
use crate::model::Findings;
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &CodeSigningConfig, _at: &ResourceRef, _cx: &dyn Context, findings: &mut Findings) {
    tags::check(spec.tags.as_ref(), findings);
}
