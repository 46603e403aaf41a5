//! Large, looping and random specs: every input comes to an end, in linear time and without a panic.

use proptest::prelude::*;

use super::*;

#[test]
fn many_keys_are_read_in_linear_time() {
    // A second or two where nothing is optimised; anything quadratic would take minutes.
    let mut text = "version: 1\nstack: a\nfunctions:\n  f:\n    role: arn:aws:iam::123456789012:role/r\n    code: external\n    tags:\n".to_owned();
    for at in 0..30_000 {
        text += &format!("      key{at}: value{at}\n");
    }
    assert_eq!(good(&text).resources.len(), 1);
    let broken = text.replace("value", "${env.NOTHING}");
    assert_eq!(loaded(&broken).diagnostics.len(), 1_001);
    assert_eq!(loaded(&text.replace("      key", "    key")).diagnostics.len(), 1_001);
}

#[test]
fn chains_of_any_length_end() {
    let mut text = "version: 1\nstack: a\ndefaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external}}\nfunctions:\n".to_owned();
    for at in 0..3_000 {
        text += &format!("  f{at}: {{tags: {{next: \"${{functions.f{}.arn}}\"}}}}\n", (at + 1) % 3_000);
    }
    let loaded = loaded(&text);
    assert_eq!(loaded.diagnostics.len(), 1);
    assert!(loaded.diagnostics[0].message.contains("… 2990 more …"), "{}", loaded.diagnostics[0].message);
}

#[test]
fn variables_that_multiply_come_to_an_end() {
    let mut text = "version: 1\nstack: a\nvars:\n  v0: ''\n".to_owned();
    for at in 1..30 {
        text += &format!("  v{at}: \"{}\"\n", format!("${{var.v{}}}", at - 1).repeat(9));
    }
    text += "functions: {f: {role: \"${var.v29}\", code: external}}\n";
    let loaded = loaded(&text);
    assert_eq!(
        loaded.diagnostics.first().map(|it| it.message.as_str()),
        Some("the expanded value is larger than 1 MB, or all of them are larger than 64 MB")
    );
}

/// Lines from which specs are put together that are nearly right.
fn any_line() -> impl Strategy<Value = String> {
    let words = [
        "version",
        "stack",
        "functions",
        "aliases",
        "live",
        "orders",
        "role",
        "publish",
        "ignore",
        "prune",
        "vars",
        "tags",
        "defaults",
        "function",
        "function_version",
        "published",
        "${var.a}",
        "${env.X:-1}",
        "${functions.orders.arn}",
        "1",
        "true",
        "null",
        "~",
        "[a, b]",
        "{a: b}",
        "&a",
        "*a",
        "<<",
        "'",
        "\"",
        "é",
        "environment",
        "variables",
        "code",
        "external",
        "reserved_concurrent_executions",
        "timeout",
        "${stack}",
        "$${",
        "${",
        "}",
        "- x",
        "|",
        "arn:aws:iam::123456789012:role/r",
    ];
    (0..5usize, prop::sample::select(words.to_vec()), prop::sample::select(words.to_vec()))
        .prop_map(|(depth, key, value)| format!("{}{key}: {value}\n", "  ".repeat(depth)))
}

proptest! {
    #[test]
    fn nothing_written_breaks_the_loader(text in "\\PC*") {
        shown(&loaded(&text));
    }

    #[test]
    fn nothing_nearly_right_breaks_the_loader(lines in prop::collection::vec(any_line(), 0..25)) {
        let loaded = loaded(&lines.concat());
        shown(&loaded);
        prop_assert_eq!(loaded.stack.is_some(), !loaded.diagnostics.iter().any(|it| it.severity == crate::model::Severity::Error));
    }

    #[test]
    fn no_bytes_break_the_loader(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let (inputs, mut memory) = inputs(&[("stack.yaml", "")]);
        memory.0.insert("stack.yaml".to_owned(), bytes);
        shown(&Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None));
    }
}
