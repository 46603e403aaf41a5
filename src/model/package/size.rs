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

/// The size of a file, in as few digits as tell it from another.
pub struct FileSize(pub u64);

impl fmt::Display for FileSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1000 => write!(f, "{bytes} B"),
            bytes @ 1000..1_000_000 => write!(f, "{:.1} kB", bytes as f64 / 1e3),
            bytes => write!(f, "{:.1} MB", bytes as f64 / 1e6),
        }
    }
}
