//! Every test that needs more than one module: laws, scenarios, strangers, and what keeps the house tidy.
#![allow(clippy::disallowed_methods, reason = "tests prepare files, look at clocks and read the environment")]

mod budget;
mod chaos;
mod fresh;
mod functions;
mod harness;
mod kill;
mod laws;
mod mappings;
mod policies;
mod recordings;
mod scenarios;
mod second_writer;
mod stacks;
mod startup;
mod strangers;
mod tidy;
