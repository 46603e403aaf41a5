//! The resource types that trueup knows, by the names that addresses begin with.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::suggest::{listed, nearest};

/// Declares [`KindId`] and everything that lists its variants, so that the list stands here once.
macro_rules! kind_ids {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// A resource type. The table of kinds has one entry for each, in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum KindId {
            $($(#[$doc])* $variant,)*
        }

        impl KindId {
            /// Every resource type, in the order in which a reader would meet them.
            pub const ALL: &'static [KindId] = &[$(KindId::$variant,)*];

            /// Returns the name that addresses begin with, such as `alias`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(KindId::$variant => $name,)*
                }
            }
        }
    };
}

kind_ids! {
    /// A layer, by its newest version.
    Layer "layer";
    /// The policy of a layer's newest version.
    LayerPermissions "layer_permissions";
    /// A code signing configuration.
    CodeSigningConfig "code_signing_config";
    /// A capacity provider for managed instances.
    CapacityProvider "capacity_provider";
    /// A function.
    Function "function";
    /// The code signing configuration that a function uses.
    FunctionCodeSigning "function_code_signing";
    /// The runtime management configuration of a function or a version.
    RuntimeManagement "runtime_management";
    /// The recursion configuration of a function.
    Recursion "recursion";
    /// A published version.
    Version "version";
    /// The scaling configuration of a version on managed instances.
    Scaling "scaling";
    /// An alias.
    Alias "alias";
    /// The reserved concurrency of a function.
    ReservedConcurrency "reserved_concurrency";
    /// The provisioned concurrency of an alias or a version.
    ProvisionedConcurrency "provisioned_concurrency";
    /// The resource policy of a function, an alias or a version.
    Permissions "permissions";
    /// A function URL.
    Url "url";
    /// The asynchronous invocation configuration of a function, an alias or a version.
    EventInvokeConfig "event_invoke_config";
    /// An event source mapping.
    EventSourceMapping "event_source_mapping";
}

/// Orders resource types by name, so that addresses sort alphabetically.
impl Ord for KindId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        RANKS[*self as usize].cmp(&RANKS[*other as usize])
    }
}

/// The rank of each resource type among all names. Addresses are compared too often to compare the names.
const RANKS: [usize; KindId::ALL.len()] = {
    let mut ranks = [0; KindId::ALL.len()];
    let mut one = 0;
    while one < ranks.len() {
        let mut other = 0;
        while other < ranks.len() {
            if is_before(KindId::ALL[other].name().as_bytes(), KindId::ALL[one].name().as_bytes()) {
                ranks[one] += 1;
            }
            other += 1;
        }
        one += 1;
    }
    ranks
};

/// Returns true if one name comes before the other.
const fn is_before(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
}

impl PartialOrd for KindId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is not the name of a resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub String);

impl std::error::Error for UnknownKind {}

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = || KindId::ALL.iter().map(|kind| kind.name());
        write!(f, "unknown resource type `{}`", self.0)?;
        match nearest(&self.0, names()) {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => write!(f, "; expected one of {}", listed(names())),
        }
    }
}

impl FromStr for KindId {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        KindId::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_same_in_text_and_in_json() {
        for kind in KindId::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(serde_json::from_value::<KindId>(kind.name().into()).unwrap(), *kind);
        }
    }

    #[test]
    fn resource_types_sort_by_name() {
        for (one, other) in KindId::ALL.iter().flat_map(|one| KindId::ALL.iter().map(move |other| (one, other))) {
            assert_eq!(one.cmp(other), one.name().cmp(other.name()), "{one} and {other}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_one() {
        let error = "functoin".parse::<KindId>().unwrap_err().to_string();
        assert_eq!(error, "unknown resource type `functoin`; did you mean `function`?");
        let error = "bucket".parse::<KindId>().unwrap_err().to_string();
        assert!(error.contains("expected one of `layer`, `layer_permissions`"), "{error}");
    }
}
