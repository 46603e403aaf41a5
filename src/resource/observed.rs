//! Live resources as they were observed, and their places.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Document, Extra};
use crate::model::{Address, AddressKeys, AttributeName, KindId, Ownership, Scope, StepReason, UnreadablePart};
use crate::wire::{Effect, Failure};

/// The place of a resource: its address in the spec, and its names in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRef {
    /// The account, region and stack.
    pub scope: Arc<Scope>,
    /// The resource's address.
    pub address: Address,
    /// The names in the account for each key of the address, outermost first: the function's name, the alias's name.
    pub names: Arc<[String]>,
}

impl ResourceRef {
    /// The name of the outermost resource: for everything below a function, the function's name.
    pub fn outer(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The resource's own name.
    pub fn own(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The place of a resource one level below this one.
    pub fn below(&self, kind: KindId, key: &str, name: &str) -> ResourceRef {
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        ResourceRef { scope: self.scope.clone(), address: self.address.child(kind, key), names }
    }

    /// The place of a resource that belongs to this one without a name of its own.
    pub fn sibling(&self, kind: KindId) -> ResourceRef {
        ResourceRef { scope: self.scope.clone(), address: self.address.sibling(kind), names: self.names.clone() }
    }

    /// Returns the top of the account, as the place above the resources of `kind` that belong to no other resource.
    pub fn top(scope: &Arc<Scope>, kind: KindId) -> ResourceRef {
        ResourceRef {
            scope: scope.clone(),
            address: Address { kind, keys: AddressKeys::default() },
            names: Arc::default(),
        }
    }
}

/// The state of Lambda's work on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is under way.
    Settled,
    /// Lambda is at work on it.
    Settling {
        /// The effect that the work will have.
        effect: Effect,
        /// A text that says so, such as `State Pending (Creating)`.
        text: String,
    },
    /// Lambda gave up; it will not get better by waiting.
    Failed {
        /// AWS's reason code, such as `EniLimitExceeded`.
        code: String,
        /// AWS's explanation.
        reason: String,
    },
}

/// A resource as it was observed.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed<S = Document> {
    /// Its value, in the form that users write.
    pub value: S,
    /// Its identity among its siblings in the account, whatever the spec calls it: a name, or a mapping's UUID.
    pub identity: String,
    /// Its RevisionId, if Lambda keeps one.
    pub revision: Option<String>,
    /// When Lambda last modified it, where it tells.
    pub modified: Option<String>,
    /// The attributes that other resources may refer to.
    pub attributes: Arc<BTreeMap<AttributeName, Value>>,
    /// The state of Lambda's work on it.
    pub state: State,
    /// The stack that it belongs to, as its tags show.
    pub owner: Ownership,
    /// Its deployment package, if it has one that Lambda shows.
    pub package: Option<ObservedPackage>,
    /// The parts that could not be read.
    pub unreadable: Vec<UnreadablePart>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// True if it was not found where it is declared, or under its name, but by what it is like. It is the declared resource,
    /// unless another declaration is it.
    pub presumed: bool,
    /// Facts that only the resource type itself reads.
    pub extra: Extra,
}

/// A deployment package that Lambda holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedPackage {
    /// Its CodeSha256: the SHA-256 of the zip file, in base64.
    pub sha256: String,
    /// A URL from which anyone can download it, for some minutes.
    pub location: String,
}

impl State {
    /// Returns a state in which Lambda creates the resource.
    pub fn creating(text: impl Into<String>) -> State {
        State::Settling { effect: Effect::Create, text: text.into() }
    }

    /// Returns a state in which Lambda changes the resource.
    pub fn updating(text: impl Into<String>) -> State {
        State::Settling { effect: Effect::Update, text: text.into() }
    }

    /// Returns a state in which Lambda deletes the resource.
    pub fn deleting(text: impl Into<String>) -> State {
        State::Settling { effect: Effect::Delete, text: text.into() }
    }
}

impl<S> Observed<S> {
    /// A settled resource without a revision, attributes or owner.
    pub fn new(identity: impl Into<String>, value: S) -> Self {
        Observed {
            value,
            identity: identity.into(),
            revision: None,
            modified: None,
            attributes: Arc::default(),
            state: State::Settled,
            owner: Ownership::default(),
            package: None,
            unreadable: Vec::new(),
            notes: Vec::new(),
            presumed: false,
            extra: Extra::default(),
        }
    }

    /// Returns the text of an attribute.
    pub fn text(&self, name: &AttributeName) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    /// The same resource with another value.
    pub fn map<T>(self, f: impl FnOnce(S) -> T) -> Observed<T> {
        Observed {
            value: f(self.value),
            identity: self.identity,
            revision: self.revision,
            modified: self.modified,
            attributes: self.attributes,
            state: self.state,
            owner: self.owner,
            package: self.package,
            unreadable: self.unreadable,
            notes: self.notes,
            presumed: self.presumed,
            extra: self.extra,
        }
    }
}

/// A live resource that the spec does not name.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    /// Its place; the last key is its live name.
    pub at: ResourceRef,
    /// Its identity, as [`Observed::identity`] would have it.
    pub identity: String,
    /// `Some` if the spec's own rules want it gone, and why; otherwise it is unmanaged.
    pub surplus: Option<StepReason>,
    /// The reason for which it is only named and not observed.
    pub gap: Option<Gap>,
}

/// The reason for which a discovered resource is not compared with the spec.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// It is history: nothing in the spec says what it should be.
    History,
    /// It belongs to a version that no alias uses, and takes a read of its own.
    Unused,
    /// It may be the stack's or anybody's, because its tags could not be read.
    Unattributed(Failure),
}

impl Discovered {
    /// Something that the spec may do as it pleases about.
    pub fn new(at: ResourceRef, identity: impl Into<String>) -> Self {
        Discovered { at, identity: identity.into(), surplus: None, gap: None }
    }

    /// Returns the live resource that belongs to `parent` without a name of its own, if there is one.
    pub fn sibling<S>(parent: &ResourceRef, kind: KindId, live: Option<Observed<S>>) -> Vec<Discovered> {
        live.into_iter().map(|live| Discovered::new(parent.sibling(kind), live.identity)).collect()
    }
}
