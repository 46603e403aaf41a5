//! What people read: plans, reports, refusals and diagnostics as text. Pure; colour is a parameter.

pub mod diagnostics;
pub mod drift;
mod masking;
pub mod plan;
pub mod report;
mod style;
mod value;

pub use style::Style;
pub use value::change_lines;

use crate::model::UNDECLARED;

/// The most kinds that one line names.
const NAMED: usize = 3;

/// What was not compared, in one line. Where that is nearly every kind, only their number is told: JSON has their names.
fn not_compared(list: &[String]) -> Option<String> {
    let kinds: Vec<&str> = list.iter().filter_map(|word| word.strip_prefix(UNDECLARED)).collect();
    let undeclared = match kinds.len() {
        0 => None,
        few if few <= NAMED => Some(format!("undeclared {} (`--full` reads them too)", kinds.join(", "))),
        many => Some(format!("undeclared resources of {many} kinds (`--full` reads them too)")),
    };
    let others = list.iter().filter(|word| !word.starts_with(UNDECLARED)).cloned();
    let words: Vec<String> = undeclared.into_iter().chain(others).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::not_compared;

    #[test]
    fn few_kinds_are_named_and_many_are_counted() {
        let line = |words: &[&str]| not_compared(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&[]), None);
        assert_eq!(
            line(&["undeclared alias", "undeclared url", "2 resources left out"]).unwrap(),
            "undeclared alias, url (`--full` reads them too); 2 resources left out"
        );
        assert_eq!(
            line(&["undeclared a", "undeclared b", "undeclared c", "undeclared d"]).unwrap(),
            "undeclared resources of 4 kinds (`--full` reads them too)"
        );
    }
}
