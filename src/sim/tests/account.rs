//! The account over time, through the real protocol.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::sim::context::clock::Clock;
use crate::sim::context::external_resources::ExternalResources;
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::dispatcher::Simulator;

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/r";
pub(crate) const FUNCTIONS: &str = "/2015-03-31/functions";

pub(crate) struct Client(pub(crate) Simulator);

impl Client {
    pub(crate) fn new(options: Options) -> Self {
        Client(Simulator::open(options).expect("an account"))
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(path).body(body).expect("a request");
        let response = self.0.router().oneshot(request).await.expect("a response");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call("GET", path, Value::Null).await.1
    }

    pub(crate) async fn create(&self, name: &str) -> Value {
        let body = json!({"FunctionName": name, "Role": ROLE, "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": zip(name)}});
        self.call("POST", FUNCTIONS, body).await.1
    }

    /// Creates a function `f` with a version and the alias `live` to it. Returns the alias.
    pub(crate) async fn create_alias(&self) -> Value {
        self.create("f").await;
        self.configuration("f").await;
        self.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({})).await;
        self.call("POST", &format!("{FUNCTIONS}/f/aliases"), json!({"Name": "live", "FunctionVersion": "1"})).await.1
    }

    pub(crate) async fn configuration(&self, name: &str) -> Value {
        self.get(&format!("{FUNCTIONS}/{name}/configuration")).await
    }
}

pub(crate) fn zip(content: &str) -> String {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.py", zip::write::SimpleFileOptions::default()).expect("an entry");
    std::io::Write::write_all(&mut zip, content.as_bytes()).expect("content");
    BASE64_STANDARD.encode(zip.finish().expect("a zip").into_inner())
}

pub(crate) fn slow() -> (Clock, Options) {
    let clock = Clock::manual();
    let options = Options {
        settle: Settle::uniform(Duration::from_secs(10)),
        clock: clock.clone(),
        seed: Some(1),
        ..Options::default()
    };
    (clock, options)
}

#[tokio::test]
async fn a_function_moves_its_revision_when_it_settles() {
    let (clock, options) = slow();
    let lambda = Client::new(options);
    let created = lambda.create("f").await;
    assert_eq!((&created["State"], &created["LastUpdateStatus"]), (&json!("Pending"), &Value::Null));
    assert_eq!(lambda.configuration("f").await["RevisionId"], created["RevisionId"]);

    clock.advance(Duration::from_secs(10));
    let active = lambda.configuration("f").await;
    assert_eq!((&active["State"], &active["LastUpdateStatus"]), (&json!("Active"), &json!("Successful")));
    assert_ne!(active["RevisionId"], created["RevisionId"]);

    let path = format!("{FUNCTIONS}/f/configuration");
    let (_, updated) = lambda.call("PUT", &path, json!({"Timeout": 9, "RevisionId": active["RevisionId"]})).await;
    assert_eq!(updated["LastUpdateStatus"], "InProgress");
    let (status, refusal) = lambda.call("PUT", &path, json!({"Timeout": 8})).await;
    assert_eq!((status, refusal["Type"].as_str()), (409, Some("User")));

    clock.advance(Duration::from_secs(10));
    let settled = lambda.configuration("f").await;
    assert_ne!(settled["RevisionId"], updated["RevisionId"]);
    let (status, _) = lambda.call("PUT", &path, json!({"Timeout": 8, "RevisionId": updated["RevisionId"]})).await;
    assert_eq!(status, 412);
}

#[tokio::test]
async fn instant_still_shows_the_transition_once() {
    let lambda = Client::new(Options { settle: Settle::instant(), ..Options::default() });
    assert_eq!(lambda.create("f").await["State"], "Pending");
    assert_eq!(lambda.configuration("f").await["State"], "Active");
}

#[tokio::test]
async fn publishing_twice_publishes_once_and_no_number_comes_back() {
    let lambda = Client::new(Options { settle: Settle::instant(), ..Options::default() });
    lambda.create("f").await;
    let versions = format!("{FUNCTIONS}/f/versions");
    let (_, one) = lambda.call("POST", &versions, json!({})).await;
    let (_, again) = lambda.call("POST", &versions, json!({"Description": "ignored"})).await;
    assert_eq!((&one, &one["Version"]), (&again, &json!("1")));

    // The same configuration again is a change nevertheless.
    lambda.call("PUT", &format!("{FUNCTIONS}/f/configuration"), json!({"Timeout": 3})).await;
    let (_, two) = lambda.call("POST", &versions, json!({})).await;
    assert_eq!(two["Version"], "2");
    assert_eq!(lambda.call("DELETE", &format!("{FUNCTIONS}/f?Qualifier=2"), Value::Null).await.0, 204);
    let (_, three) = lambda.call("POST", &versions, json!({})).await;
    assert_eq!(three["Version"], "3");
}

#[tokio::test]
async fn an_alias_that_moves_with_provisioned_concurrency_has_weights_for_a_while() {
    let (clock, options) = slow();
    let lambda = Client::new(options);
    lambda.create("f").await;
    for timeout in [4, 5] {
        clock.advance(Duration::from_secs(10));
        lambda.call("PUT", &format!("{FUNCTIONS}/f/configuration"), json!({"Timeout": timeout})).await;
        clock.advance(Duration::from_secs(10));
        lambda.call("POST", &format!("{FUNCTIONS}/f/versions"), json!({})).await;
    }
    lambda.call("POST", &format!("{FUNCTIONS}/f/aliases"), json!({"Name": "live", "FunctionVersion": "1"})).await;
    let provisioned = "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=live";
    let wanted = json!({"ProvisionedConcurrentExecutions": 2});
    let (status, config) = lambda.call("PUT", provisioned, wanted.clone()).await;
    assert_eq!((status, &config["Status"]), (202, &json!("IN_PROGRESS")));
    clock.advance(Duration::from_secs(10));
    assert_eq!(lambda.get(provisioned).await["Status"], "READY");

    let alias = format!("{FUNCTIONS}/f/aliases/live");
    let (_, moved) = lambda.call("PUT", &alias, json!({"FunctionVersion": "2"})).await;
    assert_eq!(moved["RoutingConfig"], Value::Null, "recorded: not in the reply to the update itself");
    let shift = lambda.get(&alias).await;
    assert_eq!(shift["RoutingConfig"], json!({"AdditionalVersionWeights": {"1": 1.0}}));
    let config = lambda.get(provisioned).await;
    assert_eq!(
        (&config["Status"], &config["AvailableProvisionedConcurrentExecutions"]),
        (&json!("IN_PROGRESS"), &json!(2))
    );
    assert_eq!(lambda.call("PUT", provisioned, wanted).await.0, 400);
    clock.advance(Duration::from_secs(10));
    let settled = lambda.get(&alias).await;
    assert_eq!(settled["RoutingConfig"], Value::Null);
    assert_ne!(settled["RevisionId"], moved["RevisionId"]);
}

#[tokio::test]
async fn a_mapping_outlives_its_function_and_lingers_when_deleted() {
    let (clock, options) = slow();
    let lambda = Client::new(options);
    lambda.create("f").await;
    let mappings = "/2015-03-31/event-source-mappings/";
    let body = json!({"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q"});
    let (_, created) = lambda.call("POST", mappings, body.clone()).await;
    let path = format!("{mappings}{}", created["UUID"].as_str().expect("a UUID"));
    assert_eq!(lambda.call("PUT", &path, json!({"BatchSize": 5})).await.0, 400);
    clock.advance(Duration::from_secs(10));
    assert_eq!(lambda.get(&path).await["State"], "Enabled");
    assert_eq!(lambda.call("POST", mappings, body).await.0, 409);

    lambda.call("DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await;
    assert_eq!(lambda.get(&path).await["State"], "Enabled");
    let (status, deleted) = lambda.call("DELETE", &path, Value::Null).await;
    assert_eq!((status, &deleted["State"]), (202, &json!("Deleting")));
    assert_eq!(lambda.get(&path).await["State"], "Deleting");
    clock.advance(Duration::from_secs(10));
    assert_eq!(lambda.call("GET", &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn pages_hold_every_function_and_version_once() {
    let lambda = Client::new(Options { settle: Settle::instant(), page_limit: 2, ..Options::default() });
    for name in ["a", "b", "c"] {
        lambda.create(name).await;
        lambda.call("POST", &format!("{FUNCTIONS}/{name}/versions"), json!({})).await;
    }
    for (query, count) in [("?", 3), ("?FunctionVersion=ALL&", 6)] {
        let (mut seen, mut marker) = (Vec::new(), String::new());
        loop {
            let page = lambda.get(&format!("{FUNCTIONS}{query}Marker={marker}")).await;
            let items = page["Functions"].as_array().expect("functions");
            seen.extend(items.iter().map(|item| item["FunctionArn"].to_string()));
            match page["NextMarker"].as_str() {
                Some(next) => next.clone_into(&mut marker),
                None => break,
            }
        }
        let mut unique = seen.clone();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (count, count), "{seen:?}");
    }
}

#[tokio::test]
async fn a_page_that_ends_with_an_empty_key_has_a_marker() {
    let lambda = Client::new(Options { settle: Settle::instant(), ..Options::default() });
    lambda.create("f").await;
    let alias = json!({"Name": "live", "FunctionVersion": "$LATEST"});
    lambda.call("POST", &format!("{FUNCTIONS}/f/aliases"), alias).await;
    for path in ["/2021-10-31/functions/f/url", "/2021-10-31/functions/f/url?Qualifier=live"] {
        assert_eq!(lambda.call("POST", path, json!({"AuthType": "NONE"})).await.0, 201);
    }
    let urls = "/2021-10-31/functions/f/urls?MaxItems=1";
    let first = lambda.get(urls).await;
    let marker = first["NextMarker"].as_str().expect("there is more");
    assert!(!marker.is_empty());
    let second = lambda.get(&format!("{urls}&Marker={marker}")).await;
    assert!(second["FunctionUrlConfigs"][0]["FunctionArn"].as_str().expect("one more").ends_with(":live"));
    assert_eq!(second.get("NextMarker"), None);
}

#[tokio::test]
async fn the_same_requests_give_the_same_bytes() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let lambda = Client::new(Options { settle: Settle::instant(), seed: Some(3), ..Options::default() });
        let created = lambda.create("f").await;
        let body = json!({"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q"});
        let (_, mapping) = lambda.call("POST", "/2015-03-31/event-source-mappings", body).await;
        answers.push((created, mapping, lambda.get(&format!("{FUNCTIONS}/f")).await));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_external_resource_that_the_options_exclude_does_not_exist() {
    let external = ExternalResources::parse("# no such queue\n!arn:aws:sqs:*:q\n").expect("names");
    let lambda = Client::new(Options { external, ..Options::default() });
    lambda.create("f").await;
    let body = json!({"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q"});
    let (status, refusal) = lambda.call("POST", "/2015-03-31/event-source-mappings", body).await;
    assert_eq!(status, 400);
    assert!(refusal["message"].as_str().is_some_and(|text| text.contains("NonExistentQueue")), "{refusal}");
}

#[tokio::test]
async fn nothing_that_is_sent_makes_it_panic() {
    let lambda = Client::new(Options { settle: Settle::instant(), ..Options::default() });
    lambda.create("f").await;
    for (name, operation) in &crate::sim::http::service_model::model().operations {
        for label in ["f", "%00", "f:%24LATEST", "%F0%9F%92%A9", "arn:aws:lambda:us-east-1:123456789012:function:f"] {
            let path = operation.path_with(label);
            for body in [
                json!(null),
                json!({}),
                json!([]),
                json!({"FunctionName": 1}),
                json!({"FunctionName": label, "Code": []}),
            ] {
                let (status, _) = lambda.call(&operation.method, &path, body).await;
                assert!(status < 500, "{name} {path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_function_is_still_read_for_a_while() {
    let (clock, options) = slow();
    let client = Client::new(options);
    client.create("f").await;
    clock.advance(Duration::from_secs(10));
    let path = format!("{FUNCTIONS}/f");
    assert_eq!(client.call("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(client.call("GET", &path, Value::Null).await.0, 200);
    assert_eq!(client.call("DELETE", &path, Value::Null).await.0, 404);
    clock.advance(Duration::from_secs(10));
    assert_eq!(client.call("GET", &path, Value::Null).await.0, 404);
}
