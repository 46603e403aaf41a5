//! Drift as Markdown: the text of an issue, and the summary of a pipeline's step.

use std::fmt::Write;

use super::markdown::MOST;
use super::markdown_text::{code, hidden_marker};
use crate::drift::{DriftDocument, DriftKind};
use crate::model::visible;
use crate::show::drift::{difference_lines, differences, summary};

/// The most differences that are listed of a target.
const LISTED: usize = 100;

/// The most bytes of a line, of which a value may have many.
const LONG: usize = 300;

/// The room for what stands around the differences of a target, and of all of them.
const ROOM: usize = 1_024;

/// The drift of the targets of a spec, each with its name if the spec has `targets`.
#[derive(Clone, Debug, Default)]
pub struct DriftReport {
    /// The drift of each target.
    pub targets: Vec<(Option<String>, DriftDocument)>,
    /// The targets in which it could not be looked for, each with the error.
    pub failed: Vec<(String, String)>,
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
        self.failed.is_empty()
            && self.targets.iter().all(|(_, document)| document.drift.is_empty() && !document.is_incomplete())
    }

    /// Returns true if there is any.
    pub fn has_drift(&self) -> bool {
        self.targets.iter().any(|(_, document)| !document.drift.is_empty())
    }

    /// Returns the names of all targets.
    fn names(&self) -> Vec<&str> {
        let found = self.targets.iter().filter_map(|(name, _)| name.as_deref());
        found.chain(self.failed.iter().map(|(name, _)| name.as_str())).collect()
    }

    /// Returns the line by which the text is found again.
    pub fn marker(&self) -> String {
        hidden_marker("drift", self.stack(), self.names(), 1)
    }

    /// Returns the title of an issue.
    pub fn title(&self) -> String {
        let targets = self.names();
        let of = if targets.is_empty() { String::new() } else { format!(" ({})", targets.join(", ")) };
        cut(&visible(&format!("Drift of stack {}{of}", self.stack())), 200)
    }

    /// Renders the differences of all targets, which share the length that an issue may have.
    pub fn render(&self) -> String {
        let share = ((MOST - ROOM) / self.targets.len().max(1)).saturating_sub(ROOM);
        let mut text = format!("{}\n", self.marker());
        for (name, document) in &self.targets {
            let of = name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
            let _ = writeln!(text, "### Drift of {}\n", code(&format!("{}{of}", document.stack)));
            let place = format!("account {} · {}", document.account, document.region);
            let _ = writeln!(text, "**{}** {}\n", summary(&document.drift, &document.not_compared), code(&place));
            let unread = document.not_compared.iter().filter(|it| it.is_unreadable());
            let unread: Vec<String> =
                unread.map(|it| format!("- {}", code(&cut(&visible(&it.to_string()), LONG)))).collect();
            let room = if unread.is_empty() { share } else { share / 2 };
            let lines = document.drift.iter().flat_map(|it| {
                let address = code(&visible(&it.address.to_string()));
                let lines = difference_lines(it).into_iter();
                lines
                    .map(move |line| format!("- {} {address}: {}", it.kind.code(), code(&cut(&line.to_string(), LONG))))
            });
            push_list(&mut text, lines, room);
            if !unread.is_empty() {
                text.push_str("\n**Not read, so there may be more**\n\n");
                push_list(&mut text, unread.into_iter(), room);
            }
            text.push('\n');
        }
        for (name, error) in &self.failed {
            let _ = writeln!(text, "### {} was not looked at\n\n{}\n", code(name), code(&cut(&visible(error), LONG)));
        }
        let kinds = || self.targets.iter().flat_map(|(_, document)| &document.drift).map(|it| &it.kind);
        let is_undeclared = |kind: &DriftKind| matches!(kind, DriftKind::Unmanaged { .. });
        if kinds().any(|kind| !is_undeclared(kind)) {
            text.push_str("`trueup plan` shows how an apply would undo it; to have it stay, change the spec.\n");
        }
        if kinds().any(is_undeclared) {
            text.push_str("What is not declared stays; `trueup plan --full --prune` shows how it would be deleted.\n");
        }
        if let Some(link) = &self.link {
            let _ = writeln!(text, "\n[The run]({link})");
        }
        text
    }

    /// Renders the outputs of a GitHub step.
    pub fn outputs(&self) -> String {
        let documents = || self.targets.iter().map(|(_, document)| document);
        let differences: usize = documents().map(|it| differences(&it.drift)).sum();
        let is_incomplete = !self.failed.is_empty() || documents().any(DriftDocument::is_incomplete);
        format!("drift={}\ndifferences={differences}\nincomplete={is_incomplete}\n", self.has_drift())
    }
}

/// Appends lines as long as there is room for them, and counts the others.
fn push_list(text: &mut String, lines: impl Iterator<Item = String>, room: usize) {
    let end = text.len() + room;
    let mut lines = lines.enumerate().peekable();
    while let Some((_, line)) = lines.next_if(|(at, line)| *at < LISTED && text.len() + line.len() < end) {
        let _ = writeln!(text, "{line}");
    }
    match lines.count() {
        0 => {}
        more => {
            let _ = writeln!(text, "- … and {more} more");
        }
    }
}

/// Returns a text of at most so many bytes, with a mark where it is cut.
fn cut(text: &str, most: usize) -> String {
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= most).last().unwrap_or(0);
    if text.len() > most { format!("{}…", &text[..end]) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::Drifted;
    use crate::model::{Address, Change, FieldPath, KindId};

    #[test]
    fn drift_of_any_size_fits_into_an_issue() {
        for targets in [1, 2, 8] {
            let changed = |number: usize| Drifted {
                address: Address::new(KindId::Function, &[format!("fn-{number:04}")]),
                kind: DriftKind::Changed {
                    fields: vec![Change {
                        path: FieldPath::root(),
                        before: Some("a".repeat(500).into()),
                        after: None,
                        forces_replacement: false,
                        secret: false,
                        unknown: false,
                    }],
                },
                notes: Vec::new(),
            };
            let document = DriftDocument {
                format_version: String::new(),
                account: String::new(),
                region: String::new(),
                stack: "shop".to_owned(),
                compared: 400,
                drift: (0..400).map(changed).collect(),
                not_compared: Vec::new(),
            };
            let targets = (0..targets).map(|number| (Some(format!("t{number}")), document.clone())).collect();
            let text = DriftReport { targets, ..DriftReport::default() }.render();
            assert!(text.len() <= MOST && text.contains(" more\n"), "{}", text.len());
        }
    }
}
