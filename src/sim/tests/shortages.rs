//! Exhausted accounts, new roles and missing external resources.

use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS, ROLE, zip};
use super::injector::client;
use crate::sim::context::clock::Clock;
use crate::sim::context::external_resources::ExternalResources;
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::faults::plan::FaultPlan;

#[tokio::test]
async fn an_account_without_concurrency_can_still_reserve_none() {
    let (_, client) = client("exhausted concurrency");
    client.create("f").await;
    let path = "/2017-10-31/functions/f/concurrency";
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 0})).await.0, 200);
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 1})).await.0, 400);
}

#[tokio::test]
async fn what_is_not_there_is_missed_before_concurrency_is() {
    let (_, client) = client("exhausted concurrency");
    let path = "/2017-10-31/functions/f/concurrency";
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 1})).await.0, 404);
    assert!(client.0.injected_faults().is_empty());
    let settings = client.get("/2016-08-19/account-settings").await;
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
}

#[tokio::test]
async fn an_account_without_storage_takes_what_it_does_not_store() {
    let (_, client) =
        client("exhausted storage on CreateFunction at 2,3\nexhausted storage on UpdateFunctionCode, PublishVersion");
    client.create("f").await;
    assert_eq!(client.create("g").await["message"], "Code storage limit exceeded.");
    let image = json!({"FunctionName": "i", "Role": ROLE, "PackageType": "Image",
        "Code": {"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1"}});
    assert_eq!(client.call("POST", FUNCTIONS, image).await.0, 201);
    let code = format!("{FUNCTIONS}/f/code");
    assert_eq!(client.call("PUT", &code, json!({"ZipFile": zip("g"), "DryRun": true})).await.0, 200);
    assert_eq!(client.call("PUT", &code, json!({"ZipFile": zip("g")})).await.0, 400);
    assert_eq!(client.call("PUT", &format!("{FUNCTIONS}/none/code"), json!({"ZipFile": zip("g")})).await.0, 404);
    assert_eq!(client.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({})).await.0, 400);
    assert_eq!(client.0.injected_faults()["exhausted"], 3);
}

#[tokio::test]
async fn an_account_without_storage_shows_it() {
    let (_, client) = client("exhausted storage on GetAccountSettings at 2\nexhausted storage on CreateFunction at 2");
    client.create("f").await;
    let settings = async || client.get("/2016-08-19/account-settings").await;
    let used = settings().await["AccountUsage"]["TotalCodeSize"].as_i64().expect("a size");
    assert!((1..1000).contains(&used), "{used}");
    let shown = settings().await;
    assert_eq!(shown["AccountUsage"]["TotalCodeSize"], shown["AccountLimit"]["TotalCodeSize"]);
    assert_eq!(client.0.injected_faults()["exhausted"], 1);
}

#[tokio::test]
async fn a_new_role_is_refused_for_a_while() {
    let (_, client) = client("roles 2");
    assert_eq!(client.create("f").await["message"], "The role defined for the function cannot be assumed by Lambda.");
    assert!(client.create("f").await.get("message").is_some());
    assert_eq!(client.create("f").await["FunctionName"], "f");
}

#[tokio::test]
async fn two_rules_about_roles_count_each_for_itself() {
    let (_, client) = client("roles 1\nroles 1");
    assert!(client.create("f").await.get("message").is_some());
    assert_eq!(client.create("f").await["FunctionName"], "f");
}

#[tokio::test]
async fn a_malformed_request_names_no_role() {
    let (_, client) = client("roles 1");
    let (status, refusal) = client.call("POST", FUNCTIONS, json!({"FunctionName": "f", "Role": ROLE})).await;
    let text = refusal["message"].as_str().unwrap_or_default();
    assert!(status == 400 && text.contains("'code' failed to satisfy constraint"), "{refusal}");
    assert!(client.create("f").await.get("message").is_some(), "the first to name the role");
}

#[tokio::test]
async fn a_role_that_a_stored_function_has_is_not_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let faults = Some(FaultPlan::parse("roles 1").expect("rules"));
        let data = Some(folder.path().to_owned());
        Client::new(Options { settle: Settle::instant(), clock: Clock::manual(), data, faults, ..Options::default() })
    };
    let first = open();
    first.create("f").await;
    assert_eq!(first.create("f").await["FunctionName"], "f");
    drop(first);
    assert_eq!(open().create("g").await["FunctionName"], "g");
}

#[tokio::test]
async fn every_call_that_names_a_missing_external_resource_is_refused() {
    let external = ExternalResources::parse(
        "!arn:aws:iam::*:role/gone\n!arn:aws:kms:*:key/gone\n!arn:aws:sqs:*:gone\n!arn:aws:sns:*:gone # a topic",
    );
    let client =
        Client::new(Options { settle: Settle::instant(), external: external.expect("names"), ..Options::default() });
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:us-east-1:123456789012:{name}");
    let dead = |service: &str| json!({"DeadLetterConfig": {"TargetArn": arn(service, "gone")}});
    let gone = "arn:aws:iam::123456789012:role/gone";
    let cases = [
        (json!({"Role": gone}), "The role defined for the function cannot be assumed by Lambda."),
        (json!({"KMSKeyArn": arn("kms", "key/gone")}), "the KMS key is invalid for CreateGrant"),
        (dead("sqs"), "does not have permissions to call SendMessage on SQS"),
        (dead("sns"), "does not have permissions to call Publish on SNS"),
    ];
    let (path, plain) = (
        format!("{FUNCTIONS}/f/configuration"),
        json!({"FunctionName": "g", "Role": ROLE,
        "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": zip("g")}}),
    );
    client.create("f").await;
    for (members, text) in cases {
        let mut body = plain.clone();
        for (name, value) in members.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        for (method, path, body) in [("POST", FUNCTIONS, body), ("PUT", path.as_str(), members)] {
            let (status, refusal) = client.call(method, path, body).await;
            assert!(status == 400 && refusal["message"].as_str().is_some_and(|said| said.contains(text)), "{refusal}");
        }
    }
    let path = "/2019-09-25/functions/f/event-invoke-config";
    let target = |name: &str| json!({"DestinationConfig": {"OnFailure": {"Destination": arn("sns", name)}}});
    let (status, refusal) = client.call("PUT", path, target("gone")).await;
    let invalid = format!("The destination ARN {} is invalid.", arn("sns", "gone"));
    assert_eq!((status, refusal["message"].as_str()), (400, Some(invalid.as_str())));
    assert_eq!(client.call("PUT", path, target("there")).await.0, 200);
    assert_eq!(client.call("PUT", &format!("{FUNCTIONS}/f/configuration"), json!({"KMSKeyArn": ""})).await.0, 200);
    assert_ne!(client.get(FUNCTIONS).await, Value::Null);
}
