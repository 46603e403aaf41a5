//! The exit codes, which scripts and pipelines decide on.

use crate::apply::Verdict;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is fine.
    Fine,
    /// Something went wrong, and nothing was decided.
    Error,
    /// There are changes or drift; only where asked for (`--detailed-exitcode`), always for `drift`.
    Changes,
    /// Refused because the world moved: a stale plan, a precondition that failed. Nothing was written.
    Moved,
    /// Refused by a guard: another account, a protected resource, too many deletions.
    Guarded,
    /// Applied in part: something was written, or may have been, and something was not or is not finished.
    Partly,
    /// A code that the user has chosen.
    Other(u8),
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Applied => Exit::Fine,
            Verdict::Refused => Exit::Moved,
            Verdict::Partly => Exit::Partly,
            Verdict::Failed => Exit::Error,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit.code())
    }
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
            Exit::Moved => 3,
            Exit::Guarded => 4,
            Exit::Partly => 5,
            Exit::Other(code) => code,
        }
    }
}
