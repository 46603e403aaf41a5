//! A version in words: its number, and what of the function is new in it.

use super::spec::Version;
use crate::model::{Action, AttributeName, FieldPath, plain};
use crate::resource::{Present, Presentation, PresentedChange, TerraformType};

impl Present for Version {
    const LABEL: &'static str = "version";
    const TERRAFORM: TerraformType = TerraformType::merged(&[("enabled", "publish"), ("publish_to", "publish_to")]);
    const PUBLISHES: bool = true;

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let number = change.predicted.get(AttributeName::VERSION.as_str()).map(plain);
        let mut words = Presentation {
            name: number.map(|number| format!("version {number}")),
            told: vec![FieldPath::from("content"), FieldPath::from("at_creation")],
            ..Presentation::default()
        };
        if change.action == Action::Update {
            words.fact(Action::Update, "", differences(change));
        }
        words
    }
}

/// Names what differs from the version before.
fn differences(change: &PresentedChange<'_>) -> String {
    let content = FieldPath::from("content");
    let code = FieldPath::from("content.code");
    let paths = || change.changes.iter().map(|it| &it.path).filter(|path| path.within(&content));
    let mut fields: Vec<String> = Vec::new();
    for path in paths().filter(|path| !path.within(&code)) {
        let name = match &path.keys()[1..] {
            [environment, _, name, ..] if environment == "environment" => format!("env {name}"),
            [first, ..] => first.clone(),
            [] => continue,
        };
        if !fields.contains(&name) {
            fields.push(name);
        }
    }
    let has_new_code = paths().any(|path| path.within(&code));
    match (fields.is_empty(), has_new_code) {
        (true, true) => "new: code".to_owned(),
        (true, false) => String::new(),
        (false, true) => format!("new: code, {}", fields.join(", ")),
        (false, false) => format!("new: {} (code unchanged)", fields.join(", ")),
    }
}
