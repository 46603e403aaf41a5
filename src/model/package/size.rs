//! Sizes of packages, and the limit that functions and their layers share.

use std::fmt;

/// The size that an unzipped package must stay below, and that a function and its layers together may have, in bytes.
/// [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
pub const UNZIPPED_LIMIT: u64 = 250 * 1024 * 1024;

/// A number of bytes in a message, also in the unit of Lambda's quotas.
pub struct ByteCount(pub u64);

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MB: u64 = 1024 * 1024;
        let (whole, tenths) = (self.0 / MB, self.0 % MB * 10 / MB);
        write!(f, "{} bytes ({whole}.{tenths} MB)", self.0)
    }
}
