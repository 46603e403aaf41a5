//! Events while planning and applying, and the reports of an apply.

use std::process::Command;

use serde_json::{Value, json};

use super::{Desk, python, spec};
use crate::harness::{against, ended};
use crate::server::Server;

/// Returns the events of a file, each of which fits the schema.
fn events(desk: &Desk, name: &str) -> Vec<Value> {
    if let Some(python) = python() {
        let script = "import json, sys, jsonschema\n\
                      schema = json.load(open(sys.argv[1]))\n\
                      jsonschema.Draft7Validator.check_schema(schema)\n\
                      [jsonschema.validate(json.loads(line), schema) for line in open(sys.argv[2])]";
        let schema = crate::generated_files::repository("schemas/event.schema.json");
        let output = Command::new(python).args(["-c", script]).arg(schema).arg(desk.path(name)).output().unwrap();
        let (code, _, errors) = ended(&output);
        assert_eq!(code, 0, "{errors}");
    }
    let text = desk.read(name);
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        for member in ["@level", "@message", "@timestamp", "type"] {
            assert!(event[member].is_string(), "{member}: {event}");
        }
    }
    assert_eq!((&events[0]["type"], &events[0]["format_version"]), (&json!("version"), &json!("1.0")));
    events
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn a_plan_is_written_change_by_change() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    url: {auth_type: NONE}\n    reserved_concurrent_executions: 0\n"));
    let (code, stdout, errors) = desk.run(&["plan", "-f", "stack.yaml", "--output", "ndjson=-"]);
    assert_eq!(code, 0, "{errors}");
    desk.write("events.json", &stdout);
    let events = events(&desk, "events.json");
    let changes: Vec<&Value> = events.iter().filter(|event| event["type"] == "planned_change").collect();
    let public = changes.iter().find(|event| event["address"] == "url/orders").unwrap();
    assert_eq!((&public["@level"], &public["risks"][0]["code"]), (&json!("warn"), &json!("public_url")), "{public}");
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["create"], &last["publish"]), (&json!("change_summary"), &json!(5), &json!(1)));
}

#[test]
fn a_command_that_fails_says_so_in_its_last_event() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    memory_size: much\n"));
    let (code, _, errors) = desk.run(&["plan", "-f", "stack.yaml", "--output", "ndjson=events.json"]);
    assert_eq!(code, 1, "{errors}");
    let failed = events(&desk, "events.json").pop().unwrap();
    assert_eq!((&failed["type"], &failed["@level"]), (&json!("error"), &json!("error")), "{failed}");
    assert!(failed["@message"].as_str().unwrap().contains("the spec has 1 error"), "{failed}");
    let (code, _, errors) = desk.run(&["plan", "-f", "stack.yaml", "--output", "ndjson=/no/where.json"]);
    assert!(code == 1 && errors.contains("could not write to /no: No such file"), "{errors}");
}

#[test]
fn every_target_that_fails_has_an_event() {
    let desk = Desk::new();
    let targets = "targets:\n  eu: {region: eu-west-1}\n  us: {region: us-east-1}\n";
    desk.write("stack.yaml", &spec("").replace("functions:", &format!("{targets}functions:")));
    std::fs::create_dir_all(desk.path("sim/targets/us")).unwrap();
    desk.write("sim/targets/us/sim.json", r#"{"format": 9, "opened": 1}"#);
    for command in ["plan", "drift", "apply", "destroy"] {
        let mut arguments = vec![command, "-f", "stack.yaml", "--output", "ndjson=events.json"];
        if ["apply", "destroy"].contains(&command) {
            arguments.push("--auto-approve");
        }
        let (code, _, errors) = desk.run(&arguments);
        assert_eq!(code, 1, "{command}: {errors}");
        let events = events(&desk, "events.json");
        let failed: Vec<&Value> = events.iter().filter(|event| event["type"] == "error").collect();
        assert!(failed.len() == 1 && failed[0]["target"] == "us", "{command}: {failed:?}");
    }
    let desk = Desk::new();
    let apply = ["apply", "-f", "stack.yaml", "--auto-approve", "--output", "ndjson=events.json"];
    for (fields, limits) in
        [("", "limits: {max_changes: 0}\n"), ("    url: {auth_type: NONE}\n", "limits: {confirm: [all]}\n")]
    {
        desk.write("stack.yaml", &(spec(fields) + limits));
        let (code, _, errors) = desk.run(&apply);
        assert_eq!(code, 4, "{errors}");
        assert_eq!(types(&events(&desk, "events.json")).last(), Some(&"error"));
    }
}

#[test]
fn an_apply_that_is_refused_says_why_in_its_reports() {
    let desk = Desk::new();
    let apply = ["apply", "-f", "stack.yaml", "--auto-approve", "--output", "github", "--output", "junit=report.xml"];
    let files = [("GITHUB_STEP_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "outputs.txt")];
    let run = |arguments: &[&str]| {
        let paths = files.map(|(name, file)| (name, desk.path(file)));
        ended(&desk.command(arguments).envs(paths).output().unwrap())
    };
    desk.write("stack.yaml", &(spec("    url: {auth_type: NONE}\n") + "limits: {confirm: [all]}\n"));
    let (code, text, errors) = run(&apply);
    assert!(code == 4 && text.starts_with("::error file=stack.yaml,"), "{text}{errors}");
    assert!(desk.read("report.xml").contains("public_url"), "{}", desk.read("report.xml"));
    assert!(desk.read("summary.md").contains("### Not applied"), "{}", desk.read("summary.md"));
    assert_eq!(desk.read("outputs.txt"), "verdict=refused\ndone=0\nfailed=0\nnot_done=0\nincomplete=false\n");
    // A saved plan that is stale is one that is refused, too.
    desk.write("stack.yaml", &spec(""));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    desk.write("stack.yaml", &spec("    memory_size: 256\n"));
    let (code, text, errors) =
        run(&["apply", "plan.json", "-f", "stack.yaml", "--output", "github", "--output", "junit=report.xml"]);
    assert!(code == 3 && text.contains("::error") && text.contains("made for something else"), "{text}{errors}");
    assert!(desk.read("report.xml").contains("<failure"), "{}", desk.read("report.xml"));
}

#[test]
fn what_was_written_comes_before_a_report_that_could_not_be() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    reserved_concurrent_executions: 5\n"));
    for report in ["ndjson=/dev/full", "junit=/dev/full"] {
        let server = Server::start(&["--settle", "0", "--rule", "fail 403 before on CreateAlias"]);
        let arguments = ["apply", "-f", "stack.yaml", "--auto-approve", "--output", report];
        let (code, text, errors) = ended(&against(&server.url, desk.folder.path(), &arguments).output().unwrap());
        assert_eq!(code, 5, "{report}: {errors}");
        assert!(text.contains("failed") && errors.contains("/dev/full"), "{report}: {text}{errors}");
    }
}

#[test]
fn an_apply_is_written_step_by_step_and_reported_to_pipelines() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec("    reserved_concurrent_executions: 5\n"));
    let denied = "User: arn:aws:iam::1:user/x is not authorized to perform: lambda:CreateAlias on resource: y";
    let rule = format!("fail 403 \"{denied}\" before on CreateAlias");
    let server = Server::start(&["--settle", "0", "--rule", &rule]);
    let apply = ["apply", "-f", "stack.yaml", "--auto-approve", "--output", "ndjson=events.json"];
    let mut command = against(&server.url, desk.folder.path(), &apply);
    command.args(["--output", "junit=steps.xml", "--output", "json=report.json", "--output", "github=-"]);
    command.envs([("GITHUB_OUTPUT", "outputs.txt"), ("GITHUB_STEP_SUMMARY", "summary.md")]);
    let (code, stdout, errors) = ended(&command.output().unwrap());
    assert_eq!(code, 5, "{errors}");
    let events = events(&desk, "events.json");
    let finished: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event["type"] == "step_finished")
        .map(|event| (event["operation"].as_str().unwrap(), event["outcome"].as_str().unwrap()))
        .collect();
    assert!(finished.contains(&("CreateFunction", "done")) && finished.contains(&("CreateAlias", "failed")));
    let started = types(&events).iter().filter(|it| **it == "step_started").count();
    assert_eq!((started, types(&events).last()), (3, Some(&"apply_summary")), "{:?}", types(&events));
    assert_eq!(events.last().unwrap()["verdict"], "partial");
    // The annotation is on the line of the alias, with the way out.
    let annotation = stdout.lines().find(|line| line.starts_with("::error file=stack.yaml,line=")).expect(&stdout);
    assert!(annotation.contains("CreateAlias alias/orders/live") && annotation.contains("Allow lambda:CreateAlias"));
    assert_eq!(desk.read("outputs.txt"), "verdict=partial\ndone=2\nfailed=1\nnot_done=0\nincomplete=false\n");
    assert!(
        desk.read("summary.md").starts_with("### Apply: `shop`\n\n```text\nfailed "),
        "{}",
        desk.read("summary.md")
    );
    let steps = desk.read("steps.xml");
    assert!(steps.contains("tests=\"3\" failures=\"1\"") && steps.contains("type=\"apply/failed\""), "{steps}");
    assert_eq!(desk.json("report.json")["verdict"], "partial");
}

#[test]
fn a_prompt_and_a_report_on_stdout_exclude_each_other() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    let (code, _, errors) = desk.run(&["apply", "-f", "stack.yaml", "--output", "ndjson=-"]);
    assert!(code == 1 && errors.contains("a report on stdout leaves no place for a prompt"), "{errors}");
    let (code, _, errors) = desk.run(&["apply", "-f", "stack.yaml", "--output", "html=x"]);
    assert!(code == 1 && errors.contains("`apply` has no html report"), "{errors}");
}
