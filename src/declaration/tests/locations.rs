//! The places that findings of the real kinds' rules point to.

use super::*;

/// The texts that the diagnostics with this code underline.
fn underlined(code: &str, text: &str) -> Vec<String> {
    let (inputs, memory) = inputs(&[("stack.yaml", text)]);
    let loaded = load(&inputs, &memory, None);
    let found = loaded.diagnostics.iter().filter(|it| it.code == code).filter_map(|it| it.span.as_ref());
    found.map(|span| loaded.sources[span.source].text[span.range.clone()].to_owned()).collect()
}

const FUNCTION: &str = "version: 1
stack: a
functions:
  f:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/r
    code: external
";

/// A mistake in a key, or a field that must not be there: the code, the lines of a function, and the key.
const KEYS: [(&str, &str, &str); 21] = [
    ("V013", "    environment: {variables: {9X: hunter2}}", "9X"),
    ("V013", "    environment: {variables: {a.b: hunter2}}", "a.b"),
    ("V013", "    environment:\n      variables:\n        \"a b\": |\n          hunter2", "\"a b\""),
    ("V014", "    environment: {variables: {AWS_REGION: hunter2}}", "AWS_REGION"),
    ("V096", "    tags: {aws:a.b: x}", "aws:a.b"),
    ("V096", "    tags: {\"a,b\": x}", "\"a,b\""),
    ("V096", "    tags: {\"\": x}", "\"\""),
    (
        "V096",
        "code_signing_configs: {c: {allowed_publishers: {signing_profile_version_arns: ['arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abc']}, tags: {trueup:x.y: z}}}",
        "trueup:x.y",
    ),
    (
        "V055",
        "    aliases: {live: {function_version: 1, routing_config: {additional_version_weights: {a.b: 0.5}}}}",
        "a.b",
    ),
    ("V058", "    aliases: {live: {function_version: 1, routing_config: {additional_version_weights: {1: 0.5}}}}", "1"),
    ("V080", "    permissions: {a.b: {principal: s3.amazonaws.com}}", "a.b"),
    ("V083", "    permissions: {a: {principal: '123456789012', principal_org_id: o-a1b2c3d4e5}}", "principal_org_id"),
    ("V084", "    permissions: {a: {principal: s3.amazonaws.com, event_source_token: x}}", "event_source_token"),
    (
        "V074",
        "    permissions: {a: {principal: '*', action: 'lambda:InvokeFunction', function_url_auth_type: NONE}}",
        "function_url_auth_type",
    ),
    ("V002", "    code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1'}", "runtime"),
    (
        "V105",
        "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q.fifo', maximum_batching_window_in_seconds: 1}}",
        "maximum_batching_window_in_seconds",
    ),
    (
        "V109",
        "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q', parallelization_factor: 2}}",
        "parallelization_factor",
    ),
    (
        "V127",
        "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q', kms_key_arn: 'arn:aws:kms:us-east-1:000000000000:key/k'}}",
        "kms_key_arn",
    ),
    (
        "V098",
        "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q', maximum_retry_attempts: 2}}",
        "maximum_retry_attempts",
    ),
    (
        "V100",
        "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q', starting_position: LATEST}}",
        "starting_position",
    ),
    (
        "V087",
        "layers:\n  l:\n    code: {zip: a.zip}\n    permissions: {p: {principal: '123456789012', organization_id: o-a1b2c3d4e5}}",
        "organization_id",
    ),
];

#[test]
fn a_mistake_in_a_key_underlines_the_key() {
    for (code, lines, key) in KEYS {
        let function = if code == "V002" { FUNCTION.replace("    code: external\n", "") } else { FUNCTION.to_owned() };
        let got = underlined(code, &format!("{function}{lines}\n"));
        assert_eq!(got.first().map(String::as_str), Some(key), "{code}: {lines}");
    }
}

#[test]
fn a_mistake_in_a_value_underlines_the_value() {
    for (code, lines, value) in [
        ("V011", "    timeout: 901", "901"),
        ("V018", "    dead_letter_config: {target_arn: 'arn:aws:s3:::b'}", "'arn:aws:s3:::b'"),
        (
            "V126",
            "    event_source_mappings: {q: {event_source_arn: 'arn:aws:sqs:us-east-1:000000000000:q', filter_criteria: {filters: [{pattern: x}]}}}",
            "x",
        ),
    ] {
        assert_eq!(underlined(code, &format!("{FUNCTION}{lines}\n")), [value], "{code}: {lines}");
    }
}

#[test]
fn any_tag_key_can_be_ignored_by_its_printed_path() {
    for key in ["c.d", "", "a b", "x\"y\\", "größe", "0", "[1]", "{", "\u{202e}"] {
        let path = FieldPath::from("tags").then(key);
        let quoted = serde_json::Value::from(path.to_string());
        let text = format!(
            "{}    ignore: [{quoted}]\n    tags: {{other: x}}\n",
            FUNCTION.replace("  f:", "  f:\n    timeout: 4")
        );
        let (inputs, memory) = inputs(&[("stack.yaml", &text)]);
        let loaded = load(&inputs, &memory, None);
        let stack = loaded.stack.unwrap_or_else(|| panic!("{path}: {:?}", loaded.diagnostics));
        assert_eq!(it(&stack, "function/f").ignore, [path]);
    }
}
