//! The pipeline in which the program runs, as GitHub and GitLab describe it in the environment.
#![expect(clippy::disallowed_methods, reason = "a pipeline says in the environment what it is about")]

use std::io::Write;

use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;

/// The variable that stands in for the clock, as in other reproducible builds.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Returns the time.
pub fn now() -> Timestamp {
    let fixed = variable(SOURCE_DATE_EPOCH).and_then(|text| text.parse().ok());
    fixed.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_else(Timestamp::now)
}

/// Returns the value of a variable, unless it is empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads the event for which GitHub runs the workflow.
pub fn github_event() -> Option<Value> {
    const MAX_BYTES: u64 = 16 * 1024 * 1024;
    let path = variable("GITHUB_EVENT_PATH")?;
    serde_json::from_slice(&crate::files::read(path.as_ref(), MAX_BYTES).ok()?).ok()
}

/// Appends to the file that a variable of GitHub names, if it is set.
pub fn append(variable: &str, text: &str) -> anyhow::Result<()> {
    let Some(path) = self::variable(variable) else { return Ok(()) };
    let context = || format!("could not write to the file that {variable} names");
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).with_context(context)?;
    file.write_all(text.as_bytes()).with_context(context)
}

/// Returns the page of the pipeline in which this runs.
pub fn pipeline_page() -> Option<String> {
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    let page = github().or_else(|| variable("CI_JOB_URL"))?;
    // It stands in a link.
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#%=&+,@".contains(letter);
    Some(page).filter(|page| page.starts_with("http") && page.chars().all(is_plain))
}
