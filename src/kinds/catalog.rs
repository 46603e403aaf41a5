//! The catalogs of all kinds: every rule of AWS Lambda's resources.

use super::{
    alias, capacity_provider, event_invoke_config, event_source_mapping, function, function_code_signing, layer,
    layer_permissions, permissions, provisioned_concurrency, runtime_management, scaling, shared, url, version,
};
use crate::model::Rule;

/// The rules of each kind, in the order of the table of kinds.
const CATALOGS: &[&[Rule]] = &[
    layer::catalog::RULES,
    layer_permissions::catalog::RULES,
    function_code_signing::catalog::RULES,
    capacity_provider::catalog::RULES,
    function::catalog::code::RULES,
    function::catalog::settings::RULES,
    function::catalog::exclusions::RULES,
    function::catalog::package::RULES,
    runtime_management::catalog::RULES,
    version::catalog::RULES,
    scaling::catalog::RULES,
    alias::catalog::RULES,
    provisioned_concurrency::catalog::RULES,
    permissions::catalog::RULES,
    url::catalog::RULES,
    event_invoke_config::catalog::RULES,
    event_source_mapping::catalog::source::RULES,
    event_source_mapping::catalog::delivery::RULES,
    event_source_mapping::catalog::kafka::RULES,
    shared::catalog::RULES,
];

/// Returns every rule of the kinds, in the order of the catalogs.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    CATALOGS.iter().copied().flatten()
}
