//! Every test that needs more than one module: laws, scenarios, strangers, and what keeps the house tidy.

mod budget;
mod fresh;
mod harness;
mod laws;
mod recordings;
mod scenarios;
mod second_writer;
mod stacks;
mod startup;
mod strangers;
mod tidy;
