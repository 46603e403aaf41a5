//! The permissions that a resource type takes: its calls by what they are for, and the resources that it hands over to Lambda.

use crate::model::FieldPath;
use crate::wire::{AuthorizedOn, Operation};

/// The permissions that a resource type takes.
pub trait Authorize {
    /// The calls.
    const CALLS: KindCalls;

    /// The resource itself, as IAM knows it: its function unless it has an ARN of its own.
    const OWN: AuthorizedOn = AuthorizedOn::Function;

    /// Returns true if an apply deletes former versions of the resource.
    fn deletes_former(_spec: &Self) -> bool {
        false
    }

    /// Returns the actions on other resources that AWS wants of whoever writes or reads this one. A function, for example, has a
    /// role, and whoever creates it must be allowed to pass that on.
    fn grants(_spec: &Self) -> Vec<Grant> {
        Vec::new()
    }
}

/// The calls of a resource type, by what they are for.
#[derive(Clone, Copy, Debug)]
pub struct KindCalls {
    /// Reads of a declared resource, before it is planned.
    pub reads: &'static [Operation],
    /// Reads for which undeclared resources are the reason.
    pub searches: &'static [Operation],
    /// Calls that create and change a resource, with the reads between them.
    pub writes: &'static [Operation],
    /// Calls that remove from a declared resource what the spec does not declare, such as a tag.
    pub prunes: &'static [Operation],
    /// Calls that delete a resource, with the reads that see it gone.
    pub deletes: &'static [Operation],
}

impl KindCalls {
    /// No calls.
    pub const NONE: KindCalls = KindCalls { reads: &[], searches: &[], writes: &[], prunes: &[], deletes: &[] };
}

/// Actions on a resource that the spec names.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The actions.
    pub actions: &'static [&'static str],
    /// The field that names the resource.
    pub field: FieldPath,
    /// The resource.
    pub resource: GrantedResource,
    /// True if reading takes them too, and not only writing.
    pub reads: bool,
}

/// The resource of a grant.
#[derive(Clone, Debug, PartialEq)]
pub enum GrantedResource {
    /// The ARN that the field holds.
    Arn(String),
    /// A role that the field holds, which is passed to Lambda.
    Role(String),
    /// An object of S3, as `BUCKET/KEY`.
    Object(String),
    /// A container image, as its URI.
    Image(String),
    /// What the field holds has no ARN, or the actions have no resource.
    Any,
}

impl Grant {
    /// Returns actions that writing takes on the resource in a field.
    pub fn to_write(actions: &'static [&'static str], field: impl Into<FieldPath>, resource: GrantedResource) -> Grant {
        Grant { actions, field: field.into(), resource, reads: false }
    }

    /// Returns the same actions, which reading takes too.
    #[must_use]
    pub fn and_to_read(self) -> Grant {
        Grant { reads: true, ..self }
    }
}
