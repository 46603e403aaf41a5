//! The rules by which Lambda refuses requests, with the service's own texts.

pub(crate) mod event_source_mappings;
pub(crate) mod event_sources;
pub(crate) mod external_checks;
pub(crate) mod filter_patterns;
pub(crate) mod function_limits;
pub(crate) mod functions;
pub(crate) mod layers;
pub(crate) mod networks;
pub(crate) mod tags;
