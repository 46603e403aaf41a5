//! Addresses with wildcards, which users choose resources by.

use std::fmt;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, AddressError};

/// An address, or a pattern of addresses: `*` and `?` stand for characters of one key, `**` for any, as in `alias/*/live`.
#[derive(Clone, Debug)]
pub enum AddressPattern {
    /// Exactly this one.
    Address(Address),
    /// All that it fits.
    Glob(GlobMatcher),
}

/// A text that is neither an address nor a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// It is no pattern.
    #[error("{0}")]
    Glob(String),
}

impl AddressPattern {
    /// Returns the addresses that it fits; an address itself even if it is not among them.
    pub fn select<'a>(&self, addresses: impl Iterator<Item = &'a Address>) -> Vec<Address> {
        match self {
            AddressPattern::Address(address) => vec![address.clone()],
            AddressPattern::Glob(glob) => {
                addresses.filter(|address| glob.is_match(address.to_string())).cloned().collect()
            }
        }
    }
}

impl AddressPattern {
    /// Tests if it fits an address.
    pub fn fits(&self, address: &Address) -> bool {
        match self {
            AddressPattern::Address(own) => own == address,
            AddressPattern::Glob(glob) => glob.is_match(address.to_string()),
        }
    }
}

impl PartialEq for AddressPattern {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Serialize for AddressPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AddressPattern::Address(address) => address.fmt(f),
            AddressPattern::Glob(glob) => f.write_str(glob.glob().glob()),
        }
    }
}

impl FromStr for AddressPattern {
    type Err = InvalidPattern;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(AddressPattern::Address(text.parse()?));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        glob.map(|glob| AddressPattern::Glob(glob.compile_matcher())).map_err(|it| InvalidPattern::Glob(it.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_key_and_two_do_not() {
        let addresses: Vec<Address> =
            ["function/a", "alias/a/live", "alias/b/live", "alias/b/test"].map(|text| text.parse().unwrap()).into();
        let fitting = |pattern: &str| -> Vec<String> {
            let pattern: AddressPattern = pattern.parse().unwrap();
            pattern.select(addresses.iter()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(fitting("alias/*/live"), ["alias/a/live", "alias/b/live"]);
        assert_eq!(fitting("*/a"), ["function/a"]);
        assert_eq!(fitting("**/b/**"), ["alias/b/live", "alias/b/test"]);
        assert_eq!(fitting("alias/b/{live,test}"), ["alias/b/live", "alias/b/test"]);
        assert_eq!(fitting("url/z"), ["url/z"], "an address that nobody declares is refused later, by name");
        assert!("alias/[".parse::<AddressPattern>().is_err() && "alais/a".parse::<AddressPattern>().is_err());
    }
}
