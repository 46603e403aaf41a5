//! The lines of one resource of a plan: a sign, a name and what happens, each fact once. Pure.

use serde_json::Value;

use crate::kinds;
use crate::model::{Action, Address, Change, FieldPath, KeepReasonKind, visible};
use crate::plan::{CodeChange, ResourcePlan};
use crate::resource::{KindEntry, PresentedChange, field_traits};
use crate::show::Sign;
use crate::show::value::value_lines;

/// The resource of a plan as lines.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceLines {
    /// The address of the resource.
    pub address: Address,
    /// The sign of the resource.
    pub sign: Sign,
    /// The resource, such as `alias live`.
    pub name: String,
    /// True if the name has the number of a version.
    pub is_version: bool,
    /// The facts, each with a sign of its own.
    pub facts: Vec<FactLine>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// One fact about a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct FactLine {
    /// Its sign.
    pub sign: Sign,
    /// What it is about; empty for the resource itself.
    pub name: String,
    /// The fact; the lines below the first are those of a text.
    pub text: Vec<String>,
    /// True if its numbers of versions are those of this resource only.
    pub has_versions: bool,
}

/// Returns the lines of a resource.
pub fn resource_lines(planned: &ResourcePlan<Value>) -> ResourceLines {
    let kind = kinds::entry(planned.address.kind);
    let before = before(planned);
    let after = after(planned, before.as_ref());
    let presented = PresentedChange {
        action: planned.action,
        before: before.as_ref(),
        after: after.as_ref(),
        changes: &planned.changes,
        predicted: &planned.predicted,
    };
    let words = kind.present(&presented);
    let is_published = is_published(planned);
    let sign = if is_published { Sign::Publish } else { Sign::from(planned.action) };
    let mut facts: Vec<FactLine> = Vec::new();
    if planned.action != Action::Keep {
        facts.extend(words.facts.into_iter().map(|fact| FactLine {
            sign: if fact.name.is_empty() { sign } else { Sign::from(fact.action) },
            name: visible(&fact.name).into_owned(),
            text: vec![visible(&fact.text).into_owned()],
            has_versions: fact.has_versions,
        }));
        facts.extend(planned.code.as_ref().map(|code| FactLine {
            sign: if before.is_some() { Sign::Change } else { sign },
            name: "code".to_owned(),
            text: vec![visible(&CodeChange::to_string(code)).into_owned()],
            has_versions: false,
        }));
        let is_told = |change: &&Change<Value>| words.told.iter().any(|told| change.path.within(told));
        let rest = planned.changes.iter().filter(|change| !is_told(change) && !is_quiet(planned, kind, change));
        facts.extend(rest.map(change_line));
    }
    let number = words.name.filter(|_| is_published);
    let is_version = number.is_some();
    let name = number.unwrap_or_else(|| resource_name(&planned.address));
    ResourceLines {
        address: planned.address.clone(),
        sign,
        name: visible(&name).into_owned(),
        is_version,
        facts,
        notes: notes(planned),
    }
}

/// Returns true if a version of the function is published, and no other one changes.
pub fn is_published(planned: &ResourcePlan<Value>) -> bool {
    let is_written = matches!(planned.action, Action::Create | Action::Update | Action::Replace);
    is_written && kinds::entry(planned.address.kind).publishes()
}

/// Returns the name of a resource below its function: the label, with the keys of its address after the first.
pub fn resource_name(address: &Address) -> String {
    let keys = address.keys.get(1..).unwrap_or_default();
    let keys = if keys.is_empty() { String::new() } else { format!(" {}", keys.join("/")) };
    format!("{}{keys}", kinds::entry(address.kind).label())
}

fn notes(planned: &ResourcePlan<Value>) -> Vec<String> {
    let replaces = planned.replaces.as_ref().map(|former| format!("replaces {former}"));
    let kept = planned.kept.as_ref().filter(|kept| kept.0 != KeepReasonKind::Unchanged);
    let kept = kept.map(|kept| format!("kept: {kept}"));
    let notes = replaces.into_iter().chain(kept).chain(planned.notes.iter().map(|note| format!("note: {note}")));
    notes.map(|note| visible(&note).into_owned()).collect()
}

/// Returns the live value; none for what Lambda deletes with its parent and the plan creates again.
fn before(planned: &ResourcePlan<Value>) -> Option<Value> {
    let is_new = planned.action == Action::Create || planned.replaced_with.is_some();
    planned.baseline.as_ref().filter(|_| !is_new || planned.action == Action::Delete).map(|it| it.value.clone())
}

/// Returns the value to come, as far as the plan tells it.
fn after(planned: &ResourcePlan<Value>, before: Option<&Value>) -> Option<Value> {
    if planned.action == Action::Delete {
        return None;
    }
    let mut value = before.cloned().unwrap_or(Value::Null);
    for change in &planned.changes {
        match &change.after {
            Some(after) => change.path.set(&mut value, Some(after.clone())),
            None => change.path.remove(&mut value),
        }
    }
    Some(value)
}

fn change_line(change: &Change<Value>) -> FactLine {
    let sign = match (&change.before, &change.after) {
        (None, _) => Sign::Create,
        (_, None) => Sign::Delete,
        _ => Sign::Change,
    };
    let name = if change.path.is_root() { "(value)".to_owned() } else { change.path.to_string() };
    FactLine { sign, name: visible(&name).into_owned(), text: value_lines(change), has_versions: false }
}

/// Returns true if a field is not worth a line: it follows from others, it is told with the code, or it is a new resource's and
/// has AWS's default.
fn is_quiet(planned: &ResourcePlan<Value>, kind: &KindEntry, change: &Change<Value>) -> bool {
    let is_hash = change.path == FieldPath::from("code.sha256");
    (is_hash && planned.code.is_some()) || is_default(planned, kind, change)
}

/// Returns whether a created resource's field is not worth a line: it is AWS's default, or follows from other fields.
fn is_default(planned: &ResourcePlan<Value>, kind: &KindEntry, change: &Change<Value>) -> bool {
    let is_new = planned.action == Action::Create || planned.replaced_with.is_some() || planned.replaces.is_some();
    let (true, Some(after)) = (is_new, &change.after) else { return false };
    let mut schema = kind.schema();
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
