//! A plan as text: what people should see first, then each function with what hangs under it, and what was not checked.
//!
//! The legend names only signs that occur. Published versions are counted by themselves wherever they occur, because nobody
//! declares them.
//!
//! # Guarantees
//! Every line of a change begins with its sign. Each fact stands once: what many functions share is told once for all of them,
//! and what is left out is counted (`tests/it/plan_text.rs`).

pub(in crate::show) mod groups;
pub(in crate::show) mod lines;
mod steps;
mod summary;
mod table;

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Sign, Style};
use crate::model::{Address, Risk, RiskClass, listed, visible};
use crate::plan::MaskedPlan;
use groups::{Alike, Group, fold, groups, without_numbers};
use lines::{FactLine, ResourceLines};
use summary::NAMED;
use table::table;

pub use steps::precondition;
pub use summary::summary;

/// From so many changed functions on they are listed in a table, and those that change alike are told once.
const MANY: usize = 20;

/// The most different changes that are told in full.
const IN_FULL: usize = 20;

/// The most risks of a class that are named one by one where nothing is deleted.
const OPENED: usize = 40;

/// The amount of a plan to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Display {
    /// The resources to show.
    pub detail: Detail,
    /// Lists every write with its precondition.
    pub steps: bool,
    /// Tells each function by itself, however many there are.
    pub unfolded: bool,
}

/// The resources of a plan to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What people should see first, and the summary.
    Concise,
    /// The resources that change as well.
    #[default]
    Changes,
    /// The resources that are kept as well.
    All,
}

/// Renders the whole plan.
pub fn render(plan: &MaskedPlan, display: Display, style: Style) -> String {
    let mut text = String::new();
    let title = format!("Stack {} · account {} · {}", plan.stack, plan.account, plan.region);
    let _ = writeln!(text, "{}", style.strong(&visible(&title)));
    let shown = plan.resources.iter().filter(|it| it.is_shown() || display.detail == Detail::All);
    let groups = groups(shown);
    if display.detail != Detail::Concise {
        legend(&mut text, &groups, style);
    }
    risks(&mut text, plan, style);
    if display.detail != Detail::Concise {
        all_groups(&mut text, groups, display, style);
    }
    if display.steps && !plan.steps.is_empty() {
        let _ = writeln!(text, "\n{}", style.strong("Steps"));
        let width = plan.steps.len().to_string().len();
        for step in &plan.steps {
            let _ = writeln!(text, "{}", steps::step_line(step, width, style));
        }
    }
    unmanaged(&mut text, plan, style);
    for remark in &plan.remarks {
        let _ = writeln!(text, "\n{} {}", style.faint("note:"), visible(remark));
    }
    for refusal in &plan.refusals {
        let (message, help) = (refusal.message(), refusal.help());
        let _ = writeln!(text, "\n{} {}\n  {}", style.wrong("refused:"), visible(&message), visible(help));
    }
    text.push('\n');
    let calls = if display.steps { None } else { steps::calls_line(&plan.steps) };
    if let Some(line) = &calls {
        let _ = writeln!(text, "{line}");
    }
    let more = match plan.steps.len() {
        0 => String::new(),
        _ if calls.is_some() || display.steps => String::new(),
        count => style.faint(&format!("   ({count} API calls; --steps lists them)")),
    };
    let _ = writeln!(text, "{}{more}", style.strong(&visible(&summary(plan))));
    if let Some(line) = super::not_checked(&plan.not_compared) {
        let _ = writeln!(text, "{}", style.faint(&line));
    }
    text
}

/// Explains the signs that occur.
fn legend(text: &mut String, groups: &[Group], style: Style) {
    let resources = || groups.iter().flat_map(|group| &group.resources);
    let facts = resources().flat_map(|resource| &resource.facts).map(|fact| fact.sign);
    let signs: BTreeSet<Sign> = resources().map(|resource| resource.sign).chain(facts).collect();
    let used = Sign::CHANGES.into_iter().filter(|sign| signs.contains(sign));
    let meanings: Vec<String> =
        used.map(|sign| style.sign(sign, &format!("{} {}", sign.text(), sign.meaning()))).collect();
    if !meanings.is_empty() {
        let _ = writeln!(text, "{}", meanings.join("   "));
    }
}

/// Renders what people should see before all else. Many risks of one class take one line.
fn risks(text: &mut String, plan: &MaskedPlan, style: Style) {
    let risks = plan.risks();
    if !risks.is_empty() {
        text.push('\n');
    }
    for class in RiskClass::ALL {
        let of_class: Vec<&(&Address, Risk)> = risks.iter().filter(|(_, risk)| risk.class() == class).collect();
        // That much is deleted is one fact; of each door that is opened people should know.
        let is_loss = matches!(class, RiskClass::Deletion | RiskClass::Replacement);
        if of_class.len() > if is_loss { NAMED } else { OPENED } {
            let mut addresses: Vec<&Address> = of_class.iter().map(|(address, _)| *address).collect();
            addresses.dedup();
            let count = addresses.len();
            let line = format!("! {}: {count} resources: {}", class.title(), listed(addresses, NAMED));
            let _ = writeln!(text, "{}", style.wrong(&visible(&line)));
            continue;
        }
        for (address, risk) in of_class {
            let _ = writeln!(text, "{}", style.wrong(&visible(&format!("! {address} {risk}"))));
        }
    }
}

fn all_groups(text: &mut String, groups: Vec<Group>, display: Display, style: Style) {
    let changed = groups.iter().filter(|group| group.changes()).count();
    if changed < MANY || display.unfolded {
        for group in &groups {
            one_group(text, &group.title(), group, &group.resources, style);
        }
        return;
    }
    let classes = fold(groups);
    let changing: Vec<&Alike> = classes.iter().filter(|alike| alike.groups[0].changes()).collect();
    table(text, &changing, style);
    for alike in classes.iter().take(IN_FULL) {
        let first = &alike.groups[0];
        match (alike.groups.len(), alike.has_other_numbers) {
            (1, _) => one_group(text, &first.title(), first, &first.resources, style),
            (_, false) => one_group(text, &alike.title(), first, &first.resources, style),
            (_, true) => one_group(text, &alike.title(), first, &without_numbers(&first.resources), style),
        }
    }
    let more = classes.len().saturating_sub(IN_FULL);
    if more > 0 {
        let _ = writeln!(text, "\n{}", style.faint(&format!("… {more} more changes; --no-fold shows each in full")));
    }
}

/// The longest name beside which values are aligned.
const COLUMN: usize = 26;

/// The least width of a heading before what happens to all of it.
const HEADING: usize = 56;

fn one_group(text: &mut String, title: &str, group: &Group, resources: &[ResourceLines], style: Style) {
    let name = group.name.as_ref().filter(|_| title == group.title());
    let heading = title.to_owned() + &name.map_or_else(String::new, |name| format!(" ({})", visible(name)));
    let state = group.state().map_or_else(String::new, |state| {
        let gap = HEADING.saturating_sub(heading.chars().count()).max(2);
        format!("{:gap$}{}", "", style.sign(group.sign, state))
    });
    let _ = writeln!(text, "\n{}{state}", style.strong(&heading));
    let width = resources.iter().map(|resource| resource.name.chars().count()).max().unwrap_or_default();
    for resource in resources {
        one_resource(text, resource, width, style);
    }
}

fn one_resource(text: &mut String, resource: &ResourceLines, width: usize, style: Style) {
    let ResourceLines { sign, name, facts, notes, .. } = resource;
    // The fact about the resource itself, or its only one, stands beside the name.
    let beside = facts.first().filter(|fact| (fact.name.is_empty() || facts.len() == 1) && fact.text.len() == 1);
    let mut line = format!("{:>3} {name}", sign.text());
    if let Some(fact) = beside {
        let gap = if fact.name.is_empty() { "" } else { "  " };
        let _ = write!(line, "{:pad$}  {}{gap}{}", "", fact.name, fact.text[0], pad = width - name.chars().count());
    }
    let _ = writeln!(text, "{}", style.sign(*sign, line.trim_end()));
    let rest = &facts[usize::from(beside.is_some())..];
    let widths = rest.iter().map(|fact| fact.name.chars().count());
    let width = widths.filter(|width| *width <= COLUMN).max().unwrap_or_default();
    for FactLine { sign, name, text: values, .. } in rest {
        let pad = width.saturating_sub(name.chars().count());
        for (at, value) in values.iter().enumerate() {
            let line = match at {
                0 => format!("{:>3}   {name}{:pad$}  {value}", sign.text(), ""),
                _ => format!("{:>3}     {value}", sign.text()),
            };
            let _ = writeln!(text, "{}", style.sign(*sign, line.trim_end()));
        }
    }
    for note in notes {
        let _ = writeln!(text, "      {}", style.faint(note));
    }
}

/// Renders what is live and not declared.
fn unmanaged(text: &mut String, plan: &MaskedPlan, style: Style) {
    if plan.unmanaged.is_empty() || (plan.unmanaged.iter().all(|it| it.notes.is_empty()) && plan.is_empty()) {
        // The summary names them.
        return;
    }
    let way = if summary::may_prune(plan) { " (--prune deletes them)" } else { "" };
    let names = summary::unmanaged_names(plan, NAMED);
    let _ = writeln!(text, "\n{}", visible(&format!("Unmanaged: {names}{way}")));
    for unmanaged in &plan.unmanaged {
        for note in &unmanaged.notes {
            let line = format!("{}: {note}", unmanaged.address);
            let _ = writeln!(text, "  {} {}", style.faint("note:"), visible(&line));
        }
    }
}
