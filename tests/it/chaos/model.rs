//! Random edits of the spec, edits by hand, applies, prunes and destroys against a plain model of what must be true.
//!
//! The model is a map and a page of rules, in the words of the README: present means this value, absent means the default,
//! children and tags that the spec does not name stay until they are pruned, and resources outside the stack are never touched.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use trueup::plan::PlanOptions;

use super::account_state::get;
use super::counts::{Counts, ScheduleResult};
use super::dice::Dice;
use super::manual_edits;
use super::proxy::Proxy;
use super::test_account::TestAccount;
use super::two_appliers::send;

/// The content of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub memory: u64,
    pub description: String,
    pub variables: BTreeMap<String, String>,
    pub code: usize,
}

impl Content {
    /// A description is no reason to publish.
    fn runs_as(&self, other: &Content) -> bool {
        Content { description: String::new(), ..self.clone() }
            == Content { description: String::new(), ..other.clone() }
    }
}

/// A function, as it is declared or as it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub content: Content,
    pub tags: BTreeMap<String, String>,
    pub reserved: Option<u64>,
    /// Descriptions by name.
    pub aliases: BTreeMap<String, String>,
    /// Batch size of a mapping on the alias `live`.
    pub mapping: Option<u64>,
    /// The published versions, oldest first.
    pub versions: Vec<Content>,
}

pub type Functions = BTreeMap<String, Function>;

const NAMES: [&str; 3] = ["a", "b", "c"];

impl Function {
    fn random(dice: &mut Dice) -> Function {
        let mut map = |prefix: &str| {
            let count = dice.below(3);
            (0..count).map(|at| (format!("{prefix}{at}"), format!("v{}", dice.below(3)))).collect()
        };
        let (variables, tags) = (map("V"), map("t"));
        let live = dice.below(4) > 0;
        let memory = 128 + 64 * dice.below(4) as u64;
        Function {
            content: Content { memory, description: format!("d{}", dice.below(3)), variables, code: dice.below(2) },
            tags,
            reserved: (dice.below(2) == 0).then(|| 1 + dice.below(9) as u64),
            aliases: live.then(|| ("live".to_owned(), format!("d{}", dice.below(2)))).into_iter().collect(),
            mapping: (live && dice.below(2) == 0).then(|| 1 + dice.below(9) as u64),
            versions: Vec::new(),
        }
    }

    fn spec(&self, name: &str) -> String {
        let Content { memory, description, variables, code } = &self.content;
        let mut text = format!(
            "  {name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/x\n    code: {{zip: code{code}.zip}}\n    publish: true\n    memory_size: {memory}\n    description: {description}\n    environment: {{variables: {}}}\n    tags: {}\n",
            json!(variables),
            json!(self.tags)
        );
        if let Some(reserved) = self.reserved {
            let _ = writeln!(text, "    reserved_concurrent_executions: {reserved}");
        }
        for (alias, description) in &self.aliases {
            let _ = writeln!(
                text,
                "    aliases:\n      {alias}:\n        function_version: published\n        description: {description}"
            );
        }
        if let Some(batch) = self.mapping {
            let source = format!("arn:aws:sqs:us-east-1:123456789012:{name}");
            let _ = writeln!(
                text,
                "        event_source_mappings: {{queue: {{event_source_arn: \"{source}\", batch_size: {batch}}}}}"
            );
        }
        text
    }
}

/// Returns the functions that must exist after an apply of `declared` to `live`.
fn applied(live: &Functions, declared: &Functions, prune: bool) -> Functions {
    let mut after = live.clone();
    if prune {
        after.retain(|name, _| declared.contains_key(name));
    }
    for (name, wanted) in declared {
        let mut function = wanted.clone();
        if let Some(before) = live.get(name) {
            function.versions = before.versions.clone();
            if !prune {
                let tags = before.tags.clone();
                function.tags = tags.into_iter().chain(function.tags).collect();
                function.aliases = before.aliases.clone().into_iter().chain(function.aliases).collect();
                function.mapping = wanted.mapping.or(before.mapping);
            }
        }
        if function.versions.last().is_none_or(|newest| !newest.runs_as(&function.content)) {
            function.versions.push(function.content.clone());
        }
        after.insert(name.clone(), function);
    }
    after
}

/// Reads the functions in the account.
async fn live_functions(router: &Router) -> Functions {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let map = |value: &Value| -> BTreeMap<String, String> {
        value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
    };
    let content = |configuration: &Value, hashes: &[String]| {
        let hash = text(&configuration["CodeSha256"]);
        let code = hashes.iter().position(|known| *known == hash).unwrap_or(usize::MAX);
        Content {
            memory: configuration["MemorySize"].as_u64().unwrap_or_default(),
            description: text(&configuration["Description"]),
            variables: map(&configuration["Environment"]["Variables"]),
            code,
        }
    };
    let hashes: Vec<String> = (0..2).map(|code| package(code).1).collect();
    let mut functions = Functions::new();
    let mappings = get(router, "/2015-03-31/event-source-mappings").await.unwrap_or_default();
    for name in NAMES {
        let Some(it) = get(router, &format!("/2015-03-31/functions/{name}")).await else { continue };
        let list = async |what: &str, member: &str| {
            let answer = get(router, &format!("/2015-03-31/functions/{name}/{what}")).await.unwrap_or_default();
            answer[member].as_array().cloned().unwrap_or_default()
        };
        let mut tags = map(&it["Tags"]);
        tags.remove(trueup::resource::STACK_TAG);
        let versions = list("versions", "Versions").await;
        let versions = versions.iter().filter(|version| version["Version"] != "$LATEST");
        let aliases = list("aliases", "Aliases").await;
        let on_live = |mapping: &&Value| {
            mapping["FunctionArn"].as_str().is_some_and(|arn| arn.ends_with(&format!(":{name}:live")))
        };
        let mapping = mappings["EventSourceMappings"].as_array().into_iter().flatten().find(on_live);
        let function = Function {
            content: content(&it["Configuration"], &hashes),
            tags,
            reserved: it["Concurrency"]["ReservedConcurrentExecutions"].as_u64(),
            aliases: aliases.iter().map(|alias| (text(&alias["Name"]), text(&alias["Description"]))).collect(),
            mapping: mapping.and_then(|mapping| mapping["BatchSize"].as_u64()),
            versions: versions.map(|version| content(version, &hashes)).collect(),
        };
        functions.insert(name.to_owned(), function);
    }
    functions
}

/// A package and its hash.
pub fn package(code: usize) -> (Vec<u8>, String) {
    use base64::Engine;
    use sha2::Digest;
    let bytes = crate::harness::zip(&[("app.py", &format!("def handler(event, context): return {code}\n"))]);
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&bytes));
    (bytes, hash)
}

/// A random history, compared with the model after every step.
pub async fn compare(seed: u64) -> Result<ScheduleResult, String> {
    let mut dice = Dice::new(seed ^ 0x30de1);
    let account = TestAccount::new("", Duration::ZERO, Proxy::default());
    for code in 0..2 {
        account.fixture.write(&format!("code{code}.zip"), package(code).0);
    }
    let router = account.router();
    let foreign = json!({"FunctionName": "foreign", "Role": "arn:aws:iam::123456789012:role/x", "Runtime": "python3.13", "Handler": "a.b",
        "Code": {"S3Bucket": "bucket", "S3Key": "key"}});
    assert!(send(&router, "POST", "/2015-03-31/functions", foreign).await);
    let untouched = get(&router, "/2015-03-31/functions/foreign").await;
    let (mut live, mut declared) = (Functions::new(), Functions::new());
    let mut history: Vec<String> = Vec::new();
    for _ in 0..4 + dice.below(6) {
        for name in NAMES {
            match dice.below(5) {
                0 if declared.len() > 1 => drop(declared.remove(name)),
                0..3 => drop(declared.insert(name.to_owned(), Function::random(&mut dice))),
                _ => {}
            }
        }
        for _ in 0..dice.below(4) {
            history.push(manual_edits::edit(&router, &mut dice, &mut live).await);
        }
        if declared.is_empty() {
            continue;
        }
        let functions: String = declared.iter().map(|(name, function)| function.spec(name)).collect();
        let spec = format!("version: 1\nstack: modelled\nfunctions:\n{functions}");
        let chance = dice.below(6);
        let (prune, destroy) = (chance == 0 || chance == 1, chance == 2);
        let options = PlanOptions { prune, destroy, ..PlanOptions::default() };
        history.push(format!("prune: {prune}, destroy: {destroy}\n{spec}"));
        let with_history = |error: String| format!("{error}\nafter {}", history.join("\n"));
        account.converge(&account.reconciler(&spec), &options, 1).await.map_err(with_history)?;
        live = match destroy {
            // All that bears our tag, whatever the spec says of it by now.
            true => BTreeMap::new(),
            false => applied(&live, &declared, prune),
        };
        let found = live_functions(&router).await;
        if found != live {
            return Err(with_history(format!("the model says\n{live:#?}\nand there is\n{found:#?}")));
        }
        if get(&router, "/2015-03-31/functions/foreign").await != untouched {
            return Err(with_history("a resource outside the stack was touched".to_owned()));
        }
    }
    Ok(ScheduleResult { counts: Counts::default(), trace: account.proxy.trace() })
}
