//! local stub until the loader lands
use crate::kinds::At;
use crate::model::{Address, Path, Scope, Span, Template};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
#[derive(Clone, Debug)]
pub struct Stack {
    pub scope: Scope,
    pub prune: bool,
    pub resources: BTreeMap<Address, Desired>,
    pub digest: String,
}
#[derive(Clone, Debug)]
pub struct Desired {
    pub at: At,
    pub place: &'static str,
    pub value: Value,
    pub pending: BTreeMap<Path, Template>,
    pub depends_on: BTreeSet<Address>,
    pub parent: Option<Address>,
    pub ignore: Vec<Path>,
    pub prevent_destroy: bool,
    pub prune: bool,
    pub span: Span,
    pub declared: BTreeSet<Path>,
}
