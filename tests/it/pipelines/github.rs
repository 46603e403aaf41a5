//! The workflows of GitHub, from the first push to the drift of a night.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::expressions::{filled, holds};
use super::{JobEnd, Shop, log, workflow};

/// The shell in which GitHub runs a step.
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

/// The key of the plans.
const PLAN_KEY: &str = "a-plan-key-of-more-than-32-bytes-s3cr3t";

/// What happened to the repository.
struct Happening<'a> {
    name: &'a str,
    commit: String,
    payload: Value,
}

/// A pull request of a branch: GitHub checks out what it would be after its merge.
fn pull_request(shop: &Shop, number: u64, branch: &str, repository: &str) -> Happening<'static> {
    let commit = shop.git(&["rev-parse", branch]);
    std::fs::write(shop.path("artifacts").join(format!("pull-{number}")), &commit).unwrap();
    let head = json!({"sha": commit, "repo": {"full_name": repository}});
    Happening {
        name: "pull_request",
        commit: shop.merge(branch, "merged"),
        payload: json!({"pull_request": {"number": number, "head": head}}),
    }
}

fn queued(number: u64, commit: String) -> Happening<'static> {
    let head = format!("refs/heads/gh-readonly-queue/main/pr-{number}-{commit}");
    Happening { name: "merge_group", commit, payload: json!({"merge_group": {"head_ref": head}}) }
}

fn happening(name: &str, commit: String) -> Happening<'_> {
    Happening { name, commit, payload: json!({}) }
}

/// The number of a run, its jobs, the roles that they took, and what the summaries say.
#[derive(Default)]
struct Run {
    id: usize,
    ends: BTreeMap<String, JobEnd>,
    roles: BTreeMap<String, String>,
    summary: String,
}

/// Runs the jobs of a workflow in their order.
fn run(shop: &Shop, path: &str, happening: &Happening<'_>) -> Run {
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
fn runs(shop: &Shop) -> String {
    std::fs::read_to_string(shop.path("artifacts/runs")).unwrap_or_default()
}

/// Adds a run to the list, and returns its number.
fn add_run(shop: &Shop, event: &str, has_succeeded: bool, head: &Value) -> usize {
    let id = runs(shop).lines().count() + 1;
    let end = if has_succeeded { "success" } else { "failure" };
    let [commit, repository] = [&head["sha"], &head["repo"]["full_name"]].map(|it| it.as_str().unwrap_or("-"));
    let mut file = std::fs::File::options().create(true).append(true).open(shop.path("artifacts/runs")).unwrap();
    writeln!(file, "{id} {event} {end} {commit} {repository}").unwrap();
    id
}

/// Plays the steps of a job.
fn play(
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

const LAMBDA: &str = "examples/ci/github/lambda.yml";
const DRIFT: &str = "examples/ci/github/drift.yml";

/// Asserts how the jobs that ran have ended.
fn succeeded(run: &Run, jobs: &[&str]) {
    let ran: Vec<&str> =
        run.ends.iter().filter(|(_, end)| **end != JobEnd::Skipped).map(|(name, _)| name.as_str()).collect();
    assert_eq!(ran, jobs, "{:?}", run.ends);
    assert!(run.ends.values().all(|end| !matches!(end, JobEnd::Failure(_))), "{:?}", run.ends);
}

/// A shop whose stack has been applied.
fn applied() -> Shop {
    let shop = Shop::new("a-token");
    let first = run(&shop, LAMBDA, &happening("push", shop.git(&["rev-parse", "main"])));
    succeeded(&first, &["apply", "plan-merged"]);
    assert_eq!((first.roles["plan-merged"].as_str(), first.roles["apply"].as_str()), ("role/plan", "role/apply"));
    assert!(
        first.summary.contains("Plan: 2 to create") && first.summary.contains("### Apply: `shop`"),
        "{}",
        first.summary
    );
    assert_eq!(shop.memory("orders"), 128);
    shop
}

#[test]
fn a_pull_request_is_planned_queued_approved_and_applied() {
    let shop = applied();
    // A forge that limits requests and fails in between.
    let faults = [(StatusCode::TOO_MANY_REQUESTS, false), (StatusCode::BAD_GATEWAY, true)];
    shop.forge.pages.lock().unwrap().faults = faults.to_vec();
    shop.commit("larger", "256", "128");
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra")), &["plan"]);
    assert!(shop.forge.bodies()[0].contains("128 → 256"), "{:?}", shop.forge.bodies());
    let commit = shop.commit("larger", "512", "128");
    let second = run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra"));
    succeeded(&second, &["plan"]);
    assert_eq!(second.roles["plan"], "role/plan");
    let saved = shop.path("artifacts").join(second.id.to_string()).join("plan-7/plan.json");
    let saved: Value = serde_json::from_slice(&std::fs::read(saved).unwrap()).unwrap();
    assert!(saved["plan_key"].is_string(), "the plan binds no secrets: {saved}");
    let bodies = shop.forge.bodies();
    assert!(bodies.len() == 1 && bodies[0].contains("128 → 512"), "{bodies:?}");
    let status = shop.forge.pages.lock().unwrap().statuses.last().unwrap().clone();
    assert_eq!((status.0, &status.1["state"]), (format!("/repos/shop/infra/statuses/{commit}"), &json!("success")));

    // Another one is merged and applied first: this one would still do the same.
    shop.commit("receipts", "128", "192");
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 8, "receipts", "shop/infra")), &["plan"]);
    let merged = shop.merge("receipts", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(8, merged)), &["verify"]);
    let merged = shop.merge("receipts", "main");
    succeeded(&run(&shop, LAMBDA, &happening("push", merged)), &["apply", "plan-merged"]);
    assert_eq!(shop.memory("receipts"), 192);
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)), &["verify"]);

    // A fork's run of the same commit uploads a plan of the same name, and is the newest.
    let head = json!({"sha": commit, "repo": {"full_name": "mallory/infra"}});
    let forged = shop.path("artifacts").join(add_run(&shop, "pull_request", true, &head).to_string()).join("plan-7");
    std::fs::create_dir_all(&forged).unwrap();
    std::fs::write(forged.join("plan.json"), "{}").unwrap();
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)), &["verify"]);

    // Somebody changes the function by hand: the plan that was reviewed is not what would happen.
    shop.change_by_hand("orders", 1024);
    let merged = shop.merge("larger", "queue");
    let verified = run(&shop, LAMBDA, &queued(7, merged));
    let log = verified.ends["verify"].log();
    assert!(log.contains("memory_size: 128 → 1024") && log.ends_with("exit 2"), "{log}");
    shop.change_by_hand("orders", 128);
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra")), &["plan"]);
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)), &["verify"]);
    let merged = shop.merge("larger", "main");
    let last = run(&shop, LAMBDA, &happening("push", merged.clone()));
    succeeded(&last, &["apply", "plan-merged"]);
    assert_eq!((shop.memory("orders"), shop.memory("receipts")), (json!(512), json!(192)));
    assert!(last.summary.contains("alice, bob"), "{}", last.summary);
    succeeded(&run(&shop, LAMBDA, &happening("push", merged)), &["plan-merged"]);
}

#[test]
fn only_the_approved_plan_is_applied() {
    let shop = applied();
    shop.commit("larger", "256", "128");
    let merged = shop.merge("larger", "main");
    // Between the approval and the apply somebody replaces the artifact by another plan.
    let planned = run(&shop, LAMBDA, &happening("push", merged.clone()));
    succeeded(&planned, &["apply", "plan-merged"]);
    let digest =
        json!({"plan-merged": {"outputs": {"digest": format!("sha256:{}", "0".repeat(64)), "changes": "true"}}});
    let job = &workflow(LAMBDA)["jobs"]["apply"];
    let context = json!({"github": {"sha": merged, "event": {}, "actor": "merger", "run_id": planned.id}, "needs": digest, "steps": {},
        "job": {"status": "success"}, "secrets": {"ORDERS_TOKEN": "s3cr3t"}, "vars": {}});
    let end = play(&shop, "apply", job, &workflow(LAMBDA)["env"], context, &mut Run::default(), &mut json!({}));
    assert!(end.log().ends_with("exit 3") && end.log().contains("is not the plan that was approved"), "{}", end.log());
}

#[test]
fn a_commit_without_a_plan_of_this_repository_leaves_the_queue() {
    let shop = applied();
    let commit = shop.commit("theirs", "256", "128");
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 9, "theirs", "mallory/infra")), &["validate"]);
    let merged = shop.merge("theirs", "queue");
    let verified = run(&shop, LAMBDA, &queued(9, merged));
    assert!(verified.ends["verify"].log().contains(&format!("there is no plan of {commit}")), "{:?}", verified.ends);
}

#[test]
fn a_fork_is_validated_without_credentials() {
    let shop = applied();
    shop.commit("theirs", "256", "128");
    let of_fork = run(&shop, LAMBDA, &pull_request(&shop, 9, "theirs", "mallory/infra"));
    succeeded(&of_fork, &["validate"]);
    assert!(of_fork.roles.is_empty() && shop.forge.bodies().is_empty());
    let text = shop.path("repository/stack.yaml");
    let spec = std::fs::read_to_string(&text).unwrap();
    shop.write("stack.yaml", &spec.replace("env.ORDERS_TOKEN", "env.AWS_SECRET_ACCESS_KEY"));
    shop.git(&["checkout", "--quiet", "theirs"]);
    shop.git(&["commit", "--quiet", "--all", "--message", "steal"]);
    let stolen = run(&shop, LAMBDA, &pull_request(&shop, 9, "theirs", "mallory/infra"));
    assert!(stolen.ends["validate"].log().contains("AWS_SECRET_ACCESS_KEY"), "{:?}", stolen.ends);
}

#[test]
fn a_refused_plan_is_shown_in_the_pull_request() {
    let shop = applied();
    shop.commit("renamed", "128", "192");
    let spec = std::fs::read_to_string(shop.path("repository/stack.yaml")).unwrap();
    shop.write("stack.yaml", &spec.replace("stack: shop", "stack: other"));
    shop.git(&["commit", "--quiet", "--all", "--message", "another stack"]);
    let refused = run(&shop, LAMBDA, &pull_request(&shop, 10, "renamed", "shop/infra"));
    assert!(refused.ends["plan"].log().ends_with("exit 4"), "{:?}", refused.ends);
    assert!(shop.forge.bodies()[0].contains("**Refused**"), "{:?}", shop.forge.bodies());
    assert_eq!(shop.forge.pages.lock().unwrap().statuses.last().unwrap().1["state"], "failure");
}

#[test]
fn drift_opens_one_issue_and_closes_it() {
    let shop = applied();
    let night = || run(&shop, DRIFT, &happening("schedule", shop.git(&["rev-parse", "main"])));
    let issues = || shop.forge.pages.lock().unwrap().issues.clone();
    let clean = night();
    succeeded(&clean, &["drift"]);
    assert_eq!((clean.roles["drift"].as_str(), issues().len()), ("role/drift", 0));
    shop.change_by_hand("orders", 1024);
    for _ in 0..2 {
        assert!(night().ends["drift"].log().ends_with("exit 2"));
        let issues = issues();
        assert_eq!((issues.len(), &issues[0]["state"]), (1, &json!("open")));
        assert!(issues[0]["body"].as_str().unwrap().contains("memory_size is 1024, declared 128"), "{issues:?}");
    }
    shop.change_by_hand("orders", 128);
    succeeded(&night(), &["drift"]);
    assert_eq!(issues()[0]["state"], "closed");
}

#[test]
fn what_could_not_be_read_fails_the_night_after_the_issue() {
    let mut shop = applied();
    shop.empty_the_account_and_hide("receipts");
    let night = run(&shop, DRIFT, &happening("schedule", shop.git(&["rev-parse", "main"])));
    assert!(night.ends["drift"].log().ends_with("exit 1"), "{:?}", night.ends);
    let issues = shop.forge.pages.lock().unwrap().issues.clone();
    assert!(issues[0]["body"].as_str().unwrap().contains("**Not read, so there may be more**"), "{issues:?}");
}
