//! Specs of which nobody knows yet for which account or region they are.

use super::*;

fn resolved(text: &str, known: Option<(&str, &str)>) -> Loaded {
    let (inputs, memory) = inputs(&[("stack.yaml", text)]);
    load(&inputs, &memory, known.map(|(account, region)| (account.to_owned(), region.to_owned())))
}

fn spec(target: &str, fields: &str) -> String {
    format!(
        "version: 1\nstack: a\n{target}functions:\n  f:\n    runtime: python3.13\n    handler: app.handler\n    code: external\n{fields}"
    )
}

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|it| it.code.as_str()).collect()
}

const ROLE: &str = "    role: arn:aws:iam::${account}:role/r\n";

#[test]
fn unknown_parts_stay_in_values_as_they_are_written() {
    let fields = format!("    function_name: f-${{account}}-${{region}}\n{ROLE}");
    let loaded = resolved(&spec("", &fields), None);
    let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let function = it(&stack, "function/f");
    assert_eq!(function.at.names[..], ["f-${account}-${region}"]);
    assert_eq!(function.value.json()["role"], "arn:aws:iam::${account}:role/r");
    assert_eq!(function.pending, BTreeMap::new());
    assert_eq!(stack.scope.arn("function:f"), "arn:${partition}:lambda:${region}:${account}:function:f");
}

#[test]
fn the_form_of_a_value_is_checked_before_the_account_is_known() {
    let loaded = resolved(&spec("", "    role: arn:aws:iam::${account}:rol/r\n"), None);
    assert!(shown(&loaded).contains("`arn:aws:iam::${account}:rol/r` is not a valid value of `role`"));
    let loaded = resolved(&spec("", &format!("    function_name: f ${{account}}\n{ROLE}")), None);
    assert!(shown(&loaded).contains("`f ${account}`"), "{}", shown(&loaded));
    let loaded = resolved(&spec("", &format!("    memory_size: ${{account}}\n{ROLE}")), None);
    assert!(shown(&loaded).contains("expected an integer (MB), found a string"), "{}", shown(&loaded));
}

#[test]
fn a_rule_that_needs_a_part_of_the_target_waits_until_it_is_known() {
    let key = format!("    kms_key_arn: 'arn:aws:kms:eu-west-1:123456789012:key/k'\n{ROLE}");
    let queue = format!(
        "{ROLE}    event_source_mappings: {{q: {{event_source_arn: 'arn:aws:sqs:eu-west-1:123456789012:q'}}}}\n"
    );
    let role = "    role: arn:aws:iam::210987654321:role/r\n";
    let (account, region) = ("target: {account: '123456789012'}\n", "target: {region: us-east-1}\n");
    for (code, fields, silent, told) in
        [("V027", key.as_str(), account, region), ("V131", &queue, account, region), ("V019", role, region, account)]
    {
        for target in ["", silent] {
            assert!(!codes(&resolved(&spec(target, fields), None)).contains(&code), "{code} with `{target}`");
        }
        assert!(codes(&resolved(&spec(told, fields), None)).contains(&code), "{code} with `{told}`");
        let known = Some(("123456789012", "us-east-1"));
        assert!(codes(&resolved(&spec("", fields), known)).contains(&code), "{code} once connected");
    }
}

#[test]
fn a_rule_that_needs_no_account_does_not_wait() {
    let source = |arn: &str| format!("{ROLE}    event_source_mappings: {{q: {{event_source_arn: '{arn}'}}}}\n");
    let bucket = source("arn:aws:sns:${region}:${account}:topic");
    assert!(codes(&resolved(&spec("", &bucket), None)).contains(&"V134"));
    let queue = source("arn:aws:sqs:${region}:${account}:q");
    assert_eq!(codes(&resolved(&spec("", &queue), None)), Vec::<&str>::new());
}

#[test]
fn the_partition_follows_from_the_region() {
    for (region, partition) in
        [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")]
    {
        let text = spec("", "    role: arn:${partition}:iam::${account}:role/r\n");
        let loaded = resolved(&text, Some(("123456789012", region)));
        let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        assert_eq!(it(&stack, "function/f").value.json()["role"], format!("arn:{partition}:iam::123456789012:role/r"));
    }
    let loaded = resolved(&spec("", "    role: arn:${partition}:iam::${account}:role/r\n"), None);
    let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    assert_eq!(it(&stack, "function/f").value.json()["role"], "arn:${partition}:iam::${account}:role/r");
}
