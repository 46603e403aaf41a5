//! The published request quotas of the control plane.

use std::collections::HashMap;

/// The remaining requests of each quota, by region.
#[derive(Default)]
pub(crate) struct Quotas(HashMap<(String, &'static str), Bucket>);

struct Bucket {
    tokens: f64,
    at: i64,
}

impl Quotas {
    /// Counts one call against its quota; returns whether the quota was exhausted.
    pub(crate) fn is_over(&mut self, region: &str, operation: &str, now: i64) -> bool {
        let (name, rate) = match operation {
            // Invocations have quotas of their own, which are not those of the control plane.
            "Invoke" => return false,
            "GetFunction" => ("GetFunction", 100.0),
            "GetPolicy" => ("GetPolicy", 15.0),
            _ => ("others", 15.0),
        };
        let bucket = self.0.entry((region.to_owned(), name)).or_insert(Bucket { tokens: rate, at: now });
        let passed = u32::try_from((now - bucket.at).clamp(0, 3_600_000)).unwrap_or(0);
        bucket.tokens = (bucket.tokens + rate * f64::from(passed) / 1000.0).min(rate);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return true;
        }
        bucket.tokens -= 1.0;
        false
    }
}
