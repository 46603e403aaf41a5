//! The texts that people read: plans, reports, refusals and diagnostics. Pure; colour is a parameter.

pub mod diagnostics;
pub mod drift;
pub mod estimate;
pub mod events;
pub mod iam;
mod masking;
pub mod plan;
pub mod report;
pub mod reports;
pub mod rules;
mod sign;
mod style;
mod value;
pub mod verification;

pub use sign::Sign;
pub use style::Style;
pub use value::change_lines;

use std::collections::BTreeMap;

use crate::model::{NotChecked, NotCheckedKind, visible};

/// The largest number of kinds that one line names.
const NAMED: usize = 3;

/// Renders what was not checked. What nobody asked for takes one line, in which many kinds are not named one by one: JSON has
/// their names. What could not be read or compared is named, each cause once.
fn not_checked(list: &[NotChecked]) -> Option<String> {
    let mut lines: Vec<String> = unasked(list).into_iter().collect();
    let mut causes: BTreeMap<(&str, String, Option<String>), Vec<&NotChecked>> = BTreeMap::new();
    for it in list {
        if let Some(cause) = it.cause() {
            causes.entry((gap(it), cause, it.remedy())).or_default().push(it);
        }
    }
    for ((gap, cause, remedy), unchecked) in causes {
        lines.push(format!("{gap}: {}", visible(&cause)));
        lines.extend(unchecked.into_iter().map(|it| format!("  {}", visible(&it.to_string()))));
        lines.extend(remedy.map(|remedy| format!("  = help: {}", visible(&remedy))));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns what is missing of something that was not checked.
fn gap(it: &NotChecked) -> &'static str {
    match it.0 {
        NotCheckedKind::Unpinned { .. }
        | NotCheckedKind::UndeclaredVersions { .. }
        | NotCheckedKind::UnusedVersions { .. } => "Not compared",
        _ => "Not read",
    }
}

/// Renders in one line what nobody asked for.
fn unasked(list: &[NotChecked]) -> Option<String> {
    let undeclared = list.iter().filter_map(|it| match &it.0 {
        NotCheckedKind::Undeclared { kind } => Some(kind.name()),
        _ => None,
    });
    let kinds: Vec<&str> = undeclared.collect();
    let undeclared = match kinds.len() {
        0 => None,
        few if few <= NAMED => {
            Some(format!("{} resources that the spec does not declare (see plan --full)", kinds.join(", ")))
        }
        _ => Some("resources that the spec does not declare (see plan --full)".to_owned()),
    };
    let others = list.iter().filter(|it| matches!(it.0, NotCheckedKind::Excluded { .. })).map(ToString::to_string);
    let parts: Vec<String> = undeclared.into_iter().chain(others).collect();
    (!parts.is_empty()).then(|| format!("Not checked: {}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::not_checked;
    use crate::model::KindId::{Alias, Function, Layer, Url};
    use crate::model::{KindId, NotChecked};

    #[test]
    fn few_kinds_are_named_and_many_are_not() {
        let line = |kinds: &[KindId], excluded: usize| {
            let kinds = kinds.iter().copied().map(NotChecked::undeclared);
            let excluded = (excluded > 0).then(|| NotChecked::excluded(excluded));
            not_checked(&kinds.chain(excluded).collect::<Vec<_>>())
        };
        assert_eq!(line(&[], 0), None);
        assert_eq!(
            line(&[Alias, Url], 2).unwrap(),
            "Not checked: alias, url resources that the spec does not declare (see plan --full); \
             2 resources excluded by --target or --exclude."
        );
        assert_eq!(
            line(&[Alias, Function, Layer, Url], 0).unwrap(),
            "Not checked: resources that the spec does not declare (see plan --full)."
        );
    }
}
