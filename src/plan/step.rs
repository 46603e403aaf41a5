//! One step of a plan: a write, its precondition, and the outputs of earlier steps that it uses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Action, Address, FieldPath, StepReason};
use crate::wire::Operation;

/// The output of a step that is the RevisionId which the resource has after it.
pub const REVISION: &str = "RevisionId";

/// One write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its number, from 1.
    pub id: u32,
    /// The resource that it writes.
    pub address: Address,
    /// The action that it is part of.
    pub action: Action,
    /// The operation.
    pub operation: Operation,
    /// The fields that it brings about; empty for the whole resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<FieldPath>,
    /// The reason for it.
    pub reason: StepReason,
    /// The condition for sending it.
    pub precondition: Precondition,
    /// The resource whose tags name the owner of what is written, where that takes no tags itself. Its owner must not have
    /// changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<Address>,
    /// Fields whose value is the output of an earlier step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operands: BTreeMap<String, Operand>,
    /// The resource whose RevisionId it may move without changing it, and which is therefore read again afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves: Option<Address>,
    /// Resources that the call creates too, such as the first version of a function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_creates: Vec<Address>,
    /// Fields that it sets and Lambda does not return before a later step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreturned: Vec<FieldPath>,
    /// The steps that must have succeeded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<u32>,
    /// The shared limits of which every step that frees some must have succeeded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_freed: Vec<String>,
    /// The shared limits of which it frees some for later steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frees: Vec<String>,
}

/// The condition under which a write overwrites only what the plan has seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Precondition {
    /// Lambda compares this RevisionId with its own and rejects the write if they differ.
    Revision {
        /// The resource whose revision it is.
        of: Address,
        /// The revision.
        #[serde(rename = "is")]
        value: Operand,
    },
    /// The resource is read again just before the write and must be as the plan saw it.
    Unchanged {
        /// Another resource of which the same must hold, because the RevisionId that Lambda would compare is unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        also: Option<Address>,
    },
    /// The resource must not exist: it is read again just before the write, unless Lambda itself makes sure of that.
    Absent {
        /// True if Lambda rejects the write where the resource, or the part of it that the write adds, exists already. The call
        /// is its own check then, and nothing is read for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        enforced: bool,
        /// Another resource that must be as the plan saw it, because its RevisionId is unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        also: Option<Address>,
    },
}

/// A value that a step uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// A value known while planning.
    Known(Value),
    /// An output of an earlier step.
    Output {
        /// That step's number.
        step: u32,
        /// The output's name: `RevisionId`, or an attribute such as `version`.
        member: String,
    },
}
