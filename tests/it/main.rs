//! Every test that needs more than one module: laws, scenarios, strangers, and what keeps the house tidy.
#![allow(clippy::disallowed_methods, reason = "tests prepare files, look at clocks and read the environment")]

mod architecture;
mod call_budget;
mod chaos;
mod clients;
mod concurrent_writer;
mod coverage;
mod deletion_order;
mod features;
mod functions;
mod fuzz;
#[path = "../fuzz_bodies.rs"]
mod fuzz_bodies;
mod generated_files;
mod harness;
mod ignored_and_protected;
mod import_graph;
mod killed_apply;
mod killed_server;
mod language;
mod laws;
mod layers;
mod lost_replies;
mod mappings;
mod policies;
mod recordings;
mod rules;
mod saved_plan;
mod scale;
mod scenarios;
mod server;
mod server_command;
mod settings;
mod stacks;
mod startup;
mod stopping;
mod third_party_servers;

mod unknown_revisions;
mod verbose;
mod wire;
