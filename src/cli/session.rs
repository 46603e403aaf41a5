//! What every command that talks to Lambda needs: the spec, the account, and a reconciler between them.
#![expect(clippy::disallowed_methods, reason = "the environment is an input of the spec")]

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::{CloudArgs, Exit, SpecArgs, output};
use crate::apply::ApplyOptions;
use crate::cloud;
use crate::declaration::{self, Inputs, Loaded, Stack};
use crate::files::Disk;
use crate::kinds;
use crate::model::{Address, Diagnostic, Package, Secrets, Severity};
use crate::observe::{Depth, ReadsFailed};
use crate::plan::{ExecutablePlan, PlanOptions};
use crate::reconcile::Reconciler;
use crate::wire::{Endpoint, Failure};

/// The account of the embedded Lambda, unless the spec's target names another.
pub const SIM_ACCOUNT: &str = "123456789012";
/// The region of the embedded Lambda, unless something names another.
pub const SIM_REGION: &str = "us-east-1";

/// A spec and the Lambda that it is for.
pub struct Session {
    /// The tool.
    pub reconciler: Reconciler,
    /// What must not be shown.
    pub secrets: Secrets,
}

impl Session {
    /// Reads the spec, connects, and checks that the account is the one that the spec is for.
    ///
    /// The inner error is an exit whose reason has been told.
    pub async fn open(spec: &SpecArgs, cloud: &CloudArgs) -> anyhow::Result<Result<Session, Exit>> {
        // Once without an account, so that an error in the spec is told before anything is asked of AWS.
        let offline = load(spec, None)?;
        if offline.stack.is_none() {
            tell(&offline);
            return Ok(Err(Exit::Error));
        }
        let target = offline.target.clone();
        let (endpoint, account, region) = connect(cloud, target.as_ref()).await?;
        if let Some(target) = &target {
            let wrong = [("account", &target.account, &account), ("region", &target.region, &region)];
            for (what, wanted, have) in wrong {
                if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != have) {
                    output::say(&format!("refused: the spec is for {what} {wanted}, and this is {what} {have}"));
                    return Ok(Err(Exit::Guarded));
                }
            }
        }
        let mut loaded = load(spec, Some((account, region)))?;
        let packages = loaded.stack.as_ref().map(|stack| packages(stack, &mut loaded.diagnostics));
        tell(&loaded);
        let (Some(stack), Some(Some(packages))) = (loaded.stack, packages) else { return Ok(Err(Exit::Error)) };
        let pace = ApplyOptions {
            parallelism: usize::try_from(cloud.parallelism).unwrap_or(usize::MAX),
            deadline: Duration::from_secs(cloud.timeout),
            ..pace(cloud)
        };
        let reconciler = Reconciler { endpoint, stack: Arc::new(stack), packages: Arc::new(packages), pace };
        Ok(Ok(Session { reconciler, secrets: loaded.secrets }))
    }

    /// A plan that is made to be carried out: of what is there once Lambda has finished what is under way, because that moves
    /// RevisionIds by itself.
    pub async fn plan_settled(&self, choice: &PlanOptions, depth: Depth) -> anyhow::Result<ExecutablePlan> {
        let say = |what: &str| output::say(&format!("Waiting for Lambda to finish: {what}"));
        self.reconciler.plan_settled(choice, depth, &say).await.map_err(|error| self.reads(error))
    }

    /// Reads that failed, as an error that says what to do.
    pub fn reads(&self, failed: ReadsFailed) -> anyhow::Error {
        // One cause makes many reads fail: it is told once.
        let mut alike: BTreeMap<_, BTreeMap<_, &Failure>> = BTreeMap::new();
        for failure in &failed.0 {
            let answers = alike.entry((failure.operation, &failure.code, &failure.message)).or_default();
            // Several resources may be read by one call.
            answers.insert(&failure.request_id, failure);
        }
        let mut lines: Vec<String> = Vec::new();
        for answers in alike.values() {
            let Some(first) = answers.values().next() else { continue };
            let more = match answers.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more like it"),
            };
            let hint = cloud::hint(first).map(|hint| format!("\n  {hint}")).unwrap_or_default();
            lines.push(format!("{first}{more}{hint}"));
        }
        let more = lines.len().saturating_sub(5);
        lines.truncate(5);
        if more > 0 {
            lines.push(format!("and {more} other failures"));
        }
        anyhow::anyhow!(
            "{}",
            self.secrets
                .scrub(&format!("nothing is known of the account, so nothing was planned\n{}", lines.join("\n")))
        )
    }
}

/// Reads and checks the spec; with an account and a region where they are known.
pub fn load(spec: &SpecArgs, scope: Option<(String, String)>) -> anyhow::Result<Loaded> {
    let inputs = Inputs {
        files: spec.files.clone(),
        vars: spec.vars.clone(),
        var_files: spec.var_files.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    Ok(declaration::load(&inputs, &Disk, scope))
}

/// Tells on stderr what is wrong with the spec.
pub fn tell(loaded: &Loaded) {
    if loaded.diagnostics.is_empty() {
        return;
    }
    let text = crate::show::diagnostics::render(&loaded.diagnostics, &loaded.sources, output::colour_stderr(), None);
    output::say(text.trim_end());
    let errors = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 0 {
        output::say(&format!(
            "\n{errors} {} in the spec; nothing was done.",
            if errors == 1 { "error" } else { "errors" }
        ));
    }
}

/// Runs a command that waits for the network.
pub fn block_on(command: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(command);
    // A look-up that hangs in the background must not keep us.
    runtime.shutdown_background();
    ended
}

/// What the embedded Lambda is like.
pub fn sim_options(account: &str, region: &str, data: Option<PathBuf>, settle: Option<u64>) -> crate::sim::Options {
    let settle = settle.map(|settle| crate::sim::Settle::uniform(Duration::from_millis(settle))).unwrap_or_default();
    crate::sim::Options {
        account: account.to_owned(),
        region: region.to_owned(),
        data,
        settle,
        ..crate::sim::Options::default()
    }
}

async fn connect(
    cloud: &CloudArgs,
    target: Option<&declaration::Target>,
) -> anyhow::Result<(Arc<dyn Endpoint>, String, String)> {
    if let Some(folder) = &cloud.sim {
        let account = target.and_then(|target| target.account.clone()).unwrap_or_else(|| SIM_ACCOUNT.to_owned());
        let region = cloud.region.clone().or_else(|| target.and_then(|target| target.region.clone()));
        let region = region.unwrap_or_else(|| SIM_REGION.to_owned());
        let options = sim_options(&account, &region, Some(folder.clone()), cloud.sim_settle);
        let lambda = crate::sim::Lambda::open(options)
            .with_context(|| format!("could not open the embedded Lambda in {}", folder.display()))?;
        let cloud = cloud::Cloud::in_process(lambda.router(), &region);
        return Ok((Arc::new(cloud), account, region));
    }
    let options = cloud::ConnectOptions {
        region: cloud.region.clone().or_else(|| target.and_then(|target| target.region.clone())),
        profile: cloud.profile.clone(),
        endpoint_url: cloud.endpoint_url.clone(),
        account: target.and_then(|target| target.account.clone()),
        quotas: cloud::RequestQuotas { control: cloud.rate, ..cloud::RequestQuotas::default() },
        seed: std::process::id().into(),
        ..cloud::ConnectOptions::default()
    };
    let (cloud, account, region) = cloud::connect(&options).await?;
    Ok((Arc::new(cloud), account, region))
}

/// Polling an embedded Lambda that settles at once need not be patient.
fn pace(cloud: &CloudArgs) -> ApplyOptions {
    match cloud.sim_settle {
        Some(settle) if cloud.sim.is_some() => {
            ApplyOptions { first_pause: Duration::from_millis(settle.clamp(1, 250)), ..ApplyOptions::default() }
        }
        _ => ApplyOptions::default(),
    }
}

/// Builds the packages that the stack names, or says of each one why it cannot be made.
///
/// A path is relative to the file that names it.
fn packages(stack: &Stack, diagnostics: &mut Vec<Diagnostic>) -> Option<BTreeMap<Address, Arc<Package>>> {
    let mut packages = BTreeMap::new();
    let mut is_whole = true;
    for (address, desired) in &stack.resources {
        let source = kinds::kind(&address.kind).and_then(|kind| kind.package_source(&desired.value));
        let Some(source) = source else { continue };
        match crate::package::build(&source, &desired.folder) {
            Ok(package) => drop(packages.insert(address.clone(), Arc::new(package))),
            Err(error) => {
                is_whole = false;
                diagnostics.push(Diagnostic {
                    severity: Severity::Error,
                    code: declaration::PACKAGE,
                    message: format!("the package of {address} cannot be made: {error:#}"),
                    span: Some(desired.span.clone()),
                    label: "its code is named here".to_owned(),
                    related: Vec::new(),
                    help: Some(
                        "a path is relative to the folder of the file in which the resource first appears".into(),
                    ),
                });
            }
        }
    }
    is_whole.then_some(packages)
}
