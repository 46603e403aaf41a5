//! The rules that a spec must follow, as data: each code with its meaning and examples.
//!
//! A catalog is one [`rules!`] per kind of resource, and one for the declaration language. The macro makes the constant of a
//! rule and its entry in the table together, so that a finding cannot carry a code that `trueup explain` does not know.

use std::fmt;

/// Identifies a rule by its stable code, such as `V014`. Only [`rules!`] makes one, inside of an [`ErrorRule`], a
/// [`WarningRule`] or an [`ErrorOrWarningRule`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

/// Describes a rule: what it demands, why, and how to follow it.
#[derive(Debug)]
pub struct Rule {
    /// The stable code. `S…` are the rules of the declaration language, `V…` those of AWS Lambda's resources.
    pub id: RuleId,
    /// The severity of its findings.
    pub severity: RuleSeverity,
    /// The mistake, in a few words without a full stop.
    pub title: &'static str,
    /// The demand of the rule, the reason, and the way to correct it, in two to four sentences.
    pub meaning: &'static str,
    /// A whole spec in YAML that breaks this rule and no other.
    pub bad: &'static str,
    /// A whole spec in YAML that is like `bad` and breaks no rule.
    pub good: &'static str,
    /// The page of AWS's documentation; `None` for rules of the declaration language.
    pub aws_page: Option<&'static str>,
}

/// The severity of the findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSeverity {
    /// Each finding is an error.
    Error,
    /// Each finding is a warning.
    Warning,
    /// Findings that Lambda is sure to reject are errors; the meaning of the rule names the cases that it warns of.
    ErrorOrWarning,
}

/// A rule whose findings are errors.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRule(RuleId);

/// A rule whose findings are warnings.
#[derive(Clone, Copy, Debug)]
pub struct WarningRule(RuleId);

/// A rule that warns of its less certain cases.
#[derive(Clone, Copy, Debug)]
pub struct ErrorOrWarningRule(RuleId);

/// A rule under which an error may be reported. A warning under an [`ErrorRule`] does not compile, so the severity that the
/// table states is the true one.
pub trait ReportsErrors: Into<RuleId> {}

/// A rule under which a warning may be reported.
pub trait ReportsWarnings: Into<RuleId> {}

impl ReportsErrors for ErrorRule {}
impl ReportsErrors for ErrorOrWarningRule {}
impl ReportsWarnings for WarningRule {}
impl ReportsWarnings for ErrorOrWarningRule {}

macro_rules! rule_methods {
    ($type:ident) => {
        impl $type {
            /// Declares a rule. Only [`rules!`] may call this; a test checks it.
            pub(crate) const fn declare(code: &'static str) -> Self {
                $type(RuleId(code))
            }

            /// Returns the id of the rule.
            pub const fn id(self) -> RuleId {
                self.0
            }
        }

        impl From<$type> for RuleId {
            fn from(rule: $type) -> RuleId {
                rule.0
            }
        }
    };
}

rule_methods!(ErrorRule);
rule_methods!(WarningRule);
rule_methods!(ErrorOrWarningRule);

impl fmt::Display for RuleSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RuleSeverity::Error => "error",
            RuleSeverity::Warning => "warning",
            RuleSeverity::ErrorOrWarning => "error or warning",
        })
    }
}

impl RuleId {
    /// Returns the code, such as `V014`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl PartialEq<&str> for RuleId {
    fn eq(&self, code: &&str) -> bool {
        self.0 == *code
    }
}

/// Declares rules: a constant named by its code for each, and the slice `RULES` of all of them.
macro_rules! rules {
    ($($code:ident {
        severity: $severity:ident,
        title: $title:literal,
        meaning: $meaning:literal,
        bad: $bad:expr,
        good: $good:expr,
        aws_page: $aws_page:expr,
    })*) => {
        $(
            #[doc = concat!("The rule `", stringify!($code), "`: ", $title, ".")]
            pub const $code: $crate::model::type_of_severity!($severity) =
                <$crate::model::type_of_severity!($severity)>::declare(stringify!($code));
        )*

        /// The rules of this catalog, in the order of their codes.
        pub const RULES: &[$crate::model::Rule] = &[$($crate::model::Rule {
            id: $code.id(),
            severity: $crate::model::RuleSeverity::$severity,
            title: $title,
            meaning: $meaning,
            bad: $bad,
            good: $good,
            aws_page: $aws_page,
        }),*];
    };
}

/// The type of the constant of a rule with this severity.
macro_rules! type_of_severity {
    (Error) => {
        $crate::model::ErrorRule
    };
    (Warning) => {
        $crate::model::WarningRule
    };
    (ErrorOrWarning) => {
        $crate::model::ErrorOrWarningRule
    };
}

pub(crate) use {rules, type_of_severity};
