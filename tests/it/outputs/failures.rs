//! Commands that end before anything is written: what their reports say of the reason.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Desk, spec};
use crate::harness::ended;

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
