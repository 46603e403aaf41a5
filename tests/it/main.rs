//! Every test that needs more than one module: laws, scenarios, strangers, and what keeps the house tidy.
#![allow(clippy::disallowed_methods, reason = "tests prepare files, look at clocks and read the environment")]

mod budget;
mod chaos;
mod clients;
mod coverage;
mod fresh;
mod functions;
mod fuzz;
#[path = "../fuzz_bodies.rs"]
mod fuzz_bodies;
mod guarded;
mod harness;
mod import_graph;
mod kill;
mod killed_server;
mod laws;
mod layers;
mod leaving;
mod lost;
mod many;
mod mappings;
mod policies;
mod recordings;
mod rules;
mod saved_plan;
mod scenarios;
mod second_writer;
mod server;
mod server_command;
mod settings;
mod stacks;
mod startup;
mod stopping;
mod strangers;
mod tidy;
mod unknown_revisions;
mod wire;
