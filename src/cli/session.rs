//! From command-line arguments to a [`Session`] of the library.
#![expect(clippy::disallowed_methods, reason = "the environment is an input of the spec")]

use std::future::Future;
use std::time::Duration;

use anyhow::Context;

use super::arguments::Quota;
use super::progress::{self, StatusLine};
use super::{CloudArgs, CommandError, Exit, OutputArgs, SpecArgs, output};
use crate::apply::{ApplyOptions, EventSender};
use crate::cloud::{ConnectOptions, QuotaPolicy};
use crate::declaration::{self, Inputs, Loaded};
use crate::files::Disk;
use crate::model::{visible, without_users};
use crate::observe::{Depth, ReadsFailed};
use crate::plan::{ExecutablePlan, PlanOptions};
use crate::session::{ServerOptions, Session, SessionOptions, SimulatorOptions, SpecDiagnostics};

/// The word that allows no environment variable.
const NO_VARIABLE: &str = "none";

/// Opens a session and prints the spec's warnings.
pub async fn open(spec: &SpecArgs, cloud: &CloudArgs, plan: PlanOptions) -> Result<Session, CommandError> {
    open_since(spec, cloud, plan, None).await
}

/// Does the same for what can have changed since a commit, if one is given.
pub async fn open_since(
    spec: &SpecArgs,
    cloud: &CloudArgs,
    plan: PlanOptions,
    changed_since: Option<String>,
) -> Result<Session, CommandError> {
    let (inputs, server, apply) = (inputs(spec), server(cloud), limits(cloud));
    let options = SessionOptions { inputs, server, apply, plan, changed_since };
    let session = Session::open(options, &Disk).await?;
    print_findings(&session.warnings);
    for warning in &session.connection_warnings {
        output::eprint(&format!("{} {}", output::stderr_style().strong("warning:"), without_users(&visible(warning))));
    }
    Ok(session)
}

/// Plans from the live state of now, showing if it waits for downloads.
pub async fn plan(session: &Session, depth: Depth, args: &OutputArgs) -> Result<ExecutablePlan, CommandError> {
    showing_progress(args, async |events| session.plan_reporting(depth, events).await).await
}

/// Plans what listings show to differ, showing if it waits for downloads.
pub async fn plan_shallow(session: &Session, args: &OutputArgs) -> Result<ExecutablePlan, CommandError> {
    showing_progress(args, async |events| session.plan_shallow(events).await).await
}

/// Plans once Lambda has finished the operations in progress, showing what it waits for.
pub async fn plan_settled(session: &Session, depth: Depth, args: &OutputArgs) -> Result<ExecutablePlan, CommandError> {
    showing_progress(args, async |events| session.plan_settled(depth, events).await).await
}

/// Plans while the events of the session are drawn.
async fn showing_progress(
    args: &OutputArgs,
    plan: impl AsyncFnOnce(&EventSender) -> Result<ExecutablePlan, ReadsFailed>,
) -> Result<ExecutablePlan, CommandError> {
    let (events, drawing) = progress::show(StatusLine::new(args.json));
    let executable = plan(&events).await;
    drop(events);
    drawing.await.context("could not draw the progress")?;
    Ok(executable?)
}

/// Loads and checks the spec without an account.
pub fn load(spec: &SpecArgs) -> Loaded {
    declaration::load(&inputs(spec), &Disk, None)
}

/// Prints diagnostics to stderr.
pub fn print_findings(findings: &SpecDiagnostics) {
    if !findings.diagnostics.is_empty() {
        output::eprint(output::diagnostics(findings).trim_end());
    }
}

/// Runs a command that needs the network.
pub fn block_on(command: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(command);
    // A DNS look-up that still runs in the background must not delay the exit.
    runtime.shutdown_background();
    ended
}

/// Returns the inputs of the spec, with the environment.
pub fn inputs(spec: &SpecArgs) -> Inputs {
    Inputs {
        files: spec.files.clone(),
        vars: spec.vars.clone(),
        var_files: spec.var_files.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        allow_env: spec.allow_env.as_ref().map(|names| {
            let names = names.iter().map(|name| name.trim().to_owned());
            names.filter(|name| name != NO_VARIABLE).collect()
        }),
        confine: spec.confine.clone(),
    }
}

fn server(cloud: &CloudArgs) -> ServerOptions {
    if let Some(folder) = &cloud.sim {
        return ServerOptions::Simulator(SimulatorOptions {
            folder: Some(folder.clone()),
            region: cloud.region.clone(),
            settle: cloud.sim_settle.map(Duration::from_millis),
        });
    }
    ServerOptions::Remote(connection(cloud))
}

/// Returns the options of a connection.
pub fn connection(cloud: &CloudArgs) -> ConnectOptions {
    ConnectOptions {
        region: cloud.region.clone(),
        profile: cloud.profile.clone(),
        endpoint_url: cloud.endpoint_url.clone(),
        quotas: match cloud.quotas {
            Quota::Auto => QuotaPolicy::Auto,
            Quota::Aws => QuotaPolicy::Aws,
            Quota::None => QuotaPolicy::None,
        },
        rate: cloud.rate,
        deadline: Some(Duration::from_secs(cloud.timeout)),
        seed: std::process::id().into(),
        ..ConnectOptions::default()
    }
}

fn limits(cloud: &CloudArgs) -> ApplyOptions {
    ApplyOptions {
        parallelism: usize::try_from(cloud.parallelism).unwrap_or(usize::MAX),
        deadline: Duration::from_secs(cloud.timeout),
        compare_code: !cloud.no_code_diff,
        ..ApplyOptions::default()
    }
}
