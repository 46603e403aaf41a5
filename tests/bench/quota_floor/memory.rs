//! The memory that trueup takes for a plan without changes: that of a process which does nothing else.
//!
//! The account is served by the parent, so that it does not count. The child is this program with [`FLAG`] and the
//! address.

use std::process::{Command, Stdio};
use std::sync::Arc;

use trueup::cloud::{ConnectOptions, QuotaPolicy, connect};

use crate::account::{Account, REGION, Server};
use crate::clients::{Client as _, Floor};
use crate::estate::Estate;
use crate::product::Product;
use crate::{Time, block_on};

/// The argument of the child, before the address of the account.
pub const FLAG: &str = "--plan-at";

/// The functions of the plan.
pub const FUNCTIONS: usize = 100;

/// The most that the plan may take, in megabytes.
pub const LIMIT: f64 = 30.0;

/// Returns the peak of a process that plans, in megabytes; `None` where the system does not tell.
pub fn peak_of_a_plan() -> Option<f64> {
    let account = Account::without_limits();
    block_on(Time::Virtual, async { Floor::new(account.cloud()).create(&Estate::new(FUNCTIONS)).await });
    let server = Server::start(account.router());
    let mut command = Command::new(std::env::current_exe().expect("the program has a path"));
    let command = command.args([FLAG, &server.url]).env_clear().stderr(Stdio::inherit());
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "the memory of a plan could not be measured");
    let kilobytes = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().ok();
    kilobytes.map(|kilobytes| kilobytes / 1024.0)
}

/// Plans at this address, and prints the peak of this process in kilobytes as [`peak_of_a_plan`] reads it.
pub fn plan_at(url: &str) {
    let estate = Estate::new(FUNCTIONS);
    block_on(Time::Real, async {
        let mut options = ConnectOptions::default();
        options.region = Some(REGION.to_owned());
        options.endpoint_url = Some(url.to_owned());
        options.quotas = QuotaPolicy::Aws;
        let connected = connect(&options).await.unwrap_or_else(|error| panic!("{error}"));
        Product::new(&estate, Arc::new(connected.cloud)).read(&estate).await;
    });
    if let Some(kilobytes) = peak() {
        println!("{kilobytes}");
    }
}

/// The most memory that this process has had, in kilobytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
