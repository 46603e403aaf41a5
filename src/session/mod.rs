//! From a spec and a server to a [`Session`], which plans, verifies and applies. Prints nothing.
//!
//! [`Session::open`] loads the spec, connects, refuses another account or region than the spec's `target`, and builds the
//! deployment packages. A controller that has its own endpoint and its own stack can use a [`Reconciler`] directly. Read
//! next: `src/reconcile.rs`
//!
//! # Guarantees
//! Nothing is sent to the server before the spec has been found free of errors, and nothing but reads and the look-up of the
//! account before the target has been checked. No error or report that a session returns holds a secret of the spec
//! (`tests/it/startup.rs`, `tests/it/saved_plan`).

mod connection;
mod diagnostics;
mod error;
mod overlap;
mod selection;
mod targets;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::apply::{ApplyOptions, EventSender, Report};
use crate::change::{self, ChangeExtent};
use crate::declaration::{Files, Inputs, Spec, Stack};
use crate::model::Secrets;
use crate::observe::{Depth, ReadsFailed};
use crate::packages::{self, Absent, BuiltPackages, PackageBuilder};
use crate::plan::saved::{Binding, PlanKey, Verification, verify};
use crate::plan::{ApprovedPlan, Coverage, ExecutablePlan, PlanOptions, SealedPlan};
use crate::reconcile::Reconciler;

pub use connection::ServerOptions;
use connection::{Connection, polling};
#[cfg(feature = "sim")]
pub use connection::{SIMULATOR_ACCOUNT, SIMULATOR_REGION, SimulatorOptions, simulator_options};
pub use diagnostics::SpecDiagnostics;
pub use error::SessionError;
pub use overlap::{Overlap, Shared, overlap};
pub use selection::{ChosenResources, NoMatch};
pub use targets::{TargetSpec, check_targets, read_targets};

/// The spec, the server, the limits and the job of a session.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The spec's files, variables and environment.
    pub inputs: Inputs,
    /// The server to connect to.
    pub server: ServerOptions,
    /// The concurrency and the timeouts.
    pub apply: ApplyOptions,
    /// The resources to plan and what may be done to them. Those of a saved plan are `plan.options`.
    pub plan: PlanOptions,
    /// The resources that the user chooses, besides those of `plan`.
    pub selection: ChosenResources,
    /// Builds the packages, and may be shared with other sessions.
    pub packages: Arc<PackageBuilder>,
}

/// A spec together with the server that it is for.
#[derive(Clone)]
pub struct Session {
    // Not public: what it returns may hold secrets, and the session takes them out.
    reconciler: Reconciler,
    options: PlanOptions,
    /// The warnings about the spec.
    pub warnings: SpecDiagnostics,
    /// The warnings about the connection, each a sentence without a full stop.
    pub connection_warnings: Vec<String>,
    secrets: Secrets,
}

impl Session {
    /// Returns the declared stack.
    pub fn stack(&self) -> &Stack {
        &self.reconciler.stack
    }

    /// Returns the options of its plans.
    pub fn options(&self) -> &PlanOptions {
        &self.options
    }

    /// Loads the spec, connects, checks the target and builds the packages of what is planned.
    ///
    /// # Errors
    /// The first of these steps that fails, as a [`SessionError`]; all errors of a spec come at once.
    pub async fn open(options: SessionOptions, files: &dyn Files) -> Result<Session, SessionError> {
        Session::open_spec(Spec::read(&options.inputs, files).into(), options).await
    }

    /// Does the same for a spec that was read from the inputs of these options, for the target that it was given.
    ///
    /// # Errors
    /// Those of [`Session::open`].
    pub async fn open_spec(spec: TargetSpec, options: SessionOptions) -> Result<Session, SessionError> {
        // Once without an account, so that an error in the spec is reported before anything is asked of AWS.
        let TargetSpec { spec, offline } = spec;
        let SessionOptions { mut inputs, server, apply, plan: mut options, selection, packages: builder } = options;
        inputs.target = spec.target().map(str::to_owned);
        if offline.stack.is_none() {
            return Err(SessionError::Spec(SpecDiagnostics {
                diagnostics: offline.diagnostics,
                sources: offline.sources,
            }));
        }
        let apply = polling(&server, apply);
        let connection = Connection::open(server, inputs.target.as_deref(), offline.target.as_ref()).await?;
        connection.check(offline.target.as_ref())?;
        let Connection { endpoint, account, region, warnings: mut connection_warnings } = connection;
        let is_same = |stack: &Stack| {
            stack.scope.account.as_ref() == Some(&account) && stack.scope.region.as_ref() == Some(&region)
        };
        let loaded = match offline.stack.as_ref().is_some_and(is_same) {
            true => offline,
            false => spec.resolve(Some((account, region))),
        };
        let mut findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        let Some(stack) = loaded.stack else { return Err(SessionError::Spec(findings)) };
        selection.choose(&stack, &mut options)?;
        if let Some(reference) = &selection.changed_since {
            match change::since(reference, &inputs, &stack, &builder)? {
                ChangeExtent::Part(part) => options.changed = Some(part),
                ChangeExtent::Everything { reason } => {
                    connection_warnings.push(format!("{reason}, so everything is planned"))
                }
            }
        }
        let built = match options.destroy {
            // What is destroyed needs no code.
            true => BuiltPackages::default(),
            false => {
                let coverage = Coverage::of(&stack, &options);
                packages::build(&builder, &stack, |address| coverage.covers(address), Absent::Error)
            }
        };
        findings.diagnostics.extend(built.scrubbed(&loaded.secrets));
        if findings.errors() > 0 {
            return Err(SessionError::Packages(findings));
        }
        let packages = Arc::new(built.packages);
        let reconciler = Reconciler { endpoint, stack: Arc::new(stack), packages, options: apply };
        Ok(Session { reconciler, options, warnings: findings, connection_warnings, secrets: loaded.secrets })
    }

    /// Plans from the live state of now.
    ///
    /// # Errors
    /// The reads that failed: without the whole live state there is no plan.
    pub async fn plan(&self, depth: Depth) -> Result<ExecutablePlan, ReadsFailed> {
        self.plan_reporting(depth, &EventSender::default()).await
    }

    /// Does the same, and sends an event if the live code takes long to download.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn plan_reporting(&self, depth: Depth, events: &EventSender) -> Result<ExecutablePlan, ReadsFailed> {
        let events = events.clone().masking(&self.secrets);
        self.without_secrets(self.reconciler.plan_reporting(&self.options, depth, &events).await)
    }

    /// Plans what the listings of the account show to differ, with all that belongs to it, and leaves the rest unread.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn plan_shallow(&self, events: &EventSender) -> Result<ExecutablePlan, ReadsFailed> {
        let events = events.clone().masking(&self.secrets);
        self.without_secrets(self.reconciler.plan_shallow(&events).await)
    }

    /// Plans once Lambda has finished the operations in progress, because those change RevisionIds by themselves.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn plan_settled(&self, depth: Depth, events: &EventSender) -> Result<ExecutablePlan, ReadsFailed> {
        let events = events.clone().masking(&self.secrets);
        self.without_secrets(self.reconciler.plan_settled(&self.options, depth, &events).await)
    }

    /// Makes a saved plan again and compares the two; the saved one is stale if they differ. The session must have been opened
    /// with the options of the saved plan.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn verify(
        &self,
        saved: &SealedPlan,
        key: Option<PlanKey>,
        events: &EventSender,
    ) -> Result<(Verification, ExecutablePlan), ReadsFailed> {
        let current = self.plan_reporting(Depth::Declared, events).await?;
        let now = current.plan.sealed(&Binding::of(self.stack()).with_key(key));
        let mut verification = verify(saved, &now);
        for verified in &mut verification.resources {
            let live = current.resources.get(&verified.address).and_then(|state| state.live.as_ref());
            verified.modified = live.and_then(|live| live.modified.clone());
        }
        Ok((verification, current))
    }

    /// Applies a plan. Once `stop` is cancelled no call is sent but those that finish the steps in progress.
    pub async fn apply(&self, approved: ApprovedPlan, stop: CancellationToken, events: EventSender) -> Report {
        self.reconciler.apply(approved, stop, events.masking(&self.secrets)).await.scrubbed(&self.secrets)
    }

    /// Takes the secrets out of the texts of a plan that quote AWS or a file, and hides the live fields that hold one.
    fn shown(&self, mut executable: ExecutablePlan) -> ExecutablePlan {
        if !self.secrets.is_empty() {
            executable.plan.hide_quoted(|text| self.secrets.are_in(text));
        }
        for text in executable.plan.texts_mut() {
            *text = self.secrets.shown(text);
        }
        executable
    }

    fn without_secrets(&self, planned: Result<ExecutablePlan, ReadsFailed>) -> Result<ExecutablePlan, ReadsFailed> {
        planned.map(|plan| self.shown(plan)).map_err(|failed| self.scrubbed(failed))
    }

    fn scrubbed(&self, mut failed: ReadsFailed) -> ReadsFailed {
        for failure in failed.0.iter_mut().filter_map(|read| read.missing.failure_mut()) {
            failure.message = self.secrets.shown(&failure.message);
        }
        failed
    }
}
