//! A plan as text: the change of each resource, every write in order, and what is not managed.

use std::fmt::Write;

use serde_json::Value;

use super::Style;
use super::value::change_lines;
use crate::kinds;
use crate::model::{Action, AttributeName, Change, FieldPath, KeepReasonKind, NotChecked, NotCheckedKind, visible};
use crate::plan::{MaskedPlan, Operand, Precondition, ResourcePlan, Step};
use crate::resource::field_traits;

/// The amount of a plan to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The resources that change, the steps, and the summary.
    Changes,
    /// The resources that are kept as well.
    All,
}

/// Renders the whole plan.
pub fn render(plan: &MaskedPlan, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    let title = format!("stack {} in account {}, {}", plan.stack, plan.account, plan.region);
    let _ = writeln!(text, "{}", style.strong(&visible(&title)));
    for planned in &plan.resources {
        if planned.action != Action::Keep || detail == Detail::All || !planned.notes.is_empty() {
            resource(&mut text, planned, style);
        }
    }
    if !plan.steps.is_empty() {
        let _ = writeln!(text, "\n{}", style.strong("Steps"));
        let width = plan.steps.len().to_string().len();
        for step in &plan.steps {
            let _ = writeln!(text, "{}", step_line(step, width, style));
        }
    }
    for unmanaged in &plan.unmanaged {
        let what = match &unmanaged.field {
            Some(field) => format!("{} {field}", unmanaged.address),
            None => unmanaged.address.to_string(),
        };
        let what = visible(&what);
        let way = if may_prune(plan) { "not managed by this spec; use --prune to delete it" } else { "left alone" };
        let _ = write!(text, "\n{} {what}: {way}", style.faint("unmanaged"));
        for note in &unmanaged.notes {
            let _ = write!(text, "\n      {} {}", style.faint("note:"), visible(note));
        }
    }
    if !plan.unmanaged.is_empty() {
        text.push('\n');
    }
    for remark in &plan.remarks {
        let _ = writeln!(text, "\n{} {}", style.faint("note:"), visible(remark));
    }
    if let Some(line) = super::not_checked(&plan.not_compared) {
        let _ = writeln!(text, "\n{}", style.faint(&line));
    }
    for refusal in &plan.refusals {
        let _ = writeln!(
            text,
            "\n{} {}\n  {}",
            style.wrong("refused:"),
            visible(&refusal.message()),
            visible(refusal.help())
        );
    }
    let _ = writeln!(text, "\n{}", style.strong(&visible(&summary(plan))));
    text
}

/// Returns the plan in one line.
pub fn summary(plan: &MaskedPlan) -> String {
    if plan.is_empty() && plan.options.destroy {
        return match plan.not_compared.iter().any(NotChecked::is_unreadable) {
            true => "Nothing to destroy of what could be read.".to_owned(),
            false => "Nothing to destroy: no live resource belongs to this stack.".to_owned(),
        };
    }
    if plan.is_empty() {
        return no_changes(plan);
    }
    let counts = plan.counts().into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(action, count)| format!("{count} to {action}")).collect();
    let writes = plan.steps.len();
    format!("Plan: {}; {writes} {}.", counts.join(", "), if writes == 1 { "write" } else { "writes" })
}

/// Claims that nothing differs, for exactly what was compared.
fn no_changes(plan: &MaskedPlan) -> String {
    let excluded = plan.not_compared.iter().find_map(|it| match it.0 {
        NotCheckedKind::Excluded { count, .. } => Some(count),
        _ => None,
    });
    let count = plan.resources.iter().filter(|planned| !planned.surplus).count();
    let resources = if count == 1 { "resource" } else { "resources" };
    if let Some(part) = &plan.options.changed {
        return match count {
            0 if part.resources.is_empty() && part.removed.is_empty() => {
                format!("No resource was read: nothing changed since {}.", part.since)
            }
            _ => format!("No changes in the {count} {resources} that a change since {} can touch.", part.since),
        };
    }
    if let Some(excluded) = excluded {
        return format!("No changes in the {count} {resources} selected ({excluded} excluded).");
    }
    if !plan.refusals.is_empty() {
        return "Nothing can be applied: the plan is refused.".to_owned();
    }
    let unreadable = plan.not_compared.iter().filter(|it| it.is_unreadable()).count();
    if unreadable > 0 {
        let them = if unreadable == 1 { "1 part was".to_owned() } else { format!("{unreadable} parts were") };
        return format!("No changes in the {count} {resources} that could be read; {them} not read.");
    }
    if !plan.unmanaged.is_empty() {
        let way = if may_prune(plan) { " (--prune deletes them)" } else { "" };
        return format!("No changes planned. {} unmanaged{way}.", plan.unmanaged.len());
    }
    let verb = if count == 1 { "matches" } else { "match" };
    format!(
        "No changes. {count} {resources} of stack {} {verb} account {} ({}).",
        plan.stack, plan.account, plan.region
    )
}

/// Returns true if the plan may be made again with `--prune`, to delete what is unmanaged.
fn may_prune(plan: &MaskedPlan) -> bool {
    !plan.options.prune && !plan.options.destroy
}

fn resource(text: &mut String, planned: &ResourcePlan<Value>, style: Style) {
    let sign = format!("{:>3} {}", planned.action.sign(), planned.address);
    let predicted: Vec<String> = planned
        .predicted
        .iter()
        .filter(|(name, _)| *name == AttributeName::VERSION.as_str())
        .map(|(name, value)| format!(" → {name} {} (predicted)", crate::model::plain(value)))
        .collect();
    let replaces = planned.replaces.as_ref().map(|former| format!(" replaces {former}")).unwrap_or_default();
    let after = visible(&format!("{replaces}{}", predicted.concat())).into_owned();
    let _ = writeln!(text, "\n{}{after}", style.action(planned.action, &visible(&sign)));
    let notable: Vec<&Change<Value>> = planned.changes.iter().filter(|change| !is_default(planned, change)).collect();
    // Defaults are shown where nothing else is, because they are written.
    let all = planned.changes.iter().filter(|change| !is_derived(planned, change)).collect();
    for change in if notable.is_empty() { all } else { notable } {
        for line in change_lines(change) {
            let _ = writeln!(text, "      {line}");
        }
    }
    if let Some(kept) = planned.kept.as_ref().filter(|kept| kept.0 != KeepReasonKind::Unchanged) {
        let _ = writeln!(text, "      {} {}", style.faint("kept:"), visible(&kept.to_string()));
    }
    for note in &planned.notes {
        let _ = writeln!(text, "      {} {}", style.faint("note:"), visible(note));
    }
}

/// Returns true if the field follows from others.
fn is_derived(planned: &ResourcePlan<Value>, change: &Change<Value>) -> bool {
    let top = change.path.first().unwrap_or_default();
    field_traits::has(field_traits::field(kinds::entry(planned.address.kind).schema(), top), field_traits::DERIVED)
}

/// Returns whether a created resource's field is not worth a line: it is AWS's default, or follows from other fields.
fn is_default(planned: &ResourcePlan<Value>, change: &Change<Value>) -> bool {
    let is_new = planned.action == Action::Create || planned.replaced_with.is_some() || planned.replaces.is_some();
    let (true, Some(after)) = (is_new, &change.after) else { return false };
    let mut schema = kinds::entry(planned.address.kind).schema();
    let mut rest = change.path.keys();
    while let Some((key, below)) = rest.split_first() {
        schema = field_traits::field(schema, key);
        rest = below;
        if field_traits::has(schema, field_traits::DERIVED) {
            // It is shown where the fields that it follows from are.
            return true;
        }
        if let Some(default) = schema.get("default") {
            return rest.iter().collect::<FieldPath>().get(default) == Some(after);
        }
    }
    after.as_str() == Some("")
}

fn step_line(step: &Step, width: usize, style: Style) -> String {
    let condition = match &step.precondition {
        Precondition::Absent { also: None, .. } => "must not exist".to_owned(),
        Precondition::Unchanged { also: None } => "re-read first".to_owned(),
        Precondition::Absent { also: Some(other), .. } => format!("must not exist; {other} re-read first"),
        Precondition::Unchanged { also: Some(other) } => format!("re-read first, with {other}"),
        Precondition::Revision { of, value } => {
            let of = if *of == step.address { String::new() } else { format!(" of {of}") };
            match value {
                Operand::Known(value) => format!("RevisionId{of} {}", shortened(&crate::model::plain(value))),
                Operand::Output { step, member } => format!("{member}{of} from step {step}"),
            }
        }
    };
    let operands = step.operands.iter().map(|(path, operand)| match operand {
        Operand::Known(value) => format!("; {path} = {}", crate::model::plain(value)),
        Operand::Output { step, member } => format!("; {path} = {member} from step {step}"),
    });
    let operands: String = operands.collect();
    let created: String = step.also_creates.iter().map(|address| format!(", with {address}")).collect();
    let what = format!("{} {}{created}: {}", step.operation, step.address, step.reason);
    let bound = format!("[{condition}{operands}]");
    format!("  {:>width$}. {} {}", step.id, visible(&what), style.faint(&visible(&bound)))
}

/// Returns the first part of a RevisionId, which is a UUID: enough to distinguish two.
fn shortened(revision: &str) -> String {
    revision.split('-').next().map_or(revision.to_owned(), |start| format!("{start}…"))
}
