//! Each kind of report once, by its own rules and in a reader that other people wrote.

use std::process::Command;

use serde_json::{Value, json};

use super::{Desk, python, spec};
use crate::harness::ended;

/// A spec whose plan has risks of several classes, in lines that annotations name.
fn risky() -> String {
    spec("    reserved_concurrent_executions: 0\n    url: {auth_type: NONE}\n")
}

#[test]
fn a_plan_is_written_as_many_reports_at_once() {
    let desk = Desk::new();
    desk.write("stack.yaml", &risky());
    let (code, stdout, errors) = desk.run(&[
        "plan",
        "-f",
        "stack.yaml",
        "--out",
        "plan.json",
        "--output",
        "json=all.json",
        "--output",
        "text=plan.txt",
        "--output",
        "gitlab=counts.json",
        "--output",
        "html=plan.html",
        "--output",
        "sarif",
    ]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(desk.json("counts.json"), json!({"create": 5, "update": 0, "delete": 0}));
    assert!(desk.read("plan.txt").contains("! url/orders can be called by everybody"), "{}", desk.read("plan.txt"));
    let plan = desk.json("all.json");
    assert_eq!(plan["provenance"]["made_at"], "2026-01-01T00:00:00Z", "it is the plan that was saved");
    let page = desk.read("plan.html");
    assert!(page.contains("<title>Plan of shop</title>") && page.contains("sha256:"), "the page has no data");
    let log: Value = serde_json::from_str(&stdout).expect("nothing else goes to stdout");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!((&log["version"], rules.len()), (&json!("2.1.0"), 2));
    for result in run["results"].as_array().unwrap() {
        assert_eq!(result["ruleId"], rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "stack.yaml", "{result}");
        assert!(place["region"]["startLine"].as_u64() > Some(3), "{result}");
    }
}

#[test]
fn every_result_has_a_place_without_which_code_scanning_takes_none() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    desk.write("stack.yaml", "version: 1\nstack: shop\nfunctions: {}\n");
    for (command, code, rule) in [("plan", 0, "risk/deletion"), ("drift", 2, "drift/unmanaged")] {
        let mut arguments = vec![command, "-f", "stack.yaml", "--output", "sarif=log.sarif"];
        if command == "plan" {
            arguments.push("--prune");
        }
        let (ended, _, errors) = desk.run(&arguments);
        assert_eq!(ended, code, "{errors}");
        let log = desk.json("log.sarif");
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert!(results.iter().any(|result| result["ruleId"] == rule), "{log}");
        for result in results {
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(
                (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
                (&json!("stack.yaml"), &json!(1))
            );
        }
        let Some(python) = python() else { continue };
        let script = "import pathlib, sys\nfrom sarif_pydantic import Sarif\n\
                      print(len(Sarif.model_validate_json(pathlib.Path(sys.argv[1]).read_text()).runs[0].results))";
        let read = Command::new(python).args(["-c", script]).arg(desk.path("log.sarif")).output().unwrap();
        let (ended, count, errors) = crate::harness::ended(&read);
        assert_eq!((ended, count.trim()), (0, results.len().to_string().as_str()), "{errors}");
    }
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    let desk = Desk::new();
    desk.write("stack.yaml", &risky());
    for (arguments, expected) in [
        (&["plan", "--output", "html", "--output", "sarif"][..], "only one report can go to stdout"),
        (&["plan", "--json", "--output", "sarif"], "only one report can go to stdout"),
        (&["plan", "--output", "html=x", "--output", "sarif=x"], "two outputs have the path x"),
        (&["plan", "--out", "x", "--output", "sarif=./x"], "two outputs have the path x"),
        (&["drift", "--output", "gitlab=x"], "`drift` has no gitlab report"),
        (&["plan", "--output", "pdf=x"], "`pdf` is not a kind of report"),
        (&["plan", "--output", "markdown=x", "--markdown-template", "none.md"], "could not read the template none.md"),
    ] {
        let (code, _, errors) = desk.run(&[arguments, &["-f", "stack.yaml"]].concat());
        assert!(code == 1 && errors.contains(expected), "{arguments:?}: {errors}");
    }
    let (code, _, errors) = desk.run(&["plan", "-f", "stack.yaml", "--output", "html=no/where.html"]);
    assert!(code == 1 && errors.contains("could not write to no: No such file"), "{errors}");
}

#[test]
fn reports_of_an_earlier_run_are_not_taken_for_those_of_one_that_failed() {
    let desk = Desk::new();
    desk.write("stack.yaml", &risky());
    let plan = ["plan", "-f", "stack.yaml", "--output", "sarif=plan.sarif", "--output", "html=plan.html"];
    assert_eq!(desk.run(&plan).0, 0);
    desk.write("stack.yaml", "version: 1\nstack: shop\nfunctions: {orders: {runtime: 3}}\n");
    let (code, _, errors) = desk.run(&plan);
    assert_eq!(code, 1, "{errors}");
    assert!(!desk.path("plan.html").exists(), "a pipeline would upload it");
    // Those that have a form for it say what is wrong with the spec.
    let sarif: Value = serde_json::from_str(&desk.read("plan.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["ruleId"].as_str().unwrap().starts_with('S')), "{results:?}");
    assert!(!results.is_empty());
}

#[test]
fn a_report_replaces_nothing_that_is_read_and_needs_its_folder_before_anything_is_written() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.write("values.yaml", "{}\n");
    for (report, words) in [
        ("json=./stack.yaml", "an output would replace stack.yaml, which is read"),
        ("text=values.yaml", "an output would replace values.yaml, which is read"),
        ("junit=missing/report.xml", "could not write to missing: No such file"),
    ] {
        let apply = ["apply", "-f", "stack.yaml", "--var-file", "values.yaml", "--auto-approve", "--output", report];
        let (code, _, errors) = desk.run(&apply);
        assert!(code == 1 && errors.contains(words), "{report}: {errors}");
        assert_eq!((desk.read("stack.yaml"), desk.read("values.yaml")), (spec(""), "{}\n".to_owned()));
        assert!(!desk.path("sim").exists(), "{report}");
    }
}

#[test]
fn a_target_without_a_plan_is_in_every_report() {
    let desk = Desk::new();
    let targets = "targets:\n  eu: {account: \"111111111111\", region: eu-west-1}\n  us: {account: \"222222222222\", \
                   region: us-east-1}\n";
    desk.write(
        "stack.yaml",
        &spec("    url: {auth_type: NONE}\n")
            .replace("functions:", &format!("{targets}functions:"))
            .replace("123456789012:role", "${account}:role"),
    );
    std::fs::create_dir_all(desk.path("sim/targets/us")).unwrap();
    desk.write("sim/targets/us/sim.json", r#"{"format": 9, "opened": 1}"#);
    let reports = ["markdown=p.md", "tfplan-json=t.json", "junit=j.xml", "sarif=s.json", "json=p.json", "text=p.txt"];
    let arguments: Vec<&str> = reports.iter().flat_map(|report| ["--output", report]).collect();
    let (code, _, errors) = desk.run(&[&["plan", "-f", "stack.yaml"], &arguments[..]].concat());
    assert!(code == 1 && desk.path("p.md").exists(), "{code}: {errors}");
    let markdown = desk.read("p.md");
    assert!(markdown.starts_with("<!-- trueup:plan stack=shop target=eu,us -->"), "{markdown}");
    for name in ["p.md", "j.xml", "s.json", "p.json", "p.txt"] {
        assert!(desk.read(name).contains("could not open the simulator"), "{name}: {}", desk.read(name));
    }
    let plan = desk.json("t.json");
    assert_eq!((&plan["errored"], &plan["complete"], &plan["applyable"]), (&json!(true), &json!(false), &json!(false)));
    assert!(markdown.contains("`target eu: url/orders can be called by everybody"), "{markdown}");
}

#[test]
fn a_step_of_github_gets_annotations_a_summary_and_outputs() {
    let desk = Desk::new();
    desk.write("stack.yaml", &risky());
    let mut command = desk.command(&["plan", "-f", "stack.yaml", "--output", "github"]);
    command.envs([("GITHUB_STEP_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "outputs.txt")]);
    command.envs([("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "shop/infra")]);
    let (code, stdout, errors) = ended(&command.env("GITHUB_RUN_ID", "7").output().unwrap());
    assert_eq!(code, 0, "{errors}");
    let place = "::warning file=stack.yaml,line=11,col=5,title=Risk%3A no invocations any more::";
    assert!(stdout.contains(&format!("{place}reserved_concurrency/orders stops")), "{stdout}");
    let outputs = desk.read("outputs.txt");
    assert!(
        outputs.starts_with("changes=true\nrefused=false\nfailed=false\nincomplete=false\nto_create=5\nto_change=0\n"),
        "{outputs}"
    );
    let summary = desk.read("summary.md");
    assert!(summary.contains("[Log of this plan](https://github.com/shop/infra/actions/runs/7)"), "{summary}");
}

#[test]
fn refusals_findings_and_drift_fail_test_cases() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    prevent_destroy: true\n"));
    desk.apply("stack.yaml");
    desk.write("changed.yaml", &spec("    prevent_destroy: true\n    memory_size: 256\n"));
    desk.write("wrong.yaml", &spec("    memory_size: much\n"));
    desk.write("refused.yaml", &spec("    reserved_concurrent_executions: 0\n").replace("stack: shop", "stack: other"));
    for (command, spec, code, failing) in [
        ("validate", "wrong.yaml", 1, "wrong.yaml:11"),
        ("plan", "refused.yaml", 4, "function/orders"),
        ("drift", "changed.yaml", 2, "function/orders"),
        ("drift", "stack.yaml", 0, ""),
    ] {
        let (found, _, errors) = desk.run(&[command, "-f", spec, "--output", "junit=report.xml"]);
        assert_eq!(found, code, "{command}: {errors}");
        let report = desk.read("report.xml");
        let cases: Vec<&str> = report.split("<testcase ").skip(1).filter(|case| case.contains("<failure ")).collect();
        assert_eq!(cases.is_empty(), failing.is_empty(), "{command}: {report}");
        assert!(cases.iter().any(|case| case.contains(failing)) || failing.is_empty(), "{command}: {report}");
        let Some(python) = python() else { continue };
        let script = "import sys; from junitparser import JUnitXml; x = JUnitXml.fromfile(sys.argv[1]); \
                      print(x.tests, x.failures, sum(1 for s in x for c in s))";
        let read = Command::new(python).args(["-c", script]).arg(desk.path("report.xml")).output().unwrap();
        let (code, text, errors) = ended(&read);
        assert_eq!(code, 0, "{errors}");
        let tests = report.matches("<testcase ").count();
        assert_eq!(text.trim(), format!("{tests} {} {tests}", cases.len()), "{command}: {report}");
    }
}

#[test]
fn drift_is_written_as_a_page_and_as_json_of_all_targets() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    desk.write("changed.yaml", &spec("    memory_size: 256\n"));
    let (code, stdout, errors) =
        desk.run(&["drift", "-f", "changed.yaml", "--output", "html=drift.html", "--output", "json"]);
    assert_eq!(code, 2, "{errors}");
    let document: Value = serde_json::from_str(&stdout).expect("nothing else goes to stdout");
    assert_eq!(document["drift"][0]["address"], "function/orders", "{document}");
    let page = desk.read("drift.html");
    assert!(
        page.contains("<title>Drift of shop</title>") && page.contains("is 128, declared 256"),
        "the page has no data"
    );
}

#[test]
fn every_document_is_valid_against_its_schema() {
    let Some(python) = python() else { return };
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    reserved_concurrent_executions: 5\n"));
    let check = |schema: &str, document: &str| {
        let script = "import json, sys, jsonschema\n\
                      jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))";
        let schema = crate::generated_files::repository(&format!("schemas/{schema}.schema.json"));
        let output = Command::new(&python).args(["-c", script]).arg(schema).arg(desk.path(document)).output().unwrap();
        let (code, _, errors) = ended(&output);
        assert_eq!(code, 0, "{document}: {errors}");
    };
    for round in ["new", "same"] {
        for (command, schema) in [("plan", "plan"), ("apply", "report"), ("drift", "drift")] {
            let mut arguments = vec![command, "-f", "stack.yaml", "--output", "json=document.json"];
            if command == "apply" {
                arguments.push("--auto-approve");
            }
            let (code, _, errors) = desk.run(&arguments);
            assert_eq!(code, 0, "{round} {command}: {errors}");
            check(schema, "document.json");
        }
    }
}
