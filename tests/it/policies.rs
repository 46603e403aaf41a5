//! Promise: a resource policy changes in one write and foreign statements are kept; public URLs are opened and closed completely.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use trueup::apply::Verdict;
use trueup::model::{AttributeName, KindId};
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::sim::{FaultPlan, Options, Settle};
use trueup::wire::{
    AddPermissionInputBuilder, Call, Endpoint, GetPolicyInputBuilder, PutResourcePolicyInputBuilder, Reply, TypedCall,
};

use crate::harness::{Fixture, run, shown, undone};

const FUNCTION: &str = "version: 1
stack: policies
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
";

fn with(more: &str) -> String {
    more.lines().fold(FUNCTION.to_owned(), |text, line| text + "    " + line + "\n")
}

/// Opens a server without PutResourcePolicy, like older ones.
fn older() -> Fixture {
    let mut options = Options::default();
    options.settle = Settle::instant();
    options.seed = Some(7);
    Fixture::with(options, |router: Router| {
        router.layer(middleware::from_fn(async |request: Request, next: Next| {
            match request.uri().path().starts_with("/2026-07-09/") {
                true => StatusCode::NOT_FOUND.into_response(),
                false => next.run(request).await,
            }
        }))
    })
}

fn operations(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.operation.name()).collect()
}

/// Lists the statement ids of the function's policy.
async fn live(fixture: &Fixture) -> Vec<String> {
    let call = GetPolicyInputBuilder::default().function_name("orders").call();
    let Ok(Reply::GetPolicy(reply)) = fixture.cloud.send(call).await else { return Vec::new() };
    let policy: serde_json::Value = serde_json::from_str(reply.policy().unwrap()).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements.map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
}

fn other_client(id: &str) -> Call {
    AddPermissionInputBuilder::default()
        .function_name("orders")
        .statement_id(id)
        .action("lambda:GetFunction")
        .principal("210987654321")
        .call()
}

const TWO: &str = "permissions:
  topic: {action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_account: '123456789012'}
  partner: {action: 'lambda:InvokeFunction', principal: '210987654321'}";

const TWO_OTHERS: &str = "permissions:
  topic: {action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_account: '111111111111'}
  colleague: {action: 'lambda:InvokeFunction', principal: '123456789012'}
prune: true";

#[tokio::test(start_paused = true)]
async fn several_statements_change_in_one_write_and_foreign_ones_are_kept() {
    let fixture = Fixture::new();
    fixture.fixpoint(&with(TWO)).await;
    fixture.send(other_client("theirs")).await;
    let text = with(&TWO.replace("123456789012", "111111111111").replace("GetFunction", "*"));
    let plan = fixture.plan(&text).await;
    assert_eq!(operations(&plan), ["PutResourcePolicy"]);
    let unmanaged: Vec<String> =
        plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["theirs"]);
    fixture.fixpoint(&text).await;
    assert_eq!(live(&fixture).await, ["partner", "topic", "theirs"]);
    fixture.fixpoint(&with(TWO_OTHERS)).await;
    assert_eq!(live(&fixture).await, ["topic", "colleague"]);
}

/// Nothing can be compared with a policy that does not exist yet, so its first statement is added and replaces nothing.
#[tokio::test(start_paused = true)]
async fn a_statement_that_another_client_adds_before_the_first_one_is_kept() {
    let mut options = Options::default();
    options.settle = Settle::instant();
    let input = r#"{"FunctionName":"orders","StatementId":"theirs","Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com"}"#;
    options.faults =
        Some(FaultPlan::parse(&format!("concurrent-writer AddPermission {input} on AddPermission at 1\n")).unwrap());
    let fixture = Fixture::with(options, |router| router);
    assert_eq!(undone(&fixture.apply(&with("timeout: 5")).await), Vec::<String>::new());
    fixture.apply(&with(TWO)).await;
    assert!(live(&fixture).await.contains(&"theirs".to_owned()), "{:?}", live(&fixture).await);
    fixture.fixpoint(&with(TWO)).await;
    assert_eq!(live(&fixture).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn statements_that_another_client_adds_after_the_plan_are_never_replaced() {
    let statement = |id: &str| {
        format!(
            "  {id}: {{action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_account: '123456789012'}}\n"
        )
    };
    for count in 1..8 {
        let fixture = Fixture::new();
        fixture.fixpoint(FUNCTION).await;
        let ids: Vec<String> = (0..count).map(|number| format!("s{number}")).collect();
        let statements: String = ids.iter().map(|id| statement(id)).collect();
        let reconciler = fixture.reconciler(&with(&format!("permissions:\n{statements}")));
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        // Under the id of the last one, after the plan was approved.
        fixture.send(other_client(&ids[count - 1])).await;
        let report = run(&reconciler, prepared).await;
        assert_ne!(report.verdict(), Verdict::Applied, "{count}");
        let call = GetPolicyInputBuilder::default().function_name("orders").call();
        let Reply::GetPolicy(reply) = fixture.send(call).await else { panic!("the policy is there") };
        assert!(reply.policy().unwrap().contains("lambda:GetFunction"), "{count}: {:?}", undone(&report));
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_changed_since_the_plan_is_refused() {
    let fixture = Fixture::new();
    fixture.fixpoint(&with(TWO)).await;
    let reconciler = fixture.reconciler(&with(&TWO.replace("123456789012", "111111111111")));
    let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
    fixture.send(other_client("theirs")).await;
    let report = run(&reconciler, prepared).await;
    assert!(report.steps[0].1.is_refused(), "{:?}", undone(&report));
    assert_eq!(live(&fixture).await, ["partner", "topic", "theirs"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_without_put_resource_policy_gets_one_statement_per_call() {
    let fixture = older();
    fixture.fixpoint(&with(TWO)).await;
    let plan = fixture.plan(&with(TWO_OTHERS)).await;
    let series = ["AddPermission", "RemovePermission", "AddPermission", "RemovePermission"];
    assert_eq!(operations(&plan), series, "{}", shown(&plan));
    fixture.fixpoint(&with(TWO_OTHERS)).await;
    assert_eq!(live(&fixture).await, ["colleague", "topic"]);
    // The only statement is removed before the new one is added.
    let only = "permissions:\n  one: {action: 'lambda:InvokeFunction', principal: '210987654321'}\nprune: true";
    fixture.fixpoint(&with(only)).await;
    fixture.fixpoint(&with(&only.replace("210987654321", "123456789012"))).await;
    fixture.fixpoint(&with("permissions: {}\nprune: true")).await;
    assert_eq!(live(&fixture).await, [""; 0]);
    fixture.fixpoint(&with("url: {auth_type: NONE}")).await;
    let reconciler = fixture.reconciler(&with("prune: true"));
    let prepared = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap();
    let operations = operations(&prepared.plan).join(" ");
    assert_eq!(operations, "RemovePermission RemovePermission DeleteFunctionUrlConfig", "{}", shown(&prepared.plan));
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    assert_eq!(live(&fixture).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_public_url_gets_its_statements_in_the_same_apply_and_loses_them_when_closed() {
    let fixture = Fixture::new();
    let public = with("url: {auth_type: NONE}");
    let plan = fixture.plan(&public).await;
    let expected = ["CreateFunction", "AddPermission", "AddPermission", "CreateFunctionUrlConfig"];
    assert_eq!(operations(&plan), expected);
    let text = shown(&plan);
    assert!(text.contains("! url/orders can be called by everybody, without authentication"), "{text}");
    fixture.fixpoint(&public).await;
    assert_eq!(live(&fixture).await, ["FunctionURLAllowPublicAccess", "FunctionURLInvokeAllowPublicAccess"]);
    let closed = with("url: {auth_type: AWS_IAM}");
    assert_eq!(operations(&fixture.plan(&closed).await), ["DeleteResourcePolicy", "UpdateFunctionUrlConfig"]);
    fixture.fixpoint(&closed).await;
    assert_eq!(live(&fixture).await, [""; 0]);
    // Foreign statements are kept.
    fixture.fixpoint(&public).await;
    fixture.send(other_client("theirs")).await;
    fixture.fixpoint(&closed).await;
    assert_eq!(live(&fixture).await, ["theirs"]);
}

#[tokio::test(start_paused = true)]
async fn the_address_of_a_url_survives_every_change() {
    let fixture = Fixture::new();
    let spec = |url: &str| with(&format!("aliases:\n  live:\n    function_version: published\n    url: {url}"));
    let address = async |text: &str| {
        fixture.fixpoint(text).await;
        let plan = fixture.prepare(text).await;
        let live = plan.resources.values().find(|it| it.at.address.kind == KindId::Url).unwrap().live.clone().unwrap();
        live.attributes[&AttributeName::URL].clone()
    };
    let first = address(&spec("{auth_type: AWS_IAM, cors: {allow_origins: ['*'], max_age: 5}}")).await;
    for url in [
        "{auth_type: NONE, cors: {allow_origins: ['*']}}",
        "{auth_type: NONE}",
        "{auth_type: AWS_IAM, invoke_mode: RESPONSE_STREAM}",
    ] {
        assert_eq!(address(&spec(url)).await, first, "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn undeclared_resources_are_found_on_functions_aliases_and_versions() {
    let fixture = Fixture::new();
    let alias = "aliases:\n  live:\n    function_version: published";
    let more = "\n    url: {auth_type: NONE}\nurl: {auth_type: AWS_IAM}\nversions:\n  '1':\n    permissions:\n      x: {action: 'lambda:GetFunction', principal: '210987654321'}";
    // The version must exist before it can have a policy.
    fixture.fixpoint(&with(alias)).await;
    fixture.fixpoint(&with(&format!("{alias}{more}"))).await;
    let reconciler = fixture.reconciler(&with(alias));
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
    let found: Vec<String> = plan.unmanaged.iter().map(|it| it.address.to_string()).collect();
    assert_eq!(found, ["permissions/orders/1", "permissions/orders/live", "url/orders", "url/orders/live"]);
    let pruned = fixture.reconciler(&with(&format!("{alias}\nprune: true")));
    let prepared = pruned.plan(&PlanOptions::default(), Depth::Full).await.unwrap();
    let report = run(&pruned, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
    assert!(plan.is_empty() && plan.unmanaged.is_empty(), "{}", shown(&plan));
}

#[tokio::test(start_paused = true)]
async fn statements_that_a_spec_cannot_express_are_shown_verbatim() {
    let fixture = Fixture::new();
    fixture.fixpoint(&with(TWO)).await;
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
    let mut policy = serde_json::json!({"Version": "2012-10-17", "Id": "default", "Statement": [
        {"Sid": "topic", "Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Resource": arn, "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}}},
        {"Sid": "partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
            "Action": "lambda:InvokeFunction", "Resource": arn},
        {"Sid": "many", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn,
            "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122224444:root"]}},
    ]});
    let put = |policy: &serde_json::Value| {
        PutResourcePolicyInputBuilder::default().resource_arn(arn).policy(policy.to_string()).call()
    };
    fixture.send(put(&policy)).await;
    let pruning = with(&format!("{TWO}\nprune: true"));
    let plan = fixture.plan(&pruning).await;
    let changes =
        plan.resources.iter().find(|planned| planned.address.kind == KindId::Permissions).unwrap().changes.iter();
    let paths: Vec<String> = changes.clone().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["many.statement", "topic.statement"]);
    let text = shown(&plan);
    assert!(text.contains("111122223333") && text.contains("\"Effect\":\"Deny\""), "{text}");
    fixture.fixpoint(&pruning).await;
    assert_eq!(live(&fixture).await, ["topic", "partner"]);
    // Without pruning the other one is kept verbatim.
    policy["Statement"][1]["Effect"] = "Deny".into();
    fixture.send(put(&policy)).await;
    fixture.fixpoint(&with(TWO)).await;
    assert_eq!(live(&fixture).await, ["topic", "partner", "many"]);
}

#[tokio::test(start_paused = true)]
async fn a_public_url_is_one_risk_and_its_statements_are_another_where_it_was_public_before() {
    let fixture = Fixture::new();
    let text = shown(&fixture.plan(&with("url: {auth_type: NONE}")).await);
    assert_eq!(text.lines().filter(|line| line.starts_with('!')).count(), 1, "{text}");
    fixture.fixpoint(&with("url: {auth_type: NONE, public_statements: false}")).await;
    let text = shown(&fixture.plan(&with("url: {auth_type: NONE}")).await);
    assert_eq!(text.matches("! permissions/orders allows lambda:InvokeFunction").count(), 2, "{text}");
}
