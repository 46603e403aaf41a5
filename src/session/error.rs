//! The reasons why there is no session.

use super::SpecDiagnostics;
use super::overlap::Overlap;
use super::selection::NoMatch;
use crate::change::ChangeError;
use crate::cloud::ConnectError;
use crate::model::TargetPart;

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
    /// The spec has no target of a name that was chosen.
    #[error("the spec has no target `{name}`; nothing was done")]
    NoTarget {
        /// The name.
        name: String,
        /// The targets that it has.
        others: Vec<String>,
    },
    /// Two targets would change the same resources.
    #[error("{0}; nothing was done")]
    Overlap(Overlap),
    /// A pattern that no resource fits.
    #[error("{0}; nothing was done")]
    NoMatch(NoMatch),
    /// It is not known what has changed since a commit.
    #[error("--changed-since: {0}; nothing was done")]
    Change(ChangeError),
    /// There is no connection to the server.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The simulator's state cannot be opened.
    #[cfg(feature = "sim")]
    #[error("could not open the simulator: {0}")]
    Simulator(crate::sim::SimulatorError),
}

impl From<NoMatch> for SessionError {
    // Its text is part of the message, so it is not the source of it as well.
    fn from(error: NoMatch) -> Self {
        SessionError::NoMatch(error)
    }
}

impl From<ChangeError> for SessionError {
    // Its text is part of the message, so it is not the source of it as well.
    fn from(error: ChangeError) -> Self {
        SessionError::Change(error)
    }
}
