//! A resource type as the engine knows it: the traits that each implements, and the values that pass between the two.

mod authorize;
mod context;
mod document;
mod erased;
mod extra;
pub mod field_traits;
mod observed;
mod present;
mod request_error;
#[cfg(test)]
pub mod testing;
mod traits;
mod write;

pub use authorize::{Authorize, Grant, GrantedResource, KindCalls};
pub use context::{Attribute, Attributes, Context};
pub use document::Document;
pub use erased::{DynResource, KindEntry, SchemaMismatch};
pub use extra::Extra;
pub use observed::{Discovered, Gap, Observed, ObservedPackage, ResourceRef, State};
pub use present::{Fact, Naming, Present, Presentation, PresentedChange, TerraformType};
pub use request_error::RequestError;
pub use traits::{
    ApplyWrites, CopiedField, Declare, Derived, Lifecycle, Links, Observe, PlanWrites, Resource, Review, UsedPackage,
};
pub use write::{PlannedWrite, PreconditionKind, WriteContext, WriteRequest};

/// The tag on live resources that names the stack they belong to.
pub const STACK_TAG: &str = "trueup:stack";
