//! The limits of packages. [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).

/// The largest package that may be sent in a call, in bytes.
pub const MAX_ZIPPED_BYTES: usize = 50 * 1024 * 1024;

pub use crate::model::UNZIPPED_LIMIT;

/// The most files of a package, by which the memory is bounded: links that are followed can make many out of few.
pub const ENTRIES_MAX: usize = 250_000;
