//! The wire: REST-JSON on the way in and out, by the service model.

pub(crate) mod broken_responses;
pub(crate) mod clients;
pub(crate) mod connections;
pub(crate) mod protocol;
pub(crate) mod response;
pub(crate) mod service_model;
pub(crate) mod sts;
pub(crate) mod validate;
