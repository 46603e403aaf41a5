//! The table, and what trueup missed in it.

use crate::Scenario;
use crate::account::Cost;

/// The name of the client that the others are compared with.
pub const FLOOR: &str = "floor";

/// The name of the client whose limits are checked.
pub const PRODUCT: &str = "trueup";

/// What one client cost, scenario by scenario, up to the first that failed.
pub struct Measured {
    /// The name.
    pub client: &'static str,
    /// The costs, or the reason why there is none.
    pub costs: Vec<Result<Cost, String>>,
}

impl Measured {
    fn cost(&self, scenario: usize) -> Option<Cost> {
        self.costs.get(scenario)?.as_ref().ok().copied()
    }
}

/// Prints what is above the table.
pub fn print_head(processor: &str, time: &str) {
    println!("{processor}; {time}, {} ms a call.\n", crate::account::LATENCY.as_millis());
    println!("| N | scenario | client | calls | 429 | seconds | calls : floor | seconds : floor |");
    println!("|---:|---|---|---:|---:|---:|---:|---:|");
}

/// Prints the rows of one size, and returns the limits that trueup missed.
pub fn print_rows(functions: usize, clients: &[Measured]) -> Vec<String> {
    let mut misses = Vec::new();
    for (index, scenario) in Scenario::ALL.into_iter().enumerate() {
        let floor = clients.iter().find(|measured| measured.client == FLOOR).and_then(|floor| floor.cost(index));
        for Measured { client, costs } in clients {
            let Some(cost) = costs.get(index) else { continue };
            println!("| {functions} | {} | {client} {}", scenario.name(), cells(cost.as_ref(), floor));
            if let (Ok(cost), Some(floor), true) = (cost, floor, *client == PRODUCT) {
                misses.extend(missed(functions, scenario, *cost, floor));
            }
        }
    }
    misses
}

/// The cells of a row after the client's name.
fn cells(cost: Result<&Cost, &String>, floor: Option<Cost>) -> String {
    let cost = match cost {
        Ok(cost) => cost,
        Err(why) => return format!("(failed: {}) | | | | | |", why.replace('|', "\\|")),
    };
    let Cost { calls, refused, seconds } = cost;
    let ratios = floor.map(|floor| ratios(*cost, floor).map(|ratio| format!("{ratio:.3}")));
    let [of_calls, of_seconds] = ratios.unwrap_or_default();
    format!("| {calls} | {refused} | {seconds:.2} | {of_calls} | {of_seconds} |")
}

/// The calls and the seconds as multiples of the floor's.
fn ratios(cost: Cost, floor: Cost) -> [f64; 2] {
    [cost.calls as f64 / floor.calls as f64, cost.seconds / floor.seconds]
}

/// The limits that trueup missed in one scenario.
fn missed(functions: usize, scenario: Scenario, cost: Cost, floor: Cost) -> Vec<String> {
    let mut misses = Vec::new();
    if cost.refused > 0 {
        misses.push(format!("{functions} functions, {}: {} calls were refused", scenario.name(), cost.refused));
    }
    let limit = scenario.limit();
    for (what, ratio) in ["calls", "seconds"].into_iter().zip(ratios(cost, floor)) {
        if ratio > limit {
            let name = scenario.name();
            misses.push(format!(
                "{functions} functions, {name}: {ratio:.3} times the {what} of the floor (limit {limit})"
            ));
        }
    }
    misses
}
