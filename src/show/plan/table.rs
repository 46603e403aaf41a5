//! Many changed functions as a table: what changes, which version is published, and which aliases move.

use std::fmt::Write;

use super::groups::{Alike, without_numbers};
use super::lines::ResourceLines;
use crate::show::{Sign, Style};

/// The most rows.
const ROWS: usize = 30;

/// The columns.
const HEAD: [&str; 4] = ["function", "change", "version", "alias"];

/// The greatest width of a cell.
const CELL: usize = 34;

/// Renders a row for each change.
pub fn table(text: &mut String, classes: &[&Alike], style: Style) {
    let rows: Vec<[String; 4]> = classes.iter().take(ROWS).map(|alike| row(alike)).collect();
    let all = || rows.iter().map(|row| row.each_ref().map(String::as_str)).chain([HEAD]);
    let widths: Vec<usize> =
        (0..HEAD.len()).map(|at| all().map(|row| row[at].chars().count()).max().unwrap_or_default()).collect();
    let line = |row: [&str; 4]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let _ = writeln!(text, "\n{}", style.strong(&line(HEAD)));
    for row in &rows {
        let _ = writeln!(text, "{}", line(row.each_ref().map(String::as_str)));
    }
    let more = classes.len().saturating_sub(ROWS);
    if more > 0 {
        let _ = writeln!(text, "{}", style.faint(&format!("… and {more} more")));
    }
}

fn row(alike: &Alike) -> [String; 4] {
    let first = &alike.groups[0];
    let resources = if alike.has_other_numbers { without_numbers(&first.resources) } else { first.resources.clone() };
    let name = match alike.groups.len() {
        1 => first.title(),
        count => format!("{count} × {} …", first.title()),
    };
    let is_alias = |resource: &&ResourceLines| resource.name.starts_with("alias ");
    let version = resources.iter().find(|resource| resource.sign == Sign::Publish);
    let version = version.map(|it| it.name.trim_start_matches("version ").to_owned()).unwrap_or_default();
    let moved = resources.iter().filter(|it| is_alias(it) && it.sign != Sign::None);
    let aliases: Vec<&str> = moved.map(|it| it.name.trim_start_matches("alias ")).collect();
    let changed = resources.iter().filter(|it| !is_alias(it) && it.sign != Sign::Publish && it.sign != Sign::None);
    let change = first.state().map_or_else(|| changed.map(change).collect::<Vec<_>>().join(", "), str::to_owned);
    [name, change, version, aliases.join(", ")].map(|cell| shortened(&cell))
}

/// Returns the fields of a resource that change, or the resource.
fn change(resource: &ResourceLines) -> String {
    let fields: Vec<&str> = resource.facts.iter().map(|fact| fact.name.as_str()).filter(|it| !it.is_empty()).collect();
    if fields.is_empty() { format!("{} {}", resource.sign.text(), resource.name) } else { fields.join(", ") }
}

fn shortened(cell: &str) -> String {
    if cell.chars().count() <= CELL { cell.to_owned() } else { cell.chars().take(CELL - 1).chain(['…']).collect() }
}
