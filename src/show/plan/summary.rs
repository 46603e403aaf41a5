//! A plan in one line. "No changes" is a claim about everything in scope, and made of nothing less.

use serde_json::Value;

use super::lines::is_published;
use crate::model::{Action, NotChecked, NotCheckedKind, listed};
use crate::plan::{MaskedPlan, Unmanaged};

/// The most resources of one sort that are named one by one.
pub(super) const NAMED: usize = 8;

/// Returns the plan in one line.
pub fn summary(plan: &MaskedPlan) -> String {
    if plan.is_empty() && plan.options.destroy {
        return match plan.not_compared.iter().any(NotChecked::is_unreadable) {
            true => "Nothing to destroy of what could be read.".to_owned(),
            false if !plan.options.targets.is_empty() || !plan.options.excludes.is_empty() => {
                "Nothing to destroy of what was chosen.".to_owned()
            }
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
    if !plan.refusals.is_empty() {
        return "Nothing can be applied: the plan is refused.".to_owned();
    }
    let count = plan.resources.iter().filter(|planned| !planned.surplus).count();
    let resources = if count == 1 { "resource" } else { "resources" };
    let number = |is_one: fn(&NotChecked) -> bool| plan.not_compared.iter().filter(|it| is_one(it)).count();
    let parts = |count| if count == 1 { "1 part was".to_owned() } else { format!("{count} parts were") };
    let unread = number(NotChecked::is_unreadable);
    let unpinned = number(|it| matches!(it.0, NotCheckedKind::Unpinned { .. }));
    let scope = scope(plan, count, resources);
    let claim = match (&scope, unread, unpinned, plan.unmanaged.len()) {
        (Some((_, true)), ..) => return scope.map_or_else(String::new, |(scope, _)| scope),
        (Some((scope, false)), 0, ..) => format!("No changes {scope}"),
        (_, 1.., ..) => {
            return format!("No changes in the {count} {resources} that could be read; {} not read.", parts(unread));
        }
        (None, 0, 0, 0) => {
            let verb = if count == 1 { "matches" } else { "match" };
            let place = format!("account {} ({})", plan.account, plan.region);
            return format!("No changes. {count} {resources} of stack {} {verb} {place}.", plan.stack);
        }
        (None, ..) => "No changes planned".to_owned(),
    };
    let apart = if unpinned > 0 { format!("; {} not compared", parts(unpinned)) } else { String::new() };
    let unmanaged = match plan.unmanaged.len() {
        0 => String::new(),
        unmanaged => {
            let way = if may_prune(plan) { " (--prune deletes them)" } else { "" };
            format!(" {unmanaged} unmanaged: {}{way}.", unmanaged_names(plan, NAMED))
        }
    };
    format!("{claim}{apart}.{unmanaged}")
}

/// Returns the part that a plan is restricted to, and whether that is nothing at all; `None` for a plan of everything.
fn scope(plan: &MaskedPlan, count: usize, resources: &str) -> Option<(String, bool)> {
    let excluded = plan.not_compared.iter().find_map(|it| match it.0 {
        NotCheckedKind::Excluded { count, .. } => Some(count),
        _ => None,
    });
    match (&plan.options.changed, excluded) {
        (Some(part), _) if count == 0 && part.resources.is_empty() && part.removed.is_empty() => {
            Some((format!("No resource was read: nothing changed since {}.", part.since), true))
        }
        (Some(part), _) => {
            Some((format!("in the {count} {resources} that a change since {} can touch", part.since), false))
        }
        (None, Some(excluded)) if count == 0 => Some((format!("No resource is selected ({excluded} excluded)."), true)),
        (None, Some(excluded)) => Some((format!("in the {count} {resources} selected ({excluded} excluded)"), false)),
        (None, None) => None,
    }
}

/// Names what is live and not declared: the first so many, and the number of the others.
pub(super) fn unmanaged_names(plan: &MaskedPlan, most: usize) -> String {
    let name = |unmanaged: &Unmanaged<Value>| match &unmanaged.field {
        Some(field) => format!("{} {field}", unmanaged.address),
        None => unmanaged.address.to_string(),
    };
    listed(plan.unmanaged.iter().map(name), most)
}

/// Returns true if the plan may be made again with `--prune`, to delete what is unmanaged.
pub(super) fn may_prune(plan: &MaskedPlan) -> bool {
    !plan.options.prune && !plan.options.destroy
}
