//! Stale reads.

use std::time::Duration;

use serde_json::{Value, json};

use super::account::FUNCTIONS;
use super::injector::{client, client_with, rename};
use crate::sim::context::options::Settle;
use crate::sim::faults::plan::Window;
use crate::sim::store::before::state;
use crate::sim::store::documents::Region;
use crate::sim::store::history::History;

const CONCURRENCY: &str = "/2017-10-31/functions/f/concurrency";

#[tokio::test]
async fn a_stale_read_is_behind_by_the_time_or_count_of_its_rule() {
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
async fn only_writes_that_changed_something_are_changes() {
    let (_, client) = client("stale 1 on GetFunctionConfiguration");
    client.create("f").await;
    rename(&client, "old").await;
    rename(&client, "new").await;
    client.get(FUNCTIONS).await;
    assert_eq!(client.configuration("f").await["Description"], "old");
    // Refused, without effect, and in another region.
    assert_eq!(client.create("f").await["message"], "Function already exist: f");
    assert_eq!(client.call("DELETE", CONCURRENCY, Value::Null).await.0, 204);
    let elsewhere = axum::http::Request::delete(format!("{FUNCTIONS}/f/aliases/a"))
        .header("authorization", "Credential=AK/20260101/eu-west-1/lambda/aws4_request")
        .body(axum::body::Body::empty());
    tower::ServiceExt::oneshot(client.0.router(), elsewhere.expect("a request")).await.expect("a response");
    assert_eq!(client.configuration("f").await["Description"], "old");
    assert_eq!(client.0.injected_faults()["stale"], 2);
}

#[tokio::test]
async fn without_its_last_write_an_account_is_as_late_as_it_is() {
    let (clock, client) =
        client_with("stale 1 on GetFunctionConfiguration", Settle::uniform(Duration::from_millis(500)));
    client.create("f").await;
    client.call("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": 1})).await;
    clock.advance(Duration::from_millis(1500));
    assert_eq!(client.configuration("f").await["State"], "Active");
}

#[tokio::test]
async fn so_long_ago_what_has_settled_since_was_on_its_way() {
    let rules = "stale 3s on GetFunctionConfiguration, ListFunctions";
    let (clock, client) = client_with(rules, Settle::uniform(Duration::from_secs(5)));
    let created = client.create("f").await;
    clock.advance(Duration::from_secs(2));
    assert_eq!(client.get(FUNCTIONS).await["Functions"], json!([]));
    clock.advance(Duration::from_secs(4));
    let seen = client.configuration("f").await;
    assert_eq!((&seen["State"], &seen["RevisionId"]), (&json!("Pending"), &created["RevisionId"]));
    clock.advance(Duration::from_secs(2));
    assert_eq!(client.configuration("f").await["State"], "Active");
    client.call("DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await;
    assert_eq!(client.get(FUNCTIONS).await["Functions"].as_array().map(Vec::len), Some(1));
    clock.advance(Duration::from_secs(3));
    assert_eq!(client.get(FUNCTIONS).await["Functions"], json!([]));
}

#[tokio::test]
async fn ten_minutes_ago_there_was_none_of_three_thousand() {
    let (clock, client) = client("stale 10m on ListFunctions");
    for index in 0..3000 {
        client.create(&format!("f{index}")).await;
    }
    clock.advance(Duration::from_secs(599));
    let begun = tokio::time::Instant::now();
    assert_eq!(client.get(FUNCTIONS).await, json!({"Functions": []}));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.get(FUNCTIONS).await["Functions"].as_array().map(Vec::len), Some(50));
}

#[test]
fn what_no_read_looks_back_to_is_forgotten() {
    let mut history = History::new((Duration::from_secs(1), 2));
    let mut region = Region::default();
    for at in 0..10 {
        region.layers.insert(&at.to_string(), crate::sim::store::documents::Layer::default());
        let previous = region.layers.take_changes().into_iter().map(|(key, was)| state(key, was)).collect();
        history.record_write(at * 1000, previous, &mut region);
    }
    let seen = |back| history.view(&region, 9000, back).map_or(10, |view| view.layers.len());
    assert_eq!(
        (seen(Window::Calls(0)), seen(Window::Calls(2)), seen(Window::Time(Duration::from_secs(1)))),
        (10, 8, 9)
    );
    assert_eq!(seen(Window::Calls(9)), 8, "and nothing beyond");
}
