//! Where a policy ends: at what another stack owns, and not before what the own stack moves.

use trueup::iam::{PolicyOptions, PolicyPurpose, policy};
use trueup::sim::IamPolicy;
use trueup::wire::{
    DeleteCodeSigningConfigInputBuilder, DeleteEventSourceMappingInputBuilder, DeleteFunctionInputBuilder, Endpoint,
    ListCodeSigningConfigsInputBuilder, ListEventSourceMappingsInputBuilder, Reply, TagResourceInputBuilder, TypedCall,
    UpdateCodeSigningConfigInputBuilder, UpdateEventSourceMappingInputBuilder,
};

use super::account::{Account, applied, applied_with};
use crate::harness::{Fixture, block_on};

/// A stack with a mapping and a code signing config.
fn owner(stack: &str, function: &str) -> String {
    format!(
        "version: 1\nstack: {stack}\nfunctions:\n  {function}:\n    runtime: python3.13\n    handler: app.handler\n    role: \
         arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    event_source_mappings: {{queue: {{event_source_arn: \
         \"arn:aws:sqs:us-east-1:123456789012:{function}\"}}}}\ncode_signing_configs:\n  {function}:\n    allowed_publishers:\n      \
         signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5\"]\n"
    )
}

#[test]
fn what_another_stack_owns_can_be_neither_taken_nor_deleted() {
    block_on(async {
        let mut account = Account::new();
        applied(&mut account, |fixture| fixture.stack(&owner("theirs", "invoices")), false).await;
        let other = account.fixture(None);
        let mappings = other.send(ListEventSourceMappingsInputBuilder::default().call()).await;
        let Reply::ListEventSourceMappings(mappings) = mappings else { panic!("not the mappings") };
        let mapping = &mappings.event_source_mappings()[0];
        let configs = other.send(ListCodeSigningConfigsInputBuilder::default().call()).await;
        let Reply::ListCodeSigningConfigs(configs) = configs else { panic!("not the configs") };
        let config = configs.code_signing_configs()[0].code_signing_config_arn();
        drop(other);
        let (uuid, mapping) = (mapping.uuid().unwrap(), mapping.event_source_mapping_arn().unwrap());
        let tag = |arn: &str| TagResourceInputBuilder::default().resource(arn).tags("trueup:stack", "ours").call();
        let stack = account.home.stack(&owner("ours", "orders"));
        for (purpose, prune) in
            [(PolicyPurpose::Apply, false), (PolicyPurpose::Apply, true), (PolicyPurpose::Destroy, false)]
        {
            let granted = policy(&stack, purpose, &PolicyOptions { prune, ..PolicyOptions::default() });
            let ours = account.fixture(Some(IamPolicy::parse(&serde_json::to_string(&granted).unwrap()).unwrap()));
            for call in [
                tag(mapping),
                tag(config),
                UpdateEventSourceMappingInputBuilder::default().uuid(uuid).batch_size(1).call(),
                DeleteEventSourceMappingInputBuilder::default().uuid(uuid).call(),
                UpdateCodeSigningConfigInputBuilder::default().code_signing_config_arn(config).description("x").call(),
                DeleteCodeSigningConfigInputBuilder::default().code_signing_config_arn(config).call(),
                DeleteFunctionInputBuilder::default().function_name("invoices").call(),
            ] {
                let name = call.operation();
                let denied = ours.cloud.send(call).await.expect_err("the policy allows what it must not");
                assert_eq!(denied.code, "AccessDeniedException", "{purpose:?}: {name}");
            }
        }
    });
}

/// A stack of functions, each with further fields in lines.
fn functions(collection: &str, functions: &[(&str, &str)]) -> String {
    let of = |(name, fields): &(&str, &str)| {
        format!(
            "  {name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: \
             {{zip: package.zip}}\n{fields}"
        )
    };
    format!("version: 1\nstack: ours\nfunctions:\n{collection}{}", functions.iter().map(of).collect::<String>())
}

#[test]
fn a_mapping_can_move_to_another_function() {
    block_on(async {
        let mut account = Account::new();
        let queue =
            "    event_source_mappings: {queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q\"}}\n";
        let before = functions("", &[("orders", queue), ("receipts", "")]);
        let after = functions("", &[("orders", ""), ("receipts", queue)]);
        applied(&mut account, |fixture| fixture.stack(&before), false).await;
        applied(&mut account, |fixture| fixture.stack(&after), true).await;
        // The function is replaced by one of another name, along with which its mapping goes.
        let renamed = after.replace("  receipts:", "  invoices:");
        let replaced = PolicyOptions { prune: true, allow_replace: true, ..PolicyOptions::default() };
        applied_with(&mut account, |fixture| fixture.stack(&renamed), &replaced).await;
    });
}

#[test]
fn what_the_spec_prunes_itself_is_allowed_there_and_nowhere_else() {
    block_on(async {
        let mut account = Account::new();
        let tags = "    tags: {team: a}\n";
        let specs = [
            functions("  prune: true\n", &[("orders", tags), ("receipts", ""), ("invoices", "")]),
            functions("  prune: true\n", &[("orders", tags), ("receipts", "")]),
            functions("", &[("orders", "    prune: true\n"), ("receipts", "")]),
        ];
        for text in &specs {
            applied(&mut account, |fixture| fixture.stack(text), false).await;
        }
        let stack = account.home.stack(&specs[2]);
        let granted = policy(&stack, PolicyPurpose::Apply, &PolicyOptions::default());
        let untag = granted.statements.iter().filter(|it| it.actions.contains("lambda:UntagResource"));
        let on: Vec<&String> = untag.flat_map(|it| &it.resources).collect();
        assert!(on.len() == 1 && on[0].ends_with(":function:orders"), "{on:?}");
    });
}

#[test]
fn patterns_make_the_policy_of_many_functions_and_roles_one_that_iam_takes() {
    let function = |number: usize| {
        format!(
            "  shop-{number:03}:\n    runtime: python3.13\n    handler: app.handler\n    role: \
             arn:aws:iam::123456789012:role/lambda/shop-{number:03}\n    code: {{zip: package.zip}}\n    publish: true\n"
        )
    };
    let text = format!("version: 1\nstack: ours\nfunctions:\n{}", (0..200).map(function).collect::<String>());
    let stack = Fixture::new().stack(&text);
    let size = |functions: &[&str], roles: &[&str]| {
        let [functions, roles] = [functions, roles].map(|it| it.iter().map(|pattern| (*pattern).to_owned()).collect());
        let options = PolicyOptions { prune: true, functions, roles, ..PolicyOptions::default() };
        let policy = policy(&stack, PolicyPurpose::Apply, &options);
        let passed = policy.statements.iter().filter(|it| it.actions.contains("iam:PassRole"));
        (policy.size(), passed.flat_map(|it| &it.resources).count())
    };
    let most = trueup::iam::IamPolicy::MAX_MANAGED;
    assert!(size(&[], &[]).0 > most && size(&["shop-*"], &[]).0 > most);
    let (both, roles) = size(&["shop-*"], &["lambda/shop-*"]);
    assert!(both < most && roles == 1, "{both} {roles}");
    assert_eq!(size(&["shop-*"], &["others-*"]).1, 200, "a pattern that fits no role allows none");
}
