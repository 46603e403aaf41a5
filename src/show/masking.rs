//! Masks in quoted lines of a spec what may be secret: the values of variables, and the users of URLs.
//!
//! # Guarantees
//! - Only the text is looked at, because a file is quoted most often when it could not be parsed. A value is masked where it
//!   stands under `environment`, `variables` or `vars`, also if the key is misspelled, escaped or quoted; under a key that is
//!   named like a password, or in capitals like an environment variable; and anywhere in a file of variables or in `--var`.
//! - In doubt a value is masked, and the keys around it are kept for readers.
//! - References such as `${var.stage}` stay readable, without their defaults.
//! - Positions are kept: each character is replaced by one of as many bytes (a property test below).
//!
//! # Caveats
//! Secrets elsewhere in a spec are not known here. AWS's texts are scrubbed by [`Secrets`](crate::model::Secrets).

mod keys;
mod values;

use crate::model::{Source, SourceKind, is_hidden};
use keys::{Sensitive, has_key, sensitive_key};
use values::{brackets, entries, entry, hide, hide_users};

/// Returns the text with its secret values masked, and without characters that a terminal obeys or hides.
pub fn shown(source: &Source) -> String {
    let substituted = |letter: char| match is_hidden(letter) && !"\n\r\t".contains(letter) {
        true => substitute(letter),
        false => letter,
    };
    masked(&source.text, source.kind).chars().map(substituted).collect()
}

/// Returns a visible character of as many bytes.
fn substitute(letter: char) -> char {
    match letter.len_utf8() {
        1 => '?',
        2 => '¿',
        3 => '\u{fffd}',
        _ => '\u{1F539}',
    }
}

/// Returns the text with its secret values masked.
fn masked(text: &str, kind: SourceKind) -> String {
    let mut mask = Mask { out: String::with_capacity(text.len()), regions: Vec::new() };
    match kind {
        SourceKind::Spec => {}
        SourceKind::Variables => mask.regions.push(Region::new(None, Extent::Entries)),
        SourceKind::Argument => {
            let (name, value) = text.split_at(text.find('=').map_or(0, |at| at + 1));
            mask.out.push_str(name);
            hide(value, &mut mask.out);
            return mask.out;
        }
    }
    for line in text.split_inclusive('\n') {
        mask.line(line);
    }
    hide_users(&mask.out)
}

/// The lines that belong to a sensitive key.
struct Region {
    /// The indentation of the line with the key; nothing if the region is the whole text.
    indent: Option<usize>,
    extent: Extent,
    /// The indentation of its first entry.
    entries: Option<usize>,
    /// The number of brackets that are open.
    depth: usize,
    /// The quote that is open.
    quote: Option<char>,
}

/// The form of what is below a sensitive key.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    /// Entries, whose keys are shown.
    Entries,
    /// One scalar, until a line has a key.
    Scalar,
    /// The lines of a text, such as one behind `|`.
    Text,
}

impl Region {
    fn new(indent: Option<usize>, extent: Extent) -> Region {
        Region { indent, extent, entries: None, depth: 0, quote: None }
    }

    /// Tests whether a line belongs to the region.
    fn continues(&self, line: &str, indent: usize) -> bool {
        let Some(own) = self.indent else { return true };
        let words = line.trim();
        let is_open = self.depth > 0 || self.quote.is_some();
        if is_open || words.is_empty() {
            return true;
        }
        // The value of a key that was written with `?`, and a list, need no indentation.
        let is_below = indent > own || (indent == own && (words.starts_with(':') || words.starts_with("- ")));
        is_below && !(self.extent == Extent::Scalar && has_key(line))
    }
}

/// The text as far as it is masked.
struct Mask {
    out: String,
    regions: Vec<Region>,
}

impl Mask {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start().len();
        while self.regions.last().is_some_and(|region| !region.continues(line, indent)) {
            self.regions.pop();
        }
        match self.regions.last_mut() {
            None => self.outside(line, indent),
            Some(region) => {
                if region.quote.is_some() || region.extent != Extent::Entries {
                    hide(line, &mut self.out);
                    brackets(line, &mut region.depth, &mut region.quote);
                } else if region.depth > 0 || line.trim_start().starts_with(['{', '[', ':']) {
                    entries(line, &mut self.out);
                    brackets(line, &mut region.depth, &mut region.quote);
                } else if line.trim().is_empty() {
                    self.out.push_str(line);
                } else if indent > *region.entries.get_or_insert(indent) {
                    // A further line of a value.
                    hide(line, &mut self.out);
                } else if let Some((Sensitive::Map, _)) = sensitive_key(line) {
                    self.outside(line, indent);
                } else {
                    let at = entry(line, &mut self.out);
                    brackets(&line[at..], &mut region.depth, &mut region.quote);
                }
            }
        }
    }

    /// Masks what follows the first sensitive key of a line, and begins its region.
    fn outside(&mut self, line: &str, indent: usize) {
        let Some((sensitive, at)) = sensitive_key(line) else { return self.out.push_str(line) };
        let (shown, rest) = line.split_at(at);
        self.out.push_str(shown);
        entries(rest, &mut self.out);
        let extent = match sensitive {
            _ if rest.trim_start().starts_with(['|', '>']) => Extent::Text,
            Sensitive::Map => Extent::Entries,
            Sensitive::Scalar => Extent::Scalar,
        };
        let mut region = Region::new(Some(indent), extent);
        if rest.trim().is_empty() {
            // Within brackets the value may begin on the next line, without indentation.
            let mut quote = None;
            shown.trim_start().starts_with(['{', '[']).then(|| brackets(shown, &mut region.depth, &mut quote));
            let opened = shown.matches('{').count().saturating_sub(shown.matches('}').count());
            region.depth = region.depth.max(opened);
        }
        brackets(rest, &mut region.depth, &mut region.quote);
        self.regions.push(region);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_and_everything_keeps_its_place() {
        for (text, want) in [
            (
                "environment: {variables: {PASSWORD: hunter2, X: z}}\nmemory: 1\n",
                "environment: {variables: {PASSWORD: *******, X: *}}\nmemory: 1\n",
            ),
            (
                "  variables:\n    A: \"x, y: z\"\n    B: ä${functions.f.arn}k\n  c: d\n",
                "  variables:\n    A: \"** ** *\"\n    B: ·${functions.f.arn}*\n  c: d\n",
            ),
            (
                "variables:\n  CERT: |\n    Type: private\n    abc\n  B: c\nd: e\n",
                "variables:\n  CERT: *\n    ***** *******\n    ***\n  B: *\nd: e\n",
            ),
            (
                "{\"variables\": {\n  \"A\": \"s{c,r\",\n  \"B\": 1}}\n",
                "{\"variables\": {\n  \"A\": \"*****\",\n  \"B\": *}}\n",
            ),
            ("variables: {A: \"k${functions.f.arn}\", B: 1}\n", "variables: {A: \"*${functions.f.arn}\", B: *}\n"),
            ("variables: {A: ${env.X:-hunter2}}\n", "variables: {A: ${env.X:-*******}}\n"),
            ("variables: hunter2\n", "variables: *******\n"),
            ("# variables\ntimeout: soon\n", "# variables\ntimeout: soon\n"),
            ("variabels: {A: b}\nc: d\n", "variabels: {A: *}\nc: d\n"),
            ("environment: {A: b}\nc: d\n", "environment: {A: *}\nc: d\n"),
            ("  environment:\n    A: b\n  c: d\n", "  environment:\n    A: *\n  c: d\n"),
            ("variables: {A:\nhunter2, B: [1]}\nc: d\n", "variables: {A:\n*******, B: ***}\nc: d\n"),
            ("\"vari\\x61bles\": {A: b}\nc: d\n", "\"vari\\x61bles\": {A: *}\nc: d\n"),
            ("? variables\n: {A: b}\nc: d\n", "? variables\n: {A: *}\nc: d\n"),
            ("variables:\n- A: b\n- c\nd: e\n", "variables:\n- A: *\n* *\nd: e\n"),
            ("x-all: &all\n  TOKEN: abc\n  LL: |\n    a: b\n", "x-all: &all\n  TOKEN: ***\n  LL: *\n    ** *\n"),
            ("TOKEN:\n  abc\nORDERS:\n  timeout: soon\n", "TOKEN:\n  ***\nORDERS:\n  timeout: soon\n"),
            ("password: abc\n", "password: ***\n"),
            ("vars: {a: b}\nc: d\n", "vars: {a: *}\nc: d\n"),
            ("uri: http://me:pw@host/x\n", "uri: http://*****@host/x\n"),
            ("variables:\n  A: \"abc\nB: def\"\n  C: d\ne: f\n", "variables:\n  A: \"***\n** ***\"\n  C: *\ne: f\n"),
            ("variables:\n  A: it's {\n  B: c\nd: e\n", "variables:\n  A: **'* *\n  B: *\nd: e\n"),
        ] {
            let got = masked(text, SourceKind::Spec);
            assert_eq!(got, want);
            assert_eq!(got.len(), text.len());
        }
    }

    #[test]
    fn everything_in_a_file_of_variables_is_a_value() {
        let shown = |text: &str| masked(text, SourceKind::Variables);
        assert_eq!(shown("a: b\nc:\n  d: e\n"), "a: *\nc:\n  ** *\n");
        assert_eq!(shown("{\"a\": \"b\",\n\"c\": 1}\n"), "{\"a\": \"*\",\n\"c\": *}\n");
        assert_eq!(shown("hunter2\n"), "*******\n");
        assert_eq!(masked("a=b=c", SourceKind::Argument), "a=***");
    }

    proptest::proptest! {
        #[test]
        fn nothing_moves(text in "([a-zA-Z:{}, \"'\\\\|>?\n$ä•\u{1b}\u{9b}\u{202e}\u{e0041}-]|variables: |://|@){0,60}") {
            for kind in [SourceKind::Spec, SourceKind::Variables, SourceKind::Argument] {
                let got = shown(&Source { name: String::new(), text: text.clone(), kind });
                proptest::prop_assert!(!got.contains(|letter| is_hidden(letter) && letter != '\n'));
                proptest::prop_assert_eq!(got.len(), text.len());
                proptest::prop_assert!(text.char_indices().zip(got.char_indices()).all(|((one, _), (two, _))| one == two));
            }
        }

        #[test]
        fn no_value_below_a_sensitive_key_is_shown(
            key in "environment|variables|variabels|vars", before in "[a-z:{}, \"'\n|-]{0,30}", after in "[a-z:{}, \"'\n]{0,20}"
        ) {
            let text = format!("f:\n  {key}:\n    A: {before}\n    B: hunter2{after}\n");
            proptest::prop_assume!(!before.contains('\n'));
            proptest::prop_assert!(!masked(&text, SourceKind::Spec).contains("hunter2"));
        }
    }
}
