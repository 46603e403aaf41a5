//! A difference between a saved plan and what would happen now, in words.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::model::{Action, Address, Change, listed};

/// The most resources that are named for which something else would happen.
const NAMED: usize = 8;

/// A difference between a saved plan and what would happen now.
#[derive(Clone, Debug, PartialEq)]
pub enum Stale {
    /// It was made from another spec, or for another account, region or stack.
    OtherSpec {
        /// The part that differs.
        part: BindingPart,
        /// In the file.
        saved: String,
        /// Now.
        now: String,
    },
    /// The spec has changed, or its variables, its code or the names of its secrets.
    SpecChanged {
        /// The resources for which something else would happen now; none if the steps are the same.
        resources: Vec<Address>,
    },
    /// A resource that it writes has changed.
    Changed {
        /// The resource.
        address: Address,
        /// The fields that differ, from then to now.
        fields: Vec<Change<Value>>,
        /// The kind of change.
        change: BaselineChange,
    },
    /// The file lists a resource as it is not: with another action, or with something else that is lost or replaced.
    OtherListing {
        /// The resource.
        address: Address,
        /// Its action in the file; absent if the file does not list it.
        saved: Option<Action>,
        /// Its action now; absent if the plan would not list it.
        now: Option<Action>,
    },
    /// Something else would happen to a resource that has not moved.
    OtherValues {
        /// The resource.
        address: Address,
        /// What the plan does to it, and what would be done now; none if nothing.
        actions: [Option<Action>; 2],
        /// The fields that would get another value, from the one in the plan to the one of now; one is absent where the field
        /// would not change.
        fields: Vec<Change<Value>>,
        /// The package, as it was and as it is, if that can be told apart.
        packages: Option<(String, String)>,
    },
    /// The steps would be others.
    OtherSteps {
        /// The first step that differs, as it was and as it would be.
        first: (String, String),
    },
}

/// A part of what a plan is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingPart {
    /// The AWS account.
    Account,
    /// The region.
    Region,
    /// The stack's name.
    Stack,
    /// The key of the plan, by its fingerprint.
    PlanKey,
}

/// The change of a resource since a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineChange {
    /// It was created.
    Created,
    /// It was deleted.
    Deleted,
    /// Fields of it changed.
    Fields,
    /// Only its RevisionId changed.
    Revision,
}

impl Stale {
    /// Returns the resource, if that is what has changed.
    pub fn moved(&self) -> Option<&Address> {
        match self {
            Stale::Changed { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Returns the fields with a value then and another one now.
    pub fn fields(&self) -> &[Change<Value>] {
        match self {
            Stale::Changed { fields, .. } => fields,
            Stale::OtherValues { fields, packages: None, .. }
                if fields.iter().all(|it| it.before.is_some() && it.after.is_some()) =>
            {
                fields
            }
            _ => &[],
        }
    }

    /// Tests if the same steps would happen all the same: only the spec has changed, in something else.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Stale::SpecChanged { resources } if resources.is_empty())
    }
}

impl fmt::Display for BaselineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BaselineChange::Created => "it was created",
            BaselineChange::Deleted => "it was deleted",
            BaselineChange::Fields => "it was changed",
            BaselineChange::Revision => "its RevisionId changed (a write, or an update that finished)",
        })
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stale::SpecChanged { resources } => {
                f.write_str(
                    "the spec, its code, its variables or its sources of secrets have changed since the plan was made",
                )?;
                match resources.is_empty() {
                    true => f.write_str(", though it would do the same"),
                    false => write!(f, "; it would do something else to {}", listed(resources, NAMED)),
                }
            }
            Stale::OtherSpec { part, saved, now } => match part {
                BindingPart::Account => write!(f, "this plan is for account {saved}, and the run is in account {now}"),
                BindingPart::Region => write!(f, "this plan is for {saved}, and the run is in {now}"),
                BindingPart::Stack => write!(f, "this plan is of stack {saved}, and the spec is of stack {now}"),
                BindingPart::PlanKey => f.write_str("this plan was saved with another plan key than the run has"),
            },
            Stale::Changed { address, change, .. } => write!(f, "{address}: {change} since the plan was made"),
            Stale::OtherListing { address, saved, now } if saved == now => {
                write!(f, "{address}: the file says something of it that the plan does not")
            }
            Stale::OtherListing { address, saved, now } => {
                let action = |action: &Option<Action>| action.map_or("absent".to_owned(), |action| action.to_string());
                write!(f, "{address}: the file says `{}`, and the plan is `{}`", action(saved), action(now))
            }
            Stale::OtherValues { address, packages: Some((then, now)), .. } => {
                write!(f, "{address}: its code has changed since the plan was made: {then}, now {now}")
            }
            Stale::OtherValues { address, actions: [None, Some(now)], .. } if *now != Action::Update => {
                write!(f, "{address}: the plan leaves it as it is, and now the action would be `{now}`")
            }
            Stale::OtherValues { address, actions: [Some(then), None], .. } => {
                write!(f, "{address}: the action of the plan is `{then}`, and now nothing would happen to it")
            }
            Stale::OtherValues { address, actions: [Some(then), Some(now)], .. } if then != now => {
                write!(f, "{address}: the action of the plan is `{then}`, and now it would be `{now}`")
            }
            Stale::OtherValues { address, fields, .. } => {
                let names: Vec<String> = fields.iter().map(|change| change.path.shown()).collect();
                let names = listed(names, NAMED);
                match (fields.iter().all(|it| it.before.is_none()), fields.iter().all(|it| it.after.is_none())) {
                    (true, _) => write!(f, "{address}: {names} would be changed now, too"),
                    (_, true) => write!(f, "{address}: {names} would no longer be changed"),
                    _ => write!(f, "{address}: {names} would get another value now than the plan says"),
                }
            }
            Stale::OtherSteps { first: (then, now) } => {
                write!(f, "the plan has `{then}` where `{now}` would run now")
            }
        }
    }
}
