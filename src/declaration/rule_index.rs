//! The index of all rules, of the declaration language and of the kinds, by their codes and titles.

use std::sync::LazyLock;

use super::catalog;
use crate::kinds;
use crate::model::Rule;

/// The most rules that are suggested for a word.
const NEAR: usize = 5;

/// Every rule, sorted by its code.
static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut all: Vec<_> = catalog::rules().chain(kinds::rules()).collect();
    all.sort_by_key(|rule| rule.id);
    all
});

/// Returns every rule that `trueup` checks in a spec, sorted by its code.
pub fn rules() -> &'static [&'static Rule] {
    &ALL
}

/// Returns the rule of a code in any spelling: `V014`, `v14` and `14` are the same.
pub fn rule(code: &str) -> Option<&'static Rule> {
    let (letter, number) = split(code)?;
    ALL.iter().copied().find(|rule| split(rule.id.as_str()) == Some((letter, number)))
}

/// Returns the rules that a code or word without a rule may mean: the neighbours of the number, or titles with the word.
pub fn rules_near(text: &str) -> Vec<&'static Rule> {
    let Some(code) = split(text) else {
        let word = text.to_lowercase();
        return ALL.iter().copied().filter(|rule| rule.title.to_lowercase().contains(&word)).take(NEAR).collect();
    };
    let of_letter = || ALL.iter().copied().filter_map(|rule| Some((split(rule.id.as_str())?, rule)));
    let below = of_letter().rfind(|(other, _)| other.0 == code.0 && *other < code);
    let above = of_letter().find(|(other, _)| other.0 == code.0 && *other > code);
    below.into_iter().chain(above).map(|(_, rule)| rule).collect()
}

/// Splits a code into its letter, `V` if it has none, and its number.
fn split(code: &str) -> Option<(char, u32)> {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letter = match &code[..code.len() - digits.len()] {
        "" | "v" | "V" => 'V',
        "s" | "S" => 'S',
        _ => return None,
    };
    Some((letter, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::catalog;
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        rules_near(text).iter().map(|rule| rule.id.as_str()).collect()
    }

    #[test]
    fn a_code_is_found_in_any_spelling() {
        for code in ["V014", "v014", "V14", "v14", "14", "014"] {
            assert_eq!(rule(code).unwrap().id, "V014", "{code}");
        }
        assert_eq!(rule("s14").unwrap().id, catalog::values::S014.id());
        for code in ["", "V", "V14x", "Ä14", "-14", "99999999999", "VV14"] {
            assert!(rule(code).is_none(), "{code}");
        }
    }

    #[test]
    fn near_rules_are_suggested() {
        assert_eq!(codes("V006"), ["V005", "V007"]);
        assert_eq!(codes("999"), [rules().last().unwrap().id.as_str()]);
        assert_eq!(codes("S000"), ["S001"]);
        assert_eq!(codes("Ephemeral"), ["V012", "V030"]);
        assert_eq!(codes("no such words"), [""; 0]);
    }
}
