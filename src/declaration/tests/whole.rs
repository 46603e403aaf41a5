//! Whole specs, and the stacks that they declare.

use serde_json::json;

use super::*;

const WHOLE: &str = r#"
version: 1
stack: checkout-${var.stage}
target: {account: "123456789012", region: eu-west-1}
vars: {stage: dev, base: "x-${var.stage}"}
x-shared: &shared {timeout: 9}
defaults:
  function: {runtime: python3.13, tags: {team: payments, gone: x}, ignore: [memory_size], code: external}
functions:
  orders:
    <<: *shared
    function_name: orders-${var.base}
    role: arn:aws:iam::${account}:role/orders
    tags: {gone: null, version: 1.10}
    environment: {variables: {DEBUG: true, TOKEN: "a-${env.TOKEN}", RAW: "$${x}", OTHER: "${functions.billing.arn}"}}
    layers: ["${functions.billing.name}-x"]
    reserved_concurrent_executions: 20
    aliases:
      prune: true
      live: {function_version: published}
      old: {function_version: 7, prevent_destroy: true}
  billing: {role: "arn:aws:iam::123456789012:role/b", timeout: "${var.none:-7}", publish: {retain_versions: 3}}
"#;

#[test]
fn a_whole_spec_becomes_a_stack() {
    let stack = good(&WHOLE.replace("vars: {", "vars: {none: null, "));
    assert_eq!(stack.scope.stack, "checkout-dev");
    assert_eq!(stack.scope.account.as_deref(), Some("123456789012"));
    let names: Vec<String> = stack.resources.keys().map(ToString::to_string).collect();
    let all = [
        "alias/orders/live",
        "alias/orders/old",
        "function/billing",
        "function/orders",
        "reserved_concurrency/orders",
        "version/billing",
        "version/orders",
    ];
    assert_eq!(names, all);
    let orders = it(&stack, "function/orders");
    assert_eq!(
        orders.value,
        json!({
            "function_name": "orders-x-dev",
            "role": "arn:aws:iam::123456789012:role/orders",
            "timeout": 9,
            "runtime": "python3.13",
            "tags": {"team": "payments", "version": "1.10"},
            "environment": {"variables": {
                "DEBUG": "true", "TOKEN": "a-s3cr3t-token", "RAW": "${x}", "OTHER": "${functions.billing.arn}",
            }},
            "layers": ["${functions.billing.name}-x"],
            "code": {"external": true},
            "durable": false,
            "sha256": "",
        })
    );
    assert_eq!(orders.at.names[..], ["orders-x-dev"]);
    assert_eq!(orders.ignore, [FieldPath::from("memory_size")]);
    let pending: Vec<String> = orders.pending.iter().map(|(path, it)| format!("{path}={it}")).collect();
    assert_eq!(pending, ["environment.variables.OTHER=${function/billing.arn}", "layers.0=${function/billing.name}-x"]);
    let live = it(&stack, "alias/orders/live");
    assert_eq!(live.at.names[..], ["orders-x-dev", "live"]);
    let needs: Vec<String> = live.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["function/orders", "version/orders"]);
    assert!(live.prune && !orders.prune);
    assert_eq!(it(&stack, "alias/orders/old").value.json()["function_version"], "7");
    assert!(it(&stack, "alias/orders/old").prevent_destroy);
    assert!(stack.prunes(Some(&orders.at.address), KindId::Alias));
    assert!(!stack.prunes(Some(&orders.at.address), KindId::Version));
    let reserved = it(&stack, "reserved_concurrency/orders");
    assert_eq!(reserved.value, json!({"reserved_concurrent_executions": 20}));
    assert_eq!(reserved.at.names[..], ["orders-x-dev"]);
    let version = it(&stack, "version/orders");
    assert_eq!(version.parent, Some(orders.at.address.clone()));
    assert_eq!(it(&stack, "version/billing").value.json()["retain_versions"], 3);
    assert_eq!(it(&stack, "function/billing").value.json()["timeout"], 7);
}

#[test]
fn declared_fields_are_distinguished_from_defaults_and_secrets_from_other_values() {
    let stack = good(&WHOLE.replace("vars: {", "vars: {none: null, "));
    let billing = it(&stack, "function/billing");
    let declared: Vec<String> = billing.declared.iter().map(ToString::to_string).collect();
    assert_eq!(declared, ["code", "role", "runtime", "tags.gone", "tags.team", "timeout"]);
    let secret: Vec<String> = it(&stack, "function/orders").secret.keys().map(ToString::to_string).collect();
    assert_eq!(secret, ["environment.variables.DEBUG", "environment.variables.RAW", "environment.variables.TOKEN"]);
}

#[test]
fn files_and_variables_lie_over_each_other() {
    let base = "version: 1\nstack: a\nvars: {size: 128, name: base}\ndefaults: {function: {code: external, timeout: 5}}\n\
        functions:\n  f: {role: 'arn:aws:iam::123456789012:role/r', memory_size: \"${var.size}\", tags: {n: \"${var.name}\"}}\n";
    let over = "functions: {f: {timeout: null}, g: {role: 'arn:aws:iam::123456789012:role/r'}}\n";
    let (mut inputs, mut memory) = inputs(&[("base.yaml", base), ("prod.yaml", over)]);
    memory.0.insert("vars.yaml".to_owned(), b"{size: 256, name: file}".to_vec());
    inputs.var_files.push("vars.yaml".into());
    inputs.vars.push(("size".to_owned(), "512".to_owned()));
    let loaded = Spec::read(&inputs, &memory)
        .resolve_by(&test_kinds::table(), Some(("210987654321".to_owned(), "eu-west-1".to_owned())));
    assert_eq!(shown(&loaded), "");
    let stack = loaded.stack.expect("is good");
    let f = it(&stack, "function/f").value.json();
    assert_eq!((&f["memory_size"], &f["timeout"], &f["tags"]["n"]), (&json!(512), &json!(3), &json!("file")));
    assert_eq!(it(&stack, "function/g").value.json()["timeout"], 5);
    assert_eq!(stack.scope.account.as_deref(), Some("210987654321"));
}

#[test]
fn one_reading_serves_for_several_accounts() {
    let text = "version: 1\nstack: a\ntarget: {region: eu-west-1}\nfunctions: {f: {role: 'arn:aws:iam::${account}:role/r', code: \
        external}}\n";
    let (inputs, memory) = inputs(&[("stack.yaml", text)]);
    let spec = Spec::read(&inputs, &memory);
    let roles = [None, Some(("210987654321".to_owned(), "eu-west-1".to_owned()))].map(|known| {
        let loaded = spec.clone().resolve_by(&test_kinds::table(), known);
        assert_eq!(loaded.target.and_then(|target| target.region).as_deref(), Some("eu-west-1"));
        it(&loaded.stack.expect("is good"), "function/f").value.json()["role"].clone()
    });
    assert_eq!(roles, ["arn:aws:iam::${account}:role/r", "arn:aws:iam::210987654321:role/r"]);
}

#[test]
fn a_required_field_may_be_declared_and_ignored_for_the_creation() {
    let stack = good(
        "version: 1\nstack: a\nfunctions: {f: {role: 'arn:aws:iam::123456789012:role/r', code: external, aliases: {live: \
         {function_version: 1, ignore: [function_version, routing_config]}}}}\n",
    );
    assert_eq!(it(&stack, "alias/f/live").ignore.len(), 2);
}

#[test]
fn implied_versions_can_be_referred_to() {
    let stack = good(
        "version: 1\nstack: a\nfunctions:\n  f: {role: 'arn:aws:iam::123456789012:role/r', code: external}\n  g: {role: \
         'arn:aws:iam::123456789012:role/r', code: external, tags: {v: '${functions.f.publish.version}'}}\n",
    );
    assert_eq!(it(&stack, "version/f").parent, Some(Address::new(KindId::Function, &["f"])));
}

#[test]
fn the_schema_of_a_stack_is_composed_by_places() {
    let schema = schema::stack_schema();
    assert_eq!(schema.to_string(), schema::stack_schema().to_string());
    let function = &schema["properties"]["functions"]["additionalProperties"];
    let alias = &function["properties"]["aliases"]["additionalProperties"];
    assert_eq!(alias["properties"]["ignore"]["items"]["type"], "string", "{alias}");
    assert_eq!(alias["properties"]["function_version"]["anyOf"][1]["pattern"], r"\$\{");
    let reserved = &function["properties"]["reserved_concurrent_executions"]["anyOf"];
    assert_eq!(reserved[0]["anyOf"][0]["type"], json!(["integer", "null"]), "{reserved}");
    assert_eq!(reserved[0]["anyOf"][1]["enum"], json!(["unreserved"]), "{reserved}");
}
