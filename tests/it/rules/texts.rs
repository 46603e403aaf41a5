//! The texts of the rules keep to the rules of language: plain titles, whole sentences, real pages.

use trueup::declaration;
use trueup::model::{Rule, RuleSeverity};

/// Words that say in a roundabout way what another says plainly.
const QUAINT: &[&str] =
    &["take away", "takes away", "made anew", "hangs on", "is not there", "stands", "carry out", "tells"];

#[test]
fn titles_and_meanings_are_plain_sentences() {
    let wrong: Vec<String> = declaration::rules().iter().filter_map(|rule| fault(rule)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fault(rule: &Rule) -> Option<String> {
    let Rule { id, title, meaning, bad, good, severity, .. } = rule;
    let sentences = meaning.matches(". ").count() + 1;
    let fault = if title.ends_with('.') || title.len() > 90 || title.contains('\n') {
        "a title is one line of at most 90 characters without a full stop"
    } else if !title.starts_with(|c: char| c.is_uppercase() || c == '`') {
        "a title begins with a capital"
    } else if !meaning.ends_with('.') || meaning.contains("  ") {
        "a meaning ends with a full stop and has single spaces"
    } else if !(2..=5).contains(&sentences) {
        "a meaning has two to five sentences"
    } else if bad == good && id.as_str() != super::UNREADABLE {
        "the two examples differ"
    } else if !bad.ends_with('\n') || !good.ends_with('\n') {
        "an example ends with a line break"
    } else if (*severity == RuleSeverity::ErrorOrWarning) != meaning.contains("trueup warns ") {
        "the meaning names the cases that it warns of, if there are such"
    } else if QUAINT.iter().any(|word| meaning.contains(word) || title.contains(word)) {
        "a quaint word"
    } else {
        return None;
    };
    Some(format!("{id}: {fault}: {title}: {meaning}"))
}

#[test]
fn rules_of_lambda_name_a_page_of_its_documentation_and_rules_of_the_language_none() {
    for rule in declaration::rules() {
        match rule.aws_page {
            Some(page) => {
                let is_page = page.starts_with("https://docs.aws.amazon.com/lambda/latest/") && page.ends_with(".html");
                assert!(rule.id.as_str().starts_with('V') && is_page, "{}: {page}", rule.id);
            }
            None => assert!(rule.id.as_str().starts_with('S'), "{}: no page", rule.id),
        }
    }
}
