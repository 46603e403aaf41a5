//! Plans as Markdown for a pull request: the summary and the risks first, then each function in a fold.
//!
//! The text begins with a marker that nobody sees, by which the comment of a stack and target is found and updated in place.
//!
//! # Guarantees
//! The text is never longer than a comment may be; what is left out is counted, and the whole is linked. Names and words of
//! others become no markup (`tests/it/outputs`).

use std::collections::BTreeMap;
use std::fmt::Write;

use super::markdown_text::{code, diff_block, hidden_marker, html};
use super::{PlanReport, ProblemLevel, ReportProblem, ReportedPlan, of_plans};
use crate::model::{RiskClass, visible};
use crate::show::Sign;
use crate::show::plan::groups::{Alike, fold, groups, without_numbers};
use crate::show::plan::lines::ResourceLines;
use crate::show::plan::summary;

/// The most bytes of a comment on GitHub, which counts characters; GitLab takes more.
pub const MOST: usize = 65_536;

/// The room for what stands around the details.
const ROOM: usize = 2_048;

/// The most risks, refusals or other lines of one sort that are listed.
const LISTED: usize = 20;

/// The text in which each `{{name}}` is replaced.
pub const TEMPLATE: &str = "{{marker}}\n{{title}}\n\n{{banner}}{{risks}}{{refusals}}{{details}}{{notes}}{{next}}";

/// The names that a template may use.
pub const NAMES: [&str; 8] = ["marker", "title", "banner", "risks", "refusals", "details", "notes", "next"];

/// A template that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// It uses a name that is none.
    #[error("the template names `{{{{{name}}}}}`, and there are {known}", known = NAMES.join(", "))]
    UnknownName {
        /// The name.
        name: String,
    },
    /// It does not begin with the marker.
    #[error("the template does not begin with `{{{{marker}}}}`, the line by which a comment is found again")]
    NoMarker,
    /// A name does not end.
    #[error("the template has `{{{{` without `}}}}`")]
    Open,
}

/// Returns the first line of a comment, by which it is found among all of a pull request: that of a stack and its targets, and
/// of the part of a long plan, from 1.
pub fn marker(report: &PlanReport, part: usize) -> String {
    let stack = report.plans.first().map_or("", |it| it.plan.stack.as_str());
    let planned = report.plans.iter().filter_map(|it| it.target.as_deref());
    let targets = planned.chain(report.failed.iter().map(|(name, _)| name.as_str()));
    hidden_marker("plan", stack, targets, part)
}

/// Renders the plans by a template, as one comment.
///
/// # Errors
/// The template cannot be filled in.
pub fn render(report: &PlanReport, template: &str) -> Result<String, InvalidTemplate> {
    Ok(render_parts(report, template, 1)?.concat())
}

/// Renders the plans by a template, as so many comments at most. All but the first have only details.
///
/// # Errors
/// The template cannot be filled in.
pub fn render_parts(report: &PlanReport, template: &str, most: usize) -> Result<Vec<String>, InvalidTemplate> {
    let mut names: BTreeMap<&str, String> = BTreeMap::from([
        ("marker", marker(report, 1)),
        ("title", title(report)),
        ("banner", banner(report)),
        ("risks", risks(report)),
        ("refusals", refusals(report)),
        ("notes", notes(report)),
        ("next", next(report)),
    ]);
    let around: usize = names.values().map(String::len).sum::<usize>() + template.len() + ROOM;
    let rooms: Vec<usize> = (0..most).map(|part| MOST.saturating_sub(if part == 0 { around } else { ROOM })).collect();
    let mut details = details(report, &rooms).into_iter();
    names.insert("details", details.next().unwrap_or_default());
    let further = details.enumerate().map(|(at, text)| {
        let part = at + 2;
        format!("{}\n{}, part {part}\n\n{text}", marker(report, part), title(report).lines().next().unwrap_or_default())
    });
    Ok([filled(template, &names)?].into_iter().chain(further).map(within_limit).collect())
}

/// Cuts what a template of somebody else has made too long.
fn within_limit(mut text: String) -> String {
    const CUT: &str = "\n\n… cut: a comment may not be longer.\n";
    if text.len() > MOST {
        text.truncate((0..=MOST - CUT.len()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
        text.push_str(CUT);
    }
    text
}

fn filled(template: &str, parts: &BTreeMap<&str, String>) -> Result<String, InvalidTemplate> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(InvalidTemplate::Open)?;
        let part =
            parts.get(name.trim()).ok_or_else(|| InvalidTemplate::UnknownName { name: name.trim().to_owned() })?;
        let _ = write!(text, "{before}{part}");
        rest = after;
    }
    if !template.trim_start().starts_with("{{marker}}") {
        return Err(InvalidTemplate::NoMarker);
    }
    text.push_str(rest);
    Ok(text.trim_end().to_owned() + "\n")
}

fn title(report: &PlanReport) -> String {
    let mut text = String::new();
    for it in &report.plans {
        if text.len() > LISTED * ROOM / 2 {
            let _ = writeln!(text, "… and more targets\n");
            break;
        }
        let place = format!("account {} · {}", it.plan.account, it.plan.region);
        let _ = writeln!(text, "### Plan of {}\n", code(&it.title()));
        let _ = writeln!(text, "**{}** {}\n", html(&visible(&summary(&it.plan))), code(&place));
    }
    text.trim_end().to_owned()
}

/// Returns the banner over plans that delete something.
fn banner(report: &PlanReport) -> String {
    let gone = |class: &RiskClass| matches!(class, RiskClass::Deletion | RiskClass::Replacement);
    let risks = report.plans.iter().flat_map(|it| it.plan.risks());
    match risks.filter(|(_, risk)| gone(&risk.class())).count() {
        0 => String::new(),
        1 => "> [!CAUTION]\n> **This plan deletes or replaces 1 live resource.**\n\n".to_owned(),
        count => format!("> [!CAUTION]\n> **This plan deletes or replaces {count} live resources.**\n\n"),
    }
}

fn risks(report: &PlanReport) -> String {
    let problems = of_plans(report).into_iter().filter(|problem| problem.level == ProblemLevel::Warning);
    listed("Look at these first", problems.map(|problem| problem.message).collect())
}

fn refusals(report: &PlanReport) -> String {
    let problems = of_plans(report).into_iter().filter(|problem| problem.level == ProblemLevel::Error);
    let line = |problem: ReportProblem| match problem.help {
        Some(help) => format!("{}. {help}", problem.message),
        None => problem.message,
    };
    listed("Refused", problems.map(line).collect())
}

/// Returns a list under its heading, of which many lines are counted.
fn listed(heading: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("**{heading}**\n\n");
    for line in lines.iter().take(LISTED) {
        let _ = writeln!(text, "- {}", code(&visible(line)));
    }
    if lines.len() > LISTED {
        let _ = writeln!(text, "- … and {} more", lines.len() - LISTED);
    }
    text + "\n"
}

/// Renders what changes in parts of at most so many bytes: functions that change alike once, and those that have no room
/// counted at the end.
fn details(report: &PlanReport, rooms: &[usize]) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut left_out = 0;
    for it in &report.plans {
        if report.plans.len() > 1 && !it.plan.is_empty() {
            let _ = writeln!(parts.last_mut().expect("there is one"), "#### {}\n", code(&it.title()));
        }
        for alike in fold(changed_groups(it)) {
            let block = block(&alike);
            let has_room = |part: &String, room: usize| part.len() + block.len() <= room;
            let at = parts.len() - 1;
            match (has_room(&parts[at], rooms[at]), rooms.get(at + 1)) {
                (true, _) => parts[at].push_str(&block),
                (false, Some(room)) if block.len() <= *room => parts.push(block),
                (false, _) => left_out += alike.groups.len(),
            }
        }
    }
    if left_out > 0 {
        let place = match &report.link {
            Some(link) => format!("[the whole plan]({link})"),
            None if report.digest.is_some() => "the plan file".to_owned(),
            None => "`trueup plan --no-fold`".to_owned(),
        };
        let last = parts.last_mut().expect("there is one");
        let _ = writeln!(last, "… and {left_out} more, for which there is no room here: see {place}.\n");
    }
    parts
}

fn changed_groups(it: &ReportedPlan) -> Vec<crate::show::plan::groups::Group> {
    let shown = it.plan.resources.iter().filter(|planned| planned.is_shown());
    groups(shown)
}

/// Renders functions that change alike as a fold.
fn block(alike: &Alike) -> String {
    let first = &alike.groups[0];
    let name = match (alike.groups.len(), &first.name) {
        (1, Some(name)) => format!("{} ({})", first.title(), visible(name)),
        (1, None) => first.title(),
        _ => alike.title(),
    };
    let state = first.state().map_or_else(String::new, |state| format!(" — {state}"));
    let resources = if alike.has_other_numbers { without_numbers(&first.resources) } else { first.resources.clone() };
    let lines: String = resources.iter().map(diff_lines).collect();
    format!("<details><summary>{}{state}</summary>\n\n{}\n</details>\n\n", html(&name), diff_block(&lines))
}

/// Returns the lines of a resource with their signs in the first column, where they are coloured.
fn diff_lines(resource: &ResourceLines) -> String {
    let mut text = String::new();
    let ResourceLines { sign, name, facts, notes, .. } = resource;
    let beside = facts.first().filter(|fact| fact.name.is_empty() && fact.text.len() == 1);
    let fact = beside.map_or_else(String::new, |fact| format!("  {}", fact.text[0]));
    let _ = writeln!(text, "{} {name}{fact}", column(*sign));
    for fact in &facts[usize::from(beside.is_some())..] {
        for (at, value) in fact.text.iter().enumerate() {
            let head = if at == 0 { format!("{}  {value}", fact.name) } else { format!("  {value}") };
            let _ = writeln!(text, "{}   {}", column(fact.sign), head.trim_end());
        }
    }
    for note in notes {
        let _ = writeln!(text, "#   {note}");
    }
    text
}

/// Returns the first column: a diff knows added, removed and, in another colour, changed lines.
fn column(sign: Sign) -> &'static str {
    match sign {
        Sign::Create | Sign::Adopt => "+",
        Sign::Change | Sign::Publish => "!",
        Sign::Delete => "-",
        Sign::Replace => "-/+",
        Sign::None => " ",
    }
}

fn notes(report: &PlanReport) -> String {
    let mut lines = Vec::new();
    for it in &report.plans {
        lines.extend(it.plan.unmanaged.iter().map(|unmanaged| match &unmanaged.field {
            Some(field) => format!("unmanaged: {} {field}", unmanaged.address),
            None => format!("unmanaged: {}", unmanaged.address),
        }));
        lines.extend(it.plan.remarks.iter().map(|remark| format!("note: {remark}")));
        lines.extend(
            crate::show::not_checked(&it.plan.not_compared).iter().flat_map(|text| text.lines().map(str::to_owned)),
        );
    }
    lines.dedup();
    listed("Not changed or not checked", lines)
}

/// Returns what to do next.
fn next(report: &PlanReport) -> String {
    let mut text = String::new();
    let changes = report.plans.iter().any(|it| !it.plan.is_empty() && it.plan.refusals.is_empty());
    if let Some(command) = report.apply_command.as_ref().filter(|_| changes) {
        let expected = report.digest.iter().map(|digest| format!(" --expect-digest {digest}"));
        let command = format!("{command}{}", expected.collect::<String>());
        let _ = writeln!(text, "To apply exactly this plan: {}\n", code(&visible(&command)));
    }
    if let Some(link) = &report.link {
        let _ = writeln!(text, "[Log of this plan]({link})");
    }
    text
}
