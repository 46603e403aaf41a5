//! Plans in Terraform's form: what policies that were written for it look for is where they look.

mod provider;

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use super::{Desk, python, spec};
use crate::generated_files::repository;
use crate::harness::ended;

fn changes(desk: &Desk, text: &str, more: &[&str]) -> Vec<Value> {
    desk.write("stack.yaml", text);
    let (_, stdout, errors) = desk.run(&[&["plan", "-f", "stack.yaml", "--output", "tfplan-json"], more].concat());
    let plan: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{errors}"));
    assert_eq!(plan["format_version"], "1.2");
    for change in plan["resource_changes"].as_array().unwrap() {
        for member in ["address", "mode", "type", "name", "provider_name"] {
            assert!(change[member].is_string(), "{member}: {change}");
        }
        let change = &change["change"];
        for mask in ["after_unknown", "before_sensitive", "after_sensitive"] {
            assert!(change[mask].is_object(), "{mask}: {change}");
        }
    }
    plan["resource_changes"].as_array().unwrap().clone()
}

fn change<'v>(changes: &'v [Value], address: &str) -> &'v Value {
    let found = changes.iter().find(|change| change["address"] == address);
    &found.unwrap_or_else(|| panic!("no {address} in {changes:#?}"))["change"]
}

#[test]
fn attributes_blocks_and_masks_are_those_of_the_provider() {
    let desk = Desk::new();
    let fields = "    environment: {variables: {TOKEN: secret-word, PLACE: \"${functions.orders.aliases.live.arn}\"}}\n    \
                  tracing_config: {mode: Active}\n    url: {auth_type: NONE}\n    permissions:\n      all: {action: \
                  lambda:InvokeFunction, principal: \"*\"}\n";
    let changes = changes(&desk, &spec(&fields.replace(", PLACE: \"${functions.orders.aliases.live.arn}\"", "")), &[]);
    let function = change(&changes, "aws_lambda_function.orders");
    assert_eq!(function["actions"], json!(["create"]));
    assert_eq!(function["before"], Value::Null);
    assert_eq!(function["after"]["function_name"], "shop-orders");
    assert_eq!(function["after"]["tracing_config"], json!([{"mode": "Active"}]));
    assert_eq!(function["after"]["environment"], json!([{"variables": {"TOKEN": "(sensitive)"}}]));
    assert_eq!(function["after_sensitive"], json!({"environment": [{"variables": {"TOKEN": true}}]}));
    assert!(function["after"]["source_code_hash"].is_string() && function["after"].get("code").is_none());
    let alias = change(&changes, "aws_lambda_alias.orders[\"live\"]");
    assert_eq!(alias["after_unknown"], json!({"function_version": true}));
    assert!(alias["after"].get("function_version").is_none(), "what is unknown has a mark and no value");
    assert_eq!(change(&changes, "aws_lambda_function_url.orders")["after"]["authorization_type"], "NONE");
    let permission = &change(&changes, "aws_lambda_permission.orders[\"all\"]")["after"];
    assert_eq!(
        *permission,
        json!({"action": "lambda:InvokeFunction", "principal": "*", "function_name": "shop-orders", "statement_id": "all"})
    );
    assert!(!format!("{changes:?}").contains("secret-word"));
}

#[test]
fn a_replacement_is_two_actions_and_a_deletion_has_no_value_to_come() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    url: {auth_type: AWS_IAM}\n"));
    desk.apply("stack.yaml");
    let image = "code: {image: \"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1\"}";
    let replaced = spec("").replace("code: {zip: package.zip}", image);
    let replaced = replaced.replace("    runtime: python3.13\n    handler: app.handler\n", "");
    let found = changes(&desk, &replaced, &["--allow-replace", "--prune"]);
    let function = change(&found, "aws_lambda_function.orders");
    assert_eq!(function["actions"], json!(["delete", "create"]));
    assert_eq!(function["replace_paths"], json!([["package_type"]]));
    let url = change(&found, "aws_lambda_function_url.orders");
    assert_eq!((&url["actions"], &url["after"]), (&json!(["delete"]), &Value::Null));
    let kept = changes(&desk, &spec("    url: {auth_type: AWS_IAM}\n    memory_size: 256\n"), &[]);
    assert_eq!(change(&kept, "aws_lambda_function_url.orders")["actions"], json!(["no-op"]));
    let function = change(&kept, "aws_lambda_function.orders");
    assert_eq!(function["actions"], json!(["update"]));
    assert_eq!((&function["before"]["memory_size"], &function["after"]["memory_size"]), (&json!(128), &json!(256)));
}

#[test]
fn what_the_provider_has_as_attributes_of_a_function_are_attributes() {
    let desk = Desk::new();
    let source = "event_source_mappings: {queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q\"}}";
    let fields = |reserved: u32| {
        let alias = format!("live: {{function_version: published, {source}}}");
        let text = spec(&format!("    reserved_concurrent_executions: {reserved}\n    tags: {{team: a}}\n"));
        text.replace("live: {function_version: published}", &alias)
    };
    let found = changes(&desk, &fields(0), &[]);
    let function = change(&found, "aws_lambda_function.orders");
    assert_eq!(
        (&function["after"]["reserved_concurrent_executions"], &function["after"]["publish"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(function["after_unknown"], json!({"version": true}));
    assert_eq!(function["after"]["tags_all"], function["after"]["tags"]);
    assert_eq!(function["after"]["tags"]["team"], "a");
    let mapping = change(&found, "aws_lambda_event_source_mapping.orders[\"live/queue\"]");
    assert_eq!(mapping["after"]["function_name"], "shop-orders:live");
    let types: BTreeSet<&str> = found.iter().map(|it| it["type"].as_str().unwrap()).collect();
    let expected = ["aws_lambda_alias", "aws_lambda_event_source_mapping", "aws_lambda_function"];
    assert_eq!(types, expected.into(), "nothing is there that neither is nor will be");
    desk.apply("stack.yaml");
    let found = changes(&desk, &fields(7), &[]);
    let function = change(&found, "aws_lambda_function.orders");
    assert_eq!((&function["actions"], &function["after_unknown"]), (&json!(["update"]), &json!({})));
    let reserved = [&function["before"], &function["after"]].map(|it| &it["reserved_concurrent_executions"]);
    assert_eq!(reserved, [&json!(0), &json!(7)]);
}

#[test]
fn a_policy_written_for_terraform_holds() {
    let Some(python) = python() else { return };
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    memory_size: 3008\n    url: {auth_type: NONE}\n"));
    let (code, _, errors) = desk.run(&["plan", "-f", "stack.yaml", "--output", "tfplan-json=plan.json"]);
    assert_eq!(code, 0, "{errors}");
    // The policy of the guide, run by an implementation of Rego that is not ours.
    let guide = std::fs::read_to_string(repository("docs/src/guides/policies.md")).unwrap();
    let policy = guide.split("```rego policy/lambda.rego\n").nth(1).unwrap().split("```").next().unwrap();
    desk.write("policy.rego", policy);
    let script = "import sys, regopy\n\
                  rego = regopy.Interpreter()\n\
                  rego.add_module('lambda', open(sys.argv[1]).read())\n\
                  rego.set_input(__import__('json').load(open(sys.argv[2])))\n\
                  print(rego.query('data.main.deny'))";
    let mut command = Command::new(python);
    let (code, text, errors) =
        ended(&command.args(["-c", script]).args([desk.path("policy.rego"), desk.path("plan.json")]).output().unwrap());
    assert_eq!(code, 0, "{errors}");
    for denied in ["aws_lambda_function_url.orders is public", "aws_lambda_function.orders has more than 2048 MB"] {
        assert!(text.contains(denied), "{text}");
    }
}
