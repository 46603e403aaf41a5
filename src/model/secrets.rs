//! Takes secrets out of texts that quote them, such as the error messages of AWS.
//!
//! # Guarantees
//! - A secret is masked wherever it is quoted whole, also as JSON, in base64, percent-encoded, and line by line.
//! - Texts stay readable: nothing is masked within an ARN, an IAM action or an address of ours, and no value that the spec
//!   writes in the open too or that is a common word. A short value counts only as a whole word, a very short one only in
//!   quotes.
//!
//! # Caveats
//! What is not quoted whole is not found: fields that hold secrets are masked by their place, and not by their value.

mod common;
mod forms;
mod readable;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{MASK, visible};
use common::{is_common, is_phrase};
use forms::forms;
use readable::readable;

/// Values shorter than this are masked in quotes only: replacing every `prod` would ruin a text and hide nothing.
const SHORT: usize = 4;
/// Values of at least this length are masked within words too.
const LONG: usize = 12;
/// The longest text that is shown, in characters: a server may send megabytes. What is longer is cut after it was scrubbed,
/// because the beginning of a secret is not found.
const LONGEST_SHOWN: usize = 4000;
/// Longer texts are not what a secret could be taken for.
const MAX_OPEN_BYTES: usize = 256;

/// The secret values of a run.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// The texts that the spec writes in the open.
    open: BTreeSet<String>,
    index: OnceLock<Option<Arc<Index>>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values)", self.values.len())
    }
}

impl Secrets {
    /// Adds a value that must not be shown.
    pub fn insert(&mut self, value: &str) {
        if value.trim().chars().nth(1).is_some() && self.values.insert(value.to_owned()) {
            self.index.take();
        }
    }

    /// Adds a part of a secret value whose other parts are unknown, unless it consists of common words, such as `https://sqs.`.
    pub fn insert_part(&mut self, part: &str) {
        if !is_phrase(part) {
            self.insert(part);
        }
    }

    /// Adds a text that is shown anyway, so that it is not masked where it stands for something else.
    pub fn reveal(&mut self, text: &str) {
        if text.len() > MAX_OPEN_BYTES || self.open.contains(text) {
            return;
        }
        self.index.take();
        if text.starts_with("arn:") {
            self.open.extend(text.split([':', '/']).map(str::to_owned));
        }
        self.open.insert(text.to_owned());
    }

    /// Returns these secrets with the texts that `others` know to be shown anyway.
    #[must_use]
    pub fn revealing(mut self, others: &Secrets) -> Secrets {
        self.open.extend(others.open.iter().cloned());
        self.index.take();
        self
    }

    /// Returns the text as it may be shown: on one line, without secrets and without characters that a terminal obeys.
    pub fn shown(&self, text: &str) -> String {
        let shown = visible(&without_users(&self.scrub(text))).into_owned();
        match shown.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => format!("{}…", &shown[..end]),
            None => shown,
        }
    }

    /// Does the same with a text of ours, which quotes values in backticks: outside of them, a single word is our own.
    pub fn shown_of_ours(&self, text: &str) -> String {
        let is_quoted = |span: &Range<usize>| text[..span.start].matches('`').count() % 2 == 1;
        let is_word = |span: &Range<usize>| text[span.clone()].chars().all(char::is_alphabetic);
        let scrubbed = self.scrub_where(text, |span| is_quoted(span) || !is_word(span));
        visible(&without_users(&scrubbed)).into_owned()
    }

    /// Returns the text with every secret value masked.
    pub fn scrub(&self, text: &str) -> String {
        self.scrub_where(text, |_| true)
    }

    /// Returns true if there is no secret.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns true if the text holds a secret.
    pub fn are_in(&self, text: &str) -> bool {
        self.scrub(text) != text
    }

    fn scrub_where(&self, text: &str, counts: impl Fn(&Range<usize>) -> bool) -> String {
        if text.is_empty() {
            return String::new();
        }
        let Some(index) = self.index.get_or_init(|| Index::of(self).map(Arc::new)) else { return text.to_owned() };
        let found = index.find(text, counts);
        let mut scrubbed = String::with_capacity(text.len());
        let mut end = 0;
        for span in found {
            scrubbed.push_str(&text[end..span.start]);
            scrubbed.push_str(MASK);
            end = span.end;
        }
        scrubbed + &text[end..]
    }
}

/// The surroundings in which a form of a secret counts as the secret.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bounds {
    /// Anywhere.
    None,
    /// Not within a longer word.
    Word,
    /// Between two quotes.
    Quotes,
}

/// All forms of all secrets, to be found in one pass.
struct Index {
    automaton: AhoCorasick,
    /// The bounds of each form.
    bounds: Vec<Bounds>,
}

impl Index {
    /// Returns the index, unless there is nothing to look for.
    fn of(secrets: &Secrets) -> Option<Index> {
        let (mut patterns, mut bounds) = (Vec::new(), Vec::new());
        let hidden = secrets.values.iter().filter(|value| !secrets.open.contains(*value) && !is_common(value));
        for form in hidden.flat_map(|value| forms(value)) {
            if secrets.open.contains(&form) {
                continue;
            }
            bounds.push(match form.chars().count() {
                length if length < SHORT => Bounds::Quotes,
                length if length < LONG => Bounds::Word,
                _ => Bounds::None,
            });
            patterns.push(form);
        }
        if patterns.is_empty() {
            return None;
        }
        // The texts are few and short, and a spec may have many secrets: what counts is the time to build.
        let builder = AhoCorasick::builder().kind(Some(AhoCorasickKind::NoncontiguousNFA)).build(patterns);
        Some(Index { automaton: builder.ok()?, bounds })
    }

    /// Returns the parts of a text to mask, of those that count, in order and without overlap.
    fn find(&self, text: &str, counts: impl Fn(&Range<usize>) -> bool) -> Vec<Range<usize>> {
        let mut kept: Option<Vec<Range<usize>>> = None;
        let mut found: Vec<Range<usize>> = Vec::new();
        for hit in self.automaton.find_overlapping_iter(text) {
            let span = hit.range();
            let is_part = |kept: &Range<usize>| kept.start <= span.start && span.end <= kept.end && *kept != span;
            let fits = is_bounded(text, &span, self.bounds[hit.pattern().as_usize()]) && counts(&span);
            if fits && !kept.get_or_insert_with(|| readable(text)).iter().any(is_part) {
                found.push(span);
            }
        }
        found.sort_by_key(|span| span.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for span in found {
            match merged.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }
}

/// Tests whether a part of a text stands in these bounds.
fn is_bounded(text: &str, span: &Range<usize>, bounds: Bounds) -> bool {
    let (before, after) = (text[..span.start].chars().next_back(), text[span.end..].chars().next());
    let is_word = |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
    let part = &text[span.clone()];
    match bounds {
        Bounds::None => true,
        Bounds::Word => {
            let is_glued = |outer, inner| is_word(outer) && is_word(inner);
            !is_glued(before, part.chars().next()) && !is_glued(after, part.chars().next_back())
        }
        Bounds::Quotes => before == after && matches!(before, Some('`' | '\'' | '"')),
    }
}

/// Masks the user and the password of each URL.
pub fn without_users(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        shown.push_str(before);
        let end = after.find(|letter: char| letter.is_whitespace() || "/?#\"'<>`".contains(letter));
        rest = match after[..end.unwrap_or(after.len())].rfind('@') {
            Some(at) => {
                shown.push_str(MASK);
                &after[at..]
            }
            None => after,
        };
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_found_however_much_of_it_is_percent_encoded() {
        let url = "postgres://u:p4ss%20w0rd@db/x?a=b";
        for encoded in [
            "postgres%3A%2F%2Fu%3Ap4ss%2520w0rd%40db%2Fx%3Fa%3Db",
            "postgres%3A//u%3Ap4ss%2520w0rd%40db/x%3Fa%3Db",
            "postgres://u:p4ss%2520w0rd%40db/x%3Fa%3Db",
        ] {
            assert_eq!(scrubbed(&[url], &[], &format!("cannot reach {encoded} now")), "cannot reach (sensitive) now");
        }
    }

    #[test]
    fn a_long_text_is_cut_after_its_secrets_are_masked() {
        let mut secrets = Secrets::default();
        secrets.insert("correct horse battery");
        for padding in LONGEST_SHOWN - 30..LONGEST_SHOWN + 5 {
            let shown = secrets.shown(&format!("{}correct horse battery and more", "x".repeat(padding)));
            assert!(!shown.contains("cor"), "{padding}: {}", &shown[LONGEST_SHOWN - 40..]);
            assert!(shown.chars().count() <= LONGEST_SHOWN + 1);
        }
    }

    fn scrubbed(secrets: &[&str], open: &[&str], text: &str) -> String {
        let mut all = Secrets::default();
        secrets.iter().for_each(|value| all.insert(value));
        open.iter().for_each(|value| all.reveal(value));
        all.shown(text)
    }

    #[test]
    fn every_form_of_a_secret_is_masked() {
        let secret = "pä\"ss w0rd&<x>+/y";
        for form in forms(secret) {
            let text = format!("Value '{form}' at 'environment' failed");
            assert_eq!(scrubbed(&[secret], &[], &text), "Value '(sensitive)' at 'environment' failed", "{form}");
        }
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n";
        for text in ["bad line MIIEvQIBADANBg", "kqhkiG9w0BAQEF, line 3", &format!("{key:?}"), key] {
            let shown = scrubbed(&[key], &[], text);
            assert!(!shown.contains("MIIE") && !shown.contains("kqhk"), "{shown}");
        }
    }

    #[test]
    fn a_short_secret_is_masked_as_a_word_and_a_very_short_one_in_quotes() {
        let shown = |text: &str| scrubbed(&["hunter2", "x7"], &[], text);
        assert_eq!(shown("got hunter2."), "got (sensitive).");
        assert_eq!(shown("hunter2=1, hunter23, my-hunter2"), "(sensitive)=1, hunter23, my-hunter2");
        assert_eq!(shown("x7 `x7` 'x7' \"x7\" 'x7`"), "x7 `(sensitive)` '(sensitive)' \"(sensitive)\" 'x7`");
    }

    #[test]
    fn a_secret_that_contains_another_is_masked_whole() {
        assert_eq!(scrubbed(&["hunter2", "the hunter2 key"], &[], "the hunter2 key!"), "(sensitive)!");
        assert_eq!(scrubbed(&["abcdefabcdef", "defabcdefghi"], &[], "xabcdefabcdefghix"), "x(sensitive)x");
    }

    #[test]
    fn errors_stay_readable() {
        let text = "User: arn:aws:sts::123456789012:assumed-role/deploy/hunter2 is not authorized to perform: \
                    lambda:UpdateAlias on orders/live in us-east-1 (function/hunter2)";
        let secrets =
            ["hunter2", "deploy", "orders", "live", "us-east-1", "lambda", "UpdateAlias", "true", "123456789012"];
        assert_eq!(scrubbed(&secrets, &["orders", "arn:aws:sqs:us-east-1:123456789012:q"], text), text);
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x";
        assert_eq!(scrubbed(&[arn], &[], &format!("{arn} is missing")), "(sensitive) is missing");
    }

    #[test]
    fn parts_of_common_words_are_no_secrets() {
        let mut secrets = Secrets::default();
        ["https://sqs.", ".amazonaws.com/", "arn:aws:", "token=p4ss&q="]
            .into_iter()
            .for_each(|part| secrets.insert_part(part));
        let text = "see https://sqs.us-east-1.amazonaws.com/x or token=p4ss&q=1";
        assert_eq!(secrets.shown(text), "see https://sqs.us-east-1.amazonaws.com/x or (sensitive)1");
    }

    #[test]
    fn words_of_ours_are_no_secrets() {
        let mut secrets = Secrets::default();
        ["declared", "p4ss", "here"].into_iter().for_each(|value| secrets.insert(value));
        assert_eq!(secrets.shown_of_ours("`declared` is declared here"), "`(sensitive)` is declared here");
        assert_eq!(secrets.shown_of_ours("p4ss is not a value"), "(sensitive) is not a value");
    }

    #[test]
    fn users_of_urls_are_masked() {
        let shown = |text: &str| scrubbed(&[], &[], text);
        assert_eq!(shown("at http://me:pw@proxy:80/a@b, https://x/"), "at http://(sensitive)@proxy:80/a@b, https://x/");
        assert_eq!(shown("`http://token@h`"), "`http://(sensitive)@h`");
    }

    proptest::proptest! {
        #[test]
        fn a_long_secret_is_masked_in_any_text(
            secret in "[a-zA-Z0-9äß€:/{}\"\\\\]{12,20}", before in "[ -~]{0,12}", after in "[ -~]{0,12}"
        ) {
            let text = format!("{before}{secret}{after}");
            let shown = scrubbed(&[&secret], &[], &text);
            let is_kept = readable(&text).iter().any(|span| text[span.clone()].contains(&secret));
            proptest::prop_assert!(is_kept || !shown.contains(&secret), "{shown}");
        }
    }
}
