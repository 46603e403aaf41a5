//! The parts of a text within which nothing is masked: ARNs, IAM actions and addresses.

use std::ops::Range;

use crate::model::KindId;

/// Returns the ARNs, IAM actions and addresses of a text.
pub(super) fn readable(text: &str) -> Vec<Range<usize>> {
    let is_border = |letter: char| letter.is_whitespace() || "\"'`,;()[]{}<>=".contains(letter);
    let mut found = Vec::new();
    let mut start = 0;
    for (end, border) in text.match_indices(is_border).chain([(text.len(), "")]) {
        let word = text[start..end].trim_end_matches(['.', ':', '!', '?']);
        if is_arn(word) || is_action(word) || is_address(word) {
            found.push(start..start + word.len());
        }
        start = end + border.len();
    }
    found
}

fn is_arn(word: &str) -> bool {
    word.starts_with("arn:") && word.matches(':').count() >= 5
}

/// Tests for words such as `lambda:UpdateAlias`.
fn is_action(word: &str) -> bool {
    let Some((service, action)) = word.split_once(':') else { return false };
    let is_service = !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_service
        && action.starts_with(|letter: char| letter.is_ascii_uppercase())
        && action.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Tests for words such as `alias/orders/live`.
fn is_address(word: &str) -> bool {
    word.split_once('/').is_some_and(|(kind, rest)| !rest.is_empty() && kind.parse::<KindId>().is_ok())
}
