//! The request quotas that operations draw on.

/// The request quotas of the Lambda control plane, per account and region.
/// [AWS: Lambda quotas, "Control plane API requests"](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// GetFunction: 100 requests a second, which makes it the cheapest read there is.
    GetFunction,
    /// GetPolicy: 15 requests a second.
    GetPolicy,
    /// All other control-plane operations together: 15 requests a second.
    Control,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Bucket; 3] = [Bucket::GetFunction, Bucket::GetPolicy, Bucket::Control];

    /// Returns the operations that share the quota, as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Bucket::GetFunction => "GetFunction",
            Bucket::GetPolicy => "GetPolicy",
            Bucket::Control => "all others",
        }
    }
}
