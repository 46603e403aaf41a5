//! The plan: a listing of every write in order, with its fields before and after, its precondition and its reason.
//!
//! A plan is data. It can be printed, saved, compared with another, and applied by an executor that decides nothing:
//! each operand is a known value or an output of an earlier step.
//!
//! [`build`] makes one in phases, each a function from values to values: [`mod@select`] the declared resources that it
//! covers, [`mod@decide`] each of them, decide the [`deletions`], recognise [`mod@renames`], turn the decisions into
//! [`mod@steps`], and [`mod@schedule`] these.

mod ancestors;
mod assemble;
mod comparison;
mod context;
mod coverage;
mod decide;
mod decision;
mod deletions;
mod dependencies;
mod destroy;
mod executable;
mod listing;
mod live_state;
mod options;
mod ownership;
mod preflight;
mod refuse;
mod renames;
mod resolve;
pub mod saved;
mod schedule;
mod select;
mod step;
mod steps;
mod unordered_step;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::declaration::Stack;
use crate::model::{Address, Package};

use assemble::assemble;
use context::PlanInputs;
use decide::decide_all;
use deletions::delete_unmanaged;
use destroy::destroy;
use schedule::schedule;
use select::select;
use steps::steps;

pub use coverage::Coverage;
pub use executable::{ApprovedPlan, ExecutablePlan, RefusedPlan, ResourceState};
pub use listing::{Baseline, CodeChange, FORMAT_VERSION, HiddenFields, Plan, ResourcePlan, Unmanaged, schema};
pub use live_state::{FailedSearch, LiveState, UnmanagedResource};
pub use options::{ChangedPart, Limits, PlanOptions};
pub use saved::{MaskedPlan, SealedPlan};
pub use step::{Operand, Precondition, REVISION, Step};

/// Makes the plan. Pure: the same values in, the same plan out.
pub fn build(
    stack: &Stack,
    packages: &BTreeMap<Address, Arc<Package>>,
    observed: &LiveState,
    options: &PlanOptions,
) -> ExecutablePlan {
    let inputs = PlanInputs { stack, packages, observed, options };
    let selection = select(inputs);
    let mut declared = if options.destroy { destroy(inputs, &selection) } else { decide_all(inputs, &selection) };
    let mut unmanaged = delete_unmanaged(inputs, &declared);
    renames::recognise(inputs, &mut declared, &mut unmanaged);
    let decisions = declared.then(unmanaged);
    let steps = schedule(steps(inputs, &decisions));
    assemble(inputs, selection, decisions, steps)
}
