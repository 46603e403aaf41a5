//! Addresses name resources in a plan; a scope is the account and region they live in.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AddressKeys;
use super::kind_id::{KindId, UnknownKind};

/// The name of one resource in a plan: its resource type, then the spec keys that lead to it, as in `alias/orders/live`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Address {
    /// The resource type.
    pub kind: KindId,
    /// The keys below it, outermost first.
    pub keys: AddressKeys,
}

impl Address {
    /// Returns the address of the resource of `kind` at `keys`.
    pub fn new(kind: KindId, keys: &[impl AsRef<str>]) -> Self {
        Address { kind, keys: keys.iter().map(|key| key.as_ref().to_owned()).collect() }
    }

    /// Returns the address of the resource of `kind` at the same keys.
    pub fn sibling(&self, kind: KindId) -> Address {
        Address { kind, keys: self.keys.clone() }
    }

    /// Returns the address of the resource of `kind` at the outermost key: from anything below a function, the function.
    pub fn outermost(&self, kind: KindId) -> Address {
        match self.keys.len() {
            0 | 1 => self.sibling(kind),
            _ => Address { kind, keys: self.keys.iter().take(1).cloned().collect() },
        }
    }

    /// Returns the address of the resource of `kind` one key below this one.
    pub fn child(&self, kind: KindId, key: &str) -> Address {
        Address { kind, keys: self.keys.iter().cloned().chain([key.to_owned()]).collect() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        self.keys.iter().try_for_each(|key| write!(f, "/{key}"))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

/// Text that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text has no keys.
    #[error("`{0}` is not an address: expected a resource type and its keys, as in `alias/orders/live`")]
    Form(String),
    /// The first part is not a resource type.
    #[error("`{text}` is not an address: {unknown}")]
    Kind {
        /// The text.
        text: String,
        /// Its first part.
        unknown: UnknownKind,
    },
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, keys) = text.split_once('/').ok_or_else(|| AddressError::Form(text.to_owned()))?;
        let kind = kind.parse().map_err(|unknown| AddressError::Kind { text: text.to_owned(), unknown })?;
        Ok(Address { kind, keys: keys.split('/').map(str::to_owned).collect() })
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

/// A part of the place in AWS where a stack lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPart {
    /// The AWS account.
    Account,
    /// The region.
    Region,
    /// The partition, which follows from the region.
    Partition,
}

impl TargetPart {
    /// All parts.
    pub const ALL: [TargetPart; 3] = [TargetPart::Account, TargetPart::Region, TargetPart::Partition];

    /// Returns the expression that stands for the part in a spec. It stays in texts while the part is not known.
    pub const fn expression(self) -> &'static str {
        match self {
            TargetPart::Account => "${account}",
            TargetPart::Region => "${region}",
            TargetPart::Partition => "${partition}",
        }
    }

    /// Returns a value of the form that the part has, to check texts while the part is not known.
    pub const fn example(self) -> &'static str {
        match self {
            TargetPart::Account => "123456789012",
            TargetPart::Region => "us-east-1",
            TargetPart::Partition => "aws",
        }
    }
}

impl fmt::Display for TargetPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetPart::Account => "account",
            TargetPart::Region => "region",
            TargetPart::Partition => "partition",
        })
    }
}

/// The partitions other than `aws`, by the beginning of their regions' names.
const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];

/// Returns the partition of a region.
fn partition_of(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// The account, region and stack that a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The twelve digits of the AWS account; `None` while nobody is connected and the spec's target does not name it.
    pub account: Option<String>,
    /// The region, such as `eu-west-1`; `None` likewise.
    pub region: Option<String>,
    /// The stack's name, written to live resources as the tag `trueup:stack`.
    pub stack: String,
}

impl Scope {
    /// Returns a part of the scope, if it is known.
    pub fn known(&self, part: TargetPart) -> Option<&str> {
        match part {
            TargetPart::Account => self.account.as_deref(),
            TargetPart::Region => self.region.as_deref(),
            TargetPart::Partition => self.region.as_deref().map(partition_of),
        }
    }

    /// Returns a part of the scope, or its expression while it is not known.
    pub fn text(&self, part: TargetPart) -> &str {
        self.known(part).unwrap_or(part.expression())
    }

    /// Returns true if the part is known to be another one.
    pub fn differs(&self, part: TargetPart, other: &str) -> bool {
        self.known(part).is_some_and(|known| known != other)
    }

    /// The partition that the region belongs to: `aws`, `aws-cn`, `aws-us-gov`, …
    /// [AWS: partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
    /// While the region is not known it is the expression `${partition}`.
    pub fn partition(&self) -> &str {
        self.text(TargetPart::Partition)
    }

    /// The ARN of a Lambda resource of this account and region, such as `function:orders:live`.
    pub fn arn(&self, resource: &str) -> String {
        let (region, account) = (self.text(TargetPart::Region), self.text(TargetPart::Account));
        format!("arn:{}:lambda:{region}:{account}:{resource}", self.partition())
    }
}
