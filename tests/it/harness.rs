//! The test fixture: a folder with a spec and its code, and the simulator behind its HTTP protocol.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types as aws;
use axum::Router;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use trueup::apply::{ApplyOptions, EventSender, Report, Verdict};
use trueup::cloud::Cloud;
use trueup::confinement::Confinement;
use trueup::declaration::{self, Inputs, Stack};
use trueup::files::Disk;
use trueup::kinds;
use trueup::model::{Address, Severity};
use trueup::observe::Depth;
use trueup::plan::{ExecutablePlan, Limits, Plan, PlanOptions};
use trueup::reconcile::Reconciler;
use trueup::sim::{Options, Settle, Simulator};
use trueup::wire::{Call, CreateCapacityProviderInputBuilder, Endpoint, PublishLayerVersionInputBuilder, TypedCall};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "us-east-1";

/// Runs to the end in virtual time, in which waiting takes no time.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(future)
}

/// A simulated account and a folder.
pub struct Fixture {
    pub folder: TempDir,
    pub cloud: Arc<Cloud>,
}

impl Fixture {
    /// A new account in which every change settles at the next read, and a folder with `package.zip` in it.
    pub fn new() -> Fixture {
        Fixture::settled(|router| router)
    }

    /// A new account in which every change settles at the next read, whose requests pass through `between`.
    pub fn settled(between: impl FnOnce(Router) -> Router) -> Fixture {
        let mut options = Options::default();
        options.settle = Settle::instant();
        options.seed = Some(7);
        Fixture::with(options, between)
    }

    /// A new account whose requests pass through `between`.
    pub fn with(options: Options, between: impl FnOnce(Router) -> Router) -> Fixture {
        Fixture::of(&Simulator::open(options).expect("an account in memory opens"), between)
    }

    /// A folder, and this account, whose requests pass through `between`.
    pub fn of(lambda: &Simulator, between: impl FnOnce(Router) -> Router) -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(
            folder.path().join("package.zip"),
            zip(&[("app.py", "def handler(event, context): return event\n")]),
        )
        .unwrap();
        let cloud = Arc::new(Cloud::in_process(between(lambda.router()), REGION));
        Fixture { folder, cloud }
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces `package.zip` by one with other code for every number.
    pub fn write_package(&self, number: usize) {
        self.write("package.zip", zip(&[("app.py", &format!("NUMBER = {number}\n"))]));
    }

    /// Loads a spec; panics with the diagnostics if it has errors.
    pub fn stack(&self, text: &str) -> Stack {
        self.write("stack.yaml", text);
        load(&[&self.folder.path().join("stack.yaml")])
    }

    pub fn reconciler(&self, text: &str) -> Reconciler {
        self.reconciler_of(self.stack(text))
    }

    pub fn reconciler_of(&self, stack: Stack) -> Reconciler {
        let packages = stack.resources.iter().filter_map(|(address, desired)| {
            let source = kinds::entry(address.kind).package_source(&desired.value)?;
            let package = trueup::package::build(&source, &desired.folder, Confinement::default())
                .expect("the package can be made");
            Some((address.clone(), Arc::new(package)))
        });
        let packages: BTreeMap<Address, _> = packages.collect();
        let options = ApplyOptions {
            parallelism: 4,
            deadline: Duration::from_secs(20),
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
            compare_code: true,
        };
        Reconciler { endpoint: self.cloud.clone(), stack: Arc::new(stack), packages: Arc::new(packages), options }
    }

    pub async fn prepare(&self, text: &str) -> ExecutablePlan {
        self.reconciler(text).plan(&PlanOptions::default(), Depth::Declared).await.expect("the account can be read")
    }

    pub async fn plan(&self, text: &str) -> Plan {
        self.prepare(text).await.plan
    }

    pub async fn apply(&self, text: &str) -> Report {
        let reconciler = self.reconciler(text);
        let prepared =
            reconciler.plan(&PlanOptions::default(), Depth::Declared).await.expect("the account can be read");
        run(&reconciler, prepared).await
    }

    /// Applies the spec, and asserts that a full plan is empty afterwards.
    pub async fn fixpoint(&self, text: &str) {
        let report = self.apply(text).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{text}\n{:#?}", undone(&report));
        let again = self
            .reconciler(text)
            .plan(&PlanOptions::default(), Depth::Full)
            .await
            .expect("the account can be read")
            .plan;
        assert!(again.is_empty(), "{text}\n{}", shown(&again));
    }

    /// Counts the writes so far.
    pub fn writes(&self) -> u64 {
        self.cloud
            .counts()
            .iter()
            .filter(|(operation, _)| !operation.starts_with("Get") && !operation.starts_with("List"))
            .map(|(_, count)| count)
            .sum()
    }

    /// A capacity provider named `p` and the first version of a layer named `l`, created without trueup.
    pub async fn provide(&self) {
        let vpc = aws::CapacityProviderVpcConfig::builder().subnet_ids("subnet-1").security_group_ids("sg-1").build();
        let role = "arn:aws:iam::123456789012:role/operator";
        let permissions =
            aws::CapacityProviderPermissionsConfig::builder().capacity_provider_operator_role_arn(role).build();
        let call = CreateCapacityProviderInputBuilder::default()
            .capacity_provider_name("p")
            .vpc_config(vpc.unwrap())
            .permissions_config(permissions.unwrap());
        self.send(call.call()).await;
        let content = aws::LayerVersionContentInput::builder().zip_file(Blob::new(zip(&[("l.py", "")]))).build();
        self.send(PublishLayerVersionInputBuilder::default().layer_name("l").content(content).call()).await;
    }

    /// Sends one call past trueup.
    pub async fn send(&self, call: Call) -> trueup::wire::Reply {
        match self.cloud.send(call).await {
            Ok(reply) => reply,
            Err(failure) => panic!("{failure}"),
        }
    }
}

/// Prepares the program with these arguments, in a folder and against a server, with an otherwise empty environment.
pub fn against(url: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command.args(arguments).args(["--region", "us-east-1", "--endpoint-url", url]);
    command.current_dir(folder).env_clear().env("CI", "1");
    command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Returns the operations of a plan, in order.
pub fn operations(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.operation.name()).collect()
}

/// Applies a plan.
pub async fn run(reconciler: &Reconciler, prepared: ExecutablePlan) -> Report {
    // Tests that replace a function do so on purpose.
    let approved =
        prepared.approve(&Limits { allow_replace: true, ..Limits::default() }).expect("the plan is not refused");
    reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await
}

/// Loads spec files for the test account.
pub fn load(files: &[&Path]) -> Stack {
    let inputs = Inputs { files: files.iter().map(|file| file.to_path_buf()).collect(), ..Inputs::default() };
    let loaded = declaration::load(&inputs, &Disk, Some((ACCOUNT.to_owned(), REGION.to_owned())));
    let errors: Vec<_> = loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(
        errors.is_empty(),
        "{}",
        trueup::show::diagnostics::render(&loaded.diagnostics, &loaded.sources, false, None)
    );
    loaded.stack.expect("a spec without errors has a stack")
}

/// A zip file of these files.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Lists the steps that did not succeed, for messages of tests.
pub fn undone(report: &Report) -> Vec<String> {
    let done = trueup::apply::Outcome::Done;
    let undone = report.steps.iter().filter(|(_, outcome)| *outcome != done);
    undone.map(|(step, outcome)| format!("{} {}: {outcome:?}", step.operation, step.address)).collect()
}

/// Renders a plan, for messages of tests.
pub fn shown(plan: &Plan) -> String {
    let style = trueup::show::Style::default();
    trueup::show::plan::render(&plan.masked(), trueup::show::plan::Display { steps: true, ..Default::default() }, style)
}

/// Returns how a program ended: its exit code, and what it printed on both streams.
pub fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
