//! How a resource is named in a plan, and in which account and region it lives.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of one resource in a plan: its kind, then the spec keys that lead to it, as in `alias/orders/live`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Address {
    /// The kind's name, such as `alias`.
    pub kind: String,
    /// The keys below it, outermost first.
    pub keys: Vec<String>,
}

impl Address {
    /// The address of the resource of `kind` at `keys`.
    pub fn new(kind: &str, keys: &[impl AsRef<str>]) -> Self {
        Address { kind: kind.to_owned(), keys: keys.iter().map(|key| key.as_ref().to_owned()).collect() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        self.keys.iter().try_for_each(|key| write!(f, "/{key}"))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.split('/').map(str::to_owned);
        match (parts.next(), parts.collect::<Vec<_>>()) {
            (Some(kind), keys) if !kind.is_empty() && !keys.is_empty() => Ok(Address { kind, keys }),
            _ => {
                Err(format!("`{text}` is not an address: an address is a kind and its keys, as in `alias/orders/live`"))
            }
        }
    }
}

/// The account, region and stack that a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The twelve digits of the AWS account.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The stack's name, written to live resources as the tag `trueup:stack`.
    pub stack: String,
}

impl Scope {
    /// The partition that the region belongs to: `aws`, `aws-cn`, `aws-us-gov`, …
    /// [AWS: partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
    pub fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("us-iso-") => "aws-iso",
            region if region.starts_with("us-isob-") => "aws-iso-b",
            region if region.starts_with("eu-isoe-") => "aws-iso-e",
            region if region.starts_with("us-isof-") => "aws-iso-f",
            region if region.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        }
    }

    /// The ARN of a Lambda resource of this account and region, such as `function:orders:live`.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:lambda:{}:{}:{resource}", self.partition(), self.region, self.account)
    }
}
