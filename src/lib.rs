//! Reconciles AWS Lambda functions with a YAML spec: plan, apply, drift; no state file.
//!
//! ```text
//!  YAML ──declaration──▶ Desired ─┐                           ┌─▶ show    text, JSON
//!                                 ├─ diff ─▶ planner ─▶ Plan ─┼─▶ drift
//!  Lambda ──observe──▶ Observed ──┘             ▲             └─▶ apply ─▶ Report, events
//!     ▲         │                             graph                 │
//!     └─────────┴──────────────────── Call / Reply ─────────────────┘
//!               the real Lambda, the simulator, or any endpoint
//! ```
//!
//! Declared and observed values have the same types, so one [`diff`] compares every kind. Planning is pure: values in, a
//! [`plan::Plan`] out, the same bytes for the same input. The plan makes every decision; [`apply`] only executes it.
//! Requests are values ([`wire::Call`], [`wire::Reply`]): kinds build calls and read replies, and only [`cloud`] sends them.
//!
//! Imports run downward only: [`model`] and [`wire`] import nothing, [`resource`] imports these two, [`kinds`] imports these
//! three, and everything else stands on them. [`sim`] imports nothing of the rest: it is another program, and the rest
//! meets it over HTTP. The tests `architecture` and `import_graph` hold the imports, purity and file sizes.
//!
//! There is no state file, no lock, no retry of a write whose effect is unknown, and no knowledge of a kind outside its folder.
//!
//! # Reading order
//! From here to the request that updates an alias. Each file names the next one.
//!
//! 1. `src/lib.rs`: this page. Read next: `src/session/mod.rs`
//! 2. `src/session/mod.rs`: loads a spec, connects, builds packages.
//! 3. `src/reconcile.rs`: observes, plans, applies.
//! 4. `src/apply/execute/mod.rs`: starts the steps of a plan, and performs each.
//! 5. `src/apply/execute/send.rs`: sends the call of a step until its outcome is known.
//! 6. `src/cloud/mod.rs`: paces and retries calls.
//! 7. `src/cloud/send.rs`: sends UpdateAlias, like every other operation.
//!
//! `src/plan/mod.rs` shows how a plan comes about. Then `src/kinds/alias/mod.rs` shows what a kind is, and `src/resource/traits.rs` the traits that it implements.
//!
//! # Changes
//! - A resource kind: a folder in [`kinds`], its entry in [`kinds::KINDS`], its operations in [`wire`] with what IAM checks them on,
//!   and routes in [`sim`].
//! - A field: a member of the kind's spec type with its traits ([`resource::field_traits`]), and its conversion to and from
//!   the SDK's types.
//! - A rule of the spec: a row in the kind's `catalog` and its check in `rules`. A limit of whole plans: in [`plan`].
//! - A command: a file in [`cli`]. A scenario: a Markdown file in `tests/scenarios`.
//!
//! # Glossary
//! The spec and its values:
//! - **spec**: the YAML files of a user; **stack**: what they declare together, and the owner's name in the tag
//!   `trueup:stack` ([`declaration::Stack`]).
//! - **target**: the account and region that a spec is for, or one of several that it names ([`declaration::Target`]).
//! - **kind**: what users read as *resource type*, such as `alias` ([`model::KindId`], [`kinds::KINDS`]).
//! - **address**: the name of a resource in specs and plans, such as `alias/orders/live` ([`model::Address`]);
//!   **resource ref**: the address with the names in AWS ([`resource::ResourceRef`]).
//! - **template**: a text with references to other resources; **pending**: its value is known only during the apply
//!   ([`model::Template`]).
//! - **trait of a field**: a schema extension such as immutable or secret ([`resource::field_traits`]).
//! - **document**: a value as JSON and as its Rust type ([`resource::Document`]).
//!
//! The live account:
//! - **observed**: the live value of a resource, its state and RevisionId ([`resource::Observed`]); **discovered**: a live
//!   resource that a listing shows ([`resource::Discovered`]).
//! - **missing**: reads that an observation still needs ([`wire::Missing`]); **read cache**: their replies ([`wire::ReadCache`]).
//! - **unmanaged**: live, but not declared; **surplus**: managed by a rule of the spec that no longer needs it, such as an
//!   old version.
//! - **settle**: to finish an asynchronous change, as Lambda does after most writes ([`resource::State`]).
//!
//! Plans:
//! - **decision**: what happens to one resource ([`model::Action`]); **adopt**: to take over a live resource without the tag.
//! - **planned write**: a write that a kind asks for ([`resource::PlannedWrite`]); **step**: a write in its place in the
//!   plan ([`plan::Step`]).
//! - **precondition**: what must hold right before a step ([`plan::Precondition`]); **operand**: a value of a step, known or
//!   the output of an earlier step ([`plan::Operand`]).
//! - **baseline**: the live value that a plan saw ([`plan::Baseline`]).
//! - **refusal**: a reason not to apply a plan ([`model::Refusal`]): trueup *refuses* plans and steps, Lambda *rejects* calls;
//!   **limits**: the user's own ([`plan::Limits`]). **stale**: a saved plan that would not be made again now.
//! - **executable, approved, masked, sealed**: a plan with its secrets; one that may be applied; one to show; one to save
//!   ([`plan::ExecutablePlan`], [`plan::ApprovedPlan`], [`plan::MaskedPlan`], [`plan::SealedPlan`]).
//! - **standing**: what became of a resource since a plan was saved ([`plan::saved::Standing`]).
//! - **binding**: the digest and key that tie a saved plan to its spec ([`plan::saved::Binding`]).
//!
//! Calls:
//! - **effect**: create, update, delete, detach or read ([`wire::Effect`]).
//! - **failure**: a call without success; its **class** says if it had an effect, its **cause** why ([`wire::Failure`],
//!   [`wire::Cause`]).
//! - **calls of a kind**: its operations by what they are for; **grant**: actions on a resource that it hands over to Lambda. Policies
//!   follow from both ([`resource::KindCalls`], [`resource::Grant`], [`iam`]).
//! - **outcome**: the end of a step ([`apply::Outcome`]); **verdict**: the result of an apply ([`apply::Verdict`]).
//!
//! The simulator:
//! - **fault**: what a rule injects; **fault plan**: the rules ([`sim::FaultPlan`]); **shortage**: exhausted capacity or a
//!   role that IAM has not propagated.
//! - **external resources**: the resources of other services that exist ([`sim::ExternalResources`]).
//! - **tombstone**: a deleted function that stale reads still show.
//!
//! # As a library
//! [`Session`] is the door: it loads a spec, connects and builds packages; its plans are approved and applied. This applies
//! the example of the repository to the built-in simulator:
//!
//! ```
//! # #[cfg(feature = "sim")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use trueup::{Depth, Disk, Inputs, Limits, ServerOptions, Session, SessionOptions, SimulatorOptions, Verdict};
//!
//! let simulator = SimulatorOptions { settle: Some(std::time::Duration::ZERO), ..Default::default() };
//! let options = SessionOptions {
//!     inputs: Inputs { files: vec!["examples/checkout/stack.yaml".into()], ..Default::default() },
//!     server: ServerOptions::Simulator(simulator),
//!     ..Default::default()
//! };
//! let session = Session::open(options, &Disk).await?;
//! let plan = session.plan(Depth::Declared).await?;
//! println!("{} steps", plan.plan.steps.len());
//! let approved = plan.approve(&Limits::default())?;
//! let report = session.apply(approved, Default::default(), Default::default()).await;
//! assert_eq!(report.verdict(), Verdict::Applied);
//! let again = session.plan(Depth::Declared).await?;
//! assert!(again.plan.is_empty());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sim"))]
//! # fn main() {}
//! ```
//!
//! The feature `cli` has the program and [`show`], the feature `sim` the simulator; both are on by default.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// The documentation is built with private items, so links to them lead somewhere.
#![allow(rustdoc::private_intra_doc_links)]

pub mod apply;
pub mod change;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cloud;
pub mod concurrent;
pub mod confinement;
pub mod contents;
pub mod declaration;
pub mod diff;
pub mod drift;
pub mod estimate;
pub mod files;
#[cfg(feature = "cli")]
pub mod forge;
pub mod graph;
pub mod iam;
pub mod kinds;
pub mod model;
pub mod observe;
pub mod package;
pub mod packages;
pub mod plan;
mod reading;
pub mod reconcile;
pub mod resource;
pub mod session;
#[cfg(feature = "cli")]
pub mod show;
#[cfg(feature = "sim")]
pub mod sim;
pub mod wire;

pub use apply::{ApplyOptions, Event, EventSender, Report, Verdict, events};
pub use cloud::ConnectOptions;
pub use declaration::Inputs;
pub use files::Disk;
pub use observe::{Depth, ReadsFailed};
pub use plan::{ApprovedPlan, ExecutablePlan, Limits, PlanOptions, RefusedPlan, SealedPlan};
pub use reconcile::Reconciler;
#[cfg(feature = "sim")]
pub use session::SimulatorOptions;
pub use session::{ServerOptions, Session, SessionError, SessionOptions};
/// Stops an apply; the type is that of tokio-util.
pub use tokio_util::sync::CancellationToken;
