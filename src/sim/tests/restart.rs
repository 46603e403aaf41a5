//! Restarts of an account that is stored in a folder.

#![expect(clippy::disallowed_methods, reason = "a test leaves a torn file behind")]

use std::time::Duration;

use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS, ROLE, slow, zip};
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::dispatcher::Simulator;

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (clock, options) = slow();
    let options = Options { data: Some(folder.path().to_owned()), ..options };
    let lambda = Client::new(options.clone());
    let created = lambda.create("myFn").await;
    lambda.create("gone").await;
    lambda.call("DELETE", &format!("{FUNCTIONS}/gone"), Value::Null).await;
    assert!(Simulator::open(options.clone()).is_err(), "an account that is open is not opened twice");
    drop(lambda);

    let lambda = Client::new(options.clone());
    let read = lambda.configuration("myFn").await;
    assert_eq!((&read["State"], &read["RevisionId"]), (&json!("Pending"), &created["RevisionId"]));
    clock.advance(Duration::from_secs(10));
    let settled = lambda.configuration("myFn").await;
    drop(lambda);

    // The settled state was never written, and is the same again.
    let lambda = Client::new(options);
    assert_eq!(lambda.configuration("myFn").await, settled);
    assert_eq!(lambda.get(FUNCTIONS).await["Functions"].as_array().map(Vec::len), Some(1));
    let code = lambda.get(&format!("{FUNCTIONS}/myFn")).await;
    let location = code["Code"]["Location"].as_str().expect("a location");
    let path = location.strip_prefix("http://localhost").expect("our own address");
    assert_eq!(lambda.call("GET", path, Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_document_that_was_being_written_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { data: Some(folder.path().to_owned()), ..Options::default() };
    let lambda = Client::new(options.clone());
    lambda.create("f").await;
    drop(lambda);
    std::fs::write(folder.path().join("us-east-1/functions/g.tmp"), "{\"name\":").expect("a torn file");
    let lambda = Client::new(options);
    assert_eq!(lambda.get(FUNCTIONS).await["Functions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn layers_policies_and_configurations_come_back_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { settle: Settle::instant(), data: Some(folder.path().to_owned()), ..Options::default() };
    let reads = [
        "/2018-10-31/layers/l/versions/1",
        "/2018-10-31/layers/l/versions/1/policy",
        "/2015-03-31/functions/f/policy",
        "/2021-10-31/functions/f/url",
        "/2019-09-25/functions/f/event-invoke-config",
        "/2024-08-31/functions/f/recursion-config",
        "/2021-07-20/functions/f/runtime-management-config",
        "/2020-04-22/code-signing-configs",
        "/2025-11-30/capacity-providers/cp",
    ];
    let before = {
        let client = Client::new(options());
        client.create("f").await;
        client.configuration("f").await;
        let grant = |action: &str| json!({"StatementId": "s", "Action": action, "Principal": "*"});
        let signer = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p";
        let network = json!({"SubnetIds": ["subnet-1"], "SecurityGroupIds": []});
        for (method, path, body) in [
            ("POST", "/2018-10-31/layers/l/versions", json!({"Content": {"ZipFile": zip("l")}})),
            ("POST", "/2018-10-31/layers/l/versions/1/policy", grant("lambda:GetLayerVersion")),
            ("POST", "/2015-03-31/functions/f/policy", grant("lambda:InvokeFunction")),
            ("POST", "/2021-10-31/functions/f/url", json!({"AuthType": "NONE"})),
            ("PUT", "/2019-09-25/functions/f/event-invoke-config", json!({"MaximumRetryAttempts": 1})),
            ("PUT", "/2024-08-31/functions/f/recursion-config", json!({"RecursiveLoop": "Allow"})),
            ("PUT", "/2021-07-20/functions/f/runtime-management-config", json!({"UpdateRuntimeOn": "FunctionUpdate"})),
            (
                "POST",
                "/2020-04-22/code-signing-configs",
                json!({"AllowedPublishers": {"SigningProfileVersionArns": [signer]}}),
            ),
            (
                "POST",
                "/2025-11-30/capacity-providers",
                json!({"CapacityProviderName": "cp", "VpcConfig": network,
                "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE}}),
            ),
        ] {
            let (status, answer) = client.call(method, path, body).await;
            assert!((200..300).contains(&status), "{method} {path}: {answer}");
        }
        let mut before = Vec::new();
        for path in reads {
            before.push(client.get(path).await);
        }
        before
    };
    let client = Client::new(options());
    for (path, before) in reads.into_iter().zip(before) {
        assert!(before.get("Message").is_none(), "{path}: {before}");
        assert_eq!(client.get(path).await, before, "{path}");
    }
}

#[tokio::test]
async fn the_longest_names_and_the_largest_numbers_hurt_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { settle: Settle::instant(), data: Some(folder.path().to_owned()), ..Options::default() };
    let client = Client::new(options.clone());
    let name = "A".repeat(140);
    let layer = json!({"Content": {"ZipFile": zip("l")}});
    assert_eq!(client.call("POST", &format!("/2018-10-31/layers/{name}/versions"), layer).await.0, 201);
    client.create("f").await;
    client.configuration("f").await;
    for _ in 0..2 {
        client.call("PUT", &format!("{FUNCTIONS}/f/configuration"), json!({"Description": zip("x")})).await;
        client.configuration("f").await;
        client.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({})).await;
    }
    client.call("PUT", "/2017-10-31/functions/f/concurrency", json!({"ReservedConcurrentExecutions": 50})).await;
    let provision = async |version: u32, count: i64| {
        let path = format!("/2019-09-30/functions/f/provisioned-concurrency?Qualifier={version}");
        client.call("PUT", &path, json!({"ProvisionedConcurrentExecutions": count})).await.0
    };
    assert_eq!((provision(1, 5).await, provision(1, i64::MAX).await), (202, 400));
    let mapping = |time: Value| {
        json!({"FunctionName": "f", "EventSourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
               "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": time})
    };
    for (time, status) in [(json!("x"), 400), (json!(1e300), 400), (json!(1_700_000_000), 202)] {
        assert_eq!(client.call("POST", "/2015-03-31/event-source-mappings", mapping(time)).await.0, status);
    }
    drop(client);
    let again = Client::new(options);
    assert_eq!(again.get(&format!("/2018-10-31/layers/{name}/versions/1")).await["Version"], 1);
}
