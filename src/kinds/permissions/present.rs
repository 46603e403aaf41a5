//! Permissions in words: a line for each statement that comes or goes.

use serde_json::Value;

use super::spec::Permissions;
use crate::model::{Action, FieldPath, plain};
use crate::resource::{Naming, Present, Presentation, PresentedChange, TerraformType};

impl Present for Permissions {
    const LABEL: &'static str = "permissions";
    const TERRAFORM: TerraformType = TerraformType {
        part: Some("statement_id"),
        ..TerraformType::of(
            "aws_lambda_permission",
            &[("function_name", Naming::Parent), ("qualifier", Naming::Qualifier)],
        )
    };

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let mut words = Presentation::default();
        let mut ids: Vec<&str> = change.changes.iter().filter_map(|it| it.path.first()).collect();
        ids.dedup();
        for id in ids {
            let path = FieldPath::root().then(id);
            let statement = |value: Option<&Value>| {
                value
                    .and_then(|value| path.get(value))
                    .filter(|it| it.as_object().is_none_or(|map| !map.is_empty()))
                    .cloned()
            };
            let (action, statement) = match (statement(change.before), statement(change.after)) {
                (None, Some(after)) => (Action::Create, after),
                (Some(before), None) => (Action::Delete, before),
                _ => continue,
            };
            words.fact(action, id, sentence(&statement));
            words.told.push(path);
        }
        words
    }
}

/// Returns a statement as one line.
fn sentence(statement: &Value) -> String {
    let part = |name: &str| statement.get(name).map(plain);
    let Some((principal, action)) = part("principal").zip(part("action")) else {
        // The words of a spec cannot say all of it.
        return part("statement").unwrap_or_else(|| statement.to_string());
    };
    let conditions = ["source_arn", "source_account", "principal_org_id", "function_url_auth_type"];
    let conditions = conditions.into_iter().filter_map(|name| Some(format!(", {name} {}", part(name)?)));
    let url = statement.get("invoked_via_function_url") == Some(&Value::Bool(true));
    let url = url.then(|| ", through its URL".to_owned());
    let hidden = statement.get("event_source_token").map(|_| ", with a token".to_owned());
    [format!("{principal} may {action}")].into_iter().chain(conditions).chain(url).chain(hidden).collect()
}
