//! Promise: the simulator serves every declarative operation of AWS's model, and ignores no member of a request silently.
//!
//! Read off its source and its table of the model: an operation has an arm of its name, and a member is either named in
//! the source or comes back in an answer under its own name, as what is stored whole does. That what comes back is what
//! was sent is what the laws over the kinds show.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::coverage::lists::EXECUTIONS;
use crate::generated_files::repository;

/// Operations that are not served because no code is run; those on single executions are not served either.
const CODE_RUNS: &[&str] = &["InvokeWithResponseStream"];

/// The one that lists executions is: where no code is run there are none.
const NO_EXECUTIONS: &str = "ListDurableExecutionsByFunction";

/// Members that change nothing here, and why.
const NOT_READ: &[(&str, &str)] = &[
    ("ListFunctions.MasterRegion", "there are no replicas of Lambda@Edge"),
    ("Invoke.ClientContext", "no code is run"),
    ("Invoke.DurableExecutionName", "no code is run"),
    ("Invoke.LogType", "no code is run"),
    ("Invoke.Payload", "no code is run"),
    ("Invoke.TenantId", "no code is run"),
    ("InvokeAsync.InvokeArgs", "no code is run"),
    ("ListDurableExecutionsByFunction.ReverseOrder", "there are no executions"),
    ("ListDurableExecutionsByFunction.StartedAfter", "there are no executions"),
    ("ListDurableExecutionsByFunction.StartedBefore", "there are no executions"),
    ("ListDurableExecutionsByFunction.Statuses", "there are no executions"),
];

fn model() -> Value {
    serde_json::from_str(include_str!("../../src/sim/http/service_model/lambda.json")).unwrap()
}

/// The source of the simulator without its tests.
fn source() -> String {
    fn read(folder: &std::path::Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                read(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(path).unwrap();
                out.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }
    let mut out = String::new();
    read(&repository("src/sim"), &mut out);
    out
}

/// The names of all members at and below a shape, with their paths.
fn members(model: &Value, shape: &str, path: &str, depth: usize, found: &mut Vec<(String, String)>) {
    let shape = &model["shapes"][shape];
    let below = |of: &Value| of.as_str().map(str::to_owned);
    for (name, member) in shape["members"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        found.push((path.clone(), name.clone()));
        if let Some(shape) = below(&member["shape"]).filter(|_| depth > 0) {
            members(model, &shape, &path, depth - 1, found);
        }
    }
    for inner in ["member", "value"] {
        if let Some(shape) = below(&shape[inner]).filter(|_| depth > 0) {
            members(model, &shape, path, depth - 1, found);
        }
    }
}

#[test]
fn every_operation_is_served_and_no_member_is_ignored_in_silence() {
    let (model, source) = (model(), source());
    let mut wrong = Vec::new();
    let mut excused: BTreeSet<&str> = BTreeSet::new();
    let mut shown = Vec::new();
    for operation in model["operations"].as_object().unwrap().values() {
        if let Some(output) = operation["output"].as_str() {
            members(&model, output, "", 8, &mut shown);
        }
    }
    let shown: BTreeSet<&str> = shown.iter().map(|(_, name)| name.as_str()).collect();
    for (name, operation) in model["operations"].as_object().unwrap() {
        let is_served = source.contains(&format!("\"{name}\" =>"));
        let is_excused = name != NO_EXECUTIONS && [CODE_RUNS, EXECUTIONS].concat().contains(&name.as_str());
        if is_served == is_excused {
            wrong.push(format!("{name}: is {}served", if is_served { "" } else { "not " }));
        }
        let mut asked = Vec::new();
        if let Some(input) = operation["input"].as_str().filter(|_| is_served) {
            members(&model, input, name, 8, &mut asked);
        }
        for (path, member) in asked {
            let excuse = NOT_READ.iter().find(|(of, _)| path == *of || path.starts_with(&format!("{of}.")));
            let is_read = source.contains(&format!("\"{member}\"")) || shown.contains(member.as_str());
            match excuse {
                Some((of, _)) => drop(excused.insert(of)),
                None if !is_read => wrong.push(format!("{path}: is neither read nor shown")),
                None => {}
            }
        }
    }
    wrong.extend(
        NOT_READ.iter().filter(|(of, _)| !excused.contains(of)).map(|(of, _)| format!("{of}: excused for nothing")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
