//! The consequences of a change that people should see before all others.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A consequence of a change that people should see before all others. In data it has a message beside its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "RiskRecord", from = "RiskRecord")]
#[schemars(with = "RiskRecord")]
pub struct Risk(pub RiskKind);

/// The kind of risk, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RiskKind {
    /// The live resource is deleted.
    Deletion,
    /// The live resource is deleted and created again.
    Replacement {
        /// The loss for good, as a noun phrase.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loses: Option<String>,
    },
    /// A statement of a policy lets others in without a condition.
    OpenPolicy {
        /// Its id.
        statement: String,
        /// Those whom it lets in.
        to: String,
        /// The action that they may do.
        action: String,
    },
    /// Everybody may call the URL.
    PublicUrl,
    /// Traffic that two versions share goes to one at once.
    WeightsReset {
        /// The version that loses its share.
        version: String,
    },
    /// The alias goes back to an older version.
    OlderVersion {
        /// The version of now.
        from: String,
        /// The version to come.
        to: String,
    },
    /// The function is not invoked any more.
    ConcurrencyZero,
    /// The mapping does not read its source any more.
    MappingDisabled,
    /// Something that protects the function or its data goes.
    ProtectionDropped {
        /// What goes, as a noun phrase.
        protection: String,
    },
}

/// The class of a risk: what a spec asks to be confirmed, and a user confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskClass {
    /// Live resources are deleted.
    Deletion,
    /// Live resources are deleted and created again.
    Replacement,
    /// A policy lets others in without a condition.
    OpenPolicy,
    /// A URL asks for no authentication.
    PublicUrl,
    /// The traffic weights of an alias go.
    WeightsReset,
    /// An alias goes back to an older version.
    OlderVersion,
    /// Reserved concurrency is set to zero.
    ConcurrencyZero,
    /// An event source mapping is disabled.
    MappingDisabled,
    /// A protection goes.
    ProtectionDropped,
}

impl RiskClass {
    /// Every class.
    pub const ALL: [RiskClass; 9] = [
        RiskClass::Deletion,
        RiskClass::Replacement,
        RiskClass::OpenPolicy,
        RiskClass::PublicUrl,
        RiskClass::WeightsReset,
        RiskClass::OlderVersion,
        RiskClass::ConcurrencyZero,
        RiskClass::MappingDisabled,
        RiskClass::ProtectionDropped,
    ];

    /// Returns the class for people, as the title of a list.
    pub fn title(self) -> &'static str {
        match self {
            RiskClass::Deletion => "deleted",
            RiskClass::Replacement => "deleted and created again",
            RiskClass::OpenPolicy => "opened by a policy",
            RiskClass::PublicUrl => "without authentication",
            RiskClass::WeightsReset => "weights reset",
            RiskClass::OlderVersion => "back to an older version",
            RiskClass::ConcurrencyZero => "no invocations any more",
            RiskClass::MappingDisabled => "source not read any more",
            RiskClass::ProtectionDropped => "protection dropped",
        }
    }

    /// Returns the name, as in a spec.
    pub fn name(self) -> &'static str {
        match self {
            RiskClass::Deletion => "deletion",
            RiskClass::Replacement => "replacement",
            RiskClass::OpenPolicy => "open_policy",
            RiskClass::PublicUrl => "public_url",
            RiskClass::WeightsReset => "weights_reset",
            RiskClass::OlderVersion => "older_version",
            RiskClass::ConcurrencyZero => "concurrency_zero",
            RiskClass::MappingDisabled => "mapping_disabled",
            RiskClass::ProtectionDropped => "protection_dropped",
        }
    }
}

impl fmt::Display for RiskClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no class of risks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a class of risks; they are {names}", names = RiskClass::ALL.map(RiskClass::name).join(", "))]
pub struct UnknownRiskClass(String);

impl FromStr for RiskClass {
    type Err = UnknownRiskClass;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = RiskClass::ALL.into_iter().find(|class| class.name() == name);
        named.ok_or_else(|| UnknownRiskClass(name.to_owned()))
    }
}

impl Risk {
    /// Returns the class.
    pub fn class(&self) -> RiskClass {
        match self.0 {
            RiskKind::Deletion => RiskClass::Deletion,
            RiskKind::Replacement { .. } => RiskClass::Replacement,
            RiskKind::OpenPolicy { .. } => RiskClass::OpenPolicy,
            RiskKind::PublicUrl => RiskClass::PublicUrl,
            RiskKind::WeightsReset { .. } => RiskClass::WeightsReset,
            RiskKind::OlderVersion { .. } => RiskClass::OlderVersion,
            RiskKind::ConcurrencyZero => RiskClass::ConcurrencyZero,
            RiskKind::MappingDisabled => RiskClass::MappingDisabled,
            RiskKind::ProtectionDropped { .. } => RiskClass::ProtectionDropped,
        }
    }
}

impl From<RiskKind> for Risk {
    fn from(kind: RiskKind) -> Self {
        Risk(kind)
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            RiskKind::Deletion => f.write_str("is deleted"),
            RiskKind::Replacement { loses: None } => f.write_str("is deleted and created again"),
            RiskKind::Replacement { loses: Some(loses) } => {
                write!(f, "is deleted and created again, and loses {loses}")
            }
            RiskKind::OpenPolicy { statement, to, action } => {
                write!(f, "allows {action} to {to} (statement `{statement}`)")
            }
            RiskKind::PublicUrl => f.write_str("can be called by everybody, without authentication"),
            RiskKind::WeightsReset { version } => {
                write!(f, "stops sending traffic to version {version} at once")
            }
            RiskKind::OlderVersion { from, to } => write!(f, "goes back from version {from} to version {to}"),
            RiskKind::ConcurrencyZero => f.write_str("stops every invocation of the function"),
            RiskKind::MappingDisabled => f.write_str("stops reading its source"),
            RiskKind::ProtectionDropped { protection } => write!(f, "loses {protection}"),
        }
    }
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct RiskRecord {
    #[serde(flatten)]
    kind: RiskKind,
    /// The same for people, as the rest of a sentence about the resource.
    message: String,
}

impl From<Risk> for RiskRecord {
    fn from(risk: Risk) -> Self {
        RiskRecord { message: risk.to_string(), kind: risk.0 }
    }
}

impl From<RiskRecord> for Risk {
    fn from(record: RiskRecord) -> Self {
        // The text follows from the code, so that of a file is not believed.
        Risk(record.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_read_back_from_its_name() {
        for class in RiskClass::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
        assert!("deletions".parse::<RiskClass>().unwrap_err().to_string().contains("deletion, replacement"));
    }
}
