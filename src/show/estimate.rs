//! Renders an estimate as text: for reading and for creating, the calls by request quota.

use std::fmt::Write;

use crate::estimate::{Calls, Estimate};
use crate::wire::Bucket;

/// Renders an estimate at these rates; zero is no limit.
pub fn render(estimate: &Estimate, stack: &str, rate: impl Fn(Bucket) -> f64) -> String {
    let Estimate { resources, reads, writes } = estimate;
    let noun = if *resources == 1 { "resource" } else { "resources" };
    let mut text = format!("stack {stack}, {resources} {noun}; nothing was sent\n");
    part(&mut text, "Reading, if nothing has changed: at least", reads, &rate);
    part(&mut text, "Creating everything:", writes, &rate);
    text
}

fn part(text: &mut String, title: &str, calls: &Calls, rate: &impl Fn(Bucket) -> f64) {
    let all: usize = calls.0.values().sum();
    let noun = if all == 1 { "call" } else { "calls" };
    let _ = writeln!(text, "\n{title} {all} {noun}, {}", duration(calls.seconds(rate)));
    for bucket in Bucket::ALL {
        let count = calls.of(bucket);
        if count == 0 {
            continue;
        }
        let name = bucket.label();
        let limit = match rate(bucket) {
            rate if rate > 0.0 => format!("{rate} a second"),
            _ => "unlimited".to_owned(),
        };
        let _ = writeln!(text, "  {name:<12}{count:>7}  {limit}");
    }
}

/// Returns a duration to the precision that an estimate has.
pub fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => "less than a second".to_owned(),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds => format!("about {:.0} minutes", seconds / 60.0),
    }
}
