//! The reasons why there is no session.

use std::fmt;

use super::SpecDiagnostics;
use crate::cloud::ConnectError;

/// The reason why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The spec has errors.
    #[error("{0}; nothing was done")]
    Spec(SpecDiagnostics),
    /// A deployment package cannot be built; the findings point to the resources.
    #[error("{0}; nothing was done")]
    Packages(SpecDiagnostics),
    /// The credentials are for another account or region than the spec's target.
    #[error("the spec is for {part} {expected}, but this is {part} {actual}; nothing was done")]
    WrongTarget {
        /// The part of the target that differs.
        part: TargetPart,
        /// The spec's.
        expected: String,
        /// The one of the session.
        actual: String,
    },
    /// There is no connection to the server.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The simulator's state cannot be opened.
    #[cfg(feature = "sim")]
    #[error("could not open the simulator: {0}")]
    Simulator(crate::sim::SimulatorError),
}

/// A part of a spec's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPart {
    /// The AWS account.
    Account,
    /// The region.
    Region,
}

impl fmt::Display for TargetPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetPart::Account => "account",
            TargetPart::Region => "region",
        })
    }
}
