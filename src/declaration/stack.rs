//! The declared stack: every resource with its value and its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Address, AddressMap, FieldPath, Guards, KindId, Scope, Span, Template};
use crate::resource::{Document, ResourceRef};

/// The only account and region in which a spec may be applied, or those of one of its targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The twelve digits of the AWS account.
    pub account: Option<String>,
    /// The region, such as `eu-west-1`.
    pub region: Option<String>,
    /// The role that is assumed to work there.
    pub role_arn: Option<String>,
}

/// A stack as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The account, region and name.
    pub scope: Arc<Scope>,
    /// The only account and region in which it may be applied.
    pub target: Option<Target>,
    /// The limits of its plans.
    pub guards: Guards,
    /// True if live resources that the spec does not name are deleted.
    pub prune: bool,
    /// The kinds at the top of the spec whose collection has its own word on that: `functions: {prune: true, …}`.
    pub prune_kinds: BTreeMap<KindId, bool>,
    /// The resources.
    pub resources: AddressMap<Desired>,
    /// The folder that the paths of its packages must not lead out of; anywhere if absent.
    pub confine: Option<PathBuf>,
}

/// A resource as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Its address and names.
    pub at: ResourceRef,
    /// The place in the spec, as its kind writes it: `functions.*.aliases.*`.
    pub place: &'static str,
    /// Its value with the defaults that its type has. `DynResource::apply_defaults` adds those that depend on names and packages.
    pub value: Document,
    /// The fields with references in them; `value` holds the text as it is written, such as `${functions.orders.arn}`.
    pub pending: BTreeMap<FieldPath, Template>,
    /// The resource around it and all that it refers to.
    pub depends_on: BTreeSet<Address>,
    /// The resource around it.
    pub parent: Option<Address>,
    /// True if what it depends on need only exist: its writes do not wait for changes there.
    pub stands_alone: bool,
    /// The fields left to other clients. A required field that is ignored is written at creation only.
    pub ignore: Vec<FieldPath>,
    /// True if it must never be deleted.
    pub prevent_destroy: bool,
    /// True if live resources below it that the spec does not name are deleted: its own `prune`, or the nearest around it.
    pub prune: bool,
    /// The kinds directly below it whose collection has its own word on that: `aliases: {prune: true, …}`.
    pub prune_kinds: BTreeMap<KindId, bool>,
    /// The place of its key.
    pub span: Span,
    /// The folder that its relative paths start from: that of the file in which it first appears.
    pub folder: PathBuf,
    /// The leaves that are written, here or in `defaults`; what is not among them is a default of AWS.
    pub declared: BTreeSet<FieldPath>,
    /// The leaves whose values must not be shown: secret fields, and values of the environment. Each with its origin and
    /// nothing of its value: the variables that it is made of, or the text with `${env.X}` in place of the secret.
    pub secret: BTreeMap<FieldPath, String>,
}

impl Stack {
    /// Tests whether live resources of `kind` below `parent` (or at the top) that the spec does not name are deleted.
    pub fn prunes(&self, parent: Option<&Address>, kind: KindId) -> bool {
        match parent.map(|parent| self.resources.get(parent)) {
            Some(Some(it)) => it.prune_kinds.get(&kind).copied().unwrap_or(it.prune),
            Some(None) => self.prune,
            None => self.prune_kinds.get(&kind).copied().unwrap_or(self.prune),
        }
    }

    /// Tests whether any resource at the top of the account that has our tag is deleted once the spec no longer names it.
    pub fn prunes_at_top(&self) -> bool {
        self.prune || self.prune_kinds.values().any(|prune| *prune)
    }

    /// Tests whether anything that the spec no longer names is deleted.
    pub fn prunes_anything(&self) -> bool {
        let prunes = |it: &Desired| it.prune || it.prune_kinds.values().any(|prune| *prune);
        self.prunes_at_top() || self.resources.values().any(prunes)
    }
}
