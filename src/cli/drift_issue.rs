//! `trueup comment --drift`: one issue for the drift of a stack, which is closed when there is none.

use std::path::Path;

use anyhow::Context;
use indexmap::IndexMap;
use serde_json::Value;

use super::pipeline::pipeline_page;
use super::{CommandError, ErrorKind, output, quoted};
use crate::drift::DriftDocument;
use crate::forge::{Forge, TextEnd, TextPlace};
use crate::show::reports::DriftReport;

/// The largest file of drift that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads what `drift --output json=` has written.
pub fn read(path: &Path) -> Result<DriftReport, CommandError> {
    let shown = quoted::path(path);
    let bytes = crate::files::read(path, MAX_BYTES).with_context(|| format!("could not read {shown}"))?;
    let refused = |error: serde_json::Error| {
        CommandError::message(ErrorKind::Failed, format!("{shown} is not the drift of a stack: {error}"))
            .hint("write it with `trueup drift --output json=FILE`")
    };
    let mut value: Value = serde_json::from_slice(&bytes).map_err(refused)?;
    let mut failed = Vec::new();
    let targets = match value.get_mut("targets").filter(|targets| targets.is_object()) {
        None => vec![(None, serde_json::from_value::<DriftDocument>(value).map_err(refused)?)],
        Some(targets) => {
            let targets: IndexMap<String, Value> = serde_json::from_value(targets.take()).map_err(refused)?;
            let mut documents = Vec::new();
            for (name, document) in targets {
                match document.get("error").and_then(Value::as_str) {
                    Some(error) => failed.push((name, error.to_owned())),
                    None => documents.push((Some(name), serde_json::from_value(document).map_err(refused)?)),
                }
            }
            documents
        }
    };
    Ok(DriftReport { targets, failed, link: pipeline_page() })
}

/// Opens or updates the issue if there is drift, and closes it if there is none. What could not be read may have drifted, so then an open
/// issue stays open.
pub async fn write(forge: &Forge, report: &DriftReport) -> Result<(), CommandError> {
    let (marker, body, title) = (report.marker(), report.render(), report.title());
    let place = TextPlace::Issues(&title);
    let end = if report.is_clean() {
        match forge.close_issue(&marker, &body).await? {
            true => "Closed the issue: there is no drift any more.",
            false => "No drift, and no open issue.",
        }
    } else if report.has_drift() || forge.has(place, &marker).await? {
        match forge.write(place, &marker, &body).await? {
            TextEnd::Created => "Opened an issue.",
            TextEnd::Updated => "Updated the issue.",
            TextEnd::Unchanged => "Nothing new for the issue.",
        }
    } else {
        "No drift in what could be read, and no open issue."
    };
    output::print(&format!("{end}\n"))?;
    Ok(())
}
