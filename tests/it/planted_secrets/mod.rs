//! Promise: no secret reaches an output, a log or a file, whatever its shape and place, and errors stay readable.

mod findings;
mod quoted;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use trueup::model::is_hidden;

use crate::harness::zip;
use crate::server::Server;

/// Secrets of every shape, all of them planted at once. None occurs in an output by chance.
const SHAPES: &[(&str, &str)] = &[
    ("very short", "q~7"),
    ("short", "hunter2"),
    ("digits", "4821377"),
    ("token", "ghp_S3cr3tTok3nAbc0123456789"),
    ("lines", "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"),
    ("JSON", "{\"user\": \"jane-d0e\", \"pw\": \"back\\\\sl4sh\"}"),
    ("base64", "czNjcjN0LWJhc2U2NA=="),
    ("unicode", "pässwörd-ß-€"),
    ("URL", "postgres://jane:s3cr3t-pw@db.example.com/x"),
    ("quotes", "it's \"qu0ted\" here"),
    ("percent", "100%-s3cr3t&x=1"),
    ("blanks", "two words-of s3cr3t"),
    ("colon", "us3r: p4ss, w0rd"),
    ("hostile", "s3\u{1b}[2J\u{202e}cr3t\u{9b}8m"),
    ("expression", "cl0se} ${0pen"),
];

/// The parts of a secret that would give it away.
fn traces(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let lines = secret.lines().filter(|line| secret.lines().count() > 1 && line.len() > 10).map(str::to_owned);
    let whole = [secret.to_owned(), json.trim_matches('"').to_owned(), BASE64_STANDARD.encode(secret)];
    let visible = trueup::model::visible(secret).into_owned();
    lines.chain(whole).chain([visible]).collect()
}

/// Fails if a text gives a secret away, or holds what a terminal obeys or hides.
fn assert_clean(what: &str, text: &str) {
    for (shape, secret) in SHAPES {
        for trace in traces(secret) {
            assert!(!text.contains(&trace), "{what}: the secret of the shape `{shape}` as {trace:?} in: {text}");
        }
    }
    let found = text.chars().find(|letter| is_hidden(*letter) && *letter != '\n');
    assert_eq!(found, None, "{what}: {text:?}");
}

/// A folder with a package, and the program in an environment that holds each secret as `S0`, `S1` and so on.
struct Planted(tempfile::TempDir);

impl Planted {
    fn new(spec: &str) -> Planted {
        let planted = Planted(tempfile::tempdir().unwrap());
        planted.write("trueup.yaml", spec);
        std::fs::write(planted.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
        planted
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Runs a command, checks all that it prints, and returns the exit code and the text.
    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
        let secrets = SHAPES.iter().enumerate().map(|(number, (_, secret))| (format!("S{number}"), *secret));
        let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(secrets)
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")])
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_clean(&format!("{arguments:?}"), &text);
        (output.status.code().unwrap_or(-1), text)
    }
}

/// A secret as a literal of the spec, where `${` begins an expression and a hidden character is an escape.
fn literal(secret: &str) -> String {
    trueup::model::visible_json(&serde_json::to_string(&secret.replace("${", "$${")).unwrap()).into_owned()
}

/// A spec with every secret in every place that takes one: a function for each, with a version and an alias.
fn spec() -> String {
    let mut spec = "version: 1\nstack: sinks\nvars:\n".to_owned();
    for (number, (_, secret)) in SHAPES.iter().enumerate() {
        let _ = writeln!(spec, "  v{number}: {}", literal(secret));
    }
    spec += "functions:\n";
    for (number, (_, secret)) in SHAPES.iter().enumerate() {
        let literal = literal(secret);
        let _ = write!(
            spec,
            "  f{number}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    \
             code: {{zip: package.zip}}\n    description: \"by ${{env.S{number}}} and others\"\n    environment:\n      \
             variables:\n        LITERAL: {literal}\n        ENV: \"${{env.S{number}}}\"\n        VAR: \
             \"${{var.v{number}}}\"\n        PART: \"x-${{env.S{number}}}-${{functions.other.arn}}\"\n    publish: \
             {{description: \"${{env.S{number}}}\"}}\n    aliases: {{live: {{function_version: published, description: \
             \"${{env.S{number}}}\"}}}}\n"
        );
        if secret.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.:/=+-@ ".contains(letter)) {
            let _ = writeln!(spec, "    tags: {{planted: \"${{env.S{number}}}\"}}");
        }
    }
    spec + "  other:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: \
            {zip: package.zip}\n"
}

#[test]
fn no_command_prints_or_saves_a_secret() {
    let planted = Planted::new(&spec());
    let sim = ["--sim=sim", "--sim-settle", "0"];
    let run = |arguments: &[&str], code: i32| {
        let (got, text) = planted.run(&[arguments, &sim[..]].concat(), &[]);
        assert_eq!(got, code, "{arguments:?}: {text}");
        text
    };
    let offline = |arguments: &[&str]| {
        let (code, text) = planted.run(arguments, &[]);
        assert_eq!(code, 0, "{arguments:?}: {text}");
    };
    for arguments in [&["validate"][..], &["validate", "--json"], &["graph"], &["graph", "--format", "mermaid"]] {
        offline(arguments);
    }
    run(&["plan", "--json"], 0);
    let plan = run(&["plan", "--out", "plan.json"], 0);
    assert!(plan.contains("description  (sensitive)") && plan.contains("LITERAL, PART, VAR (values hidden)"), "{plan}");
    assert_clean("plan.json", &std::fs::read_to_string(planted.path().join("plan.json")).unwrap());
    offline(&["show", "plan.json"]);
    offline(&["show", "plan.json", "--json"]);
    run(&["apply", "plan.json", "--verbose"], 0);
    run(&["plan", "--show-unchanged"], 0);
    run(&["plan", "--show-unchanged", "--json"], 0);
    // Everything that holds a secret changes.
    planted.write("other.yaml", &spec().replace("by ${env.S", "for ${env.S").replace("\"x-${env.S", "\"y-${env.S"));
    run(&["plan", "-f", "other.yaml"], 0);
    run(&["plan", "-f", "other.yaml", "--json"], 0);
    run(&["drift", "-f", "other.yaml"], 2);
    run(&["drift", "-f", "other.yaml", "--json"], 2);
    planted.write("key", &"k".repeat(32));
    run(&["plan", "-f", "other.yaml", "--out", "other.json", "--plan-key", "key"], 0);
    assert_clean("other.json", &std::fs::read_to_string(planted.path().join("other.json")).unwrap());
    let (code, text) = planted.run(
        &[&["apply", "-f", "other.yaml", "--auto-approve", "--json"], &sim[..]].concat(),
        &[("TRUEUP_LOG", "trace")],
    );
    assert_eq!(code, 0, "{text}");
    // The saved plan is stale, and the refusal lists what has changed.
    run(&["apply", "plan.json"], 3);
    run(&["destroy", "--out", "destroy.json", "--json"], 0);
    assert_clean("destroy.json", &std::fs::read_to_string(planted.path().join("destroy.json")).unwrap());
    run(&["destroy", "--auto-approve"], 0);
}

#[test]
fn no_refusal_of_an_apply_shows_a_secret() {
    let planted = Planted::new(&spec());
    let server = Server::start(&[
        "--settle",
        "0",
        "--rule",
        "concurrent-writer UpdateFunctionConfiguration {\"FunctionName\": \"f1\", \"Description\": \"theirs\"} on PublishVersion of f1 at 1",
    ]);
    for arguments in [
        &["apply", "--auto-approve"][..],
        &["apply", "--auto-approve", "--json"],
        &["apply", "--auto-approve", "--output=ndjson=-", "--output=junit=/dev/stderr"],
    ] {
        let (code, text) = planted.run(&[arguments, &["--endpoint-url", &server.url]].concat(), &[]);
        if arguments.len() == 2 {
            assert_eq!(code, 5, "{text}");
            assert!(text.contains("description: (sensitive"), "{text}");
        }
    }
}
