//! Files, tags and templates of other tools, and the syntax errors that come of them.

use super::*;

/// Returns `code: message`, and the help, of everything that is reported of a text.
fn reported(text: &str) -> Vec<(String, String)> {
    let finding = |it: Diagnostic| (format!("{}: {}", it.code, it.message), it.help.unwrap_or_default());
    loaded(text).diagnostics.into_iter().map(finding).collect()
}

/// Returns the help of the only diagnostic of a text, which has this code.
fn help(code: &str, text: &str) -> String {
    let mut all = reported(text);
    assert!(all.len() == 1 && all[0].0.starts_with(code), "{text}: {all:?}");
    all.remove(0).1
}

fn function(lines: &str) -> String {
    format!(
        "version: 1\nstack: a\nfunctions:\n  orders:\n    role: arn:aws:iam::123456789012:role/r\n    code: external\n{lines}"
    )
}

#[test]
fn every_tag_but_those_of_yaml_is_an_error_in_every_place() {
    let tags = ["!Ref", "!GetAtt", "!Sub", "!vault", "!x", "!!python/object", "!<tag:example.com:x>"];
    for tag in tags {
        for value in ["x", "'x'", "7", "[x]", "{x: y}", ""] {
            for field in ["timeout", "layers", "tags", "environment", "tracing"] {
                let text = function(&format!("    {field}: {tag} {value}\n"));
                let found = reported(&text);
                assert_eq!(found.len(), 1, "{text}: {found:?}");
                let shown = if tag == "!x" { String::new() } else { format!(" `{tag}`") };
                assert_eq!(found[0].0, format!("S004: the YAML tag{shown} has no meaning in a spec"), "{text}");
            }
        }
        for text in [
            format!("version: 1\nstack: {tag} x\n"),
            format!("version: 1\nstack: x\nvars: {{a: {tag} b}}\n"),
            format!("version: 1\nstack: x\nfunctions: {tag} {{}}\n"),
            format!(
                "version: 1\nstack: x\nfunctions: {{{tag} f: {{role: arn:aws:iam::123456789012:role/r, code: external}}}}\n"
            ),
            format!("{tag} {{version: 1, stack: x}}\n"),
        ] {
            help("S004", &text);
        }
    }
    help("S004", &function("    tracing: !!binary eA==\n"));
    assert_eq!(reported(&function("    tags: !!map {a: !!str 7, b: ! 8}\n    timeout: !!int 5\n")), []);
}

#[test]
fn a_tag_names_the_expression_that_takes_its_place() {
    let help = |value: &str| help("S004", &function(&format!("    tracing: {value}\n")));
    assert_eq!(help("!Ref AWS::Region"), "write `${region}`");
    assert!(help("!GetAtt Queue.Arn").contains("`${functions.NAME.arn}`"));
    assert!(help("!Sub 'a-${b}'").starts_with("remove the tag"));
    assert!(help("!env TOKEN").contains("`${env.NAME}`"));
    assert!(help("!include more.yaml").contains("`-f`"));
    assert!(help("!ImportValue x").contains("`${var.NAME}`"));
    assert!(help("!anything x").contains("remove the tag"));
}

#[test]
fn the_tag_is_underlined() {
    for (text, want) in [
        ("a: !Ref x", "!Ref"),
        ("a: &b !Ref x", "!Ref"),
        ("a: !Ref &b x", "!Ref"),
        ("a: [!Ref x]", "!Ref"),
        ("a: !Ref\n  b: c", "!Ref"),
    ] {
        let text = format!("version: 1\nstack: s\nx-{text}\n");
        let found = loaded(&text).diagnostics;
        let span = found[0].span.clone().expect("has a place");
        assert_eq!(&text[span.range], want, "{text}");
    }
}

#[test]
fn templates_are_warned_of_wherever_they_stand() {
    for line in
        ["environment: {variables: {A: '{{ x }}'}}", "layers: ['a-{{.Values.x}}']", "tags: {a: '{{resolve:ssm:/a}}'}"]
    {
        let loaded = loaded(&function(&format!("    {line}\n")));
        let codes: Vec<_> = loaded.diagnostics.iter().filter(|it| it.severity == Severity::Warning).collect();
        assert!(codes.len() == 1 && codes[0].code.as_str() == "S025", "{line}: {}", shown(&loaded));
    }
    for line in ["tags: {a: '{{ x'}", "tags: {a: '}} {{'}", "tags: {a: '{ {x} }'}"] {
        assert_eq!(reported(&function(&format!("    {line}\n"))), [], "{line}");
    }
}

#[test]
fn files_of_other_tools_are_recognised_in_one_error() {
    let files = [
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function, Role: !Ref R}}\n",
            "an AWS SAM template",
        ),
        ("Globals: {}\nResources: {F: {Type: AWS::Serverless::Function}}\n", "an AWS SAM template"),
        ("{\"resource\": {\"aws_lambda_function\": {\"f\": {}}}}", "a Terraform configuration"),
        ("AWSTemplateFormatVersion: 2010-09-09\nResources: {F: !If [a, b]}\n", "a CloudFormation template"),
        ("Resources:\n  F:\n    Type: AWS::Lambda::Function\n", "a CloudFormation template"),
        ("{\"Resources\": {\"F\": {\"Type\": \"AWS::Lambda::Function\"}}}", "a CloudFormation template"),
        (
            "service: x\nprovider:\n  name: aws\nfunctions:\n  f: {handler: a.b}\n",
            "a configuration of the Serverless Framework",
        ),
        ("resource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n}\n", "a Terraform configuration"),
        ("terraform {\n}\n", "a Terraform configuration"),
        ("{\"version\": 4, \"terraform_version\": \"1.9.0\", \"resources\": []}", "a Terraform state file"),
        ("apiVersion: v1\nkind: ConfigMap\n", "a Kubernetes manifest"),
        ("name: x\nruntime: yaml\n", "a Pulumi project"),
    ];
    for (text, what) in files {
        let found = reported(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].0, format!("S005: `stack.yaml` is {what}, not a trueup spec"));
        assert!(found[0].1.contains("`trueup schema`"), "{found:?}");
    }
    let spec = "version: 1\nstack: a\nx-notes: 'resource \"a\" \"b\" {'\nvars: {service: x, provider: y}\n";
    assert_eq!(reported(spec), []);
}

#[test]
fn syntax_errors_say_the_way_out() {
    let rows = [
        ("functions:\n\tf: {}\n", "spaces"),
        ("functions:\n  f:\n    a: x\n  \tb: y\n", "spaces"),
        ("stack: {{ name }}\n", "`{{ … }}`"),
        ("{% if x %}\nstack: a\n", "`{% … %}`"),
        ("stack: a\n<<<<<<< HEAD\n", "merge conflict"),
        ("functions: {f: {role: ${var.role}}}\n", "quotes"),
        ("functions: [a-${var.role}, b]\n", "quotes"),
        ("stack: ${env.X:-a: b}\n", "quotes"),
        ("stack: *.example.com\n", "quotes"),
        ("stack: `a`\n", "quotes"),
        ("stack: a: b\n", "quotes"),
        ("stack: \"a\nfunctions: {}\n", "close the quotes"),
        ("stack: \"a\\d\"\n", "single quotes"),
        ("stack: | x\n  a\n", "next line"),
        ("functions:\n  f:\n    a: x\n   b: y\n", "indentation"),
        ("functions:\n  f:\n   a: x\n    b: y\n", "indentation"),
        ("stack a\nfunctions: {}\n", "`key: value`"),
    ];
    for (text, want) in rows {
        let help = help("S002", &format!("version: 1\n{text}"));
        assert!(help.contains(want), "{text}: {help}");
    }
}

#[test]
fn a_key_of_ones_own_needs_a_value_unless_it_removes_one() {
    for value in ["", "~", "null"] {
        for field in ["environment: {variables: {AB: VALUE}}", "tags: {AB: VALUE}"] {
            let help = help("S015", &function(&format!("    {}\n", field.replace("VALUE", value))));
            assert!(help.contains("\"\""), "{help}");
        }
    }
    let (inputs, memory) =
        inputs(&[("a.yaml", &function("    tags: {a: x}\n")), ("b.yaml", "functions: {orders: {tags: {a: null}}}\n")]);
    let loaded = Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None);
    assert_eq!(shown(&loaded), "");
    let defaults = "version: 1\nstack: a\ndefaults: {function: {tags: {a: x}}}\nfunctions: {f: {role: arn:aws:iam::123456789012:role/r, code: external, tags: {a: null}}}\n";
    assert_eq!(reported(defaults), []);
}

#[test]
fn a_field_without_a_value_is_warned_of_unless_it_removes_one() {
    let warned = |text: &str| {
        let loaded = loaded(text);
        let codes: Vec<_> = loaded.diagnostics.iter().map(|it| it.code.as_str().to_owned()).collect();
        (loaded.stack.is_some(), codes)
    };
    for field in ["environment", "tags", "layers"] {
        assert_eq!(warned(&function(&format!("    {field}:\n"))), (true, vec!["S016".to_owned()]), "{field}");
    }
    let removed = "version: 1\nstack: a\ndefaults: {function: {memory_size: 256}}\nfunctions: {f: {role: arn:aws:iam::123456789012:role/r, code: external, memory_size: null}}\n";
    assert_eq!(warned(removed), (true, Vec::new()));
}

#[test]
fn a_number_in_another_unit_names_the_unit_and_the_number() {
    let rows = [
        ("timeout: 5m", "S011: `timeout`: expected an integer (seconds), found a string", "write `300`"),
        ("timeout: soon", "S011: `timeout`: expected an integer (seconds), found a string", ""),
        ("timeout: ${env.STAGE}", "S011: `timeout`: expected an integer (seconds), found a string", ""),
        (
            "timeout: 30000",
            "S013: `30000` is out of range: `timeout` must be from 1 to 900 seconds",
            "did you mean `30`? The value looks like milliseconds",
        ),
        ("memory_size: 1 GB", "S011: `memory_size`: expected an integer (MB), found a string", "write `1024`"),
    ];
    for (line, message, help) in rows {
        assert_eq!(reported(&function(&format!("    {line}\n"))), [(message.to_owned(), help.to_owned())], "{line}");
    }
}

#[test]
fn a_field_in_the_wrong_place_names_the_right_one() {
    let of_alias = |lines: &str| function(&format!("    aliases: {{live: {{function_version: $LATEST, {lines}}}}}\n"));
    let rows = [
        (function("    variables: {AB: x}\n"), "write it in `environment`"),
        (function("    function_version: '1'\n"), "write it in `aliases.NAME`"),
        (of_alias("timeout: 3"), "write it in `functions.NAME`"),
    ];
    for (text, want) in rows {
        assert_eq!(help("S010", &text), want, "{text}");
    }
}
