//! A plan in one line. "No changes" is a claim about everything in scope, and made of nothing less.

use serde_json::Value;

use super::lines::is_published;
use crate::model::{Action, NotChecked, NotCheckedKind};
use crate::plan::{MaskedPlan, Unmanaged};

/// The most resources of one sort that are named one by one.
pub(super) const NAMED: usize = 8;

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
    let published = plan.resources.iter().filter(|planned| is_published(planned)).count();
    let count = |action: Action| {
        plan.resources.iter().filter(|planned| planned.action == action && !is_published(planned)).count()
    };
    let counts = [
        (Action::Create, "to create"),
        (Action::Adopt, "to adopt"),
        (Action::Update, "to change"),
        (Action::Replace, "to replace"),
    ];
    let counts = counts.into_iter().map(|(action, what)| (count(action), what)).filter(|(count, _)| *count > 0);
    let versions = if published == 1 { "version to publish" } else { "versions to publish" };
    let published = Some((published, versions)).filter(|(count, _)| *count > 0);
    let deleted = (count(Action::Delete), "to delete");
    let all = counts.chain(published).chain([deleted]).map(|(count, what)| format!("{count} {what}"));
    format!("Plan: {}.", all.collect::<Vec<_>>().join(", "))
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
        let (count, names) = (plan.unmanaged.len(), unmanaged_names(plan, NAMED));
        return format!("No changes planned. {count} unmanaged: {names}{way}.");
    }
    let verb = if count == 1 { "matches" } else { "match" };
    format!(
        "No changes. {count} {resources} of stack {} {verb} account {} ({}).",
        plan.stack, plan.account, plan.region
    )
}

/// Names what is live and not declared: the first so many, and the number of the others.
pub(super) fn unmanaged_names(plan: &MaskedPlan, most: usize) -> String {
    let name = |unmanaged: &Unmanaged<Value>| match &unmanaged.field {
        Some(field) => format!("{} {field}", unmanaged.address),
        None => unmanaged.address.to_string(),
    };
    let names: Vec<String> = plan.unmanaged.iter().take(most).map(name).collect();
    let more = plan.unmanaged.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// Returns true if the plan may be made again with `--prune`, to delete what is unmanaged.
pub(super) fn may_prune(plan: &MaskedPlan) -> bool {
    !plan.options.prune && !plan.options.destroy
}
