//! The tests of the simulator through its protocol.

mod account;
mod clients;
mod concurrent_writer;
mod disk;
mod event_source_mappings;
mod external_resources;
mod history;
mod injector;
mod invocations;
mod partitions;
mod plan;
mod refusals;
mod restart;
mod shortages;
