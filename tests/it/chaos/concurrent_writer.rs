//! A concurrent writer that changes a resource just before trueup's call to it, and what must hold afterwards.
//!
//! A field that the spec declares, or leaves at its default, must be repaired; a tag that it does not declare must be kept.

use std::sync::Mutex;

use axum::Router;
use serde_json::{Value, json};

use super::account_state::get;
use super::two_appliers::sent;

/// The key of the tag that the concurrent writer sets.
pub const TAG: &str = "concurrent-writer";

/// One write of the concurrent writer.
#[derive(Clone, Debug)]
pub struct Act {
    /// The path that shows the tags, and the value of the tag; `None` if the write was not a tag.
    pub tagged: Option<(String, String)>,
    /// True if the write took effect; `None` if its reply was lost, for example together with trueup's own.
    pub done: Option<bool>,
}

/// Writes to the resource that a call is about, and records it; does nothing if the resource cannot be written.
pub async fn write_before_call(router: &Router, injected: &Mutex<Vec<Act>>, path: &str, tags: bool, number: usize) {
    let path = path.split('?').next().unwrap_or_default().replace("%3A", ":");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let text = format!("concurrent writer {number}");
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
    let resource = match parts[..] {
        ["tags", arn] => Some(arn.to_owned()),
        ["functions", name, ..] if tags => Some(arn(name)),
        _ => None,
    };
    if let Some(resource) = resource {
        let path = format!("/2017-03-31/tags/{resource}");
        let tagged = Some((path.clone(), text.clone()));
        return record(injected, tagged, sent(router, "POST", &path, json!({"Tags": {TAG: text}}))).await;
    }
    let (path, body) = match parts[..] {
        ["event-source-mappings", uuid] => {
            (format!("/2015-03-31/event-source-mappings/{uuid}"), json!({"BatchSize": 1 + number % 10}))
        }
        ["functions", name, "aliases", alias] => {
            (format!("/2015-03-31/functions/{name}/aliases/{alias}"), json!({"Description": text}))
        }
        ["functions", name, ..] => {
            (format!("/2015-03-31/functions/{name}/configuration"), json!({"Description": text}))
        }
        _ => return,
    };
    record(injected, None, sent(router, "PUT", &path, body)).await;
}

/// Records a write before its reply is known.
async fn record(
    injected: &Mutex<Vec<Act>>,
    tagged: Option<(String, String)>,
    done: impl Future<Output = Option<bool>>,
) {
    let at = {
        let mut injected = injected.lock().unwrap();
        injected.push(Act { tagged, done: None });
        injected.len() - 1
    };
    let done = done.await;
    injected.lock().unwrap()[at].done = done;
}

/// Returns true if the concurrent writer can write before this call.
pub fn applies_to(path: &str, tags: bool) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    match parts[..] {
        ["functions", _, ..] => true,
        ["event-source-mappings" | "tags", _] => !tags,
        _ => false,
    }
}

/// Fails unless every tag that the writer set is still present on the resources that exist.
pub async fn check_tags_kept(router: &Router, injected: &[Act]) -> Result<(), String> {
    for (path, text) in injected.iter().filter(|act| act.done == Some(true)).filter_map(|act| act.tagged.as_ref()) {
        if let Some(answer) = get(router, path).await
            && answer["Tags"][TAG] != text.as_str()
            // A later write may have set it again.
            && !injected.iter().any(|act| {
                act.tagged.as_ref().is_some_and(|(other, later)| other == path && answer["Tags"][TAG] == later.as_str())
            })
        {
            return Err(format!("a foreign tag was removed: {path} {answer}"));
        }
    }
    Ok(())
}

/// Returns true if the drift is only the tag of the concurrent writer.
pub fn is_injected_tag(drift: &str) -> bool {
    let drift: Value = serde_json::from_str(drift).unwrap_or_default();
    drift["drift"] == "unmanaged" && drift["field"] == json!(["tags", TAG])
}
