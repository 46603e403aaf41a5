//! Injected faults, and the state after them.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::account::{Client, FUNCTIONS, ROLE, zip};
use crate::sim::context::clock::Clock;
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::dispatcher::Simulator;
use crate::sim::faults::injector::Injector;
use crate::sim::faults::plan::FaultPlan;
use crate::sim::http::protocol;
use crate::sim::http::protocol::ApiRequest;

pub(crate) fn client(rules: &str) -> (Clock, Client) {
    client_with(rules, Settle::instant())
}

pub(crate) fn client_with(rules: &str, settle: Settle) -> (Clock, Client) {
    let clock = Clock::manual();
    let options = Options {
        settle,
        clock: clock.clone(),
        seed: Some(1),
        faults: Some(FaultPlan::parse(rules).expect("rules")),
        ..Options::default()
    };
    (clock, Client::new(options))
}

pub(crate) async fn rename(client: &Client, description: &str) -> (u16, Value) {
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
async fn a_throttled_call_returns_the_time_to_wait() {
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
async fn provisioned_concurrency_fails_in_words_of_its_own() {
    let (_, client) = client("settle-failed FunctionError on PutProvisionedConcurrencyConfig");
    client.create("f").await;
    client.configuration("f").await;
    client.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({})).await;
    let path = "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1";
    client.call("PUT", path, json!({"ProvisionedConcurrentExecutions": 1})).await;
    let failed = client.get(path).await;
    assert_eq!((&failed["Status"], &failed["StatusReason"]), (&json!("FAILED"), &json!("FUNCTION_ERROR_INIT_FAILURE")));
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

#[tokio::test]
async fn chance_does_not_ask_where_a_rule_stands() {
    let mut runs = Vec::new();
    for before in ["", "latency 1ms on DeleteAlias\n", "latency 1ms on DeleteAlias chance 0.5\n"] {
        let (_, client) = client(&format!("seed 5\n{before}fail 500 before on reads chance 0.5"));
        let mut run = Vec::new();
        for _ in 0..40 {
            run.push(client.call("GET", FUNCTIONS, Value::Null).await.0);
        }
        runs.push(run);
    }
    assert!(runs[0] == runs[1] && runs[0] == runs[2], "{runs:?}");
}

#[test]
fn how_late_an_answer_is_does_not_depend_on_why_it_was_chosen() {
    let rules = FaultPlan::parse("latency 100ms..1000ms chance 0.3").expect("rules");
    let injector = Injector::new(rules, Clock::manual());
    let mut delays = Vec::new();
    for _ in 0..400 {
        delays.push(injector.injection(&api_request("ListFunctions"), "us-east-1").latency.as_millis());
    }
    delays.retain(|delay| *delay > 0);
    assert!((80..160).contains(&delays.len()), "{}", delays.len());
    let late = delays.iter().filter(|delay| **delay > 550).count();
    assert!(late * 3 > delays.len() && late * 3 < delays.len() * 2, "{late} of {}", delays.len());
    assert_eq!(injector.counts_by_rule()["latency"], delays.len() as u64);
}

fn api_request(name: &str) -> ApiRequest {
    let request = Request::get(FUNCTIONS).body(Vec::new()).expect("a request");
    let (parts, body) = request.into_parts();
    let (method, path) = ("GET".to_owned(), parts.uri.path().to_owned());
    let request =
        protocol::read(protocol::RawRequest { method, path, query: String::new(), headers: parts.headers, body });
    request.ok().and_then(|request| request.similar(name, serde_json::Map::new())).expect("an operation")
}

#[test]
fn the_longest_latencies_add_up() {
    let rules = FaultPlan::parse("latency 60m\nlatency 60m").expect("rules");
    let injector = Injector::new(rules, Clock::manual());
    assert_eq!(injector.injection(&api_request("ListFunctions"), "us-east-1").latency, Duration::from_secs(7200));
}

#[test]
fn every_region_has_quotas_of_its_own_and_two_rules_take_no_more_than_one() {
    let rules = FaultPlan::parse("quotas\nquotas on List*").expect("rules");
    let injector = Injector::new(rules, Clock::manual());
    let refused = |region: &str| injector.injection(&api_request("ListFunctions"), region).before.is_some();
    assert!((0..15).all(|_| !refused("us-east-1")));
    assert!(refused("us-east-1") && !refused("eu-west-1"));
    assert_eq!(injector.counts_by_rule()["quotas"], 1);
}

#[tokio::test]
async fn only_what_a_call_began_settles_in_failure() {
    let rules = "settle-failed InvalidSubnet on PutFunctionConcurrency, TagResource, PublishVersion";
    let (clock, client) = client_with(rules, Settle::uniform(Duration::from_secs(5)));
    client.create("f").await;
    clock.advance(Duration::from_secs(5));
    let versions = format!("{FUNCTIONS}/f/versions");
    assert_eq!(client.call("POST", &versions, json!({})).await.1["State"], "Active");
    rename(&client, "new").await;
    let path = "/2017-10-31/functions/f/concurrency";
    assert_eq!(client.call("PUT", path, json!({"ReservedConcurrentExecutions": 1})).await.0, 200);
    let tags = "/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:f";
    assert_eq!(client.call("POST", tags, json!({"Tags": {"a": "b"}})).await.0, 204);
    clock.advance(Duration::from_secs(5));
    assert_eq!(client.configuration("f").await["LastUpdateStatus"], "Successful");
    assert!(client.0.injected_faults().is_empty(), "{:?}", client.0.injected_faults());
}

#[tokio::test]
async fn what_made_no_difference_did_not_happen() {
    let rules = "fail 500 before on ListFunctions at 1\nlose on ListFunctions\nfail 503 after on ListFunctions\n\
                 concurrent-writer UpdateAlias {\"FunctionName\": \"f\", \"Name\": \"none\"} on GetAccountSettings\n\
                 stale 1 on GetAccountSettings\nroles 1 on UpdateFunctionConfiguration";
    let (_, client) = client(rules);
    assert_eq!(client.call("GET", FUNCTIONS, Value::Null).await.0, 500);
    client.get("/2016-08-19/account-settings").await;
    client.create("f").await;
    let happened: Vec<(&str, u64)> = client.0.injected_faults().into_iter().collect();
    assert_eq!(happened, [("fail before", 1)]);
}

#[tokio::test]
async fn a_text_of_ones_own_leaves_the_rest_of_the_error() {
    let (_, client) = client("fail 429 \"Slow down\" before at 1\nfail 409 before on CreateFunction");
    let throttled = client.get(FUNCTIONS).await;
    assert_eq!((&throttled["message"], &throttled["Reason"]), (&json!("Slow down"), &json!("CallerRateLimitExceeded")));
    let conflict = client.create("f").await;
    assert_eq!(conflict["message"], "The operation cannot be performed at this time.");
}

/// Returns what arrives of the list of functions.
async fn raw(rules: &str) -> String {
    exchange(rules, &format!("GET {FUNCTIONS} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
}

/// Returns what arrives of the response to `request`.
async fn exchange(rules: &str, request: &str) -> String {
    let request = request.to_owned();
    let options = Options { faults: Some(FaultPlan::parse(rules).expect("rules")), ..Options::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(crate::sim::serve(
        Simulator::open(options).expect("an account"),
        listener,
        std::future::pending(),
    ));
    let exchange = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        // A whole answer leaves the connection open, which the timeout ends.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = exchange.await.expect("an answer, or none");
    server.abort();
    answer
}

#[tokio::test]
async fn connections_end_where_the_rule_says() {
    assert!(raw("").await.ends_with("{\"Functions\":[]}"));
    assert_eq!(raw("reset").await, "");
    assert_eq!(raw("lose").await, "");
    let cut = raw("cut").await;
    assert!(cut.contains("content-length: 16") && cut.ends_with("{\"Functi"), "{cut}");
    let begun = tokio::time::Instant::now();
    assert!(raw("slow 150ms").await.contains("ons\":[]}"));
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn an_answer_without_a_body_is_cut_and_slow_too() {
    let tag = "DELETE /2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:f?tagKeys=a HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let untag = async |rules: &str| {
        let rules = format!(
            "concurrent-writer CreateFunction {{\"FunctionName\": \"f\", \"Role\": \"{ROLE}\", \"Runtime\": \"python3.13\", \
                             \"Handler\": \"a.b\", \"Code\": {{\"S3Bucket\": \"bucket\", \"S3Key\": \"k\"}}}}\n{rules}"
        );
        exchange(&rules, tag).await
    };
    assert!(untag("").await.starts_with("HTTP/1.1 204"));
    assert_eq!(untag("cut").await, "");
    let begun = tokio::time::Instant::now();
    assert!(untag("slow 150ms").await.starts_with("HTTP/1.1 204"));
    assert!(begun.elapsed() >= Duration::from_millis(150));
}
