//! From a spec and a server to a [`Session`], which plans, verifies and applies. Prints nothing.
//!
//! [`Session::open`] loads the spec, connects, refuses another account or region than the spec's `target`, and builds the
//! deployment packages. A controller that has its own endpoint and its own stack can use a [`Reconciler`] directly. Read
//! next: `src/reconcile.rs`
//!
//! # Guarantees
//! Nothing is sent to the server before the spec has been found free of errors, and nothing but reads and the look-up of the
//! account before the target has been checked. No error or report that a session returns holds a secret of the spec
//! (`tests/it/startup.rs`, `tests/it/saved_plan.rs`).

use std::collections::BTreeMap;
use std::fmt;
#[cfg(feature = "sim")]
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "sim")]
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::apply::{ApplyOptions, EventSender, Report};
use crate::cloud::{self, ConnectError, ConnectOptions};
use crate::declaration::{self, Files, Inputs, Spec, Stack, Target};
use crate::kinds;
use crate::model::{Address, Diagnostic, Package, Secrets, Severity, Source};
use crate::observe::{Depth, ReadsFailed};
use crate::package;
use crate::plan::saved::Stale;
use crate::plan::{ApprovedPlan, ExecutablePlan, PlanOptions, SealedPlan};
use crate::reconcile::Reconciler;
use crate::wire::Endpoint;

/// The account of the simulator, unless the spec's target names another.
#[cfg(feature = "sim")]
pub const SIMULATOR_ACCOUNT: &str = "123456789012";
/// The region of the simulator, unless the options or the spec's target name another.
#[cfg(feature = "sim")]
pub const SIMULATOR_REGION: &str = "us-east-1";

/// The spec, the server and the limits of a session.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The spec's files, variables and environment.
    pub inputs: Inputs,
    /// The server to connect to.
    pub server: ServerOptions,
    /// The concurrency and the timeouts.
    pub apply: ApplyOptions,
}

/// The server that a session connects to.
#[derive(Clone, Debug)]
pub enum ServerOptions {
    /// AWS Lambda, or another server that speaks its API. The spec's target gives the region and the account where these
    /// options name none.
    Remote(ConnectOptions),
    /// The built-in simulator, in this process.
    #[cfg(feature = "sim")]
    Simulator(SimulatorOptions),
}

impl Default for ServerOptions {
    fn default() -> Self {
        ServerOptions::Remote(ConnectOptions::default())
    }
}

/// The simulator that a session runs in its own process.
#[cfg(feature = "sim")]
#[derive(Clone, Debug, Default)]
pub struct SimulatorOptions {
    /// The folder that keeps the state between sessions; in memory only if absent.
    pub folder: Option<PathBuf>,
    /// The region; otherwise the target's, otherwise [`SIMULATOR_REGION`].
    pub region: Option<String>,
    /// The duration of every change; otherwise the simulator's own durations.
    pub settle: Option<Duration>,
}

/// Diagnostics of a spec, with the texts that they point into.
#[derive(Clone, Debug, Default)]
pub struct SpecDiagnostics {
    /// The diagnostics, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts.
    pub sources: Vec<Source>,
}

impl SpecDiagnostics {
    /// Returns the number of errors; warnings do not count.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }
}

impl fmt::Display for SpecDiagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors() {
            1 => f.write_str("the spec has 1 error"),
            errors => write!(f, "the spec has {errors} errors"),
        }
    }
}

/// The reason why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The spec has errors.
    #[error("{0}; nothing was done")]
    Spec(SpecDiagnostics),
    /// A deployment package cannot be built; the findings point to the resources.
    #[error("{0}; nothing was done")]
    Packages(SpecDiagnostics),
    /// The credentials are for another account or region than the spec's target.
    #[error("the spec is for {part} {expected}, but this is {part} {actual}; nothing was done")]
    WrongTarget {
        /// The part of the target that differs.
        part: TargetPart,
        /// The spec's.
        expected: String,
        /// The one of the session.
        actual: String,
    },
    /// There is no connection to the server.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The simulator's state cannot be opened.
    #[cfg(feature = "sim")]
    #[error("could not open the simulator: {0}")]
    Simulator(String),
}

/// A part of a spec's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPart {
    /// The AWS account.
    Account,
    /// The region.
    Region,
}

impl fmt::Display for TargetPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetPart::Account => "account",
            TargetPart::Region => "region",
        })
    }
}

/// A spec together with the server that it is for.
#[derive(Clone)]
pub struct Session {
    // Not public: what it returns may hold secrets, and the session takes them out.
    reconciler: Reconciler,
    /// The warnings about the spec.
    pub warnings: SpecDiagnostics,
    secrets: Secrets,
}

impl Session {
    /// Returns the declared stack.
    pub fn stack(&self) -> &Stack {
        &self.reconciler.stack
    }

    /// Loads the spec, connects, checks the target and builds the packages.
    ///
    /// # Errors
    /// The first of these steps that fails, as a [`SessionError`]; all errors of a spec come at once.
    pub async fn open(options: SessionOptions, files: &dyn Files) -> Result<Session, SessionError> {
        let SessionOptions { inputs, server, apply } = options;
        // Once without an account, so that an error in the spec is reported before anything is asked of AWS.
        let spec = Spec::read(&inputs, files);
        let offline = spec.clone().resolve(None);
        if offline.stack.is_none() {
            return Err(SessionError::Spec(SpecDiagnostics {
                diagnostics: offline.diagnostics,
                sources: offline.sources,
            }));
        }
        let apply = polling(&server, apply);
        let connection = Connection::open(server, offline.target.as_ref()).await?;
        connection.check(offline.target.as_ref())?;
        let Connection { endpoint, account, region } = connection;
        let is_same = |stack: &Stack| stack.scope.account == account && stack.scope.region == region;
        let loaded = match offline.stack.as_ref().is_some_and(is_same) {
            true => offline,
            false => spec.resolve(Some((account, region))),
        };
        let mut findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        let Some(stack) = loaded.stack else { return Err(SessionError::Spec(findings)) };
        let (packages, failures) = packages(&stack);
        if !failures.is_empty() {
            findings.diagnostics.extend(failures);
            return Err(SessionError::Packages(findings));
        }
        let reconciler = Reconciler { endpoint, stack: Arc::new(stack), packages: Arc::new(packages), options: apply };
        Ok(Session { reconciler, warnings: findings, secrets: loaded.secrets })
    }

    /// Plans from the live state of now.
    ///
    /// # Errors
    /// The reads that failed: without the whole live state there is no plan.
    pub async fn plan(&self, options: &PlanOptions, depth: Depth) -> Result<ExecutablePlan, ReadsFailed> {
        self.reconciler.plan(options, depth).await.map_err(|failed| self.scrubbed(failed))
    }

    /// Plans once Lambda has finished the operations in progress, because those change RevisionIds by themselves.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn plan_settled(
        &self,
        options: &PlanOptions,
        depth: Depth,
        events: &EventSender,
    ) -> Result<ExecutablePlan, ReadsFailed> {
        self.reconciler.plan_settled(options, depth, events).await.map_err(|failed| self.scrubbed(failed))
    }

    /// Compares a saved plan with the plan of now; it is stale if they differ.
    ///
    /// # Errors
    /// The reads that failed.
    pub async fn verify(&self, saved: &SealedPlan) -> Result<(Vec<Stale>, ExecutablePlan), ReadsFailed> {
        self.reconciler.verify(saved).await.map_err(|failed| self.scrubbed(failed))
    }

    /// Applies a plan. Once `stop` is cancelled no call is sent but those that finish the steps in progress.
    pub async fn apply(&self, approved: ApprovedPlan, stop: CancellationToken, events: EventSender) -> Report {
        self.reconciler.apply(approved, stop, events.masking(&self.secrets)).await.scrubbed(&self.secrets)
    }

    fn scrubbed(&self, mut failed: ReadsFailed) -> ReadsFailed {
        for failure in &mut failed.0 {
            failure.message = self.secrets.scrub(&failure.message);
        }
        failed
    }
}

/// An endpoint whose account and region are known.
struct Connection {
    endpoint: Arc<dyn Endpoint>,
    account: String,
    region: String,
}

impl Connection {
    async fn open(server: ServerOptions, target: Option<&Target>) -> Result<Connection, SessionError> {
        let target_region = target.and_then(|target| target.region.clone());
        let target_account = target.and_then(|target| target.account.clone());
        match server {
            ServerOptions::Remote(mut options) => {
                options.region = options.region.or(target_region);
                options.account = options.account.or(target_account);
                let (cloud, account, region) = cloud::connect(&options).await?;
                Ok(Connection { endpoint: Arc::new(cloud), account, region })
            }
            #[cfg(feature = "sim")]
            ServerOptions::Simulator(options) => {
                let account = target_account.unwrap_or_else(|| SIMULATOR_ACCOUNT.to_owned());
                let region = options.region.or(target_region).unwrap_or_else(|| SIMULATOR_REGION.to_owned());
                let simulated = simulator_options(&account, &region, options.folder, options.settle);
                let lambda = crate::sim::Simulator::open(simulated)
                    .map_err(|error| SessionError::Simulator(format!("{error:#}")))?;
                let cloud = cloud::Cloud::in_process(lambda.router(), &region);
                Ok(Connection { endpoint: Arc::new(cloud), account, region })
            }
        }
    }

    /// Refuses a connection to another account or region than the target's.
    fn check(&self, target: Option<&Target>) -> Result<(), SessionError> {
        let Some(target) = target else { return Ok(()) };
        let pairs =
            [(TargetPart::Account, &target.account, &self.account), (TargetPart::Region, &target.region, &self.region)];
        for (part, expected, actual) in pairs {
            if let Some(expected) = expected.as_ref().filter(|expected| *expected != actual) {
                return Err(SessionError::WrongTarget { part, expected: expected.clone(), actual: actual.clone() });
            }
        }
        Ok(())
    }
}

/// Returns the options of a simulated account that keeps its state in `folder`.
#[cfg(feature = "sim")]
pub fn simulator_options(
    account: &str,
    region: &str,
    folder: Option<PathBuf>,
    settle: Option<Duration>,
) -> crate::sim::Options {
    crate::sim::Options {
        account: account.to_owned(),
        region: region.to_owned(),
        data: folder,
        settle: settle.map(crate::sim::Settle::uniform).unwrap_or_default(),
        ..crate::sim::Options::default()
    }
}

/// Polls a simulator as fast as it settles.
fn polling(server: &ServerOptions, apply: ApplyOptions) -> ApplyOptions {
    match server {
        #[cfg(feature = "sim")]
        ServerOptions::Simulator(SimulatorOptions { settle: Some(settle), .. }) => {
            ApplyOptions { first_pause: (*settle).clamp(Duration::from_millis(1), Duration::from_millis(250)), ..apply }
        }
        _ => apply,
    }
}

/// Builds the packages that the stack names, and a diagnostic for each one that cannot be built.
///
/// A path is relative to the folder of the file that names it.
fn packages(stack: &Stack) -> (BTreeMap<Address, Arc<Package>>, Vec<Diagnostic>) {
    let (mut packages, mut failures) = (BTreeMap::new(), Vec::new());
    for (address, desired) in &stack.resources {
        let Some(source) = kinds::entry(address.kind).package_source(&desired.value) else { continue };
        match package::build(&source, &desired.folder) {
            Ok(package) => drop(packages.insert(address.clone(), Arc::new(package))),
            Err(error) => failures.push(Diagnostic {
                severity: Severity::Error,
                code: declaration::PACKAGE.id(),
                message: format!("the package of {address} cannot be built: {error}"),
                span: Some(desired.span.clone()),
                label: "its code is declared here".to_owned(),
                related: Vec::new(),
                help: Some("a path is relative to the folder of the file in which the resource first appears".into()),
            }),
        }
    }
    (packages, failures)
}
