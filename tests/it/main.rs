//! Every test that needs more than one module: laws, scenarios, strangers, and what keeps the house tidy.
#![allow(clippy::disallowed_methods, reason = "tests prepare files, look at clocks and read the environment")]

mod budget;
mod clients;
mod fresh;
mod functions;
mod fuzz;
#[path = "../fuzz_bodies.rs"]
mod fuzz_bodies;
mod harness;
mod kill;
mod killed_server;
mod laws;
mod many;
mod mappings;
mod policies;
mod recordings;
mod scenarios;
mod second_writer;
mod server;
mod stacks;
mod startup;
mod strangers;
mod tidy;
