//! The retention of old versions, of functions as of layers.

/// The number of versions that are newer than an old one.
pub struct NewerVersions(pub usize);
