//! The rules that a spec must follow, as data: each code with its meaning and examples.
//!
//! A catalog is one [`rules!`] per kind of resource, and one for the declaration language. The macro makes the constant of a
//! rule and its entry in the table together, so that a finding cannot carry a code that `trueup explain` does not know.

use std::fmt;

use super::Severity;

/// Identifies a rule by its stable code, such as `V014`. Only [`rules!`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

/// Describes a rule: what it demands, why, and how to follow it.
#[derive(Debug)]
pub struct Rule {
    /// The stable code. `S…` are the rules of the declaration language, `V…` those of AWS Lambda's resources.
    pub id: RuleId,
    /// The severity of what `bad` shows. A rule of severity `Error` may warn of less certain cases.
    pub severity: Severity,
    /// What breaks the rule, in a few words without a full stop.
    pub title: &'static str,
    /// What the rule demands, why, and the way out, in two to four sentences.
    pub meaning: &'static str,
    /// A whole spec in YAML that breaks this rule and no other.
    pub bad: &'static str,
    /// A whole spec in YAML that is like `bad` and breaks no rule.
    pub good: &'static str,
    /// The page of AWS's documentation; `None` for rules of the declaration language.
    pub aws_page: Option<&'static str>,
}

impl RuleId {
    /// Makes the id of a rule. Only [`rules!`] may call this; a test checks it.
    pub(crate) const fn declare(code: &'static str) -> Self {
        RuleId(code)
    }

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
            pub const $code: $crate::model::RuleId = $crate::model::RuleId::declare(stringify!($code));
        )*

        /// The rules of this catalog, in the order of their codes.
        pub const RULES: &[$crate::model::Rule] = &[$($crate::model::Rule {
            id: $code,
            severity: $crate::model::Severity::$severity,
            title: $title,
            meaning: $meaning,
            bad: $bad,
            good: $good,
            aws_page: $aws_page,
        }),*];
    };
}

pub(crate) use rules;
