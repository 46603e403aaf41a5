//! Prints the library's tracing events to stderr, for `--verbose` and `TRUEUP_LOG`.
//!
//! # Guarantees
//! Events of other libraries are never printed: at their finest levels they log request bodies, which hold secrets.
#![expect(clippy::disallowed_methods, reason = "the environment says what to log")]

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{CommandError, ErrorKind};
use crate::model::visible;

/// The environment variable that says what to log.
const VARIABLE: &str = "TRUEUP_LOG";

/// The target of every event of this library.
const OURS: &str = "trueup";

/// Starts logging if `--verbose` or `TRUEUP_LOG` asks for it.
pub fn start(verbose: bool) -> Result<(), CommandError> {
    let setting = std::env::var(VARIABLE).ok().filter(|setting| !setting.is_empty());
    let targets = match &setting {
        Some(setting) => targets(setting)?,
        None if verbose => Targets::new().with_target(OURS, LevelFilter::DEBUG),
        None => return Ok(()),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    // Only a second start in one process fails, and then the first one's lines go on.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets)).try_init();
    Ok(())
}

/// Returns true if events are printed, so that they must not be mixed with a line that is redrawn.
pub fn is_on() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Reads a level or a list of targets, such as `debug` or `trueup::cloud=debug,trueup::apply=info`.
fn targets(setting: &str) -> Result<Targets, CommandError> {
    let wrong = |why: String| {
        CommandError::message(ErrorKind::Failed, visible(&format!("{VARIABLE}={setting}: {why}")))
            .hint("set a level (error, warn, info, debug, trace) or targets, such as trueup::cloud=debug")
    };
    let given: Targets = setting.parse().map_err(|error| wrong(format!("{error}")))?;
    let default = given.default_level().unwrap_or(LevelFilter::OFF);
    let mut targets = Targets::new().with_target(OURS, default);
    for (target, level) in given {
        if target != OURS && !target.starts_with("trueup::") {
            return Err(wrong(format!("`{target}` is not a target of trueup; other libraries may log secrets")));
        }
        targets = targets.with_target(target, level);
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn a_level_is_for_trueup_alone() {
        let targets = targets("debug").unwrap();
        assert!(targets.would_enable("trueup::cloud", &Level::DEBUG));
        assert!(!targets.would_enable("trueup::cloud", &Level::TRACE));
        assert!(!targets.would_enable("aws_smithy_runtime", &Level::ERROR));
    }

    #[test]
    fn targets_are_those_of_trueup() {
        let chosen = targets("trueup::cloud=debug").unwrap();
        assert!(chosen.would_enable("trueup::cloud::trace", &Level::DEBUG));
        assert!(!chosen.would_enable("trueup::apply", &Level::ERROR));
        for wrong in ["hyper=trace", "trueup=loud", "trueupx=debug"] {
            assert!(targets(wrong).is_err(), "{wrong}");
        }
    }
}
