//! A resource type as its own files write it: four traits on the spec type, one for each stage of a run.
//!
//! The engine calls them through [`super::DynResource`], which follows from them. Every trait method is pure: it is given
//! values and returns values, and neither sends a call nor waits.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    Attributes, Authorize, Context, Discovered, Observed, PlannedWrite, Present, RequestError, ResourceRef,
    WriteContext, WriteRequest,
};
use crate::model::{Action, Address, FieldPath, Findings, KindId, Package, PackageSource, RiskKind, Template};
use crate::wire::{Call, Missing, Operation, ReadCache, Reply};

/// A resource type with all four stages, with the words for it and the permissions that it takes.
pub trait Resource: Declare + Observe + PlanWrites + ApplyWrites + Present + Authorize {}

impl<R: Declare + Observe + PlanWrites + ApplyWrites + Present + Authorize> Resource for R {}

/// The stage of the spec: where a resource stands in it, and which rules hold offline.
///
/// The type itself is both what users write and what is observed, so that one diff serves every resource type.
pub trait Declare: Serialize + DeserializeOwned + JsonSchema + Clone + PartialEq + Send + Sync + 'static {
    /// The resource type: the first part of addresses, as in `alias/orders/live` of an alias. Every resource type has its
    /// own, and its entry in the table of kinds stands where [`KindId::ALL`] has it.
    const KIND: KindId;

    /// The places in the spec; `*` is a key that users choose, as in `functions.*.aliases.*` of an alias.
    const PLACES: &'static [&'static str];

    /// A complete stack without errors or warnings, with such a resource and all that it refers to. The tests of laws apply
    /// it, change each field, and destroy it. The example of an alias, for example, declares the function too, with code
    /// from `package.zip`.
    const EXAMPLE: &'static str;

    /// The field that a bare scalar stands for, as in `reserved_concurrent_executions: 20` of a reserved concurrency.
    const SHORTHAND: Option<&'static str> = None;

    /// Returns how such resources come into being and end, where that is not by a write of their own. Event source
    /// mappings, for example, outlive their function.
    fn lifecycle() -> Lifecycle {
        Lifecycle::default()
    }

    /// Returns the name in the account: the spec's key, unless a field such as `function_name` of a function overrides it.
    fn name(_spec: &Self, key: &str) -> String {
        key.to_owned()
    }

    /// Reports what Lambda would reject, as far as the spec alone shows it and schema and types cannot. An alias, for
    /// example, must not give a weight to the version that it points to.
    fn check(_spec: &Self, _at: &ResourceRef, _cx: &dyn Context, _findings: &mut Findings) {}

    /// Returns the relations to other resources that no `${…}` expresses. An alias, for example, refers to the published
    /// version by the word `published`.
    fn links(_spec: &Self, _at: &ResourceRef) -> Links {
        Links::default()
    }

    /// Returns the source of the deployment package, if one is built here. A function, for example, may name a directory.
    fn package_source(_spec: &Self) -> Option<PackageSource> {
        None
    }

    /// Reports what cannot work in the package that is built here, and in those of the resources that the spec refers to. The
    /// package of a function, for example, has the file of its handler, and has one limit together with its layers.
    fn check_package(_spec: &Self, _own: Option<&Package>, _used: &[UsedPackage<'_>], _findings: &mut Findings) {}
}

/// The stage of observation: from replies to live resources, with the reads that are missing.
pub trait Observe: Declare {
    /// Returns the live resource, or `None` if it does not exist. `Missing::Reads` names the reads to send before the
    /// question is asked again, all that can go at once; a failed read leaves the resource unknown, never absent. An alias,
    /// for example, is looked up in the listing of its function's aliases.
    fn observe(at: &ResourceRef, desired: Option<&Self>, cache: &ReadCache) -> Result<Option<Observed<Self>>, Missing>;

    /// Returns all resources of this type below `parent`, declared or not. Versions, for example, return only those that
    /// `retain_versions` no longer keeps.
    fn discover(_parent: &ResourceRef, _cx: &dyn Context, _cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        Ok(Vec::new())
    }

    /// Returns whether a resource that was discovered as surplus still is, now that everything else is planned. A
    /// version, for example, is not if an alias is about to point to it.
    fn still_surplus(_at: &ResourceRef, _live: &Observed<Self>, _cx: &dyn Context) -> bool {
        true
    }
}

/// The stage of the plan: what the declared value becomes, how it compares, and which writes bring it about.
pub trait PlanWrites: Declare {
    /// Fills in defaults that depend on names, on the package or on other fields, and the tags that mark ownership. The
    /// log group of a function, for example, follows from its name.
    fn apply_defaults(_spec: &mut Self, _at: &ResourceRef, _package: Option<&Package>) {}

    /// Fills in what follows from other resources of the same plan, which are planned by then. The content of a version,
    /// for example, is that of its function.
    fn derive_from_plan(_spec: &mut Self, _at: &ResourceRef, _cx: &dyn Context) -> Derived {
        Derived::default()
    }

    /// Rewrites the live value where it means the same as the declared one in another form. Policies, for example, know
    /// an account by its number or by the ARN of its root.
    fn canonicalize(_desired: &Self, _live: &mut Self) {}

    /// Returns what users should know of a change before they approve it. Called for every action but `keep` and
    /// `delete`; a function, for example, loses its versions when it is replaced.
    fn review(_change: &WriteContext<'_, Self>, _cx: &dyn Context) -> Review {
        Review::default()
    }

    /// Returns the attributes that `${…}` may refer to once the plan is applied, with how certain they are. The number
    /// of a version, for example, is predicted.
    fn attributes(_at: &ResourceRef, _after: &Self, _live: Option<&Observed<Self>>, _action: Action) -> Attributes {
        Attributes::new()
    }

    /// Returns the writes that bring the change about, in order. None at all means that nothing has to be written: a new
    /// function, for example, has AWS's default recursion configuration.
    fn writes(change: &WriteContext<'_, Self>) -> Vec<PlannedWrite>;
}

/// The stage of the apply: planned writes as calls, and what their replies say.
pub trait ApplyWrites: Declare {
    /// Returns a planned write as a call. It is asked only for operations that `writes` planned, with every reference
    /// resolved; an error fails the step before anything is sent. The executor adds the RevisionId. UpdateAlias, for
    /// example, always carries the weights of an alias, because Lambda keeps those that a call leaves out.
    fn request(operation: Operation, write: &WriteRequest<'_, Self>) -> Result<Call, RequestError>;

    /// Returns what a reply to a write or to a poll says of the resource, or `None` if it does not say enough. The reply
    /// to CreateFunction, for example, has no tags.
    fn read_response(at: &ResourceRef, desired: Option<&Self>, reply: &Reply) -> Option<Observed<Self>>;

    /// Returns the call that reads the resource after a write until it has settled or is gone, or `None` if the reply
    /// to the write is final. DeleteAlias, for example, is done when it is answered.
    fn poll(_at: &ResourceRef, _operation: Operation, _last: Option<&Observed<Self>>) -> Option<Call> {
        None
    }
}

/// The package of another resource, to which the spec refers.
#[derive(Clone, Copy, Debug)]
pub struct UsedPackage<'a> {
    /// The field with the reference.
    pub field: &'a FieldPath,
    /// The other resource.
    pub address: &'a Address,
    /// Its package.
    pub package: &'a Package,
}

/// The creation and deletion of resources, where they are not writes of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// The resource bears the tag of its stack. Others belong to the owner of what they are a part of.
    pub is_tagged: bool,
    /// A reference to the resource creates it with its defaults, as to the version of a function that publishes.
    pub implied: bool,
    /// Lambda creates the resource together with its parent, so that one found there is nobody's change.
    pub created_with_parent: bool,
    /// Lambda keeps the resource when its parent is deleted.
    pub outlives_parent: bool,
    /// The resource may exist without its parent, so that it is also looked for at the top of the account.
    pub may_be_orphaned: bool,
    /// Users write the resource as a field of its parent, and the read of the parent shows it. So it is treated as one: where
    /// the spec does not have it, AWS's default applies and a live one is deleted, unless the parent ignores the field.
    pub is_parent_field: bool,
}

/// Relations to other resources that no `${…}` expresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// References that are written as words, such as `function_version: published`, by their field.
    pub references: Vec<(FieldPath, Template)>,
    /// Resources that exist because this one does, even if nobody declares them. Their lifecycle must be `implied`.
    pub implies: Vec<Address>,
    /// Resources that come first where they are declared, though no field refers to them.
    pub runs_after: Vec<Address>,
    /// The fields that hold copies from another resource: what is secret there is secret in the copy.
    pub copies: Vec<CopiedField>,
    /// True if what it depends on need only exist, as for an alias that is pinned to a version by its number: it is written
    /// without waiting for changes there, so that a rollback depends on nothing else.
    pub stands_alone: bool,
}

/// A field that holds a copy of a field of another resource.
#[derive(Clone, Debug, PartialEq)]
pub struct CopiedField {
    /// The field with the copy.
    pub field: FieldPath,
    /// The other resource.
    pub of: Address,
    /// Its field; the root for the whole of it.
    pub original: FieldPath,
}

impl Links {
    /// Returns links that only order the resource after others.
    pub fn after(runs_after: Vec<Address>) -> Links {
        Links { runs_after, ..Links::default() }
    }
}

/// The results of derivation from other resources of the plan, apart from the value itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derived {
    /// Fields whose value is known only while applying.
    pub pending: Vec<(FieldPath, Template)>,
    /// Fields that are not compared.
    pub ignore: Vec<FieldPath>,
    /// Fields whose content the spec does not pin, with what it lacks: an object in S3 without a version may have changed.
    pub unpinned: Vec<(FieldPath, &'static str)>,
    /// The plan replaces what the live resource belongs to, so that it starts from nothing. The policy of a layer, for
    /// example, belongs to one version.
    pub drops_live: bool,
    /// The call that creates the parent creates the resource too, so that a creation needs no write.
    pub created_with_parent: bool,
}

/// The facts that users should know before they approve a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Remarks that the plan shows.
    pub notes: Vec<String>,
    /// Consequences that people should see before all others. That a resource is deleted or replaced goes without saying.
    pub risks: Vec<RiskKind>,
    /// Reasons for which Lambda is sure to reject the change, as far as the account and the rest of the plan show them.
    pub objections: Vec<String>,
    /// The data that a replacement loses for good. Such a replacement needs a permission of its own.
    pub data_loss: Option<&'static str>,
    /// The resources whose planned change it needs although it stands alone ([`Links::stands_alone`]).
    pub needs: Vec<Address>,
}
