//! One room per resource kind, and the table of them.
//!
//! A kind is one file: what it is and AWS's quirks, the struct that users write and that we observe, its place in
//! the spec, an example, its reads, how replies become the struct, its writes, and tests of what is peculiar to it.
//! The engine knows kinds only through [`Kind`] and matches on none of them. To add one: write the file as a
//! [`Room`], then add its `mod` line and its line in [`KINDS`].
//!
//! What is true of a field sits on the field, as schema extensions that [`policy`] names: what cannot change in
//! place, what is compared as a set, what is secret, what only tells where to find something.

#[cfg(test)]
mod alone;
mod erased;
pub mod policy;
mod tags;

pub mod alias;
pub mod capacity_provider;
pub mod code_signing_config;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod function_code_signing;
pub mod layer;
pub mod layer_permissions;
pub mod permissions;
pub mod provisioned_concurrency;
pub mod recursion;
pub mod reserved_concurrency;
pub mod runtime_management;
pub mod scaling;
pub mod url;
pub mod version;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{Action, Address, Change, Findings, Package, PackageSource, Path, Scope, Template};
use crate::wire::{Call, Reply, Seen, Unread};

pub use erased::{Entry, Kind};

/// Every kind, in the order in which a reader would meet them.
pub static KINDS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    vec![
        Entry::new(&layer::Room),
        Entry::new(&layer_permissions::Room),
        Entry::new(&code_signing_config::Room),
        Entry::new(&capacity_provider::Room),
        Entry::new(&function::Room),
        Entry::new(&function_code_signing::Room),
        Entry::new(&runtime_management::Room),
        Entry::new(&recursion::Room),
        Entry::new(&version::Room),
        Entry::new(&scaling::Room),
        Entry::new(&alias::Room),
        Entry::new(&reserved_concurrency::Room),
        Entry::new(&provisioned_concurrency::Room),
        Entry::new(&permissions::Room),
        Entry::new(&url::Room),
        Entry::new(&event_invoke_config::Room),
        Entry::new(&event_source_mapping::Room),
    ]
});

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Entry> {
    KINDS.iter().find(|entry| entry.name() == name)
}

/// The kind of the resource around a place, and its own place; `None` at the top of a spec.
pub fn above(place: &str) -> Option<(&'static Entry, &'static str)> {
    let mut outer = place;
    while let Some((rest, _)) = outer.rsplit_once('.') {
        outer = rest;
        for entry in KINDS.iter() {
            if let Some(place) = entry.places().iter().find(|place| **place == outer) {
                return Some((entry, place));
            }
        }
    }
    None
}

/// The tag on live resources that names the stack they belong to.
pub const STACK_TAG: &str = "trueup:stack";

/// Where a resource is: its address in the spec, and its names in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The account, region and stack.
    pub scope: Scope,
    /// The resource's address.
    pub address: Address,
    /// What the account calls each key of the address, outermost first: the function's name, the alias's name.
    pub names: Vec<String>,
}

impl At {
    /// The name of the outermost resource: for all that hangs on a function, the function's name.
    pub fn outer(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The resource's own name.
    pub fn own(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The place of a resource one level below this one.
    pub fn below(&self, kind: &str, key: &str, name: &str) -> At {
        let mut keys = self.address.keys.clone();
        keys.push(key.to_owned());
        let mut names = self.names.clone();
        names.push(name.to_owned());
        At { scope: self.scope.clone(), address: Address { kind: kind.to_owned(), keys }, names }
    }

    /// The place of a resource that hangs on this one without a name of its own.
    pub fn beside(&self, kind: &str) -> At {
        let address = Address { kind: kind.to_owned(), keys: self.address.keys.clone() };
        At { scope: self.scope.clone(), address, names: self.names.clone() }
    }
}

/// Whether Lambda has finished with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is under way.
    Settled,
    /// Lambda is at work; the text says on what, such as `State Pending (Creating)`.
    Settling(String),
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
pub struct Live<S = Value> {
    /// What it is, in the words of the spec.
    pub value: S,
    /// What tells it from its siblings in the account, whatever the spec calls it: a name, or a mapping's UUID.
    pub identity: String,
    /// Its RevisionId, if Lambda keeps one.
    pub revision: Option<String>,
    /// What other resources may refer to: `arn`, `version`, `url`, …
    pub attributes: BTreeMap<&'static str, Value>,
    /// Whether Lambda has finished with it.
    pub state: State,
    /// The stack that it is tagged with; the outer `None` where tags were not read or there are none to have.
    pub owner: Option<Option<String>>,
    /// Where its deployment package can be read, if it has one that Lambda shows.
    pub package: Option<LivePackage>,
    /// What the user should know about it.
    pub notes: Vec<String>,
}

/// A deployment package that Lambda holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivePackage {
    /// Its CodeSha256: the SHA-256 of the zip file, in base64.
    pub sha256: String,
    /// A URL that gives it to whoever asks, for some minutes.
    pub location: String,
}

impl<S> Live<S> {
    /// A settled resource without a revision, attributes or owner.
    pub fn new(identity: impl Into<String>, value: S) -> Self {
        Live {
            value,
            identity: identity.into(),
            revision: None,
            attributes: BTreeMap::new(),
            state: State::Settled,
            owner: None,
            package: None,
            notes: Vec::new(),
        }
    }

    /// The same resource with another value.
    pub fn map<T>(self, f: impl FnOnce(S) -> T) -> Live<T> {
        Live {
            value: f(self.value),
            identity: self.identity,
            revision: self.revision,
            attributes: self.attributes,
            state: self.state,
            owner: self.owner,
            package: self.package,
            notes: self.notes,
        }
    }
}

/// What is known, while planning, of an attribute that others may refer to.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// It is so now and the plan does not change it, or it follows from names.
    Known(Value),
    /// It will most likely be so; the plan shows it and applying uses what Lambda answers.
    Predicted(Value),
    /// Lambda will choose it.
    Unknown,
}

/// The attributes of a resource after the plan, by name.
pub type Attributes = BTreeMap<&'static str, Attribute>;

/// The other resources of a run, as far as they have been worked out.
pub trait Around {
    /// The declared value of a resource, with defaults.
    fn declared(&self, address: &Address) -> Option<&Value>;
    /// The value that a resource will have after the plan; `None` before it was planned.
    fn planned(&self, address: &Address) -> Option<&Value>;
    /// What can be referred to of a resource.
    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute>;
    /// The addresses of all declared resources of a kind.
    fn all(&self, kind: &str) -> Vec<&Address>;
    /// The last observation of a resource.
    fn observed(&self, address: &Address) -> Option<&Live>;
    /// The fields of a resource whose value comes from other resources and is not settled.
    fn pending(&self, _address: &Address) -> Option<&BTreeMap<Path, Template>> {
        None
    }
    /// Whether the plan creates the resource, for the first time or again.
    fn is_made_anew(&self, _address: &Address) -> bool {
        false
    }
}

/// The work to plan on one resource.
#[derive(Debug)]
pub struct Work<'a, S> {
    /// Where it is.
    pub at: &'a At,
    /// What is to be done.
    pub action: Action,
    /// What it should be; absent for a deletion.
    pub desired: Option<&'a S>,
    /// What it is; absent for a creation.
    pub live: Option<&'a Live<S>>,
    /// The fields that differ.
    pub changes: &'a [Change],
}

impl<S> Work<'_, S> {
    /// The changed paths that lie within `field`.
    pub fn changed(&self, field: &str) -> Vec<Path> {
        let field = Path::parse(field);
        self.changes.iter().filter(|change| change.path.within(&field)).map(|change| change.path.clone()).collect()
    }
}

/// What makes sure that a write replaces only what the plan has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The call carries the resource's own RevisionId.
    Revision,
    /// The call carries the RevisionId of another resource.
    RevisionOf(Address),
    /// The call takes no RevisionId: the resource is read again and compared just before the write.
    Unchanged,
}

/// One write that a kind asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The operation, as AWS writes it.
    pub operation: &'static str,
    /// The changed fields that the write brings about; empty for all of them.
    pub covers: Vec<Path>,
    /// Why it is there, as a phrase.
    pub because: String,
    /// Its precondition.
    pub guard: Guard,
    /// Shared limits in which it makes room; it comes before every write that takes from them.
    pub frees: Vec<String>,
    /// Shared limits from which it takes.
    pub takes: Vec<String>,
    /// Whether it comes before the writes of the resource that it hangs on, which is there already.
    pub ahead: bool,
    /// A resource whose RevisionId it may move without changing the resource.
    pub moves: Option<Address>,
}

impl Draft {
    /// A write of the whole resource, guarded by reading it again.
    pub fn new(operation: &'static str, because: impl Into<String>) -> Self {
        Draft {
            operation,
            covers: Vec::new(),
            because: because.into(),
            guard: Guard::Unchanged,
            frees: Vec::new(),
            takes: Vec::new(),
            ahead: false,
            moves: None,
        }
    }

    /// Limits the write to some of the changed fields.
    pub fn covering(mut self, covers: Vec<Path>) -> Self {
        self.covers = covers;
        self
    }

    /// Says that the write may give another resource a new RevisionId.
    pub fn moving(mut self, other: Address) -> Self {
        self.moves = Some(other);
        self
    }

    /// Sets the precondition.
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }
}

/// A write to phrase as a call, with every reference resolved.
#[derive(Debug)]
pub struct Doing<'a, S> {
    /// Where the resource is.
    pub at: &'a At,
    /// What it should be; absent for a deletion.
    pub desired: Option<S>,
    /// What it was when last seen; absent for a creation.
    pub live: Option<Live<S>>,
    /// The fields that this write changes; all of them if empty.
    pub covers: &'a [Path],
    /// The deployment package, if the spec names one.
    pub package: Option<Arc<Package>>,
}

impl<S> Doing<'_, S> {
    /// Whether the write changes the field or something within it.
    pub fn changes(&self, field: &str) -> bool {
        let field = Path::parse(field);
        self.covers.is_empty() || self.covers.iter().any(|path| path.within(&field) || field.within(path))
    }
}

/// Something live that the spec does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is; its last key is its live name.
    pub at: At,
    /// Its identity, as [`Live::identity`] would have it.
    pub identity: String,
    /// `Some` if the spec's own rules want it gone, and why; otherwise it is unmanaged.
    pub surplus: Option<String>,
}

impl Found {
    /// Something that the spec may do as it pleases about.
    pub fn new(at: At, identity: impl Into<String>) -> Self {
        Found { at, identity: identity.into(), surplus: None }
    }
}

/// A resource kind, as its file writes it. The engine uses [`Kind`], which follows from this.
pub trait Room: Sync + 'static {
    /// What users write and what we observe: the same type.
    type Spec: Serialize + DeserializeOwned + JsonSchema;

    /// The kind's name, such as `alias`: the first part of its addresses.
    const NAME: &'static str;
    /// Where it stands in the spec; `*` is the key that a user chooses: `functions.*.aliases.*`.
    const PLACES: &'static [&'static str];
    /// A whole stack that shows it, used by the laws.
    const EXAMPLE: &'static str;
    /// The field that a bare scalar at its place stands for: `reserved_concurrent_executions: 20`.
    const SHORTHAND: Option<&'static str> = None;
    /// Whether a reference to it brings it into being with its defaults.
    const IMPLIED: bool = false;
    /// Whether it comes into being by itself together with what it hangs on, so that one found there is nobody's work.
    const ARISES: bool = false;
    /// Whether Lambda leaves it behind when what it hangs on is deleted.
    const OUTLIVES_PARENT: bool = false;

    /// What the account calls it; the spec's key unless the kind has a name of its own.
    fn name(&self, _spec: &Self::Spec, key: &str) -> String {
        key.to_owned()
    }

    /// The kind's own rules, offline: what schema and types cannot say.
    fn check(&self, _spec: &Self::Spec, _at: &At, _around: &dyn Around, _findings: &mut Findings) {}

    /// References that are written as words, such as `function_version: published`.
    fn implied_references(&self, _spec: &Self::Spec, _at: &At) -> Vec<(Path, Template)> {
        Vec::new()
    }

    /// Resources that are there because it is, even where nobody declares them; their kinds must be [`Room::IMPLIED`].
    fn brings(&self, _spec: &Self::Spec, _at: &At) -> Vec<Address> {
        Vec::new()
    }

    /// Resources that come before it where they are declared, though it does not refer to them.
    fn follows(&self, _spec: &Self::Spec, _at: &At) -> Vec<Address> {
        Vec::new()
    }

    /// Where its deployment package is made from.
    fn package_source(&self, _spec: &Self::Spec) -> Option<PackageSource> {
        None
    }

    /// Fills in defaults that depend on names, on the package or on other fields, and the tag that makes it ours.
    fn complete(&self, _spec: &mut Self::Spec, _at: &At, _package: Option<&Package>) {}

    /// Fills in what follows from other resources of the same plan, known only after those were planned.
    fn derive(&self, _spec: &mut Self::Spec, _at: &At, _around: &dyn Around) -> Vec<(Path, Template)> {
        Vec::new()
    }

    /// The reads that are still wanted to know the resource, given what has been seen. Asked again until none is.
    fn reads(&self, at: &At, desired: Option<&Self::Spec>, seen: &Seen) -> Vec<Call>;

    /// What was observed of the resource. An error means that it is not known, never that it is absent.
    fn live(&self, at: &At, desired: Option<&Self::Spec>, seen: &Seen) -> Result<Option<Live<Self::Spec>>, Unread>;

    /// The reads wanted to find what the spec does not name below `parent`.
    fn found_reads(&self, _parent: &At, _around: &dyn Around, _seen: &Seen) -> Vec<Call> {
        Vec::new()
    }

    /// Everything of this kind that lives below `parent`, declared or not.
    fn found(&self, _parent: &At, _around: &dyn Around, _seen: &Seen) -> Result<Vec<Found>, Unread> {
        Ok(Vec::new())
    }

    /// Whether what was found to be surplus is still so, now that everything else is planned.
    fn is_surplus(&self, _at: &At, _live: &Live<Self::Spec>, _around: &dyn Around) -> bool {
        true
    }

    /// What is lost for good when this one is deleted to be made anew; such a replacement has to be allowed.
    fn lost(&self, _live: &Live<Self::Spec>) -> Option<&'static str> {
        None
    }

    /// Whether the plan leaves behind what was observed, because it makes anew what that hangs on: it begins with nothing.
    fn is_left_behind(&self, _at: &At, _live: &Live<Self::Spec>, _around: &dyn Around) -> bool {
        false
    }

    /// Where live and desired mean the same in different words, puts live into desired's words.
    fn agree(&self, _desired: &Self::Spec, _live: &mut Self::Spec) {}

    /// What others may refer to once the plan is carried out.
    fn attributes(&self, at: &At, after: &Self::Spec, live: Option<&Live<Self::Spec>>, action: Action) -> Attributes;

    /// What of the work is worth a second look.
    fn notes(&self, _work: &Work<'_, Self::Spec>) -> Vec<String> {
        Vec::new()
    }

    /// The writes that do the work, in order.
    fn drafts(&self, work: &Work<'_, Self::Spec>) -> Vec<Draft>;

    /// One of those writes as a call. The executor adds the RevisionId.
    fn call(&self, operation: &str, doing: &Doing<'_, Self::Spec>) -> anyhow::Result<Call>;

    /// What a reply to a write or to a poll says of the resource, if it says enough to know it.
    fn reply(&self, at: &At, desired: Option<&Self::Spec>, reply: &Reply) -> Option<Live<Self::Spec>>;

    /// How to look at the resource again after a write: until it has settled, or until it is gone.
    fn poll(&self, _at: &At, _operation: &str, _last: Option<&Live<Self::Spec>>) -> Option<Call> {
        None
    }
}
