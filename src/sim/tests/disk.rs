//! Disk failures: a full disk, and damaged files.

#![expect(clippy::disallowed_methods, reason = "a test damages the folder of an account")]

use std::fs;

use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS};
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;

fn names(list: &Value) -> Vec<&str> {
    let functions = list["Functions"].as_array().into_iter().flatten();
    functions.filter_map(|function| function["FunctionName"].as_str()).collect()
}

#[tokio::test]
async fn what_cannot_be_written_did_not_happen_and_stops_no_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { settle: Settle::instant(), data: Some(folder.path().to_owned()), ..Options::default() };
    let client = Client::new(options());
    client.create("f").await;
    let before = client.configuration("f").await;
    // A folder stands where the next document would be written.
    let functions = folder.path().join("us-east-1/functions");
    for name in ["f.tmp", "g.tmp"] {
        fs::create_dir(functions.join(name)).expect("a folder");
    }
    assert_eq!(client.create("g").await["Type"], "Service");
    let path = format!("{FUNCTIONS}/f/configuration");
    assert_eq!(client.call("PUT", &path, json!({"Timeout": 9})).await.0, 500);
    assert_eq!(names(&client.get(FUNCTIONS).await), ["f"]);
    assert_eq!(client.configuration("f").await, before);
    // A deletion needs no space.
    assert_eq!(client.call("DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await.0, 204);
    fs::remove_dir(functions.join("g.tmp")).expect("room again");
    assert_eq!(client.create("g").await["FunctionName"], "g");
    drop(client);
    assert_eq!(names(&Client::new(options()).get(FUNCTIONS).await), ["g"]);
}

#[tokio::test]
async fn an_account_that_is_only_read_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { settle: Settle::instant(), data: Some(folder.path().to_owned()), ..Options::default() };
    Client::new(options()).create("f").await;
    fs::create_dir(folder.path().join("sim.tmp")).expect("a folder in the way");
    let client = Client::new(options());
    assert_eq!(names(&client.get(FUNCTIONS).await), ["f"]);
    let refused = client.create("g").await;
    let said = refused["Message"].as_str().unwrap_or_default();
    assert!(said.starts_with("The account could not be kept: ") && !said.contains("sim.tmp"), "{refused}");
    assert_eq!(names(&client.get(FUNCTIONS).await), ["f"]);
}

#[tokio::test]
async fn a_damaged_package_is_not_handed_out_and_is_healed_by_the_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { settle: Settle::instant(), data: Some(folder.path().to_owned()), ..Options::default() };
    Client::new(options()).create("f").await;
    let blob = fs::read_dir(folder.path().join("blobs")).expect("blobs").next().expect("one").expect("an entry").path();
    let mut bytes = fs::read(&blob).expect("a package");
    bytes[20] ^= 1;
    fs::write(&blob, bytes).expect("damage");
    let client = Client::new(options());
    let function = client.get(&format!("{FUNCTIONS}/f")).await;
    let location = function["Code"]["Location"].as_str().and_then(|at| at.strip_prefix("http://localhost"));
    let location = location.expect("our own address");
    let (status, answer) = client.call("GET", location, Value::Null).await;
    let said = answer["Message"].as_str().unwrap_or_default();
    assert!(status == 500 && said.starts_with("The package is damaged"), "{status} {answer}");
    assert!(!said.contains(folder.path().to_str().expect("text")), "{said}");
    client.call("DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await;
    client.create("f").await;
    assert_eq!(client.call("GET", location, Value::Null).await.0, 200);
}
