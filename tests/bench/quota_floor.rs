//! Calls and seconds of trueup under AWS's request quotas, compared with the least that any client needs.
//!
//! Run with `cargo bench --bench quota_floor`. Numbers as arguments are the sizes to measure; `--real` measures in real
//! time instead of virtual time, up to [`MOST_IN_REAL_TIME`] functions. The account is the simulator in this process,
//! with the request quotas of AWS, the time that AWS takes for a change, and the latency of a network. Each client
//! creates the estate in an account of its own, plans it without changes, and changes every tenth function:
//!
//! - `floor` sends only what is needed, evenly paced: no client that does the same work is faster under the quotas.
//! - `plain` sends the same calls, eight at once, and sends again what was refused.
//! - `trueup` plans, approves and applies, with its default options.
//! - `terraform` is measured if it is on the machine, always in real time, and up to [`terraform::MOST`] functions.
//!
//! After each client but Terraform, trueup plans the account, and the plan must be empty: they have all done the same.
//! The memory of a plan is that of a process of its own.
#![allow(clippy::disallowed_methods, reason = "a bench writes files and looks at the clock")]

#[path = "quota_floor/account.rs"]
mod account;
#[path = "quota_floor/calls.rs"]
mod calls;
#[path = "quota_floor/clients.rs"]
mod clients;
#[path = "../it/counted_estate.rs"]
mod counted_estate;
#[path = "quota_floor/estate.rs"]
mod estate;
#[allow(dead_code, reason = "other benches use the rest")]
#[path = "../it/many_resources.rs"]
mod many_resources;
#[path = "quota_floor/memory.rs"]
mod memory;
#[path = "quota_floor/product.rs"]
mod product;
#[path = "quota_floor/report.rs"]
mod report;
#[path = "quota_floor/sending.rs"]
mod sending;
#[path = "quota_floor/terraform.rs"]
mod terraform;

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use trueup::sim::Clock;

use account::{Account, Cost};
use clients::{Client, Floor, Plain};
use estate::Estate;
use product::Product;
use report::{FLOOR, Measured, PRODUCT};

/// The allocator of the program, whose memory is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The sizes that are measured unless others are asked for.
const SIZES: [usize; 4] = [1, 10, 100, 1000];

/// The most functions in real time.
const MOST_IN_REAL_TIME: usize = 100;

/// The time between two scenarios, in which the quotas fill up again.
const REFILL: Duration = Duration::from_secs(2);

/// What a client is measured at.
#[derive(Clone, Copy)]
enum Scenario {
    Create,
    Read,
    Change,
}

impl Scenario {
    /// All of them, in the order in which they follow each other in an account.
    const ALL: [Scenario; 3] = [Scenario::Create, Scenario::Read, Scenario::Change];

    /// The name in the table.
    fn name(self) -> &'static str {
        match self {
            Scenario::Create => "create",
            Scenario::Read => "no-op plan",
            Scenario::Change => "change 10 %",
        }
    }

    /// The most calls and seconds of trueup, as a multiple of the floor's.
    fn limit(self) -> f64 {
        match self {
            Scenario::Read => 1.05,
            Scenario::Create | Scenario::Change => 1.10,
        }
    }
}

/// The time of a run.
#[derive(Clone, Copy, PartialEq)]
enum Time {
    /// Waiting takes no time, and nothing else counts.
    Virtual,
    /// The time of a clock on the wall.
    Real,
}

/// Runs to the end.
fn block_on<T>(time: Time, future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(time == Time::Virtual).build();
    runtime.expect("a runtime can be started").block_on(future)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, url] = arguments.as_slice()
        && flag == memory::FLAG
    {
        memory::plan_at(url);
        return ExitCode::SUCCESS;
    }
    let has_terraform = terraform::is_here();
    let is_real = arguments.iter().any(|argument| argument == "--real");
    let (time, name) = if is_real { (Time::Real, "real time") } else { (Time::Virtual, "virtual time") };
    report::print_head(&processor(), name);
    let mut misses = Vec::new();
    for functions in sizes(&arguments, time) {
        let estate = Estate::new(functions);
        let mut clients = measure(&estate, time);
        if has_terraform && functions <= terraform::MOST {
            clients.push(Measured { client: "terraform", costs: terraform::costs(&estate) });
        }
        misses.extend(report::print_rows(functions, &clients));
    }
    if !has_terraform {
        println!("\nTerraform is not on this machine.");
    }
    misses.extend(check_memory());
    misses.iter().for_each(|miss| println!("MISSED: {miss}"));
    if misses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The sizes to measure: those among the arguments, or all. Cargo adds arguments of its own.
fn sizes(arguments: &[String], time: Time) -> Vec<usize> {
    let chosen: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let mut sizes = if chosen.is_empty() { SIZES.to_vec() } else { chosen };
    sizes.retain(|size| time == Time::Virtual || *size <= MOST_IN_REAL_TIME);
    sizes
}

/// Measures every client that runs in this process.
fn measure(estate: &Estate, time: Time) -> Vec<Measured> {
    let measured = |client, costs: Vec<Cost>| Measured { client, costs: costs.into_iter().map(Ok).collect() };
    vec![
        measured(FLOOR, costs(estate, time, |account| Floor::new(account.cloud()))),
        measured("plain", costs(estate, time, |account| Plain::new(account.cloud()))),
        measured(PRODUCT, costs(estate, time, |account| Product::at(account, estate))),
    ]
}

/// Measures a client at one scenario after the other in a new account, each time as a new process would begin.
fn costs<C: Client>(estate: &Estate, time: Time, connect: impl Fn(&Account) -> C) -> Vec<Cost> {
    block_on(time, async {
        let account = Account::as_on_aws(Clock::runtime());
        let mut costs = Vec::new();
        for scenario in Scenario::ALL {
            let client = connect(&account);
            let (before, begun) = (account.counts(), Instant::now());
            match scenario {
                Scenario::Create => client.create(estate).await,
                Scenario::Read => client.read(estate).await,
                Scenario::Change => client.change(estate).await,
            }
            costs.push(account.cost_since(before, begun.elapsed()));
            sleep(REFILL).await;
        }
        product::check(&account, estate).await;
        costs
    })
}

/// Prints the memory of a plan, and returns the limit if it was missed.
fn check_memory() -> Option<String> {
    let (functions, limit) = (memory::FUNCTIONS, memory::LIMIT);
    let Some(megabytes) = memory::peak_of_a_plan() else {
        println!("\nThis system does not tell the memory of a process.");
        return None;
    };
    println!("\nPeak memory of a plan of {functions} functions without changes: {megabytes:.1} MB (limit {limit} MB)");
    (megabytes > limit).then(|| format!("a plan of {functions} functions without changes takes {megabytes:.1} MB"))
}

/// The model of the processor, where the system tells, and the number of its cores.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{model}, {cores} cores")
}
