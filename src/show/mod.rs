//! The texts that people read: plans, reports, refusals and diagnostics. Pure; colour is a parameter.

pub mod diagnostics;
pub mod drift;
mod masking;
pub mod plan;
pub mod report;
pub mod rules;
mod style;
mod value;

pub use style::Style;
pub use value::change_lines;

use crate::model::{NotChecked, NotCheckedKind};

/// The largest number of kinds that one line names.
const NAMED: usize = 3;

/// Renders what was not checked in one line. Many kinds are not named one by one: JSON has their names.
fn not_checked(list: &[NotChecked]) -> Option<String> {
    let undeclared = list.iter().filter_map(|it| match &it.0 {
        NotCheckedKind::Undeclared { kind } => Some(kind.name()),
        NotCheckedKind::Excluded { .. } => None,
    });
    let kinds: Vec<&str> = undeclared.collect();
    let undeclared = match kinds.len() {
        0 => None,
        few if few <= NAMED => {
            Some(format!("{} resources that the spec does not declare (use --full)", kinds.join(", ")))
        }
        _ => Some("resources that the spec does not declare (use --full)".to_owned()),
    };
    let others = list.iter().filter(|it| !matches!(it.0, NotCheckedKind::Undeclared { .. })).map(ToString::to_string);
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
            "Not checked: alias, url resources that the spec does not declare (use --full); \
             2 resources excluded by --target or --exclude."
        );
        assert_eq!(
            line(&[Alias, Function, Layer, Url], 0).unwrap(),
            "Not checked: resources that the spec does not declare (use --full)."
        );
    }
}
