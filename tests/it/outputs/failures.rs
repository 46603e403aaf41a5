//! Commands that end before anything is written: what their reports say of the reason.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Desk, spec};
use crate::fake_forge::FakeForge;
use crate::harness::{against, ended};
use crate::server::Server;

/// Two targets, each of which lacks a package of its own.
fn without_packages() -> String {
    let targets = "targets:\n  eu: {region: eu-west-1}\n  us: {region: us-east-1}\n";
    spec("").replace("functions:", &format!("{targets}functions:")).replace("package.zip", "\"${region}.zip\"")
}

#[test]
fn findings_of_all_targets_are_in_one_report() {
    let desk = Desk::new();
    desk.write("stack.yaml", &without_packages());
    for command in ["plan", "drift", "apply", "destroy"] {
        let mut arguments = vec![command, "-f", "stack.yaml", "--output", "junit=report.xml"];
        if ["apply", "destroy"].contains(&command) {
            arguments.push("--auto-approve");
        }
        let (code, _, errors) = desk.run(&arguments);
        if command == "destroy" {
            // What is deleted needs no package.
            assert_eq!(code, 0, "{errors}");
            continue;
        }
        let report = desk.read("report.xml");
        assert_eq!(code, 1, "{command}: {errors}");
        assert!(report.contains(&format!("<testsuite name=\"{command}\"")), "{report}");
        assert!(report.contains("target eu: ") && report.contains("eu-west-1.zip"), "{command}: {report}");
        assert!(report.contains("target us: ") && report.contains("us-east-1.zip"), "{command}: {report}");
        assert!(report.contains("file=\"stack.yaml\""), "{command}: {report}");
    }
}

#[test]
fn every_command_reports_what_is_wrong_with_the_spec() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    memory_size: much\n"));
    for arguments in [&["plan"][..], &["drift"], &["apply", "--auto-approve"], &["destroy", "--auto-approve"]] {
        let reports = ["-f", "stack.yaml", "--output", "junit=report.xml", "--output", "github"];
        let (code, text, errors) = desk.run(&[arguments, &reports].concat());
        let report = desk.read("report.xml");
        assert_eq!(code, 1, "{arguments:?}: {errors}");
        assert!(text.starts_with("::error file=stack.yaml,line=11,"), "{arguments:?}: {text}");
        let suite = format!("<testsuite name=\"{}\"", arguments[0]);
        assert!(report.contains(&suite) && report.contains("memory_size"), "{arguments:?}: {report}");
    }
}

#[test]
fn a_plan_to_destroy_has_the_reports_of_one() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    let reports = ["--output", "json=destroy.json", "--output", "ndjson=events.json", "--output", "junit=report.xml"];
    let (code, text, errors) =
        desk.run(&[&["destroy", "-f", "stack.yaml", "--out", "plan.json"][..], &reports].concat());
    assert_eq!(code, 0, "{errors}");
    assert!(text.contains("to delete"), "{text}");
    let plan = desk.json("destroy.json");
    assert!(plan["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{plan}");
    let last: Value = serde_json::from_str(desk.read("events.json").lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["delete"]), (&json!("change_summary"), &json!(3)), "{last}");
    assert!(desk.read("report.xml").contains("<testsuite name=\"destroy\""), "{}", desk.read("report.xml"));
}

#[test]
fn a_stale_plan_is_reported_with_what_has_moved() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    desk.write("stack.yaml", &spec("    memory_size: 256\n"));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    desk.write("other.yaml", &spec("    memory_size: 512\n"));
    desk.apply("other.yaml");
    let (code, _, errors) = desk.run(&["apply", "plan.json", "-f", "stack.yaml", "--output", "junit=report.xml"]);
    let report = desk.read("report.xml");
    assert_eq!(code, 3, "{errors}");
    assert!(report.contains("the saved plan is stale") && report.contains("function/orders"), "{report}");
    assert!(report.contains("memory_size"), "{report}");
}

#[test]
fn no_report_holds_the_password_of_an_endpoint() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    let reports = ["ndjson=events.json", "junit=report.xml", "sarif=log.sarif", "github"];
    let reports: Vec<&str> = reports.iter().flat_map(|report| ["--output", report]).collect();
    for arguments in [&["plan"][..], &["drift"], &["apply", "--auto-approve"], &["destroy", "--auto-approve"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).args(["-f", "stack.yaml", "--endpoint-url", "http://bob:hunter2@127.0.0.1:9"]);
        command.args(&reports).current_dir(desk.path("")).env_clear().env("AWS_REGION", "eu-west-1");
        let (code, text, errors) = ended(&command.output().unwrap());
        assert_eq!(code, 1, "{arguments:?}: {errors}");
        let all = ["events.json", "report.xml", "log.sarif"].map(|name| desk.read(name)).concat() + &text + &errors;
        assert!(all.matches("cannot be reached").count() >= 4 && !all.contains("hunter2"), "{arguments:?}: {all}");
    }
}

#[test]
fn a_reader_of_events_may_leave() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    let mut command = desk.command(&["plan", "-f", "stack.yaml", "--output", "ndjson"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (code, _, errors) = ended(&child.wait_with_output().unwrap());
    assert_eq!(code, 0, "{errors}");
    assert!(!errors.contains("could not write"), "{errors}");
}

/// Two functions, of which a server cannot read one, with further fields of the other.
fn unreadable(desk: &Desk, fields: &str) -> Server {
    let more = spec(fields).replace("  orders:", "  receipts:").replace("shop-orders", "shop-receipts");
    let more = more.split("functions:\n").nth(1).unwrap();
    desk.write("stack.yaml", &(spec("") + more));
    Server::start(&["--settle", "0", "--rule", "fail 403 before on GetFunction of shop-orders"])
}

#[test]
fn what_could_not_be_read_fails_every_report() {
    let desk = Desk::new();
    let server = unreadable(&desk, "");
    for command in ["plan", "drift", "apply"] {
        let mut arguments =
            vec![command, "-f", "stack.yaml", "--output", "junit=report.xml", "--output", "json=out.json"];
        arguments.extend(["--output", "github"]);
        if command == "apply" {
            arguments.push("--auto-approve");
        }
        let mut run = against(&server.url, &desk.path(""), &arguments);
        let (code, text, errors) = ended(&run.env("GITHUB_OUTPUT", desk.path("outputs.txt")).output().unwrap());
        assert!([1, 2].contains(&code), "{command}: {code} {errors}");
        assert!(desk.read("report.xml").contains("type=\"not_read\""), "{command}: {}", desk.read("report.xml"));
        assert!(
            text.contains("::error file=stack.yaml,line=1,") && text.contains("could not be read"),
            "{command}: {text}"
        );
        assert!(desk.read("outputs.txt").contains("incomplete=true"), "{command}: {}", desk.read("outputs.txt"));
        assert!(desk.json("out.json")["not_compared"].as_array().is_some_and(|it| !it.is_empty()), "{command}");
        std::fs::remove_file(desk.path("outputs.txt")).unwrap();
    }
}

#[test]
fn a_run_that_fails_in_whole_has_outputs_and_a_summary() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    memory_size: much\n"));
    for (arguments, expected) in [
        (&["plan"][..], "failed=true"),
        (&["drift"], "incomplete=true"),
        (&["apply", "--auto-approve"], "verdict=failed"),
        (&["destroy", "--auto-approve"], "verdict=failed"),
    ] {
        let mut run = desk.command(&[arguments, &["-f", "stack.yaml", "--output", "github"]].concat());
        let files = [("GITHUB_OUTPUT", "outputs.txt"), ("GITHUB_STEP_SUMMARY", "summary.md")];
        run.envs(files.map(|(name, file)| (name, desk.path(file))));
        assert_eq!(ended(&run.output().unwrap()).0, 1);
        let (outputs, summary) = (desk.read("outputs.txt"), desk.read("summary.md"));
        assert!(outputs.contains(expected) && summary.contains("memory_size"), "{arguments:?}: {outputs}{summary}");
        for (_, file) in files {
            std::fs::remove_file(desk.path(file)).unwrap();
        }
    }
}

#[test]
fn a_target_that_fails_hides_the_drift_of_no_other() {
    let desk = Desk::new();
    let targets = "targets:\n  eu: {region: eu-west-1}\n  us: {region: us-east-1}\n";
    desk.write("stack.yaml", &spec("").replace("functions:", &format!("{targets}functions:")));
    std::fs::create_dir_all(desk.path("sim/targets/us")).unwrap();
    desk.write("sim/targets/us/sim.json", r#"{"format": 9, "opened": 1}"#);
    let reports = ["junit=j.xml", "sarif=s.json", "json=d.json", "markdown=d.md", "text=d.txt", "html=d.html"];
    let reports: Vec<&str> = reports.iter().flat_map(|report| ["--output", report]).collect();
    let (code, _, errors) = desk.run(&[&["drift", "-f", "stack.yaml"], &reports[..]].concat());
    assert_eq!(code, 1, "{errors}");
    for name in ["j.xml", "s.json", "d.json", "d.md", "d.txt"] {
        let text = desk.read(name);
        assert!(text.contains("could not open the simulator") && text.contains("function/orders"), "{name}: {text}");
    }
    assert!(desk.read("d.txt").starts_with("target eu\n"), "{}", desk.read("d.txt"));
    // An issue can be written of it, and a comment of a plan like it.
    let forge = FakeForge::start("a-token");
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--output", "json=p.json"]).0, 1);
    for (option, file, expected) in
        [("--drift", "d.json", "Opened an issue."), ("--plan", "p.json", "Created the comment")]
    {
        let mut comment = desk.command(&[
            "comment",
            option,
            file,
            "--forge",
            "github",
            "--repo",
            "shop/infra",
            "--number",
            "7",
            "--commit",
            "a",
        ]);
        comment.envs([("GITHUB_API_URL", forge.url.as_str()), ("GITHUB_TOKEN", "a-token")]);
        let (code, text, errors) = ended(&comment.output().unwrap());
        assert!(code == 0 && text.contains(expected), "{option}: {text}{errors}");
    }
    assert!(forge.shown("issues").contains("`us` was not looked at"), "{}", forge.shown("issues"));
    let page = forge.shown("pull request");
    assert!(page.contains("could not open the simulator") && page.contains("failure, A target has no plan."), "{page}");
}

#[test]
fn a_saved_plan_that_is_applied_in_part_is_not_to_be_applied_again() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    let server = Server::start(&["--settle", "0", "--rule", "fail 403 before on CreateAlias at 1"]);
    let run = |arguments: &[&str]| ended(&against(&server.url, &desk.path(""), arguments).output().unwrap());
    assert_eq!(run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    let (code, text, errors) = run(&["apply", "-f", "stack.yaml", "plan.json", "--output", "junit=report.xml"]);
    assert_eq!(code, 5, "{errors}");
    assert!(text.contains("then run plan again: this plan is applied in part."), "{text}");
    assert_eq!(
        desk.read("report.xml").matches("CreateAlias alias/orders/live: ").count(),
        2,
        "{}",
        desk.read("report.xml")
    );
    assert!(!desk.read("report.xml").contains("CreateAlias: "), "{}", desk.read("report.xml"));
    assert_eq!(run(&["apply", "-f", "stack.yaml", "--auto-approve"]).0, 0);
}

#[test]
fn the_plan_of_an_earlier_run_does_not_outlive_one_that_is_refused() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    let plan = ["plan", "-f", "stack.yaml", "--out", "plan.json"];
    assert_eq!(desk.run(&plan).0, 0);
    desk.write("stack.yaml", &(spec("") + "limits: {max_changes: 0}\n"));
    let (code, _, errors) = desk.run(&plan);
    assert!(code == 4 && errors.contains("Not saved to plan.json: the plan is refused."), "{errors}");
    assert!(!desk.path("plan.json").exists(), "a pipeline would apply it");
    // What is no plan is nobody's but the user's.
    desk.write("plan.json", "{}");
    assert_eq!(desk.run(&plan).0, 1);
    assert_eq!(desk.read("plan.json"), "{}");
}
