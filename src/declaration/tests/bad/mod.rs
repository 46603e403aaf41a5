//! Bad specs, and their diagnostics word for word.

use super::*;

/// Returns the diagnostics of a spec whose only function begins with these lines.
fn said(text: &str) -> String {
    shown(&loaded(text))
}

fn of_function(lines: &str) -> String {
    said(&format!(
        "version: 1\nstack: a\nfunctions:\n  orders:\n    role: arn:aws:iam::123456789012:role/r\n    code: external\n{lines}"
    ))
}

macro_rules! cases {
    ($($name:ident: $text:expr => $want:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let got = $text;
                assert_eq!(got.trim_end(), $want.trim_start_matches('\n').trim_end(), "\n{got}");
            }
        )*
    };
}

mod files;
mod other_tools;
mod references;
mod values;
