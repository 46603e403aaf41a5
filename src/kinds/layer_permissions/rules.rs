//! The rules of layers' policies: what Lambda would reject, as far as the spec shows it.

use super::catalog::V087;
use super::spec::LayerPermissions;
use crate::model::{FieldLocation, FieldPath, Findings, has_reference};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &LayerPermissions, _at: &ResourceRef, _cx: &dyn Context, findings: &mut Findings) {
    for (id, statement) in &spec.statements {
        if id.is_empty() || id.len() > 100 || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            findings
                .error(V087, FieldPath::root().then(id), format!("invalid statement id `{id}`"))
                .help("use at most 100 letters, digits, `-` and `_`");
        }
        let principal = &statement.principal;
        if statement.organization_id.is_some() && principal != "*" && !has_reference(principal) {
            let field = FieldPath::root().then(id).then("organization_id");
            findings
                .error(V087, FieldLocation::key(field), "`organization_id` requires the principal `*`")
                .help("use `principal: \"*\"`, or remove `organization_id`");
        }
    }
}
