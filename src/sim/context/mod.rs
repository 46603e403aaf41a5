//! The context of every operation: the request, the clock, ids, errors, names and preconditions.

pub(crate) mod api_error;
pub(crate) mod clock;
pub(crate) mod external_resources;
pub(crate) mod identifiers;
pub(crate) mod ids;
pub(crate) mod lookup;
pub(crate) mod options;
pub(crate) mod preconditions;
pub(crate) mod request;
pub(crate) mod wildcards;
