//! Promise: writes that the server acknowledged survive a kill, and no write is stored in part.
//!
//! Every writer has functions of its own and remembers what was acknowledged. Of the call that was under way when the process
//! died it knows nothing; it looks afterwards, and takes either answer as long as it is a whole one.

mod every_kind;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Connection, Server, package};

const KILLS: usize = 20;
const WRITERS: usize = 4;
const FUNCTIONS: &str = "/2015-03-31/functions";

/// The acknowledged state of one function.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    description: String,
    tags: BTreeMap<String, String>,
    /// The descriptions of the published versions, in order.
    versions: Vec<String>,
    aliases: BTreeSet<String>,
}

/// One call of a writer.
#[derive(Clone, Debug)]
enum Step {
    Create(String),
    Describe(String, String),
    Tag(String, String),
    Publish(String, String),
    Alias(String, String),
    Delete(String),
}

#[derive(Clone, Debug, Default)]
struct Writer {
    name: String,
    known: BTreeMap<String, Known>,
    /// The call of which no answer came.
    unheard: Option<Step>,
    acknowledged: usize,
    made: usize,
}

impl Step {
    fn request(&self) -> (&'static str, String, Value) {
        match self {
            Step::Create(name) => {
                let body = json!({"FunctionName": name, "Runtime": "python3.13", "Handler": "app.handler",
                    "Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": package(name)}});
                ("POST", FUNCTIONS.to_owned(), body)
            }
            Step::Describe(name, text) => {
                ("PUT", format!("{FUNCTIONS}/{name}/configuration"), json!({"Description": text}))
            }
            Step::Tag(name, key) => {
                let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
                ("POST", format!("/2017-03-31/tags/{arn}"), json!({"Tags": {key.as_str(): "yes"}}))
            }
            Step::Publish(name, text) => ("POST", format!("{FUNCTIONS}/{name}/versions"), json!({"Description": text})),
            Step::Alias(name, alias) => {
                ("POST", format!("{FUNCTIONS}/{name}/aliases"), json!({"Name": alias, "FunctionVersion": "$LATEST"}))
            }
            Step::Delete(name) => ("DELETE", format!("{FUNCTIONS}/{name}"), Value::Null),
        }
    }

    /// Returns the state after this call.
    fn carry_out(&self, known: &mut BTreeMap<String, Known>) {
        let known_of = |known: &mut BTreeMap<String, Known>, name: &String, change: &dyn Fn(&mut Known)| {
            change(known.get_mut(name).expect("a writer changes what it has made"));
        };
        match self {
            Step::Create(name) => drop(known.insert(name.clone(), Known::default())),
            Step::Delete(name) => drop(known.remove(name)),
            Step::Describe(name, text) => known_of(known, name, &|known| known.description.clone_from(text)),
            Step::Tag(name, key) => known_of(known, name, &|known| {
                known.tags.insert(key.clone(), "yes".to_owned());
            }),
            Step::Publish(name, text) => known_of(known, name, &|known| known.versions.push(text.clone())),
            Step::Alias(name, alias) => known_of(known, name, &|known| {
                known.aliases.insert(alias.clone());
            }),
        }
    }
}

impl Writer {
    /// A version is published right behind a change only, or it would be the last one again.
    fn next(&mut self) -> Step {
        self.made += 1;
        let text = format!("{}", self.made);
        let Some(name) = self.known.keys().next().cloned() else {
            return Step::Create(format!("{}-{text}", self.name));
        };
        match self.made % 8 {
            0 => Step::Create(format!("{}-{text}", self.name)),
            1 | 5 => Step::Describe(name, text),
            2 | 6 => Step::Publish(name, text),
            3 => Step::Tag(name, format!("key{text}")),
            4 => Step::Alias(name, format!("alias{text}")),
            _ if self.known.len() > 3 => Step::Delete(name),
            _ => Step::Tag(name, format!("other{text}")),
        }
    }

    /// Writes until the server is gone.
    fn write(&mut self, url: &str) {
        let Ok(mut connection) = Connection::open(url) else { return };
        // A new round, because whether the change of the last one took effect is not known.
        self.made = self.made / 8 * 8 + 7;
        loop {
            let step = self.next();
            let (method, path, body) = step.request();
            match connection.call(method, &path, &body) {
                Ok((status, answer)) => {
                    assert!((200..300).contains(&status), "{step:?}: {answer}");
                    step.carry_out(&mut self.known);
                    self.acknowledged += 1;
                }
                Err(_) => {
                    self.unheard = Some(step);
                    return;
                }
            }
        }
    }

    /// Holds what the server has now against what it acknowledged.
    fn check(&mut self, found: &BTreeMap<String, Known>) {
        let mut with = self.known.clone();
        if let Some(step) = &self.unheard {
            step.carry_out(&mut with);
        }
        assert!(
            *found == self.known || *found == with,
            "{}: {:?}\n{found:#?}\n{:#?}",
            self.name,
            self.unheard,
            self.known
        );
        self.known.clone_from(found);
        self.unheard = None;
    }
}

/// Everything that the server has of one writer.
fn look(url: &str, writer: &str) -> BTreeMap<String, Known> {
    let mut connection = Connection::open(url).unwrap();
    let mut get = |path: String| {
        let (status, answer) = connection.call("GET", &path, &Value::Null).unwrap();
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    let mut marker = String::new();
    let mut names = Vec::new();
    loop {
        let page = get(format!("{FUNCTIONS}?Marker={marker}"));
        names.extend(page["Functions"].as_array().unwrap().iter().map(|function| text(&function["FunctionName"])));
        let Some(next) = page["NextMarker"].as_str() else { break };
        next.clone_into(&mut marker);
    }
    for name in names.into_iter().filter(|name| name.starts_with(&format!("{writer}-"))) {
        let function = get(format!("{FUNCTIONS}/{name}"));
        let code = text(&function["Code"]["Location"]).split_once("/_sim/").map(|(_, path)| format!("/_sim/{path}"));
        get(code.expect("a package has an address"));
        let versions = get(format!("{FUNCTIONS}/{name}/versions?MaxItems=10000"));
        let versions = versions["Versions"].as_array().unwrap().iter().skip(1);
        let aliases = get(format!("{FUNCTIONS}/{name}/aliases?MaxItems=10000"));
        let aliases = aliases["Aliases"].as_array().unwrap().iter();
        let known = Known {
            description: text(&function["Configuration"]["Description"]),
            tags: serde_json::from_value(function["Tags"].clone()).unwrap_or_default(),
            versions: versions.map(|version| text(&version["Description"])).collect(),
            aliases: aliases.map(|alias| text(&alias["Name"])).collect(),
        };
        found.insert(name, known);
    }
    found
}

fn start(folder: &Path) -> Server {
    Server::start(&["--settle", "0", "--data", folder.to_str().unwrap()])
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut writers: Vec<Writer> =
        (0..WRITERS).map(|number| Writer { name: format!("w{number}"), ..Writer::default() }).collect();
    // The pauses are a function of this number; where in a write they end is chance.
    let mut seed: u64 = 20_261_121;
    let mut server = start(folder.path());
    for _ in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pause = Duration::from_millis(100 + (seed >> 33) % 250);
        std::thread::scope(|scope| {
            for writer in &mut writers {
                let url = server.url.clone();
                scope.spawn(move || writer.write(&url));
            }
            std::thread::sleep(pause);
            server.kill();
        });
        server = start(folder.path());
        for writer in &mut writers {
            let found = look(&server.url, &writer.name);
            writer.check(&found);
        }
    }
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged).sum();
    println!("{KILLS} kills, {acknowledged} acknowledged writes, none lost");
    assert!(acknowledged > KILLS * WRITERS, "only {acknowledged} writes were acknowledged");
}
