//! Runs the workflows of GitHub: their jobs, conditions, expressions, actions and scripts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::expressions::{filled, holds};
use super::{JobEnd, Shop, log, workflow};

/// The shell in which GitHub runs a step.
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

/// The key of the plans.
const PLAN_KEY: &str = "a-plan-key-of-more-than-32-bytes-s3cr3t";

/// What happened to the repository.
pub struct Happening<'a> {
    pub name: &'a str,
    pub commit: String,
    pub payload: Value,
}

/// A pull request of a branch: GitHub checks out what it would be after its merge.
pub fn pull_request(shop: &Shop, number: u64, branch: &str, repository: &str) -> Happening<'static> {
    let commit = shop.git(&["rev-parse", branch]);
    std::fs::write(shop.path("artifacts").join(format!("pull-{number}")), &commit).unwrap();
    let head = json!({"sha": commit, "repo": {"full_name": repository}});
    Happening {
        name: "pull_request",
        commit: shop.merge(branch, "merged"),
        payload: json!({"pull_request": {"number": number, "head": head}}),
    }
}

pub fn queued(number: u64, commit: String) -> Happening<'static> {
    let head = format!("refs/heads/gh-readonly-queue/main/pr-{number}-{commit}");
    Happening { name: "merge_group", commit, payload: json!({"merge_group": {"head_ref": head}}) }
}

pub fn happening(name: &str, commit: String) -> Happening<'_> {
    Happening { name, commit, payload: json!({}) }
}

/// The number of a run, its jobs, the roles that they took, and what the summaries say.
#[derive(Default)]
pub struct Run {
    pub id: usize,
    pub ends: BTreeMap<String, JobEnd>,
    pub roles: BTreeMap<String, String>,
    pub summary: String,
}

/// Runs the jobs of a workflow in their order.
pub fn run(shop: &Shop, path: &str, happening: &Happening<'_>) -> Run {
    let workflow = workflow(path);
    assert!(workflow["on"].get(happening.name).is_some(), "{path} does not run for {}", happening.name);
    let mut run = Run { id: runs(shop).lines().count() + 1, ..Run::default() };
    let mut needs = json!({});
    // Those that need another one come after it.
    let mut jobs: Vec<(&String, &Value)> = workflow["jobs"].as_object().unwrap().iter().collect();
    jobs.sort_by_key(|(_, job)| job.get("needs").is_some());
    for (name, job) in jobs {
        let context = json!({
            "github": {
                "event_name": happening.name, "event": happening.payload, "repository": "shop/infra", "token": "a-token",
                "actor": "merger", "sha": happening.commit, "run_id": run.id,
            },
            "secrets": {"ORDERS_TOKEN": "s3cr3t", "TRUEUP_PLAN_KEY": PLAN_KEY},
            "vars": {"PLAN_ROLE_ARN": "role/plan", "APPLY_ROLE_ARN": "role/apply", "DRIFT_ROLE_ARN": "role/drift", "AWS_REGION": "us-east-1"},
            "needs": needs, "steps": {}, "job": {"status": "success"},
        });
        let is_skipped = job["needs"].as_str().is_some_and(|needed| run.ends[needed] != JobEnd::Success);
        let runs = job["if"].as_str().is_none_or(|condition| holds(condition, &context));
        let end = if is_skipped || !runs {
            JobEnd::Skipped
        } else {
            play(shop, name, job, &workflow["env"], context, &mut run, &mut needs)
        };
        run.ends.insert(name.clone(), end);
    }
    let has_failed = run.ends.values().any(|end| matches!(end, JobEnd::Failure(_)));
    let head = &happening.payload["pull_request"]["head"];
    add_run(shop, happening.name, !has_failed, head);
    run
}

/// Returns the list of the runs, each with its number, event, end, commit and repository.
pub fn runs(shop: &Shop) -> String {
    std::fs::read_to_string(shop.path("artifacts/runs")).unwrap_or_default()
}

/// Adds a run to the list, and returns its number.
pub fn add_run(shop: &Shop, event: &str, has_succeeded: bool, head: &Value) -> usize {
    let id = runs(shop).lines().count() + 1;
    let end = if has_succeeded { "success" } else { "failure" };
    let [commit, repository] = [&head["sha"], &head["repo"]["full_name"]].map(|it| it.as_str().unwrap_or("-"));
    let mut file = std::fs::File::options().create(true).append(true).open(shop.path("artifacts/runs")).unwrap();
    writeln!(file, "{id} {event} {end} {commit} {repository}").unwrap();
    id
}

/// Plays the steps of a job.
pub fn play(
    shop: &Shop,
    name: &str,
    job: &Value,
    env: &Value,
    mut context: Value,
    run: &mut Run,
    needs: &mut Value,
) -> JobEnd {
    let folder = shop.checkout(context["github"]["sha"].as_str().unwrap());
    context["runner_temp"] = json!(tempfile::tempdir_in(shop.folder.path()).unwrap().keep());
    let mut failed = None;
    for step in job["steps"].as_array().unwrap() {
        let condition = step["if"].as_str().unwrap_or("success()");
        let condition =
            if condition.contains("()") { condition.to_owned() } else { format!("success() && {condition}") };
        if !holds(&condition, &context) {
            continue;
        }
        let ended = match step["uses"].as_str() {
            Some(action) => action_of(shop, action, &step["with"], &context, &folder, (name, &mut *run)),
            None => script_of(shop, step, env, &mut context, &folder, run),
        };
        if let Err(log) = ended {
            context["job"]["status"] = json!("failure");
            failed.get_or_insert(log);
        }
    }
    shop.assume(None);
    for (output, value) in job["outputs"].as_object().into_iter().flatten() {
        needs[name]["outputs"][output] = json!(filled(value.as_str().unwrap(), &context));
    }
    failed.map_or(JobEnd::Success, JobEnd::Failure)
}

/// Stands in for an action.
fn action_of(
    shop: &Shop,
    action: &str,
    with: &Value,
    context: &Value,
    folder: &Path,
    (job, run): (&str, &mut Run),
) -> Result<(), String> {
    let input = |name: &str| filled(with[name].as_str().unwrap_or_default(), context);
    let (action, version) = action.split_once('@').expect("an action has a version");
    let is_pinned = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    match action {
        "trueup-dev/trueup" => assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION"))),
        _ => assert!(is_pinned, "{action} is not pinned by its commit"),
    }
    let artifacts = shop.path("artifacts").join(context["github"]["run_id"].to_string()).join(input("name"));
    match action {
        "actions/checkout" => assert_eq!(with["persist-credentials"], false, "the token is of no use to the spec"),
        "trueup-dev/trueup" => {}
        "aws-actions/configure-aws-credentials" => {
            run.roles.insert(job.to_owned(), input("role-to-assume"));
            shop.assume(Some(&input("role-to-assume")));
        }
        "actions/upload-artifact" => {
            std::fs::create_dir_all(&artifacts).unwrap();
            let path = input("path");
            std::fs::copy(folder.join(&path), artifacts.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        }
        "actions/download-artifact" => {
            for file in std::fs::read_dir(&artifacts).map_err(|error| error.to_string())? {
                let file = file.unwrap();
                std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
            }
        }
        other => panic!("the player knows no action {other}"),
    }
    Ok(())
}

/// Runs the script of a step.
fn script_of(
    shop: &Shop,
    step: &Value,
    env: &Value,
    context: &mut Value,
    folder: &Path,
    run: &mut Run,
) -> Result<(), String> {
    let script = step["run"].as_str().unwrap();
    assert!(!script.contains("${{"), "an expression in a script is an injection: {script}");
    let mut command = shop.script(&BASH, script, folder);
    let [event, outputs, summary, variables] =
        ["event.json", "outputs", "summary", "variables"].map(|name| shop.path(name));
    std::fs::write(&event, context["github"]["event"].to_string()).unwrap();
    for file in [&outputs, &summary, &variables] {
        std::fs::write(file, "").unwrap();
    }
    command.envs([("GITHUB_EVENT_PATH", &event), ("GITHUB_OUTPUT", &outputs), ("GITHUB_STEP_SUMMARY", &summary)]);
    command.env("GITHUB_ENV", &variables).env("RUNNER_TEMP", context["runner_temp"].as_str().unwrap());
    command.envs([("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "shop/infra")]);
    command.env("GITHUB_RUN_ID", context["github"]["run_id"].to_string());
    command.envs([("GITHUB_API_URL", shop.forge.url.as_str()), ("GITHUB_SERVER_URL", "https://github.com")]);
    command.env("GITHUB_SHA", context["github"]["sha"].as_str().unwrap()).env("APPROVERS", "alice, bob");
    for (name, value) in [env, &step["env"]].into_iter().filter_map(Value::as_object).flatten() {
        command.env(name, filled(value.as_str().unwrap(), context));
    }
    // The variables that earlier steps of the job have set.
    command.envs(context["env"].as_object().into_iter().flatten().map(|(name, value)| (name, value.as_str().unwrap())));
    let (code, text) = log(&command.output().unwrap());
    run.summary += &std::fs::read_to_string(summary).unwrap();
    assert!(!text.contains("s3cr3t") && !run.summary.contains("s3cr3t"), "{text}");
    for line in std::fs::read_to_string(variables).unwrap().lines() {
        let (name, value) = line.split_once('=').unwrap();
        context["env"][name] = json!(value);
    }
    if let Some(id) = step["id"].as_str() {
        for line in std::fs::read_to_string(outputs).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            context["steps"][id]["outputs"][name] = json!(value);
        }
    }
    if code == 0 { Ok(()) } else { Err(format!("{script}\n{text}\nexit {code}")) }
}
