//! The concurrent writer, which conflicts with calls.

use serde_json::{Value, json};

use super::account::FUNCTIONS;
use super::injector::client;

#[tokio::test]
async fn a_concurrent_writer_comes_first() {
    let rules = "concurrent-writer on DeleteFunctionConcurrency\nconcurrent-writer TagResource \
                 {\"Resource\": \"arn:aws:lambda:us-east-1:123456789012:function:f\", \"Tags\": {\"a\": \"b\"}} on PublishVersion";
    let (_, client) = client(rules);
    client.create("f").await;
    let revision = client.configuration("f").await["RevisionId"].clone();
    // Another client reserved concurrency, which this call removes again.
    client.call("DELETE", "/2017-10-31/functions/f/concurrency", Value::Null).await;
    assert_eq!(client.0.injected_faults()["concurrent-writer"], 1);
    let (status, _) = client.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({"RevisionId": revision})).await;
    assert_eq!(status, 412);
    assert_eq!(client.get(&format!("{FUNCTIONS}/f")).await["Tags"], json!({"a": "b"}));
}

#[tokio::test]
async fn a_creation_finds_the_resource_created() {
    let (_, client) = client("concurrent-writer on Create*, AddPermission");
    assert_eq!(client.create("f").await["message"], "Function already exist: f");
    assert_eq!(client.configuration("f").await["Description"], "concurrent-writer 1");
    let alias = json!({"Name": "live", "FunctionVersion": "$LATEST"});
    assert_eq!(client.call("POST", &format!("{FUNCTIONS}/f/aliases"), alias).await.0, 409);
    let statement = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"});
    assert_eq!(client.call("POST", &format!("{FUNCTIONS}/f/policy"), statement).await.0, 409);
    let url = json!({"AuthType": "AWS_IAM"});
    assert_eq!(client.call("POST", "/2021-10-31/functions/f/url", url).await.0, 409);
    let provider = json!({"CapacityProviderName": "p", "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": super::account::ROLE}});
    assert_eq!(client.call("POST", "/2025-11-30/capacity-providers", provider).await.0, 409);
    assert_eq!(client.0.injected_faults()["concurrent-writer"], 5);
}

#[tokio::test]
async fn a_change_finds_the_resource_changed() {
    let (_, client) = client("concurrent-writer on Get*");
    client.create("f").await;
    client.call("POST", &format!("{FUNCTIONS}/f/aliases"), json!({"Name": "a", "FunctionVersion": "$LATEST"})).await;
    client.call("POST", "/2021-10-31/functions/f/url", json!({"AuthType": "AWS_IAM"})).await;
    for (path, member) in [
        ("/2019-09-30/functions/f/concurrency", "ReservedConcurrentExecutions"),
        ("/2019-09-25/functions/f/event-invoke-config", "MaximumRetryAttempts"),
        ("/2021-10-31/functions/f/url", "Cors"),
        ("/2015-03-31/functions/f/policy", "Policy"),
        ("/2021-07-20/functions/f/runtime-management-config", "UpdateRuntimeOn"),
        ("/2024-08-31/functions/f/recursion-config", "RecursiveLoop"),
    ] {
        let seen = client.get(path).await;
        assert!(seen.get(member).is_some(), "{path}: {seen}");
    }
    let alias = client.get(&format!("{FUNCTIONS}/f/aliases/a")).await;
    assert_eq!(alias["Description"], "concurrent-writer 7");
    assert_eq!(client.configuration("f").await["Description"], "concurrent-writer 8");
    assert_eq!(client.0.injected_faults()["concurrent-writer"], 8);
    assert_ne!(client.get(FUNCTIONS).await, Value::Null);
}
