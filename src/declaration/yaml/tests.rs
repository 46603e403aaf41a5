//! Values and their places, and the errors of what is not YAML.

use super::*;
use crate::declaration::node::Content;
use crate::model::Secrets;

fn shown(node: &Node) -> String {
    match &node.content {
        Content::Null { .. } => "null".to_owned(),
        Content::Scalar(it) if it.plain => format!("<{}>", it.text),
        Content::Scalar(it) => format!("{:?}", it.text),
        Content::Template(_) | Content::Broken => "other".to_owned(),
        Content::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
        Content::Map(map) => {
            let fields = map.iter().map(|(key, field)| format!("{key}={}", shown(&field.node)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
        }
    }
}

fn read(text: &str) -> String {
    let mut report = DiagnosticSink::default();
    match parse(text, 0, &mut report) {
        Some(node) if report.errors() == 0 => shown(&node),
        _ => {
            let found = report.finish(&Secrets::default());
            let span = found[0].span.clone().expect("has a place").range;
            format!("{}@{}: {}", found[0].code, span.start, found[0].message)
        }
    }
}

#[test]
fn scalars_stay_as_written() {
    let text = "{a: no, b: 0123, c: 1_000, d: 1.10, e: '20', f: true, g: ~, h: 12:30:45, i: 0x1F, j: .nan, k: on}";
    assert_eq!(
        read(text),
        r#"{a="no" b=<0123> c=<1_000> d=<1.10> e="20" f=<true> g=null h="12:30:45" i=<0x1F> j=".nan" k="on"}"#
    );
    let huge = "9".repeat(50);
    assert_eq!(read(&format!("a: {huge}")), format!("{{a=<{huge}>}}"));
    assert_eq!(read("a: !!int \"3\""), "{a=<3>}");
    assert_eq!(read(""), "{}");
    assert_eq!(read("# only a comment\n"), "{}");
    assert_eq!(read("7: x"), r#"{7="x"}"#);
}

#[test]
fn anchors_and_merge_keys_work() {
    assert_eq!(read("x-a: &a {b: 1}\nc: {<<: *a, d: 2}\n"), "{x-a={b=<1>} c={d=<2> b=<1>}}");
}

#[test]
fn what_is_not_yaml_is_refused_in_its_place() {
    let deep = "[".repeat(20_000);
    let flow = format!("a: {}", "[".repeat(100));
    let bad = [
        "a: 1\na: 2\n",
        "a: 1\n---\nb: 2\n",
        "a:\n\tb: 1\n",
        "a: [1\n",
        "a: *nowhere\n",
        "? [a, b]\n: c\n",
        &deep,
        &flow,
    ];
    let got: Vec<String> = bad.iter().map(|text| read(text).replace("invalid YAML", "no")).collect();
    let want = [
        "S003@5: duplicate key `a`",
        "S002@9: the file contains more than one YAML document",
        "S002@4: no: tabs disallowed within this context (block indentation)",
        "S002@3: no: unclosed bracket '['",
        "S002@3: no: reference to unknown value",
        "S002@2: no: expected string scalar",
        "S002@255: no: recursion limit exceeded",
        "S002@102: no: unclosed bracket '['",
    ];
    assert_eq!(got, want);
}

#[test]
fn duplicate_keys_do_not_end_the_reading() {
    let text = "a: 1\nb: {c: 1, c: 2, d: 1, d: 1, d: 1}\na: 2\n7: x\n7: y\ne: 1\ne: 2\n";
    let mut report = DiagnosticSink::default();
    let node = parse(text, 0, &mut report).expect("is read");
    assert_eq!(shown(&node), r#"{a=<1> b={c=<1> d=<1>} 7="y" e=<2>}"#);
    let found = report.finish(&Secrets::default());
    let keys: Vec<&str> = found.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(keys, ["`c`", "`d`", "`d`", "`a`"].map(|key| format!("duplicate key {key}")));
    assert!(found.iter().all(|it| it.related.len() == 1));
}

#[test]
fn bombs_do_not_go_off() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
    }
    assert!(read(&bomb).contains("too large or too complex"));
}

#[test]
fn places_are_bytes_of_the_text() {
    let text = "ä: {b: [ö, 'x']}\n";
    let node = parse(text, 3, &mut DiagnosticSink::default()).expect("is YAML");
    let (key, inner) = node.below("ä").expect("is there");
    assert_eq!(key.map(|key| &text[key.range.clone()]), Some("ä"));
    let (key, list) = inner.below("b").expect("is there");
    assert_eq!(key.map(|key| &text[key.range.clone()]), Some("b"));
    assert_eq!(&text[list.span.range.clone()], "[");
    assert_eq!(&text[list.below("0").expect("is there").1.span.range.clone()], "ö");
    assert_eq!(&text[list.below("1").expect("is there").1.span.range.clone()], "'x'");
}
