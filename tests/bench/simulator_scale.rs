//! 10,000 functions in one simulator: its peak memory, and the time of a list page.
//!
//! The list is compared with that of a tenth of them: a page must not cost more because there are more pages. Run with
//! `cargo bench --bench simulator_scale`.
#![allow(clippy::disallowed_methods, reason = "a bench looks at the clock")]

mod many_functions;
#[path = "../it/server.rs"]
mod server;

use std::time::{Duration, Instant};

use server::{Connection, Server, package};

const MANY: usize = 10_000;
/// The most peak memory of the server, in megabytes.
const ALLOWED: u64 = 200;

fn main() {
    let (_, few) = measure(MANY / 10);
    let (peak, many) = measure(MANY);
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!("a page takes {:.2} times as long as with a tenth of the functions", ratio);
    assert!(ratio < 3.0, "the cost of a page grows with the number of functions");
    assert!(peak.is_none_or(|peak| peak <= ALLOWED), "the server took more than {ALLOWED} MB");
}

/// The peak of the process in megabytes, and the mean time of a page.
fn measure(count: usize) -> (Option<u64>, Duration) {
    let mut server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    let mut call = |method: &str, path: &str, body: &serde_json::Value| connection.call(method, path, body).unwrap();
    let begun = Instant::now();
    many_functions::create(&mut call, &package("x = 1"), 0..count);
    let created = begun.elapsed();
    let begun = Instant::now();
    let listed = many_functions::list(&mut call);
    let page = begun.elapsed() / u32::try_from(listed.pages).unwrap();
    assert_eq!(listed.functions, count);
    let peak = server.peak_memory();
    println!(
        "{count} functions: made in {created:.1?}, {} pages of {page:.1?} each, at most {peak:?} MB",
        listed.pages
    );
    server.kill();
    (peak, page)
}
