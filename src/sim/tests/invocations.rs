//! Responses of invocations, which run no code.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::account::{Client, FUNCTIONS};
use super::refusals::client;

const LATER: &str = "/2014-11-13/functions";

/// The status and the version that an invocation names.
async fn invoked(client: &Client, kind: &str, name: &str) -> (u16, Option<String>) {
    let uri = format!("{FUNCTIONS}/{name}/invocations");
    let request = Request::builder().method("POST").uri(uri).header("X-Amz-Invocation-Type", kind);
    let response =
        client.0.router().oneshot(request.body(Body::from("{}")).expect("a request")).await.expect("a response");
    let version =
        response.headers().get("x-amz-executed-version").map(|version| version.to_str().expect("text").to_owned());
    (response.status().as_u16(), version)
}

#[tokio::test]
async fn a_synchronous_invocation_returns_the_version_that_ran() {
    let client = client();
    client.create_alias().await;
    let version = |version: &str| (200, Some(version.to_owned()));
    assert_eq!(invoked(&client, "RequestResponse", "f").await, version("$LATEST"));
    assert_eq!(invoked(&client, "RequestResponse", "f:live").await, version("1"));
    assert_eq!(invoked(&client, "Event", "f").await, (202, None));
    assert_eq!(invoked(&client, "DryRun", "f").await, (204, None));
}

#[tokio::test]
async fn the_older_way_to_invoke_is_accepted_with_any_body() {
    let client = client();
    client.create("f").await;
    client.configuration("f").await;
    let path = |name: &str| format!("{LATER}/{name}/invoke-async");
    for body in [json!({"a": 1}), json!([]), Value::Null] {
        assert_eq!(client.call("POST", &path("f"), body).await, (202, Value::Null));
    }
    assert_eq!(client.call("POST", &path("none"), json!({})).await.0, 404);
}

#[tokio::test]
async fn a_function_that_never_ran_has_no_executions() {
    let client = client();
    client.create("f").await;
    let list = |name: &str| format!("/2025-12-01/functions/{name}/durable-executions?Statuses=RUNNING");
    assert_eq!(client.call("GET", &list("f"), Value::Null).await, (200, json!({"DurableExecutions": []})));
    let (status, refusal) = client.call("GET", &list("none"), Value::Null).await;
    let missing = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:none";
    assert_eq!((status, refusal["Message"].as_str()), (404, Some(missing)));
}
