//! Drift as Markdown: the text of an issue, and the summary of a pipeline's step.

use std::fmt::Write;

use super::markdown_text::{code, hidden_marker};
use crate::drift::{DriftDocument, DriftKind, Drifted};
use crate::model::{NotChecked, visible};
use crate::show::drift::{difference, summary};

/// The most differences that are listed.
const LISTED: usize = 100;

/// The most bytes of a difference, of which a value may have many.
const LONG: usize = 300;

/// The drift of the targets of a spec, each with its name if the spec has `targets`.
#[derive(Clone, Debug, Default)]
pub struct DriftReport {
    /// The drift of each target.
    pub targets: Vec<(Option<String>, DriftDocument)>,
    /// The page on which the whole of it can be read.
    pub link: Option<String>,
}

impl DriftReport {
    /// Returns the stack's name.
    pub fn stack(&self) -> &str {
        self.targets.first().map_or("", |(_, document)| document.stack.as_str())
    }

    /// Returns true if there is none, and nothing was left unread.
    pub fn is_clean(&self) -> bool {
        self.targets.iter().all(|(_, document)| document.drift.is_empty() && !document.is_incomplete())
    }

    /// Returns true if there is any.
    pub fn has_drift(&self) -> bool {
        self.targets.iter().any(|(_, document)| !document.drift.is_empty())
    }

    /// Returns the line by which the text is found again.
    pub fn marker(&self) -> String {
        hidden_marker("drift", self.stack(), self.targets.iter().filter_map(|(name, _)| name.as_deref()), 1)
    }

    /// Returns the title of an issue.
    pub fn title(&self) -> String {
        format!("Drift of stack {}", visible(self.stack()))
    }

    /// Renders the differences of all targets.
    pub fn render(&self) -> String {
        let mut text = format!("{}\n", self.marker());
        for (name, document) in &self.targets {
            let of = name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
            let _ = writeln!(text, "### Drift of {}\n", code(&format!("{}{of}", document.stack)));
            let place = format!("account {} · {}", document.account, document.region);
            let _ = writeln!(text, "**{}** {}\n", summary(&document.drift, &document.not_compared), code(&place));
            let mut lines = document.drift.iter().flat_map(lines);
            for (address, line) in lines.by_ref().take(LISTED) {
                let _ = writeln!(text, "- {}: {}", code(&address), code(&line));
            }
            match lines.count() {
                0 => {}
                more => {
                    let _ = writeln!(text, "- … and {more} more");
                }
            }
            let unread: Vec<&NotChecked> = document.not_compared.iter().filter(|it| it.is_unreadable()).collect();
            if !unread.is_empty() {
                let _ = writeln!(text, "\n**Not read, so there may be more**\n");
                for it in unread.iter().take(LISTED) {
                    let _ = writeln!(text, "- {}", code(&visible(&it.to_string())));
                }
            }
            text.push('\n');
        }
        if self.has_drift() {
            text.push_str("`trueup plan` shows how an apply would undo it; to have it stay, change the spec.\n");
        }
        if let Some(link) = &self.link {
            let _ = writeln!(text, "\n[The run]({link})");
        }
        text
    }

    /// Renders the outputs of a GitHub step.
    pub fn outputs(&self) -> String {
        let documents = || self.targets.iter().map(|(_, document)| document);
        let differences: usize = documents().flat_map(|it| &it.drift).map(|it| lines(it).len()).sum();
        let is_incomplete = documents().any(DriftDocument::is_incomplete);
        format!("drift={}\ndifferences={differences}\nincomplete={is_incomplete}\n", self.has_drift())
    }
}

/// Returns each difference of a resource with its address.
fn lines(it: &Drifted) -> Vec<(String, String)> {
    let address = visible(&it.address.to_string()).into_owned();
    let one = |line: &str| vec![(address.clone(), line.to_owned())];
    match &it.kind {
        DriftKind::Missing => one("declared, but does not exist"),
        DriftKind::Untagged => one("exists without the tag of this stack"),
        DriftKind::Unmanaged { field: None, .. } => one("exists, but is not declared"),
        DriftKind::Unmanaged { field: Some(field), .. } => {
            one(&format!("{} exists, but is not declared", visible(&field.to_string())))
        }
        DriftKind::Changed { fields } => {
            let line = |field: &crate::model::Change<serde_json::Value>| {
                let path = if field.path.is_root() { String::new() } else { format!("{} ", field.path) };
                let line = visible(&format!("{path}{}", difference(field))).into_owned();
                let end = line.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONG).last().unwrap_or(0);
                let line = if line.len() > LONG { format!("{}…", &line[..end]) } else { line };
                (address.clone(), line)
            };
            fields.iter().map(line).collect()
        }
    }
}
