//! The exit codes, which scripts and pipelines decide on.

use crate::apply::Verdict;

/// The result of a command, as the shell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Success,
    /// The command failed; nothing was changed.
    Error,
    /// There are changes or drift: with `plan --detailed-exitcode`, and always with `drift`.
    Changes,
    /// The live state is not the one that the plan was made from; nothing was changed.
    Stale,
    /// A guard refused: another account, a protected resource, too many deletions. Nothing was changed.
    Refused,
    /// Partially applied: something was written, or may have been, and something failed or did not start.
    Partial,
    /// The code that the user chose with `drift --exit-code`.
    Other(u8),
}

/// The exit codes with their meanings, for the documentation.
pub const EXIT_CODES: [(u8, &str); 6] = [
    (0, "success"),
    (1, "an error; also a declared resource that could not be read, which was left as it is while the rest was done"),
    (
        2,
        "changes or drift: for `plan` only with `--detailed-exitcode`, for `drift` (`--exit-code N` changes it) and `verify` always",
    ),
    (
        3,
        "stale: the saved plan is for another spec, account or region, has expired, is not the approved one, or the live state changed \
         since; nothing was written",
    ),
    (
        4,
        "refused: another account than the spec's, a protected resource, a replacement that loses data, a limit, a risk that nobody \
         confirmed; nothing was written",
    ),
    (5, "partially applied: something was or may have been written, and at least one step failed or did not run"),
];

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Applied => Exit::Success,
            Verdict::Refused => Exit::Stale,
            Verdict::Partial => Exit::Partial,
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
    /// Returns the one exit of several targets, none of which was written to: the one that needs attention most.
    pub fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
        let attention = |exit: &Exit| match exit {
            Exit::Success => 0,
            Exit::Changes | Exit::Other(_) => 1,
            Exit::Stale => 2,
            Exit::Refused => 3,
            Exit::Partial => 4,
            Exit::Error => 5,
        };
        exits.into_iter().max_by_key(attention).unwrap_or(Exit::Success)
    }

    /// Returns the number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
            Exit::Stale => 3,
            Exit::Refused => 4,
            Exit::Partial => 5,
            Exit::Other(code) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_meaning() {
        use Exit::{Changes, Error, Partial, Refused, Stale, Success};
        let codes = [Success, Error, Changes, Stale, Refused, Partial].map(Exit::code);
        assert_eq!(EXIT_CODES.map(|(code, _)| code), codes);
    }

    #[test]
    fn several_targets_end_with_what_needs_attention_most() {
        use Exit::{Changes, Error, Refused, Stale, Success};
        for (exits, worst) in [
            (&[][..], Success),
            (&[Success, Changes], Changes),
            (&[Changes, Stale], Stale),
            (&[Stale, Refused], Refused),
            (&[Refused, Error], Error),
        ] {
            assert_eq!(Exit::worst(exits.iter().copied()), worst);
        }
    }
}
