//! The workflows of GitHub, from the first push to the drift of a night.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::github_runner::{Run, add_run, happening, play, pull_request, queued, run};
use super::{Shop, succeeded, workflow};

const LAMBDA: &str = "examples/ci/github/lambda.yml";
const DRIFT: &str = "examples/ci/github/drift.yml";

/// A shop whose stack has been applied.
fn applied() -> Shop {
    let shop = Shop::new("a-token");
    let first = run(&shop, LAMBDA, &happening("push", shop.git(&["rev-parse", "main"])));
    succeeded(&first.ends, &["apply", "plan-merged"]);
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
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra")).ends, &["plan"]);
    assert!(shop.forge.bodies()[0].contains("128 → 256"), "{:?}", shop.forge.bodies());
    let commit = shop.commit("larger", "512", "128");
    let second = run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra"));
    succeeded(&second.ends, &["plan"]);
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
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 8, "receipts", "shop/infra")).ends, &["plan"]);
    let merged = shop.merge("receipts", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(8, merged)).ends, &["verify"]);
    let merged = shop.merge("receipts", "main");
    succeeded(&run(&shop, LAMBDA, &happening("push", merged)).ends, &["apply", "plan-merged"]);
    assert_eq!(shop.memory("receipts"), 192);
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)).ends, &["verify"]);

    // A fork's run of the same commit uploads a plan of the same name, and is the newest.
    let head = json!({"sha": commit, "repo": {"full_name": "mallory/infra"}});
    let forged = shop.path("artifacts").join(add_run(&shop, "pull_request", true, &head).to_string()).join("plan-7");
    std::fs::create_dir_all(&forged).unwrap();
    std::fs::write(forged.join("plan.json"), "{}").unwrap();
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)).ends, &["verify"]);

    // Somebody changes the function by hand: the plan that was reviewed is not what would happen.
    shop.change_by_hand("orders", 1024);
    let merged = shop.merge("larger", "queue");
    let verified = run(&shop, LAMBDA, &queued(7, merged));
    let log = verified.ends["verify"].log();
    assert!(log.contains("memory_size: 128 → 1024") && log.ends_with("exit 2"), "{log}");
    shop.change_by_hand("orders", 128);
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 7, "larger", "shop/infra")).ends, &["plan"]);
    let merged = shop.merge("larger", "queue");
    succeeded(&run(&shop, LAMBDA, &queued(7, merged)).ends, &["verify"]);
    let merged = shop.merge("larger", "main");
    let last = run(&shop, LAMBDA, &happening("push", merged.clone()));
    succeeded(&last.ends, &["apply", "plan-merged"]);
    assert_eq!((shop.memory("orders"), shop.memory("receipts")), (json!(512), json!(192)));
    assert!(last.summary.contains("alice, bob"), "{}", last.summary);
    succeeded(&run(&shop, LAMBDA, &happening("push", merged)).ends, &["plan-merged"]);
}

#[test]
fn the_role_of_a_plan_changes_nothing() {
    let shop = applied();
    for (role, status) in [("role/plan", 403), ("role/drift", 403), ("role/apply", 200)] {
        shop.assume(Some(role));
        let path = "/2015-03-31/functions/orders/configuration";
        let (code, answer) = shop.connection().call("PUT", path, &json!({"MemorySize": 1024})).unwrap();
        assert_eq!(code, status, "{role}: {answer}");
    }
}

#[test]
fn only_the_approved_plan_is_applied() {
    let shop = applied();
    shop.commit("larger", "256", "128");
    let merged = shop.merge("larger", "main");
    // Between the approval and the apply somebody replaces the artifact by another plan.
    let planned = run(&shop, LAMBDA, &happening("push", merged.clone()));
    succeeded(&planned.ends, &["apply", "plan-merged"]);
    let digest =
        json!({"plan-merged": {"outputs": {"digest": format!("sha256:{}", "0".repeat(64)), "changes": "true"}}});
    let job = &workflow(LAMBDA)["jobs"]["apply"];
    let context = json!({"github": {"sha": merged, "event": {}, "actor": "merger", "run_id": planned.id}, "needs": digest, "steps": {},
        "job": {"status": "success"}, "secrets": {"ORDERS_TOKEN": "s3cr3t"}, "vars": {"APPLY_ROLE_ARN": "role/apply"}});
    let end = play(&shop, "apply", job, &workflow(LAMBDA)["env"], context, &mut Run::default(), &mut json!({}));
    assert!(end.log().ends_with("exit 3") && end.log().contains("is not the plan that was approved"), "{}", end.log());
}

#[test]
fn a_commit_without_a_plan_of_this_repository_leaves_the_queue() {
    let shop = applied();
    let commit = shop.commit("theirs", "256", "128");
    succeeded(&run(&shop, LAMBDA, &pull_request(&shop, 9, "theirs", "mallory/infra")).ends, &["validate"]);
    let merged = shop.merge("theirs", "queue");
    let verified = run(&shop, LAMBDA, &queued(9, merged));
    assert!(verified.ends["verify"].log().contains(&format!("there is no plan of {commit}")), "{:?}", verified.ends);
}

#[test]
fn a_fork_is_validated_without_credentials() {
    let shop = applied();
    shop.commit("theirs", "256", "128");
    let of_fork = run(&shop, LAMBDA, &pull_request(&shop, 9, "theirs", "mallory/infra"));
    succeeded(&of_fork.ends, &["validate"]);
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
    succeeded(&clean.ends, &["drift"]);
    assert_eq!((clean.roles["drift"].as_str(), issues().len()), ("role/drift", 0));
    shop.change_by_hand("orders", 1024);
    for _ in 0..2 {
        assert!(night().ends["drift"].log().ends_with("exit 2"));
        let issues = issues();
        assert_eq!((issues.len(), &issues[0]["state"]), (1, &json!("open")));
        assert!(issues[0]["body"].as_str().unwrap().contains("memory_size is 1024, declared 128"), "{issues:?}");
    }
    shop.change_by_hand("orders", 128);
    succeeded(&night().ends, &["drift"]);
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
