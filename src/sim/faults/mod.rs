//! Fault injection: a plan of rules, and what carries it out.

pub(crate) mod concurrent_writer;
pub(crate) mod dice;
pub(crate) mod errors;
pub(crate) mod injector;
pub(crate) mod lexer;
pub(crate) mod matching;
pub(crate) mod parser;
pub(crate) mod plan;
pub(crate) mod quantities;
pub(crate) mod quotas;
pub(crate) mod reference;
pub(crate) mod shortages;
pub(crate) mod targets;
