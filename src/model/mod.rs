//! Words that every layer shares, and nothing that acts.

mod address;
mod address_keys;
mod address_map;
mod address_pattern;
mod attribute_name;
mod change;
mod diagnostic;
mod guards;
mod iam_statement;
mod keep_reason;
mod kind_id;
mod listed;
mod not_checked;
mod ownership;
mod package;
mod path;
mod per_target;
mod refusal;
mod risk;
mod rule;
mod secret;
mod secrets;
mod step_reason;
pub mod suggest;
mod template;
mod unreadable;
mod visible;

pub use address::{Address, AddressError, Scope, TargetPart};
pub use address_keys::AddressKeys;
pub use address_map::AddressMap;
pub use address_pattern::{AddressPattern, InvalidPattern};
pub use attribute_name::AttributeName;
pub use change::{Action, Change};
pub use diagnostic::{Diagnostic, FieldLocation, Finding, Findings, Severity, Source, SourceKind, SourcePlace, Span};
pub use guards::{Guards, InvalidThreshold, Threshold};
pub use iam_statement::IamStatement;
pub use keep_reason::{KeepReason, KeepReasonKind};
pub use kind_id::{KindId, UnknownKind};
pub use listed::listed;
pub use not_checked::{NotChecked, NotCheckedKind, UnansweredRead};
pub use ownership::Ownership;
pub use package::{
    ByteCount, Contents, ContentsError, DifferentFile, Entry, EntryKind, EntryName, FileDifference, FileFormat,
    FileSize, LinkPolicy, Lookup, Machine, Mode, NameError, Package, PackageSource, UNZIPPED_LIMIT,
};
pub use path::{FieldPath, InvalidFieldPath};
pub use per_target::{OfTarget, PerTarget, of_target};
pub use refusal::{LimitSource, ProtectedEffect, Refusal, RefusalKind};
pub use risk::{Risk, RiskClass, RiskKind, UnknownRiskClass};
pub use rule::{
    ErrorOrWarningRule, ErrorRule, ReportsErrors, ReportsWarnings, Rule, RuleId, RuleSeverity, WarningRule,
};
pub(crate) use rule::{rules, type_of_severity};
pub use secret::{AsJson, ClearValue, MASK};
pub use secrets::{Secrets, without_users};
pub use step_reason::{ReplacementConsequence, StepReason, StepReasonKind};
pub use template::{Piece, Reference, Template, has_reference, plain, with_examples};
pub use unreadable::UnreadablePart;
pub use visible::{escaped, is_hidden, visible, visible_json};
