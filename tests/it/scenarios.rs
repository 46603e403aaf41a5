//! Scenarios: Markdown files with specs, commands and their output, run by the real program.
//!
//! A fenced block opened with a language and a file name (```` ```yaml stack.yaml ````) is a file. A block of `console`
//! is a session: lines that begin with `$ ` are commands, all others their output on both streams, and `[exit N]` the
//! exit code unless it is 0. `$ somebody …` is a manual change (see [`somebody`]), and `$ somebody reads the pull request`
//! or `the issues` prints what a forge has that stands in for GitHub.
//! `TRUEUP_BLESS=1` rewrites the output. All commands of a scenario share one simulator that settles at once. Those of the
//! README name theirs with `--sim`, and nothing else is set, so that a reader can paste them.

use std::path::Path;
use std::process::Command;

use fancy_regex::Regex;
use trueup::cloud::Cloud;
use trueup::sim::{Options, Settle, Simulator};
use trueup::wire::{
    Call, CreateAliasInputBuilder, Endpoint, ListEventSourceMappingsInputBuilder, Reply, TagResourceInputBuilder,
    TypedCall, UntagResourceInputBuilder, UpdateAliasInputBuilder, UpdateEventSourceMappingInputBuilder,
    UpdateFunctionCodeInputBuilder, UpdateFunctionConfigurationInputBuilder,
};

use crate::fake_forge::FakeForge;
use crate::generated_files::{fresh, repository};
use crate::harness::{ACCOUNT, REGION, zip};

#[test]
fn every_scenario_prints_what_it_says() {
    let mut files: Vec<_> =
        std::fs::read_dir(repository("tests/scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "scenarios are missing");
    for file in files {
        let name = format!("tests/scenarios/{}", file.file_name().unwrap().to_str().unwrap());
        fresh(&name, &played(&std::fs::read_to_string(&file).unwrap(), None));
    }
}

#[test]
fn the_readme_sessions_print_what_they_say() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    fresh("README.md", &played(&readme, Some(&repository("examples"))));
}

/// Returns the Markdown with the current output of its commands.
pub fn played(markdown: &str, examples: Option<&Path>) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("package.zip"),
        zip(&[("app.py", "def handler(event, context): return event\n")]),
    )
    .unwrap();
    if let Some(examples) = examples {
        let copied = Command::new("cp").arg("-r").arg(examples).arg(folder.path().join("examples")).status().unwrap();
        assert!(copied.success());
    }
    let forge = FakeForge::start("a-token");
    let mut out: Vec<String> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        out.push(line.to_owned());
        let Some(opened) = line.strip_prefix("```").filter(|opened| !opened.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match opened.split_once(' ') {
            Some((_, file)) => {
                let file = folder.path().join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, block.join("\n") + "\n").unwrap();
                out.extend(block.iter().map(|line| (*line).to_owned()));
            }
            None if opened == "console" => {
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    out.push(format!("$ {command}"));
                    let text = match command.strip_prefix("somebody reads the ") {
                        Some(page) => forge.shown(page),
                        None => printed(command, folder.path(), examples.is_none().then_some(forge.url.as_str())),
                    };
                    out.extend(normal(&text, folder.path()).lines().map(str::to_owned));
                }
            }
            None => out.extend(block.iter().map(|line| (*line).to_owned())),
        }
        out.push("```".to_owned());
    }
    out.join("\n") + "\n"
}

/// Returns the output of a command, which works on the simulator of the folder and writes to a forge, if there is one.
fn printed(command: &str, folder: &Path, forge: Option<&str>) -> String {
    if let Some(change) = command.strip_prefix("somebody ") {
        somebody(change, &folder.join("sim"));
        return String::new();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_trueup"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("TRUEUP_SIM_SETTLE", "0"),
            ("HOME", "/nonexistent"),
            ("SOURCE_DATE_EPOCH", "1767225600"),
        ])
        .envs(forge.map(|_| ("TRUEUP_SIM", "sim")))
        .envs(forge.map(|url| ("GITHUB_API_URL", url)))
        .envs(forge.map(|_| ("GITHUB_TOKEN", "a-token")))
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() {
        text += &format!("[exit {}]\n", output.status.code().unwrap_or(-1));
    }
    text
}

/// Returns a text with values that differ between runs replaced.
fn normal(text: &str, folder: &Path) -> String {
    let uuid = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let short = Regex::new("[0-9a-f]{8}…").unwrap();
    let text = uuid.replace_all(text, "00000000-0000-0000-0000-000000000000").into_owned();
    let text = short.replace_all(&text, "00000000…").into_owned().replace(&folder.display().to_string(), ".");
    // A digest is over RevisionIds too.
    let digest = Regex::new("sha256:[0-9a-f]{64}").unwrap();
    let text = digest.replace_all(&text, "sha256:00000000…").into_owned();
    let modified = Regex::new(r"last modified on \d{4}-[0-9T:.+-]+").unwrap();
    modified.replace_all(&text, "last modified on 2026-01-01T00:00:00.000+0000").into_owned()
}

/// Makes a manual change in the simulator of this folder.
fn somebody(change: &str, data: &Path) {
    let words: Vec<&str> = change.split(' ').collect();
    let mut options = Options::default();
    options.settle = Settle::instant();
    options.data = Some(data.to_path_buf());
    let lambda = Simulator::open(options).unwrap();
    let cloud = Cloud::in_process(lambda.router(), REGION);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let send = |call: Call| runtime.block_on(cloud.send(call)).unwrap_or_else(|failure| panic!("{change}: {failure}"));
    match words.as_slice() {
        ["sets", "the", "memory", "of", function, "to", size] => {
            let call = UpdateFunctionConfigurationInputBuilder::default().function_name(*function);
            send(call.memory_size(size.parse().unwrap()).call());
        }
        ["replaces", "the", "code", "of", function] => {
            let package = zip(&[("app.py", "def handler(event, context): raise SystemExit\n")]);
            let call = UpdateFunctionCodeInputBuilder::default().function_name(*function);
            send(call.zip_file(aws_sdk_lambda::primitives::Blob::new(package)).call());
        }
        ["gives", version, share, "of", function, alias] => {
            let routing = aws_sdk_lambda::types::AliasRoutingConfiguration::builder();
            let routing = routing.additional_version_weights(*version, share.parse().unwrap()).build();
            let call = UpdateAliasInputBuilder::default().function_name(*function).name(*alias).routing_config(routing);
            send(call.call());
        }
        ["points", alias, "of", function, "to", version] => {
            send(
                CreateAliasInputBuilder::default()
                    .function_name(*function)
                    .name(*alias)
                    .function_version(*version)
                    .call(),
            );
        }
        ["tags", function, key, value] => {
            let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
            send(TagResourceInputBuilder::default().resource(arn).tags(*key, *value).call());
        }
        ["untags", function, key] => {
            let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
            send(UntagResourceInputBuilder::default().resource(arn).tag_keys(*key).call());
        }
        ["disables", "every", "mapping"] => {
            let Reply::ListEventSourceMappings(all) = send(ListEventSourceMappingsInputBuilder::default().call())
            else {
                panic!()
            };
            for mapping in all.event_source_mappings() {
                let call = UpdateEventSourceMappingInputBuilder::default().uuid(mapping.uuid().unwrap()).enabled(false);
                send(call.call());
            }
        }
        _ => panic!("unknown manual change: {change}"),
    }
}
