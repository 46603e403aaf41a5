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
//! What is declared and what is observed are the same types, so one [`diff`] serves every kind. Planning is pure: values
//! in, a [`plan::Plan`] out, the same bytes for the same input. A plan decides everything and [`apply`] decides nothing.
//! What crosses to Lambda is a value ([`wire::Call`], [`wire::Reply`]); kinds make calls and read replies and never send.
//!
//! Imports run downward only: [`model`] and [`wire`] import nothing, [`resource`] those two, the [`kinds`] stand on it, and
//! everything else on them. [`sim`] imports none of the rest: it is another program that lives with us, and meets the others
//! on the HTTP wire. The tests `architecture` and `import_graph` hold the imports, purity and sizes.
//!
//! Where to add what:
//! - a resource kind: one file in [`kinds`], its `mod` line and its line in [`kinds::KINDS`], and routes in [`sim`];
//! - a field: on the kind's struct, with its traits ([`resource::field_traits`]), its way to the SDK and back;
//! - an offline rule: in the kind's `check`; a guard over whole plans: in [`plan`];
//! - a command: one file in [`cli`]; a scenario: one Markdown file in `tests/scenarios`.
//!
//! Deliberately absent: a state file, a lock, a write that is sent again before its effect is known, and any knowledge of a
//! kind outside its own folder.
//!
//! # As a library
//! [`Session`] is the door: it loads a spec, connects and builds packages; its plans are approved and applied. This applies
//! the example of the repository to the built-in simulator:
//!
//! ```
//! # #[cfg(feature = "sim")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use trueup::{Depth, Disk, Inputs, Limits, PlanOptions, ServerOptions, Session, SessionOptions, SimulatorOptions, Verdict};
//!
//! let simulator = SimulatorOptions { settle: Some(std::time::Duration::ZERO), ..Default::default() };
//! let options = SessionOptions {
//!     inputs: Inputs { files: vec!["examples/checkout/stack.yaml".into()], ..Default::default() },
//!     server: ServerOptions::Simulator(simulator),
//!     ..Default::default()
//! };
//! let session = Session::open(options, &Disk).await?;
//! let plan = session.plan(&PlanOptions::default(), Depth::Declared).await?;
//! println!("{} steps", plan.plan.steps.len());
//! let approved = plan.approve(&Limits::default())?;
//! let report = session.apply(approved, Default::default(), Default::default()).await;
//! assert_eq!(report.verdict(), Verdict::Applied);
//! let again = session.plan(&PlanOptions::default(), Depth::Declared).await?;
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
#[cfg(feature = "cli")]
pub mod cli;
pub mod cloud;
pub mod contents;
pub mod declaration;
pub mod diff;
pub mod drift;
pub mod files;
pub mod graph;
pub mod kinds;
pub mod model;
pub mod observe;
pub mod package;
pub mod plan;
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
pub use observe::Depth;
pub use plan::{ApprovedPlan, Limits, PlanOptions, SealedPlan};
pub use reconcile::Reconciler;
#[cfg(feature = "sim")]
pub use session::SimulatorOptions;
pub use session::{ServerOptions, Session, SessionError, SessionOptions};
