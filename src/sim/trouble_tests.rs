//! What goes wrong when it was told to, and what is there afterwards.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::tests::{Client, FUNCTIONS, ROLE, zip};
use super::{Clock, Lambda, Misbehaviour, Options, Settle};

fn client(rules: &str) -> (Clock, Client) {
    let clock = Clock::manual();
    let options = Options {
        settle: Settle::instant(),
        clock: clock.clone(),
        seed: Some(1),
        misbehave: Some(Misbehaviour::read(rules).expect("rules")),
        ..Options::default()
    };
    (clock, Client::new(options))
}

async fn rename(client: &Client, description: &str) -> (u16, Value) {
    let path = format!("{FUNCTIONS}/f/configuration");
    client.call("PUT", &path, json!({"Description": description})).await
}

#[tokio::test]
async fn a_failure_before_does_nothing_and_one_after_does_everything() {
    let (_, client) = client("fail 500 before on CreateFunction at 1\nfail 503 after on CreateFunction at 2");
    let body = json!({"FunctionName": "f", "Role": ROLE, "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": zip("f")}});
    let (status, first) = client.call("POST", FUNCTIONS, body.clone()).await;
    assert_eq!((status, &first["Type"]), (500, &json!("Service")));
    assert_eq!(client.get(&format!("{FUNCTIONS}/f")).await["Message"].as_str().map(|text| text.len() > 10), Some(true));
    assert_eq!(client.call("POST", FUNCTIONS, body).await.0, 503);
    assert_eq!(client.configuration("f").await["FunctionName"], "f");
}

#[tokio::test]
async fn quotas_are_told_with_the_time_to_wait() {
    let (clock, client) = client("quotas");
    for _ in 0..15 {
        assert_eq!(client.call("GET", FUNCTIONS, Value::Null).await.0, 200);
    }
    let request = Request::get(FUNCTIONS).body(Body::empty()).expect("a request");
    let response = client.0.router().oneshot(request).await.expect("a response");
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].as_bytes()), (429, &b"1"[..]));
    assert_eq!(client.call("GET", &format!("{FUNCTIONS}/f"), Value::Null).await.0, 404, "a quota of its own");
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.call("GET", FUNCTIONS, Value::Null).await.0, 200);
}

#[tokio::test]
async fn invocations_take_nothing_out_of_the_quotas_of_the_control_plane() {
    let (_, client) = client("quotas");
    for _ in 0..30 {
        assert_eq!(client.call("POST", &format!("{FUNCTIONS}/f/invocations"), json!({})).await.0, 404);
    }
    assert_eq!(client.call("GET", FUNCTIONS, Value::Null).await.0, 200);
}

#[tokio::test]
async fn an_account_without_concurrency_can_still_reserve_none() {
    let (_, client) = client("exhausted concurrency");
    client.create("f").await;
    let path = "/2017-10-31/functions/f/concurrency";
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 0})).await.0, 200);
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 1})).await.0, 400);
}

#[tokio::test]
async fn a_stale_read_is_behind_by_what_was_told() {
    let (clock, client) = client("stale 1 on GetFunction at 1\nstale 5s on GetFunction at 2,3");
    client.create("f").await;
    clock.advance(Duration::from_secs(60));
    rename(&client, "new").await;
    let description = async || client.get(&format!("{FUNCTIONS}/f")).await["Configuration"]["Description"].clone();
    assert_eq!(description().await, "");
    assert_eq!(description().await, "");
    clock.advance(Duration::from_secs(5));
    assert_eq!(description().await, "new");
    assert_eq!(client.configuration("f").await["Description"], "new");
}

#[tokio::test]
async fn what_settles_in_failure_says_why_and_can_be_repaired() {
    let (_, client) = client(
        "settle-failed InvalidSubnet on CreateFunction\nsettle-failed KMSKeyNotFound on UpdateFunctionConfiguration at 1",
    );
    client.create("f").await;
    let failed = client.configuration("f").await;
    assert_eq!((&failed["State"], &failed["StateReasonCode"]), (&json!("Failed"), &json!("InvalidSubnet")));
    rename(&client, "again").await;
    let failed = client.configuration("f").await;
    assert_eq!((&failed["State"], &failed["StateReasonCode"]), (&json!("Failed"), &json!("KMSKeyNotFound")));
    rename(&client, "once more").await;
    let well = client.configuration("f").await;
    assert_eq!((&well["State"], &well["LastUpdateStatus"]), (&json!("Active"), &json!("Successful")));
    assert!(well.get("StateReasonCode").is_none() && well.get("LastUpdateStatusReasonCode").is_none());
}

#[tokio::test]
async fn a_stranger_is_there_first() {
    let rules = "stranger on DeleteFunctionConcurrency\nstranger TagResource \
                 {\"Resource\": \"arn:aws:lambda:us-east-1:123456789012:function:f\", \"Tags\": {\"a\": \"b\"}} on PublishVersion";
    let (_, client) = client(rules);
    client.create("f").await;
    let revision = client.configuration("f").await["RevisionId"].clone();
    client.call("DELETE", "/2017-10-31/functions/f/concurrency", Value::Null).await;
    assert_eq!(client.configuration("f").await["Description"], "stranger 1");
    let (status, _) = client.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({"RevisionId": revision})).await;
    assert_eq!(status, 412);
    assert_eq!(client.get(&format!("{FUNCTIONS}/f")).await["Tags"], json!({"a": "b"}));
}

#[tokio::test]
async fn a_new_role_is_refused_for_a_while() {
    let (_, client) = client("roles 2");
    assert_eq!(client.create("f").await["message"], "The role defined for the function cannot be assumed by Lambda.");
    assert!(client.create("f").await.get("message").is_some());
    assert_eq!(client.create("f").await["FunctionName"], "f");
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let (_, client) = client(&format!("seed {seed}\nfail 500 before chance 0.5"));
        let mut run = Vec::new();
        for _ in 0..40 {
            run.push(client.call("GET", FUNCTIONS, Value::Null).await.0);
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&500) && runs[0].contains(&200));
}

/// What arrives of the answer to a request for the list of functions.
async fn raw(rules: &str) -> String {
    let options = Options { misbehave: Some(Misbehaviour::read(rules).expect("rules")), ..Options::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server =
        tokio::spawn(super::serve(Lambda::open(options).expect("an account"), listener, std::future::pending()));
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        stream.write_all(format!("GET {FUNCTIONS} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).expect("sent");
        let mut answer = Vec::new();
        // A whole answer leaves the connection open, which the timeout ends.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = asked.await.expect("an answer, or none");
    server.abort();
    answer
}

#[tokio::test]
async fn connections_end_where_they_are_told_to() {
    assert!(raw("").await.ends_with("{\"Functions\":[]}"));
    assert_eq!(raw("reset").await, "");
    assert_eq!(raw("lose").await, "");
    let cut = raw("cut").await;
    assert!(cut.contains("content-length: 16") && cut.ends_with("{\"Functi"), "{cut}");
    let begun = tokio::time::Instant::now();
    assert!(raw("slow 150ms").await.contains("ons\":[]}"));
    assert!(begun.elapsed() >= Duration::from_millis(150));
}
