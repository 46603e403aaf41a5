//! The pages of the book's reference, generated from the program, its schemas and its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Command;

use serde_json::Value;
use trueup::kinds::KINDS;
use trueup::resource::KindCalls;
use trueup::wire::Operation;

use crate::generated_files::fresh;

const GENERATED: &str = "This page is generated from the program.";

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trueup")).args(arguments).arg("--help").env_clear().output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The commands with a line about each.
fn commands() -> Vec<(String, String)> {
    let help = help(&[]);
    let lines = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let row = |line: &str| line.trim().split_once(' ').map(|(name, about)| (name.to_owned(), about.trim().to_owned()));
    lines.filter_map(row).collect()
}

/// Makes a text fit into a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}

#[test]
fn the_page_of_commands_is_up_to_date() {
    let mut page = format!("# Commands\n\n{GENERATED}\n\n| command | |\n|---|---|\n");
    for (name, about) in commands() {
        let _ = writeln!(page, "| [`{name}`](#trueup-{name}) | {} |", cell(&about));
    }
    for (name, _) in commands() {
        let _ = write!(page, "\n## trueup {name}\n\n```text\n{}\n```\n", help(&[&name]).trim_end());
    }
    fresh("docs/src/reference/commands.md", &page);
}

#[test]
fn the_page_of_environment_variables_is_up_to_date() {
    let mut variables: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (name, _) in commands() {
        let help = help(&[&name]);
        let mut option = String::new();
        // An option begins its own line, and names its variable at the end of its text.
        let text = help.split("Options:\n").nth(1).unwrap_or_default();
        for line in text.split("\nExamples:").next().unwrap_or_default().lines() {
            if let Some(at) = line.find("--").filter(|_| line.trim_start().starts_with('-')) {
                option = line[at..].split([' ', '=', '[']).next().unwrap_or_default().to_owned();
            }
            let joined = line.replace("[env:", "[env: ");
            for word in joined.split_whitespace().filter(|word| word.starts_with("TRUEUP_")) {
                let entry = variables.entry(word.trim_end_matches(']').to_owned()).or_default();
                entry.0.insert(option.clone());
                entry.1.insert(name.clone());
            }
        }
    }
    assert!(variables.len() > 30, "{variables:?}");
    let mut page = format!(
        "# Environment variables\n\n{GENERATED} An option on the command line comes before its variable. An empty variable counts as \
         unset, booleans are `true`, `yes`, `1`, `false`, `no` or `0`, and lists are separated by commas or lines.\n\n\
         | variable | option | commands |\n|---|---|---|\n"
    );
    for (variable, (options, commands)) in variables {
        let options: Vec<String> = options.iter().map(|option| format!("`{option}`")).collect();
        let commands = if commands.len() > 6 {
            format!("{} commands", commands.len())
        } else {
            Vec::from_iter(commands).join(", ")
        };
        let _ = writeln!(page, "| `{variable}` | {} | {commands} |", options.join(", "));
    }
    page.push_str(
        "\nOf other programs: `NO_COLOR`, `FORCE_COLOR`, `CI` and `TERM` for the form of the output, `SOURCE_DATE_EPOCH` in place of \
         the clock, the variables of the AWS SDK for credentials, region and profile, `GITHUB_*` and `CI_*` in pipelines, and \
         `GITHUB_TOKEN`, `GH_TOKEN` or `GITLAB_TOKEN` for `comment`.\n",
    );
    fresh("docs/src/reference/environment.md", &page);
}

#[test]
fn the_page_of_resource_types_is_up_to_date() {
    let mut page = format!(
        "# Resource types\n\n{GENERATED} `iam-policy` prints which of the operations a command takes on which resources: see \
         [Permissions](../guides/permissions.md).\n\n"
    );
    for entry in KINDS.iter() {
        let places: Vec<String> = entry.places().iter().map(|place| format!("`{place}`")).collect();
        let KindCalls { reads, searches, writes, prunes, deletes } = entry.calls();
        let _ = write!(
            page,
            "## {}\n\nIn the spec: {}\n\n| for | operations |\n|---|---|\n",
            entry.name(),
            places.join(", ")
        );
        for (what, operations) in [
            ("`plan`", reads),
            ("`drift`, a rename, pruning", searches),
            ("`apply`", writes),
            ("`--prune`", prunes),
            ("deletion", deletes),
        ] {
            let names: Vec<&str> = operations.iter().map(|operation: &Operation| operation.name()).collect();
            if !names.is_empty() {
                let _ = writeln!(page, "| {what} | {} |", names.join(", "));
            }
        }
        page.push('\n');
    }
    fresh("docs/src/reference/resource-types.md", &(page.trim_end().to_owned() + "\n"));
}

/// Returns the schema of a value without the branches for expressions and for nothing.
fn present(schema: &Value) -> &Value {
    let Some(branches) = schema["anyOf"].as_array() else { return schema };
    let is_expression = |branch: &&Value| branch["pattern"] == "\\$\\{" || branch["type"] == "null";
    branches.iter().find(|branch| !is_expression(branch)).map_or(schema, present)
}

/// Returns the type of a value in words.
fn type_of(schema: &Value) -> String {
    let words = |values: &Value| {
        let values = values.as_array().into_iter().flatten();
        values.map(|value| format!("`{}`", value.as_str().map_or(value.to_string(), str::to_owned))).collect::<Vec<_>>()
    };
    if schema["enum"].is_array() {
        let words = words(&schema["enum"]);
        return if words.len() > 8 { format!("{}, …", words[..8].join(", ")) } else { words.join(", ") };
    }
    let name = match &schema["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).find(|it| *it != "null").unwrap_or("any").to_owned()
        }
        other => other.as_str().unwrap_or("any").to_owned(),
    };
    match (name.as_str(), &schema["minimum"], &schema["maximum"]) {
        ("array", ..) => format!("list of {}", type_of(present(&schema["items"]))),
        ("object", ..) => "map".to_owned(),
        (_, Value::Number(least), Value::Number(most)) => format!("{name}, {least} to {most}"),
        (_, Value::Number(least), _) => format!("{name} from {least}"),
        _ => name,
    }
}

/// Adds a row for each field below a path, but not for those that are resources of their own.
fn rows(page: &mut String, schema: &Value, place: &str, path: &str) {
    let places = || KINDS.iter().flat_map(|entry| entry.places());
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let field = present(field);
        let below = format!("{place}.{name}");
        if places().any(|other| *other == below || *other == format!("{below}.*")) {
            continue;
        }
        let shown = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let is_required = schema["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name));
        let default = match (&field["default"], is_required) {
            (_, true) => "required".to_owned(),
            (Value::Null, false) => String::new(),
            (value, false) => format!("`{value}`"),
        };
        let about = cell(field["description"].as_str().unwrap_or_default());
        let _ = writeln!(page, "| `{shown}` | {} | {} | {about} |", type_of(field), cell(&default));
        rows(page, field, &below, &shown);
        let items = present(&field["items"]);
        if items["properties"].is_object() {
            rows(page, items, &below, &format!("{shown}[]"));
        }
    }
}

/// Returns the schema at a place of a spec, in which `*` is a key that users choose.
fn at<'s>(schema: &'s Value, place: &str) -> &'s Value {
    place.split('.').fold(schema, |schema, key| {
        let schema = present(schema);
        match key {
            "*" => present(&schema["additionalProperties"]),
            key => present(&schema["properties"][key]),
        }
    })
}

#[test]
fn the_page_of_the_spec_is_up_to_date() {
    let schema = trueup::declaration::schema::stack_schema();
    let mut page = format!(
        "# Spec\n\n{GENERATED} Fields have the names of the Lambda API in snake_case. A field that is absent has the default of AWS. \
         `trueup schema` prints the JSON Schema, which editors use.\n\n## The stack\n\n| field | type | default | |\n|---|---|---|---|\n"
    );
    let mut stack = schema.clone();
    let tops: BTreeSet<&str> = KINDS.iter().filter_map(|entry| entry.places()[0].split('.').next()).collect();
    stack["properties"].as_object_mut().unwrap().retain(|name, _| !tops.contains(name.as_str()) && name != "defaults");
    rows(&mut page, &stack, "", "");
    page.push_str("\n`defaults.function` has fields of functions that hold where a function has none of its own.\n");
    for entry in KINDS.iter() {
        let place = entry.places()[0];
        let own = at(&schema, place);
        let places: Vec<String> = entry.places().iter().map(|place| format!("`{place}`")).collect();
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n{}\n\n",
            entry.name(),
            places.join(", "),
            own["description"].as_str().unwrap_or_default()
        );
        if own["properties"].is_object() {
            page.push_str("| field | type | default | |\n|---|---|---|---|\n");
            rows(&mut page, own, place, "");
        } else {
            let _ = writeln!(page, "Type: {}", type_of(own));
        }
    }
    fresh("docs/src/reference/spec.md", &page);
}

#[test]
fn the_page_of_events_is_up_to_date() {
    let schema = trueup::show::events::schema();
    let mut page = format!(
        "# Events\n\n{GENERATED} `--output ndjson=PATH` writes an object of JSON on each line, as things happen. Every line has \
         `@level` (`info`, `warn` or `error`), `@message`, `@timestamp` and `type`, and `target` for a spec with `targets`. Readers \
         ignore types and members that they do not know; the first line has the version of the format. The schema is in \
         [event.schema.json](https://github.com/trueup-dev/trueup/blob/main/schemas/event.schema.json).\n\n| type | members | |\n|---|---|---|\n"
    );
    let definitions = &schema["definitions"];
    for kind in schema["oneOf"].as_array().unwrap() {
        let name = kind["properties"]["type"]["const"].as_str().unwrap();
        let referred = kind["$ref"].as_str().or_else(|| kind["allOf"][0]["$ref"].as_str());
        let referred = referred.and_then(|path| definitions.get(path.rsplit('/').next()?));
        let members =
            [Some(kind), referred].into_iter().flatten().filter_map(|it| it["properties"].as_object()).flatten();
        let members: BTreeSet<String> = members.map(|(name, _)| name.clone()).filter(|name| name != "type").collect();
        let members: Vec<String> = members.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            page,
            "| `{name}` | {} | {} |",
            members.join(", "),
            cell(kind["description"].as_str().unwrap_or_default())
        );
    }
    fresh("docs/src/reference/events.md", &page);
}

#[test]
fn the_page_of_exit_codes_is_up_to_date() {
    let mut page = format!("# Exit codes\n\n{GENERATED}\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in trueup::cli::EXIT_CODES {
        let _ = writeln!(page, "| {code} | {} |", cell(meaning));
    }
    page.push_str(
        "\nWith several targets there is one exit code: 5 if something was written and something else was not, otherwise the first of \
         1, 4, 3 and 2 that a target has.\n",
    );
    fresh("docs/src/reference/exit-codes.md", &page);
}

#[test]
fn the_page_of_schemas_is_up_to_date() {
    let mut page = format!(
        "# Schemas\n\n{GENERATED} Each format has a version; a new minor version only adds members, and readers ignore those that they do \
         not know.\n\n| command | file | of |\n|---|---|---|\n"
    );
    for (name, of) in [
        ("stack", "spec files; the modeline `# yaml-language-server: $schema=…` gives an editor completion and checks"),
        ("plan", "`plan --json`, `show --json`, saved plans"),
        ("report", "`apply --json`, `destroy --json`"),
        ("drift", "`drift --json`"),
        ("event", "a line of `--output ndjson=`; see [Events](events.md)"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_trueup")).args(["schema", name]).output().unwrap();
        assert!(output.status.success(), "{name}");
        let url = format!("https://github.com/trueup-dev/trueup/blob/main/schemas/{name}.schema.json");
        let _ = writeln!(page, "| `trueup schema {name}` | [{name}.schema.json]({url}) | {of} |");
    }
    fresh("docs/src/reference/schemas.md", &page);
}

#[test]
fn the_page_of_rules_is_up_to_date() {
    fresh("docs/src/reference/rules.md", &trueup::show::rules::markdown(trueup::declaration::rules()));
}
