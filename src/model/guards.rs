//! The limits that a spec sets for every plan of it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RiskClass;

/// The limits that a spec sets for every plan of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// The most live resources that a plan may delete or replace.
    pub max_deletes: Option<Threshold>,
    /// The most resources that a plan may change in any way.
    pub max_changes: Option<Threshold>,
    /// The number of live resources from which shares of them count.
    pub shares_from: Option<usize>,
    /// The risks that are not accepted without a confirmation.
    pub confirm: Vec<RiskClass>,
}

impl Guards {
    /// The number of live resources from which shares count where a spec says nothing: one of three is no third of an estate.
    pub const SHARES_FROM: usize = 10;
}

/// A limit as a number of resources, or as a share of the live ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many.
    Count(usize),
    /// So many of a hundred.
    Percent(usize),
}

impl Threshold {
    /// Returns true if so many resources of so many live ones are too many.
    pub fn is_exceeded(self, count: usize, live: usize, shares_from: usize) -> bool {
        match self {
            Threshold::Count(most) => count > most,
            Threshold::Percent(most) => live >= shares_from && count * 100 > live * most,
        }
    }
}

/// A text that is neither a number nor a share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a number nor a share such as 30%")]
pub struct InvalidThreshold(String);

impl FromStr for Threshold {
    type Err = InvalidThreshold;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |_| InvalidThreshold(text.to_owned());
        match text.strip_suffix('%') {
            Some(share) => share.parse().map(Threshold::Percent).map_err(invalid),
            None => text.parse().map(Threshold::Count).map_err(invalid),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threshold::Count(count) => write!(f, "{count}"),
            Threshold::Percent(share) => write!(f, "{share}%"),
        }
    }
}

/// A number, or a text with a percent sign.
impl Serialize for Threshold {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Threshold::Count(count) => serializer.serialize_u64(*count as u64),
            Threshold::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number of resources, or a share of the live ones such as `30%`.",
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": "^[0-9]+%?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_counts_only_in_an_estate_of_some_size() {
        let third: Threshold = "30%".parse().unwrap();
        assert!(!third.is_exceeded(1, 3, Guards::SHARES_FROM), "one of three");
        assert!(!third.is_exceeded(3, 10, Guards::SHARES_FROM) && third.is_exceeded(4, 10, Guards::SHARES_FROM));
        assert!(Threshold::Count(2).is_exceeded(3, 3, Guards::SHARES_FROM));
        assert!("30 %".parse::<Threshold>().is_err() && "-1".parse::<Threshold>().is_err());
        for threshold in [third, Threshold::Count(2)] {
            let json = serde_json::to_value(threshold).unwrap();
            assert_eq!(serde_json::from_value::<Threshold>(json).unwrap(), threshold);
        }
    }
}
