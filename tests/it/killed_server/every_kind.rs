//! Promise: whatever the server acknowledged survives a kill, for every kind of write and to the last byte of every read.
//!
//! The writes and reads stand in `tests/fixtures/account.txt`, and a test holds them to the operations of the model. The same
//! writes to an account in memory that is not killed show what must exist when the reply to one was lost.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use trueup::sim::{Options, Settle, Simulator};

use super::start;
use crate::server::{Connection, Server, package};

const ACCOUNT: &str = include_str!("../../fixtures/account.txt");
const MODEL: &str = include_str!("../../../src/sim/http/service_model/lambda.json");

/// Generated IDs: the name in the fixture, the place in a reply, and the placeholder before it is known.
const CHOSEN: [(&str, &str, &str, &str); 2] = [
    (
        "{config}",
        "/2020-04-22/code-signing-configs",
        "/CodeSigningConfigs/0/CodeSigningConfigArn",
        "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000",
    ),
    (
        "{mapping}",
        "/2015-03-31/event-source-mappings",
        "/EventSourceMappings/0/UUID",
        "00000000-0000-0000-0000-000000000000",
    ),
];

/// Members that Lambda chooses again each time.
const FLEETING: [&str; 8] = [
    "RevisionId",
    "LastModified",
    "LastModifiedTime",
    "CreationTime",
    "CreatedDate",
    "FunctionUrl",
    "Location",
    "CodeSigningConfigId",
];

/// The lines of the fixture that are requests: method, path, body.
fn requests() -> Vec<(&'static str, &'static str, &'static str)> {
    let lines = ACCOUNT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (method, rest) = line.split_once(' ').expect("a line has a method and a path");
            let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
            (method, path, body)
        })
        .collect()
}

/// The answers to all reads, by the paths of the fixture.
type Answers = BTreeMap<&'static str, (u16, Value)>;

/// Sends a method, a path and a body, and gives the status and the body of the answer.
type Ask<'a> = dyn Fn(&str, &str, &str) -> (u16, Value) + 'a;

/// Someone who knows the ids that Lambda has chosen in one account.
struct Client<'a> {
    ids: BTreeMap<&'static str, String>,
    packages: [String; 2],
    send: Box<Ask<'a>>,
}

impl<'a> Client<'a> {
    fn new(send: impl Fn(&str, &str, &str) -> (u16, Value) + 'a) -> Client<'a> {
        Client { ids: BTreeMap::new(), packages: [package("x = 1"), package("x = 2")], send: Box::new(send) }
    }

    fn filled(&self, text: &str) -> String {
        let text = text.replace("{arn}", "arn:aws:lambda:us-east-1:123456789012");
        let text = text.replace("{one}", &self.packages[0]).replace("{two}", &self.packages[1]);
        CHOSEN
            .iter()
            .fold(text, |text, (name, _, _, none)| text.replace(name, self.ids.get(name).map_or(none, String::as_str)))
    }

    fn write(&mut self, (method, path, body): (&str, &str, &str)) {
        let (status, answer) = (self.send)(method, &self.filled(path), &self.filled(body));
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    }

    fn read(&mut self) -> Answers {
        for (name, list, pointer, _) in CHOSEN {
            let (_, answer) = (self.send)("GET", list, "");
            if let Some(id) = answer.pointer(pointer).and_then(Value::as_str) {
                self.ids.insert(name, id.to_owned());
            }
        }
        let reads = requests().into_iter().filter(|(method, ..)| *method == "GET");
        reads.map(|(_, path, _)| (path, (self.send)("GET", &self.filled(path), ""))).collect()
    }

    /// The answers without what another account has otherwise.
    fn steady(&self, answers: &Answers) -> Answers {
        let named = |text: &str| self.ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(id, name));
        let steady = answers.iter().map(|(path, (status, answer))| {
            let mut answer = serde_json::from_str(&named(&answer.to_string())).unwrap();
            settle(&mut answer);
            (*path, (*status, answer))
        });
        steady.collect()
    }
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !FLEETING.contains(&name.as_str()));
            members.values_mut().for_each(settle);
        }
        Value::Array(list) => list.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Returns the replies to the reads after each write, in an account that is never killed.
fn unharmed() -> Vec<Answers> {
    let mut options = Options::default();
    options.settle = Settle::instant();
    let router = Simulator::open(options).unwrap().router();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut client = Client::new(|method, path, body| runtime.block_on(ask(&router, method, path, body)));
    let mut all = Vec::new();
    for write in requests().into_iter().filter(|(method, ..)| *method != "GET") {
        client.write(write);
        let answers = client.read();
        all.push(client.steady(&answers));
    }
    all
}

async fn ask(router: &Router, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// A server, and a connection to it.
struct Observed {
    server: Server,
    connection: Connection,
}

impl Observed {
    fn start(folder: &Path) -> Observed {
        let server = start(folder);
        let connection = Connection::open(&server.url).unwrap();
        Observed { server, connection }
    }
}

#[test]
fn everything_acknowledged_survives_whatever_kind_it_is_of() {
    let unharmed = unharmed();
    let folder = tempfile::tempdir().unwrap();
    let live = RefCell::new(Observed::start(folder.path()));
    let mut client = Client::new(|method, path, body| {
        let body = serde_json::from_str(body).unwrap_or_default();
        live.borrow_mut().connection.call(method, path, &body).unwrap()
    });
    let writes: Vec<_> = requests().into_iter().filter(|(method, ..)| *method != "GET").collect();
    let (mut heard, mut unheard, mut undone) = (0, 0, 0);
    let mut before = client.read();
    for (number, write) in writes.iter().enumerate() {
        // Every third time nothing is under way when the server is killed.
        let answer = if number % 3 == 0 {
            live.borrow_mut().server.kill();
            None
        } else {
            let (method, path, body) = (write.0, client.filled(write.1), client.filled(write.2));
            under_way(&mut live.borrow_mut().server, number, method, &path, &body)
        };
        *live.borrow_mut() = Observed::start(folder.path());
        let mut after = client.read();
        match answer {
            Some((status, answer)) => {
                assert!((200..300).contains(&status), "{write:?}: {answer}");
                heard += 1;
            }
            None if after == before => {
                client.write(*write);
                after = client.read();
                undone += 1;
            }
            None => unheard += 1,
        }
        let steady = client.steady(&after);
        for (path, wanted) in &unharmed[number] {
            assert_eq!(steady.get(path), Some(wanted), "GET {path} after {write:?}");
        }
        before = after;
    }
    println!("{} kills: {heard} writes heard of, {unheard} not heard of but done, {undone} not done", writes.len());
}

/// Kills the server a moment after it is asked for something; the answer, if one came.
fn under_way(server: &mut Server, number: usize, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let mut connection = Connection::open(&server.url).unwrap();
    std::thread::scope(|scope| {
        let answer = scope.spawn(move || connection.call(method, path, &body).ok());
        // A moment that differs: a write takes some milliseconds.
        std::thread::sleep(Duration::from_micros(1_500 * (number as u64 * 7 % 16)));
        server.kill();
        answer.join().unwrap()
    })
}

#[test]
fn every_operation_that_keeps_or_shows_something_is_among_the_requests() {
    let model: Value = serde_json::from_str(MODEL).unwrap();
    let requests = requests();
    let is_of = |operation: &Value, method: &str, path: &str| {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let template: Vec<&str> = operation["path"].as_str().unwrap().split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        let mut needed = operation["query"].as_object().into_iter().flatten();
        operation["method"] == *method
            && template.len() == path.len()
            && template.iter().zip(&path).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
            && needed.all(|(name, value)| query.contains(&format!("{name}={}", value.as_str().unwrap())))
    };
    let unharmed = unharmed();
    let mut missing = BTreeSet::new();
    for (name, operation) in model["operations"].as_object().unwrap() {
        // What invokes functions, and what becomes of invocations, is not kept.
        if name.starts_with("Invoke") || name.contains("DurableExecution") {
            continue;
        }
        let mut found = requests.iter().filter(|(method, path, _)| is_of(operation, method, path));
        let shows =
            |path: &str| unharmed.iter().any(|answers| answers.get(path).is_none_or(|(status, _)| *status == 200));
        if !found.any(|(_, path, _)| shows(path)) {
            missing.insert(name);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
