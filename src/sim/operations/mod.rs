//! The operations of the API, one file a family.

pub(crate) mod accounts;
pub(crate) mod aliases;
pub(crate) mod capacity_providers;
pub(crate) mod code;
pub(crate) mod code_signing;
pub(crate) mod event_invoke_configs;
pub(crate) mod event_source_mappings;
pub(crate) mod function_configuration;
pub(crate) mod function_updates;
pub(crate) mod function_urls;
pub(crate) mod functions;
pub(crate) mod invocations;
pub(crate) mod layer_policies;
pub(crate) mod layers;
pub(crate) mod permissions;
pub(crate) mod provisioned_concurrency;
pub(crate) mod reserved_concurrency;
pub(crate) mod runtime_management;
pub(crate) mod scaling_configs;
pub(crate) mod tags;
pub(crate) mod versions;
