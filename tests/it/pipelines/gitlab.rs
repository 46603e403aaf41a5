//! The pipelines of GitLab: merge requests, merge trains, the default branch and schedules.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{JobEnd, Shop, log, succeeded, workflow};

const FILE: &str = "examples/ci/gitlab/.gitlab-ci.yml";

/// Returns a job with what it extends: maps are merged, all else is replaced.
fn extended(file: &Map<String, Value>, name: &str) -> Value {
    let job = file[name].clone();
    let Some(base) = job["extends"].as_str() else { return job };
    merged(extended(file, base), job)
}

fn merged(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let before = base.remove(&key).unwrap_or(Value::Null);
                base.insert(key, merged(before, value));
            }
            Value::Object(base)
        }
        (_, over) => over,
    }
}

/// Returns true if a condition of a rule holds: comparisons with `==`, all of them.
fn holds(condition: &str, variables: &BTreeMap<String, String>) -> bool {
    condition.split("&&").all(|part| {
        let (left, right) = part.split_once("==").expect("a comparison");
        let value = |text: &str| match text.trim().strip_prefix('$') {
            Some(name) => variables.get(name).cloned().unwrap_or_default(),
            None => text.trim().trim_matches('"').to_owned(),
        };
        value(left) == value(right)
    })
}

/// Runs the jobs of a pipeline, those that somebody has to start included.
fn run(shop: &Shop, commit: &str, variables: &[(&str, &str)]) -> BTreeMap<String, JobEnd> {
    let file = workflow(FILE);
    let file = file.as_object().unwrap();
    // A variable of the type file.
    let plan_key = shop.path("plan.key");
    std::fs::write(&plan_key, "a-plan-key-of-more-than-32-bytes-s3cr3t").unwrap();
    let mut all: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in [
        ("CI_PROJECT_ID", "12"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_API_V4_URL", shop.forge.url.as_str()),
        ("CI_COMMIT_SHA", commit),
        ("CI_JOB_URL", "https://gitlab.com/shop/infra/-/jobs/1"),
        ("GITLAB_USER_LOGIN", "carol"),
        ("PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/plan"),
        ("APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/apply"),
        ("DRIFT_ROLE_ARN", "arn:aws:iam::123456789012:role/drift"),
        ("GITLAB_TOKEN", "b-token"),
        ("ORDERS_TOKEN", "s3cr3t"),
        ("AWS_ID_TOKEN", "an-id-token"),
        ("CI_JOB_TOKEN", "a-job-token"),
        ("TRUEUP_PLAN_KEY", plan_key.to_str().unwrap()),
    ] {
        all.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    let mut ends = BTreeMap::new();
    // Those that need another one come after it.
    let mut jobs: Vec<&String> = file.keys().filter(|name| !name.starts_with('.')).collect();
    jobs.sort_by_key(|name| file[*name].get("needs").is_some());
    for name in jobs {
        let job = extended(file, name);
        let rule = job["rules"].as_array().unwrap().iter().find(|rule| holds(rule["if"].as_str().unwrap(), &all));
        let end = match rule {
            None => JobEnd::Skipped,
            Some(rule) if rule["when"] == "never" => JobEnd::Skipped,
            Some(_) => play(shop, name, &job, commit, &all),
        };
        ends.insert(name.clone(), end);
    }
    ends
}

fn play(shop: &Shop, name: &str, job: &Value, commit: &str, variables: &BTreeMap<String, String>) -> JobEnd {
    let folder = shop.checkout(commit);
    for needed in job["needs"].as_array().into_iter().flatten() {
        let from = shop.path("artifacts").join(needed.as_str().unwrap());
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    let mut all = variables.clone();
    // A variable that a job has passed on comes before one of the project.
    let passed = |needed: &Value| {
        let file = shop.path("artifacts").join(needed.as_str().unwrap()).join("plan.env");
        std::fs::read_to_string(file).unwrap_or_default()
    };
    for line in job["needs"].as_array().into_iter().flatten().map(passed).collect::<String>().lines() {
        let (name, value) = line.split_once('=').unwrap();
        all.insert(name.to_owned(), value.to_owned());
    }
    for (variable, value) in job["variables"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap();
        let value = value.strip_prefix('$').map_or(value, |name| variables.get(name).map_or("", String::as_str));
        // A variable of the project comes before one of the file.
        if !(variable == "ORDERS_TOKEN" && all["CI_PROJECT_ID"] == "12") {
            all.insert(variable.clone(), value.to_owned());
        }
    }
    all.insert("AWS_WEB_IDENTITY_TOKEN_FILE".to_owned(), folder.join("../id-token").display().to_string());
    let lines = ["before_script", "script"].iter().flat_map(|part| job[*part].as_array().into_iter().flatten());
    let script: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    // The keys of `Shop::script` come before a role; that is the account's business.
    shop.assume(all.get("AWS_ROLE_ARN").map(String::as_str));
    let output = shop.script(&["sh", "-ec"], &script.join("\n"), &folder).envs(&all).output().unwrap();
    shop.assume(None);
    let (code, text) = log(&output);
    assert!(!text.contains("s3cr3t"), "{text}");
    let artifacts = shop.path("artifacts").join(name);
    let reports = job["artifacts"]["reports"].as_object().into_iter().flatten().map(|(_, path)| path);
    for path in job["artifacts"]["paths"].as_array().into_iter().flatten().chain(reports) {
        std::fs::create_dir_all(&artifacts).unwrap();
        let path = path.as_str().unwrap();
        let copied = std::fs::copy(folder.join(path), artifacts.join(path));
        assert!(copied.is_ok() || code != 0, "{name} has no {path}: {text}");
    }
    if code == 0 { JobEnd::Success } else { JobEnd::Failure(format!("{text}\nexit {code}")) }
}

const PUSH: [(&str, &str); 2] = [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "main")];

fn merge_request(commit: &str) -> [(&str, &str); 5] {
    [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_IID", "3"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "12"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "12"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", commit),
    ]
}

#[test]
fn a_merge_request_is_planned_verified_in_its_train_and_applied() {
    let shop = Shop::new("b-token");
    let main = shop.git(&["rev-parse", "main"]);
    succeeded(&run(&shop, &main, &PUSH), &["trueup-apply", "trueup-plan-merged"]);
    assert_eq!(shop.memory("orders"), 128);
    let commit = shop.commit("larger", "256", "128");
    let planned = run(&shop, &commit, &merge_request(&commit));
    succeeded(&planned, &["trueup-plan", "trueup-validate"]);
    assert!(shop.forge.bodies()[0].contains("128 → 256"), "{:?}", shop.forge.bodies());
    let counts = std::fs::read_to_string(shop.path("artifacts/trueup-plan/terraform.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&counts).unwrap(), json!({"create": 0, "update": 1, "delete": 0}));
    let merged = shop.merge("larger", "train");
    let train = [&merge_request(&commit)[..], &[("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train")]].concat();
    succeeded(&run(&shop, &merged, &train), &["trueup-verify"]);
    shop.change_by_hand("orders", 1024);
    let moved = run(&shop, &merged, &train);
    assert!(moved["trueup-verify"].log().contains("memory_size: 128 → 1024"), "{moved:?}");
    let merged = shop.merge("larger", "main");
    succeeded(&run(&shop, &merged, &PUSH), &["trueup-apply", "trueup-plan-merged"]);
    assert_eq!(shop.memory("orders"), 256);
    // A branch is not the default one, and a fork plans nothing, neither at home nor here.
    succeeded(&run(&shop, &merged, &[("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "other")]), &[]);
    let of_fork = [&merge_request(&commit)[..], &[("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "99")]].concat();
    let at_home = [&of_fork[..], &[("CI_PROJECT_ID", "99")]].concat();
    for fork in [of_fork, at_home] {
        succeeded(&run(&shop, &commit, &fork), &["trueup-validate"]);
    }
}

#[test]
fn only_the_plan_of_the_job_is_applied() {
    let shop = Shop::new("b-token");
    let main = shop.git(&["rev-parse", "main"]);
    succeeded(&run(&shop, &main, &PUSH), &["trueup-apply", "trueup-plan-merged"]);
    let env = shop.path("artifacts/trueup-plan-merged/plan.env");
    let digest = std::fs::read_to_string(&env).unwrap();
    assert!(digest.starts_with("PLAN_DIGEST=sha256:"), "{digest}");
    std::fs::write(env, format!("PLAN_DIGEST=sha256:{}\n", "0".repeat(64))).unwrap();
    let file = workflow(FILE);
    let apply = extended(file.as_object().unwrap(), "trueup-apply");
    let variables = [
        ("CI_PROJECT_ID", "12"),
        ("GITLAB_USER_LOGIN", "carol"),
        ("ORDERS_TOKEN", "s3cr3t"),
        ("AWS_ID_TOKEN", "an-id-token"),
        ("APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/apply"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let end = play(&shop, "trueup-apply", &apply, &main, &variables);
    assert!(end.log().ends_with("exit 3") && end.log().contains("is not the plan that was approved"), "{end:?}");
}

#[test]
fn a_schedule_keeps_one_issue_for_drift() {
    let mut shop = Shop::new("b-token");
    let main = shop.git(&["rev-parse", "main"]);
    succeeded(&run(&shop, &main, &PUSH), &["trueup-apply", "trueup-plan-merged"]);
    let schedule = [("CI_PIPELINE_SOURCE", "schedule")];
    succeeded(&run(&shop, &main, &schedule), &["trueup-drift"]);
    shop.change_by_hand("receipts", 1024);
    let drifted = run(&shop, &main, &schedule);
    assert!(drifted["trueup-drift"].log().ends_with("exit 2"), "{drifted:?}");
    assert_eq!(shop.forge.pages.lock().unwrap().issues.len(), 1);
    shop.change_by_hand("receipts", 128);
    succeeded(&run(&shop, &main, &schedule), &["trueup-drift"]);
    assert_eq!(shop.forge.pages.lock().unwrap().issues[0]["state"], "closed");
    // What could not be read is an error, and the issue says so.
    shop.empty_the_account_and_hide("receipts");
    let unread = run(&shop, &main, &schedule);
    assert!(unread["trueup-drift"].log().ends_with("exit 1"), "{unread:?}");
    let issue = shop.forge.pages.lock().unwrap().issues[1].clone();
    assert!(issue["body"].as_str().unwrap().contains("**Not read, so there may be more**"), "{issue}");
}

#[test]
fn the_component_names_only_jobs_of_the_file_that_it_includes() {
    let text = std::fs::read_to_string(crate::generated_files::repository("templates/trueup/template.yml")).unwrap();
    let (spec, jobs) = text.split_once("\n---\n").expect("inputs, and what is included");
    let spec: Value = serde_saphyr::from_str(spec).unwrap();
    let inputs = spec["spec"]["inputs"].as_object().unwrap();
    assert_eq!(inputs["version"]["default"], env!("CARGO_PKG_VERSION"));
    for used in jobs.split("$[[ inputs.").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
        assert!(inputs.contains_key(used), "there is no input {used}");
    }
    let jobs: Value = serde_saphyr::from_str(jobs).unwrap();
    assert_eq!(jobs["include"], json!([{"local": format!("/{FILE}")}]));
    let file = workflow(FILE);
    for name in jobs.as_object().unwrap().keys().filter(|name| *name != "include") {
        assert!(file.get(name).is_some(), "{FILE} has no {name}");
    }
}
