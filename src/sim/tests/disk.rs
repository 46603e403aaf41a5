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

#[cfg(unix)]
#[tokio::test]
async fn what_is_kept_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    fn modes(folder: &std::path::Path, out: &mut Vec<(String, u32)>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let found = fs::symlink_metadata(&entry).expect("it exists");
            out.push((entry.display().to_string(), found.permissions().mode() & 0o777));
            if found.is_dir() {
                modes(&entry, out);
            }
        }
    }
    let around = tempfile::tempdir().expect("a folder");
    let data = around.path().join("a/data");
    let client = Client::new(Options { settle: Settle::instant(), data: Some(data), ..Options::default() });
    client.create("f").await;
    client.create("f2").await;
    let mut found = Vec::new();
    modes(around.path(), &mut found);
    for name in ["/a", "/data", "/lock", "/sim.json", "/us-east-1", "/functions", "/f.json", "/blobs"] {
        assert!(found.iter().any(|(path, _)| path.ends_with(name)), "{name}: {found:?}");
    }
    for (path, mode) in found {
        assert!(mode == 0o600 || mode == 0o700, "{path}: {mode:o}");
    }
}

/// Plants a link in the folder of an account that has the function `f`; returns the folder that the link leads to.
#[cfg(unix)]
async fn planted(link: &str, to: &str) -> (tempfile::TempDir, Options) {
    let around = tempfile::tempdir().expect("a folder");
    let data = around.path().join("data");
    let options = Options { settle: Settle::instant(), data: Some(data.clone()), ..Options::default() };
    Client::new(options.clone()).create("f").await;
    let outside = around.path().join("outside");
    fs::create_dir(&outside).expect("a folder");
    fs::write(outside.join("file"), "precious").expect("a file");
    let link = data.join(link);
    match fs::symlink_metadata(&link) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&link).expect("removed"),
        Ok(_) => fs::remove_file(&link).expect("removed"),
        Err(_) => fs::create_dir_all(link.parent().expect("a folder")).expect("a folder"),
    }
    std::os::unix::fs::symlink(outside.join(to), &link).expect("a link");
    (around, options)
}

#[cfg(unix)]
#[tokio::test]
async fn a_planted_link_is_not_followed() {
    for (link, to) in [
        ("us-east-1/functions/g.tmp", "file"),
        ("us-east-1/functions/g.json", "file"),
        ("us-east-1/functions/f.json", "file"),
        ("us-east-1/functions/g.json", "nothing"),
        ("us-east-1/functions", ""),
        ("us-east-1", ""),
        ("blobs", ""),
        ("sim.json", "file"),
        ("sim.json", "nothing"),
        ("sim.tmp", "file"),
        ("lock", "file"),
        ("lock", "nothing"),
    ] {
        let (around, options) = planted(link, to).await;
        if let Ok(simulator) = crate::sim::dispatcher::Simulator::open(options) {
            let client = Client(simulator);
            client.create("g").await;
            client.create("f").await;
            client.call("DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await;
        }
        let outside = around.path().join("outside");
        let kept: Vec<_> = fs::read_dir(&outside).expect("a folder").map(|it| it.expect("it").file_name()).collect();
        assert_eq!(kept, ["file"], "{link}");
        assert_eq!(fs::read(outside.join("file")).expect("a file"), b"precious", "{link}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_named_when_it_stops_a_write() {
    let (_around, options) = planted("us-east-1/functions/g.json", "file").await;
    let error = crate::sim::dispatcher::Simulator::open(options).err().expect("an error").to_string();
    assert!(error.contains("g.json: `g.json` is a symbolic link"), "{error}");
    let (_around, options) = planted("us-east-1/functions/g.tmp", "file").await;
    // Half of a document that somebody left is removed, whatever it is.
    assert_eq!(Client::new(options).create("g").await["FunctionName"], "g");
    let (_around, options) = planted("blobs", "").await;
    let refused = Client::new(options)
        .call(
            "POST",
            FUNCTIONS,
            json!({
                "FunctionName": "h", "Role": super::account::ROLE, "Runtime": "python3.13", "Handler": "a.b",
                "Code": {"ZipFile": super::account::zip("h")}
            }),
        )
        .await;
    assert_eq!(refused.0, 500, "{refused:?}");
}
