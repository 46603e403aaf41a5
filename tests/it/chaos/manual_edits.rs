//! Random manual edits of an account, applied to the model as well.

use axum::Router;
use base64::Engine;
use serde_json::{Value, json};

use super::account_state::get;
use super::dice::Dice;
use super::model::{Function, Functions, package};
use super::two_appliers::send;

/// One request.
type ManualRequest = (&'static str, String, Value);

/// Changes, adds or removes something in the account.
pub async fn edit(router: &Router, dice: &mut Dice, live: &mut Functions) -> String {
    let names: Vec<String> = live.keys().cloned().collect();
    if names.is_empty() {
        return "nothing to edit".to_owned();
    }
    let name = dice.pick(&names).clone();
    // Lambda keeps the mappings of a function that is deleted; these are the laws' affair and not the model's.
    if dice.below(16) == 0 && live[&name].mapping.is_none() {
        live.remove(&name);
        let path = format!("/2015-03-31/functions/{name}");
        assert!(send(router, "DELETE", &path, Value::Null).await, "DELETE {path}");
        return format!("by hand: DELETE {path}");
    }
    let mappings = get(router, "/2015-03-31/event-source-mappings").await.unwrap_or_default();
    let all = mappings["EventSourceMappings"].as_array().cloned().unwrap_or_default();
    let own =
        |mapping: &&Value| mapping["FunctionArn"].as_str().is_some_and(|arn| arn.ends_with(&format!(":{name}:live")));
    let mapping = all.iter().find(own).and_then(|mapping| mapping["UUID"].as_str());
    let function = live.get_mut(&name).expect("it is there");
    let request = match dice.below(3) {
        0 => edit_configuration(dice, function, &name),
        1 => edit_tags_or_versions(dice, function, &name),
        _ => edit_aliases_or_mapping(dice, function, &name, mapping),
    };
    let Some((method, path, body)) = request else { return format!("by hand: nothing to do to {name}") };
    assert!(send(router, method, &path, body.clone()).await, "{method} {path} {body}");
    format!("by hand: {method} {path} {body}")
}

/// Settings and code.
fn edit_configuration(dice: &mut Dice, function: &mut Function, name: &str) -> Option<ManualRequest> {
    let path = |what: &str| format!("/2015-03-31/functions/{name}/{what}");
    let content = &mut function.content;
    let text = format!("by hand {}", dice.below(1000));
    Some(match dice.below(5) {
        0 => {
            content.memory = 1000 + dice.below(9) as u64;
            ("PUT", path("configuration"), json!({"MemorySize": content.memory}))
        }
        1 => {
            content.description.clone_from(&text);
            ("PUT", path("configuration"), json!({"Description": text}))
        }
        2 => {
            content.variables.insert("HAND".to_owned(), text);
            ("PUT", path("configuration"), json!({"Environment": {"Variables": content.variables}}))
        }
        3 => {
            content.variables.clear();
            ("PUT", path("configuration"), json!({"Environment": {"Variables": {}}}))
        }
        _ => {
            content.code = 1 - content.code;
            let zip = base64::engine::general_purpose::STANDARD.encode(package(content.code).0);
            ("PUT", path("code"), json!({"ZipFile": zip}))
        }
    })
}

/// Tags, reserved concurrency and versions.
fn edit_tags_or_versions(dice: &mut Dice, function: &mut Function, name: &str) -> Option<ManualRequest> {
    let tags = format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:{name}");
    let concurrency = format!("/2017-10-31/functions/{name}/concurrency");
    let text = format!("by hand {}", dice.below(1000));
    Some(match dice.below(5) {
        0 => {
            let key = if dice.below(2) == 0 { "hand" } else { "t0" };
            function.tags.insert(key.to_owned(), text.clone());
            ("POST", tags, json!({"Tags": {key: text}}))
        }
        1 => {
            let key = function.tags.keys().next()?.clone();
            function.tags.remove(&key);
            ("DELETE", format!("{tags}?tagKeys={key}"), Value::Null)
        }
        2 => {
            function.reserved = Some(20 + dice.below(9) as u64);
            ("PUT", concurrency, json!({"ReservedConcurrentExecutions": function.reserved}))
        }
        3 => {
            function.reserved = None;
            ("DELETE", concurrency, Value::Null)
        }
        // Lambda publishes nothing where nothing was written since, and only then may the two be equal.
        _ if function.versions.last() != Some(&function.content) => {
            function.versions.push(function.content.clone());
            ("POST", format!("/2015-03-31/functions/{name}/versions"), json!({}))
        }
        _ => return None,
    })
}

/// Aliases and the mapping.
fn edit_aliases_or_mapping(
    dice: &mut Dice,
    function: &mut Function,
    name: &str,
    mapping: Option<&str>,
) -> Option<ManualRequest> {
    let aliases = format!("/2015-03-31/functions/{name}/aliases");
    let text = format!("by hand {}", dice.below(1000));
    let alias = *dice.pick(&["live", "side"]);
    let there = function.aliases.contains_key(alias);
    Some(match (dice.below(4), mapping) {
        (0, Some(uuid)) => {
            function.mapping = Some(11 + dice.below(9) as u64);
            let body = json!({"BatchSize": function.mapping, "MaximumBatchingWindowInSeconds": 1});
            ("PUT", format!("/2015-03-31/event-source-mappings/{uuid}"), body)
        }
        (1, Some(uuid)) => {
            function.mapping = None;
            ("DELETE", format!("/2015-03-31/event-source-mappings/{uuid}"), Value::Null)
        }
        (2, _) if there && (alias == "side" || mapping.is_none()) => {
            function.aliases.remove(alias);
            ("DELETE", format!("{aliases}/{alias}"), Value::Null)
        }
        _ if there => {
            function.aliases.insert(alias.to_owned(), text.clone());
            ("PUT", format!("{aliases}/{alias}"), json!({"Description": text}))
        }
        _ if function.versions.is_empty() => return None,
        _ => {
            function.aliases.insert(alias.to_owned(), text.clone());
            ("POST", aliases, json!({"Name": alias, "FunctionVersion": "1", "Description": text}))
        }
    })
}
