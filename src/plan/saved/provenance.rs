//! Where a saved plan comes from, and how long it holds. Pure: whoever saves it knows the time and the commit.
//!
//! A commit is told and not required: a plan is approved on a branch and applied on the commit that merges it. The spec, the code
//! and the live state are bound by what they are.

use jiff::{SignedDuration, Timestamp, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a saved plan comes from, and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The time at which it was made, such as `2026-01-31T12:00:00Z`.
    #[schemars(with = "String")]
    pub made_at: Timestamp,
    /// The time from which it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Timestamp>,
    /// The commit of the spec's repository; absent if it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// True if tracked files differed from the commit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_local_changes: bool,
}

impl Provenance {
    /// A plan that is made at this time, to the second, and holds so long.
    pub fn new(made_at: Timestamp, holds_for: Option<SignedDuration>) -> Provenance {
        let made_at = made_at.round(Unit::Second).unwrap_or(made_at);
        let expires_at = holds_for.and_then(|time| made_at.checked_add(time).ok());
        Provenance { made_at, expires_at, commit: None, has_local_changes: false }
    }

    /// Returns the time at which it has expired by now, if it has.
    pub fn expired(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.filter(|end| *end <= now)
    }

    /// Returns the commit in few characters.
    pub fn short_commit(&self) -> Option<String> {
        let commit = self.commit.as_ref()?;
        let changed = if self.has_local_changes { " with local changes" } else { "" };
        Some(format!("{}{changed}", commit.get(..10).unwrap_or(commit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_holds_until_the_second_at_which_it_expires() {
        let made: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let plan = Provenance::new(made, Some(SignedDuration::from_hours(24)));
        let end: Timestamp = "2026-02-01T12:00:00Z".parse().unwrap();
        assert_eq!(plan.expired(end - SignedDuration::from_secs(1)), None);
        assert_eq!(plan.expired(end), Some(end));
        assert_eq!(Provenance::new(made, None).expired(end), None);
    }
}
