//! Tests of the whole program. `tests/run deletion_order` runs one file.
//!
//! | promise | files |
//! |---|---|
//! | No lost update | [`concurrent_writer`], [`unknown_revisions`], `chaos/{race_window, lost_updates, two_appliers}` |
//! | Nothing is created twice, and no failure is hidden, when replies are lost or reads are stale | [`lost_replies`], `chaos/every_call` |
//! | A plan shows every write, and a saved plan is applied exactly or refused | [`saved_plan`], [`scenarios`] |
//! | No secret in any output | [`planted_secrets`], [`saved_plan`], [`scenarios`] |
//! | A confined spec reads nothing outside of its folder, and only allowed variables | [`confined_specs`] |
//! | No text of others steers a terminal, or passes for a line of ours | [`hostile_texts`] |
//! | Fixpoint: a plan after an apply is empty | [`laws`], [`functions`], [`layers`], [`mappings`], [`policies`], [`settings`], [`shared_resources`] |
//! | A crash at any call, then a second run, converges | [`killed_apply`], `chaos/every_call` |
//! | Complete: every operation, member and limit of the API | [`coverage`] |
//! | Fewest calls | [`call_budget`] |
//! | Nothing of another owner is written | [`ownership`] |
//! | What could not be read is neither absent nor written | [`unanswered_reads`], [`unreadable_parts`] |
//! | Only ours: foreign, ignored and protected resources are kept | [`deletion_order`], [`ignored_and_protected`], `chaos/model` |
//! | Deletions in reverse dependency order | [`deletion_order`] |
//! | A rollback is blocked by nothing that it does not touch | [`rollback`] |
//! | A package is deployed if its files differ, and only then | [`packages`] |
//! | A rename is said, and is a replacement | [`renames`] |
//! | Errors name file, line and a way out, all at once | [`rules`], [`scenarios`], [`startup`] |
//! | Offline and service agree: what is valid offline is not rejected for what the spec shows | [`offline_rules`] |
//! | An interrupted apply stops in order | [`stopping`] |
//! | Several targets are planned and applied in all of them or in none | [`targets`] |
//! | No server makes a run panic or wait beyond its deadline | [`endless_waits`], [`fuzz`] |
//! | Linear in the number of resources | [`linear_growth`] |
//! | No input panics, hangs or exhausts memory | [`fuzz`] |
//! | The simulator answers like AWS Lambda | [`recordings`], [`wire`], [`clients`] |
//! | The simulator keeps what it acknowledged | [`killed_server`] |
//! | The simulator serves 10,000 functions | [`scale`] |
//! | `trueup sim` | [`server_command`] |
//! | `--verbose` prints every API call | [`verbose`] |
//! | Credentials are those of the named profile, resolved once | [`credentials`] |
//! | The library alone needs neither clap nor axum | [`features`] |
//! | Works with third-party servers | [`third_party_servers`] |
//! | README, book, schemas and generated documentation are true | [`readme`], [`book`], [`generated_files`], [`scenarios`], [`coverage`] |
//! | Pipelines: the examples of CI are played step by step | [`pipelines`], [`first_hour`] |
//! | Least privilege: with its policy a command is denied nothing, and takes all of it | [`least_privilege`] |
//! | Architecture and language of the code | [`architecture`], [`import_graph`], [`code_documentation`], [`language`] |
//!
//! [`harness`], [`server`], [`fake_forge`], [`stacks`], [`many_resources`], [`allocation`] and [`fuzz_bodies`] hold what several of them use.
#![allow(clippy::disallowed_methods, reason = "tests prepare files, look at clocks and read the environment")]

mod allocation;
mod architecture;
mod book;
mod call_budget;
mod changed_since;
mod chaos;
mod clients;
mod code_documentation;
mod comments;
mod concurrent_writer;
mod confined_specs;
mod counted_estate;
mod coverage;
mod credentials;
mod deletion_order;
mod endless_waits;
mod fake_forge;
mod features;
mod first_hour;
mod functions;
mod fuzz;
#[path = "../fuzz_bodies.rs"]
mod fuzz_bodies;
mod generated_files;
mod harness;
mod hostile_texts;
mod ignored_and_protected;
mod import_graph;
mod killed_apply;
mod killed_server;
mod language;
mod laws;
mod layers;
mod least_privilege;
mod linear_growth;
mod lost_replies;
mod many_resources;
mod mappings;
mod offline_rules;
mod outputs;
mod ownership;
mod packages;
mod pipelines;
mod plan_text;
mod planted_secrets;
mod policies;
mod readme;
mod recordings;
mod renames;
mod rollback;
mod rules;
mod saved_plan;
mod scale;
mod scenarios;
mod server;
mod server_command;
mod settings;
mod shared_resources;
mod stacks;
mod startup;
mod stopping;
mod targets;
mod third_party_servers;

mod unanswered_reads;
mod unknown_revisions;
mod unreadable_parts;
mod verbose;
mod wire;
