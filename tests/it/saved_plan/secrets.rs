//! Promise: a saved plan holds no secret, and confirms no guess of one.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use trueup::declaration::{self, Inputs};
use trueup::files::Disk;
use trueup::kinds;
use trueup::model::KindId;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::plan::saved::{Binding, PlanKey, Stale};

use super::SPEC;
use crate::harness::{ACCOUNT, Fixture, REGION, block_on, shown, zip};

#[test]
fn no_secret_is_in_a_saved_plan() {
    block_on(async {
        let fixture = Fixture::new();
        let spec = kinds::entry(KindId::Function).example().replace("{TABLE: orders}", "{TOKEN: hunter2-hunter2}");
        let spec = format!("{spec}    aliases: {{live: {{function_version: published}}}}\n");
        fixture.apply(&spec).await;
        let reconciler = fixture.reconciler(&spec.replace("hunter2-hunter2", "swordfish-9"));
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        assert!(!prepared.plan.is_empty());
        let text = prepared.plan.sealed(&Binding::of(&reconciler.stack)).to_json();
        let shown = shown(&prepared.plan);
        let json = serde_json::to_string(&prepared.plan.masked()).unwrap();
        for secret in ["hunter2-hunter2", "swordfish-9"] {
            assert!(!text.contains(secret) && !shown.contains(secret) && !json.contains(secret), "{text}\n{shown}");
        }
    });
}

/// The number of candidates that an attacker tries; the secret is among them.
const CANDIDATE_COUNT: u32 = 1_000_000;

/// Secrets of many shapes, most of which a list of candidates would have.
const CANDIDATES: [&str; 9] = [
    "48213",
    "1",
    "hunter2",
    "orders",
    "us-east-1",
    "{\"a\": \"b\"}",
    "aHVudGVyMg==",
    "pässwörd",
    "-----BEGIN KEY----- x",
];

/// The plan files of a spec with each of these values for its one secret, made from the same live state.
fn saved_with_each(candidates: &[&str], key: Option<&PlanKey>) -> Vec<String> {
    block_on(async {
        let fixture = Fixture::new();
        let of = |secret: &str| {
            let secret = serde_json::to_string(secret).unwrap();
            format!("{SPEC}    environment: {{variables: {{PIN: {secret}}}}}\n")
        };
        fixture.apply(&of("the first value")).await;
        let mut saved = Vec::new();
        for candidate in candidates {
            let reconciler = fixture.reconciler(&of(candidate));
            let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            assert_eq!(prepared.plan.steps.len(), 1, "{candidate}");
            saved.push(prepared.plan.sealed(&Binding::of(&reconciler.stack).with_key(key.cloned())).to_json());
        }
        saved
    })
}

#[test]
fn a_saved_plan_has_the_same_bytes_whatever_its_secrets_are() {
    // So with the file, and everything but the secret, no candidate can be told from another.
    let saved = saved_with_each(&CANDIDATES, None);
    for (candidate, plan) in CANDIDATES.iter().zip(&saved) {
        assert_eq!(plan, &saved[0], "{candidate}");
    }
}

#[test]
fn a_plan_key_binds_secrets_and_nothing_without_it_confirms_a_guess() {
    let key = PlanKey::of(&[7; 32]).unwrap();
    let saved = saved_with_each(&CANDIDATES, Some(&key));
    let distinct: BTreeSet<&String> = saved.iter().collect();
    assert_eq!(distinct.len(), CANDIDATES.len());
    let keyed = |plan: &str, key: &PlanKey| saved_with_each(&["48213"], Some(key)).concat() == plan;
    assert!(!keyed(&saved[0], &PlanKey::of(&[8; 32]).unwrap()));
    block_on(async {
        let fixture = Fixture::new();
        let reconciler = fixture.reconciler(SPEC);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let saved = prepared.plan.sealed(&Binding::of(&reconciler.stack).with_key(Some(key.clone())));
        assert_eq!(reconciler.verify(&saved, &saved.options, Some(key)).await.unwrap().0, []);
        for other in [None, PlanKey::of(&[8; 32]).ok()] {
            let (stale, _) = reconciler.verify(&saved, &saved.options, other).await.unwrap();
            assert!(matches!(stale[..], [Stale::OtherSpec { .. } | Stale::SpecChanged { .. }]), "{stale:?}");
        }
    });
}

#[test]
fn values_of_the_environment_are_masked_in_fields_that_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let spec = format!(
        "{SPEC}    description: \"built by ${{env.CI_JOB}} with ${{env.CI_TOKEN}}\"\n    tags: {{by: \"${{env.CI_TOKEN}}\"}}\n"
    );
    std::fs::write(folder.path().join("trueup.yaml"), spec).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let trueup = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).args(["--sim=sim", "--sim-settle", "0"]).current_dir(folder.path()).env_clear();
        let output = command.envs([("CI_TOKEN", "ghp-S3cr3tTok3n"), ("CI_JOB", "17")]).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains("S3cr3t"), "{arguments:?}: {text}");
        (output.status.code(), text)
    };
    for arguments in [&["plan", "--out", "plan.json"][..], &["plan", "--json"], &["apply", "plan.json"]] {
        let (code, text) = trueup(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
    }
    let saved = std::fs::read_to_string(folder.path().join("plan.json")).unwrap();
    assert!(!saved.contains("S3cr3t"), "{saved}");
    for arguments in [&["plan", "--show-unchanged", "--json"][..], &["drift"], &["destroy", "--auto-approve"]] {
        trueup(arguments);
    }
}

/// Loads a spec with these variables in the environment, and returns its digest.
fn digest_with(fixture: &Fixture, spec: &str, environment: &[(&str, &str)]) -> String {
    fixture.write("stack.yaml", spec);
    let inputs = Inputs {
        files: vec![fixture.folder.path().join("stack.yaml")],
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Inputs::default()
    };
    let known = Some((ACCOUNT.to_owned(), REGION.to_owned()));
    Binding::of(&declaration::load(&inputs, &Disk, known).stack.expect("the spec is right")).digest
}

#[test]
fn a_saved_plan_is_bound_to_the_sources_of_secrets_and_not_to_their_values() {
    let fixture = Fixture::new();
    let spec = |value: &str, description: &str| {
        format!(
            "vars: {{y: \"${{env.A}}\", z: \"${{env.B}}\", w: plain}}\n{SPEC}    description: \"{description}\"\n    \
             environment: {{variables: {{PIN: \"{value}\"}}}}\n"
        )
    };
    let digest = |value: &str, description: &str, environment: &[(&str, &str)]| {
        digest_with(&fixture, &spec(value, description), environment)
    };
    let (one, other) = (&[("A", "48213"), ("B", "17")][..], &[("A", "99"), ("B", "hunter2")][..]);
    let first = digest("${env.A}", "by ${env.B}", one);
    assert_eq!(digest("${env.A}", "by ${env.B}", other), first, "the values are not bound");
    assert_eq!(digest("${env.A}x", "by ${env.B}", one), first, "the text around a secret is a part of it");
    for (value, description) in [
        ("${env.B}", "by ${env.B}"),
        ("${var.y}", "by ${env.B}"),
        ("${var.w}", "by ${env.B}"),
        ("literal", "by ${env.B}"),
        ("${env.A}${env.B}", "by ${env.B}"),
        ("${env.A}", "by ${env.A}"),
        ("${env.A}", "with ${env.B}"),
        ("${env.A}", "by 17"),
    ] {
        assert_ne!(digest(value, description, one), first, "{value} {description}");
    }
    // A variable that reads another variable of the environment is another source.
    assert_ne!(digest("${var.y}", "", one), digest("${var.z}", "", one));
    let with = |definition: &str| spec("${var.y}", "").replace("y: \"${env.A}\"", definition);
    assert_ne!(
        digest_with(&fixture, &with("y: \"${env.A}\""), one),
        digest_with(&fixture, &with("y: \"${env.B}\""), one)
    );
}

/// Every text of a JSON value, and every part of it that could be a digest.
fn tokens(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|below| tokens(below, found)),
        Value::Array(list) => list.iter().for_each(|below| tokens(below, found)),
        Value::String(text) => {
            found.insert(text.clone());
            let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=_-".contains(letter));
            found.extend(parts.filter(|part| part.len() >= 16).map(str::to_owned));
        }
        _ => {}
    }
}

#[test]
fn an_attacker_with_a_plan_and_the_spec_confirms_no_candidate() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use sha2::{Digest as _, Sha256};
    let secret = "48213";
    let plan: Value = serde_json::from_str(&saved_with_each(&[secret], None).concat()).unwrap();
    let mut known = BTreeSet::new();
    tokens(&plan, &mut known);
    assert!(known.iter().any(|token| token.len() == 64), "there are digests to attack: {known:?}");
    // The longer digests are compared by their first bytes, as a shortened one would be.
    let starts: HashSet<[u8; 8]> = known
        .iter()
        .flat_map(|token| [hex::decode(token).ok(), STANDARD.decode(token).ok(), URL_SAFE_NO_PAD.decode(token).ok()])
        .flatten()
        .filter_map(|bytes| bytes.first_chunk::<8>().copied())
        .collect();
    let keys: Vec<&str> = ["", "trueup", "trueup spec", "trueup plan key", "environment.variables.PIN"]
        .into_iter()
        .chain(known.iter().map(String::as_str).filter(|token| token.len() == 64))
        .collect();
    let mut confirmed = Vec::new();
    assert!(!known.contains(secret));
    let mut attack = |candidate: &str, keys: &[&str]| {
        let quoted = serde_json::to_string(candidate).unwrap();
        let forms = [candidate.to_owned(), quoted.clone(), format!("{{\"PIN\":{quoted}}}")];
        let is_known = |digest: &[u8]| digest.first_chunk::<8>().is_some_and(|start| starts.contains(start));
        for form in &forms {
            for key in keys {
                let digest = Sha256::new().chain_update(key).chain_update(form).finalize();
                if is_known(&digest) || is_known(&Sha256::digest(digest)) {
                    confirmed.push(candidate.to_owned());
                }
            }
        }
    };
    (0..CANDIDATE_COUNT).for_each(|number| attack(&number.to_string(), &keys[..1]));
    let near = (48_000..49_000).map(|number| number.to_string());
    near.chain(CANDIDATES.map(str::to_owned)).for_each(|candidate| attack(&candidate, &keys));
    assert_eq!(confirmed, Vec::<String>::new());
}
