//! The pages of the book's reference, generated from the program, its schemas and its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Command;

use serde_json::Value;
use trueup::kinds::KINDS;
use trueup::resource::KindCalls;
use trueup::wire::Operation;

use crate::generated_files::fresh;

pub(super) const GENERATED: &str = "This page is generated from the program.";

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
pub(super) fn cell(text: &str) -> String {
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

#[test]
fn the_page_of_the_spec_is_up_to_date() {
    fresh("docs/src/reference/spec.md", &super::spec::page(&trueup::declaration::schema::stack_schema()));
}

/// Collects the paths of all properties of a schema, and the values of its enumerations by their paths.
fn add_paths(schema: &Value, path: &str, properties: &mut BTreeSet<String>, values: &mut BTreeSet<(String, String)>) {
    assert!(schema["$ref"].is_null(), "{path} refers to another schema, which is not followed here");
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let below = format!("{path}.{name}").trim_start_matches('.').to_owned();
        add_paths(field, &below, properties, values);
        properties.insert(below);
    }
    for value in schema["enum"].as_array().into_iter().flatten().filter(|value| !value.is_null()) {
        values.insert((path.to_owned(), value.as_str().map_or(value.to_string(), str::to_owned)));
    }
    for alternative in ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema[key].as_array()).flatten() {
        add_paths(alternative, path, properties, values);
    }
    let patterns = schema["patternProperties"].as_object().into_iter().flatten().map(|(_, field)| field);
    for field in patterns.chain([&schema["additionalProperties"]]).filter(|field| field.is_object()) {
        add_paths(field, &format!("{path}.*"), properties, values);
    }
    if schema["items"].is_object() {
        add_paths(&schema["items"], &format!("{path}[]"), properties, values);
    }
}

/// Returns the section of the page of the spec that has a field, and the field's path there.
fn section_of(path: &str) -> (&'static str, &str) {
    let below = |place: &str| path.strip_prefix(place).and_then(|rest| rest.strip_prefix('.'));
    let defaults = KINDS.iter().filter_map(|entry| Some((entry.name(), below(&format!("defaults.{}", entry.name()))?)));
    let places = KINDS.iter().flat_map(|entry| entry.places().iter().map(|place| (entry.name(), *place)));
    let placed = places.filter_map(|(name, place)| Some((name, below(place)?)));
    // The innermost resource is the one with the shortest path below it.
    defaults.chain(placed).min_by_key(|(_, rest)| rest.len()).unwrap_or(("The stack", path))
}

#[test]
fn the_page_of_the_spec_has_every_property_and_every_value_of_the_schema() {
    let (mut properties, mut values) = (BTreeSet::new(), BTreeSet::new());
    let schema = trueup::declaration::schema::stack_schema();
    add_paths(&schema, "", &mut properties, &mut values);
    assert!(properties.len() > 700 && values.len() > 400, "{} {}", properties.len(), values.len());
    for path in ["functions.*.code.s3.bucket", "functions.*.publish.retain_versions", "targets.*.account"] {
        assert!(properties.contains(path), "{path}");
    }
    let page = super::spec::page(&schema);
    let sections = page.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    let sections: BTreeMap<&str, &str> = sections.collect();
    let mut missing = Vec::new();
    for path in &properties {
        let (section, field) = section_of(path);
        if !sections[section].contains(&format!("\n| `{field}` |")) {
            missing.push(format!("{path}: no row for {field} in the section {section}"));
        }
    }
    for (path, value) in &values {
        let (section, _) = section_of(path);
        if !sections[section].contains(&format!("`{value}`")) {
            missing.push(format!("{path}: no value {value} in the section {section}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
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
