//! Renders drift as text: a line for each resource and each field.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde_json::Value;

use super::value::{brief, one_line};
use super::{Sign, Style};
use crate::drift::{DriftKind, Drifted};
use crate::kinds;
use crate::model::{Change, FieldPath, MASK, NotChecked, NotCheckedKind, visible};
use crate::resource::field_traits;

/// A difference between the spec and the account.
pub struct DifferenceLine {
    /// The sign of what has happened to the account.
    pub sign: Sign,
    /// The field; empty for the resource itself.
    pub field: String,
    /// What is different.
    pub text: String,
}

impl fmt::Display for DifferenceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.field.is_empty() { "" } else { " " };
        write!(f, "{}{gap}{}", self.field, self.text)
    }
}

/// Returns each difference of a resource.
pub fn difference_lines(item: &Drifted) -> Vec<DifferenceLine> {
    let line = |sign, path: Option<&FieldPath>, text: String| {
        let field = path.filter(|path| !path.is_root()).map(|path| visible(&path.shown()).into_owned());
        DifferenceLine { sign, field: field.unwrap_or_default(), text }
    };
    match &item.kind {
        DriftKind::Missing => vec![line(Sign::Delete, None, "declared, but does not exist".to_owned())],
        DriftKind::Untagged => vec![line(Sign::Adopt, None, "exists without the tag of this stack".to_owned())],
        DriftKind::Unmanaged { field, live } => {
            let schema = kinds::entry(item.address.kind).schema();
            let keys = field.iter().flat_map(|field| field.keys());
            let schema = keys.fold(schema, |schema, key| field_traits::field(schema, key));
            let fields = live.as_ref().map_or(String::new(), |live| brief(live, schema));
            let colon = if fields.is_empty() { "" } else { ": " };
            vec![line(Sign::Create, field.as_ref(), format!("exists, but is not declared{colon}{fields}"))]
        }
        DriftKind::Changed { fields } => {
            fields.iter().map(|field| line(Sign::Change, Some(&field.path), difference(field))).collect()
        }
    }
}

/// Renders drift, and what was not checked.
pub fn render(drifted: &[Drifted], not_checked: &[NotChecked], style: Style) -> String {
    let mut text = String::new();
    for item in drifted {
        let address = visible(&item.address.to_string()).into_owned();
        for line in difference_lines(item) {
            let mark = style.sign(line.sign, &format!("{:9}", item.kind.code()));
            let _ = writeln!(text, "{mark} {address}: {line}");
        }
        for note in &item.notes {
            let _ = writeln!(text, "          {} {}", style.faint("note:"), visible(note));
        }
    }
    if let Some(line) = super::not_checked(not_checked) {
        let _ = writeln!(text, "{}", style.faint(&line));
    }
    let is_clean = drifted.is_empty() && !not_checked.iter().any(NotChecked::is_unreadable);
    let summary = summary(drifted, not_checked);
    let _ = writeln!(text, "{}", if is_clean { style.well(&summary) } else { style.strong(&summary) });
    text
}

/// Returns drift in one line.
pub fn summary(drifted: &[Drifted], not_checked: &[NotChecked]) -> String {
    let resources = drifted.iter().map(|item| &item.address).collect::<BTreeSet<_>>().len();
    match differences(drifted) {
        0 if not_checked.iter().any(NotChecked::is_unreadable) => "No drift in what could be read.".to_owned(),
        0 if not_checked.iter().any(|it| matches!(it.0, NotCheckedKind::OnlyListed { .. })) => {
            "No drift in what listings show.".to_owned()
        }
        0 => "No drift.".to_owned(),
        1 => "Drift: 1 difference.".to_owned(),
        count if resources == 1 => format!("Drift: {count} differences in 1 resource."),
        count => format!("Drift: {count} differences in {resources} resources."),
    }
}

/// Returns the number of differences, each of which has a line.
pub fn differences(drifted: &[Drifted]) -> usize {
    let of = |item: &Drifted| match &item.kind {
        DriftKind::Changed { fields } => fields.len(),
        DriftKind::Missing | DriftKind::Untagged | DriftKind::Unmanaged { .. } => 1,
    };
    drifted.iter().map(of).sum()
}

/// Returns what a field is, and what it is declared to be.
fn difference(change: &Change<Value>) -> String {
    let show = |value: &Option<Value>| match value {
        None => "not set".to_owned(),
        Some(_) if change.secret => MASK.to_owned(),
        Some(value) => one_line(value),
    };
    if change.path.is_digest() && change.before.is_some() && change.after.is_some() {
        return "is not what is declared".to_owned();
    }
    match change.secret && change.before.is_some() && change.after.is_some() {
        true => format!("differs {MASK}"),
        false => format!("is {}, declared {}", show(&change.after), show(&change.before)),
    }
}
