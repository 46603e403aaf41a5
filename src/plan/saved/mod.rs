//! Saved plans: written without secrets, read back, and compared with the plan of now.
//!
//! A saved plan says of a secret value that there is one, and whether it changes. With a [`PlanKey`] it holds a digest of each
//! under that key, so that the values themselves are bound too.
//!
//! # Guarantees
//! `tests/it/saved_plan` tests each of these:
//! - Whoever has the plan, and the spec without its secrets, can test no guess of a secret.
//! - The same spec and live state give the same bytes.
//! - A saved plan is applied exactly or refused: applying makes the plan again, and refuses if the two differ.
//!
//! # Caveats
//! Without a key, a secret that changes between plan and apply is applied as it is then. The live state stays bound by its
//! RevisionId.

mod binding;
mod compare;
mod file;
mod hidden;
mod key;
mod provenance;
mod quoted;
mod secrets;
mod stale;
mod verify;

use serde_json::Value;

use super::FORMAT_VERSION;
use crate::model::visible;

pub use binding::Binding;
pub use compare::stale;
pub use file::SavedPlans;
pub use key::{PlanKey, ShortKey};
pub use provenance::Provenance;
pub use secrets::{MaskedPlan, SealedPlan};
pub use stale::{BaselineChange, BindingPart, Stale};
pub use verify::{Standing, Verification, VerifiedResource, verify};

impl SealedPlan {
    /// Returns the text of the file.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plans are plain data");
        text.push('\n');
        text
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// The text is not JSON, not a plan, or a plan of another major format version.
    pub fn from_json(text: &str) -> Result<SealedPlan, PlanFileError> {
        SealedPlan::from_value(serde_json::from_str(text).map_err(PlanFileError::NotAPlan)?)
    }

    fn from_value(value: Value) -> Result<SealedPlan, PlanFileError> {
        let version = value.get("format_version").and_then(Value::as_str).unwrap_or_default();
        let numbers = |version: &str| -> Option<(u32, u32)> {
            let (major, minor) = version.split_once('.')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        };
        if numbers(version).map(|(major, _)| major) != numbers(FORMAT_VERSION).map(|(major, _)| major) {
            return Err(PlanFileError::OtherVersion(version.to_owned()));
        }
        serde_json::from_value(value).map(SealedPlan).map_err(PlanFileError::Damaged)
    }
}

/// A reason for which a file cannot be read as a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON, or lacks what a plan has.
    #[error("not a saved plan: {}", visible(&.0.to_string()))]
    NotAPlan(serde_json::Error),
    /// It is a plan, and a part of it cannot be read.
    #[error("the saved plan is damaged, or another version of trueup wrote it: {}. Run plan again.", visible(&.0.to_string()))]
    Damaged(serde_json::Error),
    /// It was written by another major version.
    #[error("plan format `{}` is not supported (this trueup reads {FORMAT_VERSION}). Run plan again.", visible(.0))]
    OtherVersion(String),
    /// It is a report of several targets, one of which has no plan.
    #[error("target {} has no plan. Run plan again.", visible(target))]
    NoPlan {
        /// The target.
        target: String,
    },
}
