//! Killed at any call and run again, an apply converges and publishes nothing twice.
//!
//! The process is the real program, and it dies by SIGKILL: once before the n-th request has taken effect and once
//! after, before it hears of it.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::middleware::{self, Next};
use trueup::cloud::Cloud;
use trueup::sim::{Lambda, Options, Settle};
use trueup::wire::{Endpoint, ListVersionsByFunctionInputBuilder, Operation, Reply};

use crate::harness::{REGION, zip};

const SPEC: &str = r#"
version: 1
stack: mortal
target: {account: "123456789012", region: us-east-1}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    reserved_concurrent_executions: 5
    tags: {team: payments}
    aliases:
      live:
        function_version: published
        provisioned_concurrent_executions: 2
        event_source_mappings:
          queue: {event_source_arn: "arn:aws:sqs:us-east-1:123456789012:orders"}
"#;

/// When, relative to the request, the process dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    Before,
    After,
}

/// A program that is under way, and the request at which it dies.
#[derive(Clone, Default)]
struct Doomed {
    child: Arc<Mutex<Option<Child>>>,
    fuse: Arc<AtomicUsize>,
}

impl Doomed {
    fn kill(&self) {
        // The request may be there before the child is: then it waits for it.
        loop {
            if let Some(child) = self.child.lock().unwrap().as_mut() {
                child.kill().unwrap();
                return;
            }
            std::thread::yield_now();
        }
    }

    fn run(&self, folder: &Path, url: &str, arguments: &[&str]) -> ExitStatus {
        let child = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(arguments)
            .args(["-f", "stack.yaml", "--endpoint-url", url])
            .current_dir(folder)
            .env_clear()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.child.lock().unwrap() = Some(child);
        loop {
            let ended = self.child.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            if let Some(status) = ended {
                *self.child.lock().unwrap() = None;
                return status;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}

/// A new embedded Lambda on a port, in front of which the program dies.
async fn serve(doomed: Doomed, death: Death) -> (String, Cloud) {
    let mut options = Options::default();
    options.settle = Settle::instant();
    let router = Lambda::open(options).unwrap().router();
    let cloud = Cloud::in_process(router.clone(), REGION);
    let router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let doomed = doomed.clone();
        async move {
            let dies = doomed.fuse.fetch_sub(1, Ordering::SeqCst) == 1;
            if dies && death == Death::Before {
                doomed.kill();
                return axum::response::Response::new(axum::body::Body::empty());
            }
            let response = next.run(request).await;
            if dies {
                doomed.kill();
            }
            response
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, cloud)
}

fn every_death(death: Death) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "def handler(event, context): pass\n")]))
        .unwrap();
    std::fs::write(folder.path().join("stack.yaml"), SPEC).unwrap();
    for (died, at) in (1..200).enumerate() {
        let doomed = Doomed::default();
        doomed.fuse.store(at, Ordering::SeqCst);
        let (url, cloud) = runtime.block_on(serve(doomed.clone(), death));
        let run = |arguments: &[&str]| doomed.run(folder.path(), &url, arguments);
        let first = run(&["apply", "--auto-approve"]);
        if first.code().is_some() {
            assert!(first.success() && died > 10, "after {died} deaths: {first}");
            return;
        }
        doomed.fuse.store(usize::MAX, Ordering::SeqCst);
        assert!(run(&["apply", "--auto-approve"]).success(), "killed {death:?} request {at}, it does not converge");
        let again = run(&["plan", "--full", "--detailed-exitcode"]);
        assert_eq!(again.code(), Some(0), "killed {death:?} request {at}, there is something left to do");
        let versions = ListVersionsByFunctionInputBuilder::default().function_name("orders").call();
        let Ok(Reply::ListVersionsByFunction(versions)) = runtime.block_on(cloud.send(versions)) else {
            panic!("the versions cannot be listed")
        };
        // $LATEST and the one that was to be published.
        assert_eq!(versions.versions().len(), 2, "killed {death:?} request {at}, something was published twice");
    }
    panic!("an apply of this size does not take 200 requests");
}

#[test]
fn killed_before_a_call_takes_effect() {
    every_death(Death::Before);
}

#[test]
fn killed_after_a_call_took_effect_and_before_it_is_heard() {
    every_death(Death::After);
}
