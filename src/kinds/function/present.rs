//! A function in words: its size on one line, its variables and tags by name.

use serde_json::{Map, Value};

use super::spec::Function;
use crate::model::{Action, FieldPath, plain};
use crate::resource::{Naming, Present, Presentation, PresentedChange, STACK_TAG, TerraformType};

/// The fields that one line tells of a whole function.
const SIZE: [&str; 5] = ["package_type", "runtime", "architectures", "memory_size", "timeout"];

/// The place of the variables.
const VARIABLES: &str = "environment.variables";

impl Present for Function {
    const LABEL: &'static str = "function";
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[
            ("code.sha256", "source_code_hash"),
            ("code.image", "image_uri"),
            ("code.s3.bucket", "s3_bucket"),
            ("code.s3.key", "s3_key"),
            ("code.s3.version", "s3_object_version"),
            ("code.zip", "filename"),
            ("durable_config.retention_period_in_days", "durable_config.retention_period"),
            ("file_system_configs", "file_system_config"),
            (
                "capacity_provider_config.lambda_managed_instances_capacity_provider_config.execution_environment_memory_gib_per_v_cpu",
                "capacity_provider_config.lambda_managed_instances_capacity_provider_config.execution_environment_memory_gib_per_vcpu",
            ),
        ],
        ..TerraformType::of("aws_lambda_function", &[("function_name", Naming::Name)])
    };

    fn heading(key: &str) -> String {
        key.to_owned()
    }

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let mut words = Presentation::default();
        if change.is_whole() {
            whole(change, &mut words);
        } else {
            variables(change, &mut words);
        }
        words
    }
}

/// Tells a new function, or one that goes.
fn whole(change: &PresentedChange<'_>, words: &mut Presentation) {
    let text = |path: &'static str| change.any(path).map(plain);
    let architectures = change.any("architectures").and_then(Value::as_array);
    let architecture = architectures.and_then(|list| list.first()).map(plain);
    let size = [
        text("runtime").or_else(|| Some("image".to_owned())),
        architecture,
        text("memory_size").map(|size| format!("{size} MB")),
        text("timeout").map(|seconds| format!("timeout {seconds} s")),
    ];
    words.fact(change.action, "", size.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    words.told.extend(SIZE.map(FieldPath::from));
    let names = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>().join(", ");
    let map = |path: &'static str| change.any(path).and_then(Value::as_object).filter(|map| !map.is_empty());
    if let Some(variables) = map(VARIABLES) {
        words.fact(change.action, "env", format!("{} (values hidden)", names(variables)));
    }
    let tags = map("tags").into_iter().flatten().filter(|(name, _)| *name != STACK_TAG);
    let tags: Vec<String> = tags.map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if !tags.is_empty() {
        words.fact(change.action, "tags", tags.join(", "));
    }
    words.told.extend([FieldPath::from("environment"), FieldPath::from("tags")]);
    if text("logging_config.log_group").is_some_and(|group| group.starts_with("/aws/lambda/")) {
        words.told.push(FieldPath::from("logging_config.log_group"));
    }
}

/// Tells which variables change, and no value.
fn variables(change: &PresentedChange<'_>, words: &mut Presentation) {
    let place = FieldPath::from(VARIABLES);
    for it in change.changes.iter().filter(|it| it.path.within(&place)) {
        let Some(name) = it.path.keys().get(2) else { continue };
        let (action, text) = match (&it.before, &it.after) {
            (None, _) => (Action::Create, "added (value hidden)"),
            (_, None) => (Action::Delete, "removed"),
            _ => (Action::Update, "changed (values hidden)"),
        };
        words.fact(action, format!("env {name}"), text);
        words.told.push(it.path.clone());
    }
}
