//! Somebody else who writes just before a call of ours, to what the call is about; and what must come of it.
//!
//! What is declared, or absent and so at its default, must be repaired; a tag that the spec does not name must be kept.

use std::sync::Mutex;

use axum::Router;
use serde_json::{Value, json};

use super::account_state::get;
use super::two_appliers::sent;

/// The key of the tag that the stranger sets.
pub const TAG: &str = "stranger";

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Act {
    /// What was tagged, as the path that shows its tags, and with what; nothing if something else was done.
    pub tagged: Option<(String, String)>,
    /// Whether it was done; nothing if the stranger has not heard, as where its call was cut off together with ours.
    pub done: Option<bool>,
}

/// Writes to what the call is about, and notes it; does nothing if that is not there, or not a thing to write to.
pub async fn act(router: &Router, acts: &Mutex<Vec<Act>>, path: &str, tags: bool, number: usize) {
    let path = path.split('?').next().unwrap_or_default().replace("%3A", ":");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let text = format!("stranger {number}");
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
    let resource = match parts[..] {
        ["tags", arn] => Some(arn.to_owned()),
        ["functions", name, ..] if tags => Some(arn(name)),
        _ => None,
    };
    if let Some(resource) = resource {
        let path = format!("/2017-03-31/tags/{resource}");
        let tagged = Some((path.clone(), text.clone()));
        return noted(acts, tagged, sent(router, "POST", &path, json!({"Tags": {TAG: text}}))).await;
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
    noted(acts, None, sent(router, "PUT", &path, body)).await;
}

/// Notes what is done while it is done.
async fn noted(acts: &Mutex<Vec<Act>>, tagged: Option<(String, String)>, done: impl Future<Output = Option<bool>>) {
    let at = {
        let mut acts = acts.lock().unwrap();
        acts.push(Act { tagged, done: None });
        acts.len() - 1
    };
    let done = done.await;
    acts.lock().unwrap()[at].done = done;
}

/// Whether a call is one that a stranger can come before.
pub fn befalls(path: &str, tags: bool) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    match parts[..] {
        ["functions", _, ..] => true,
        ["event-source-mappings" | "tags", _] => !tags,
        _ => false,
    }
}

/// Fails unless every tag that was set is still there, where what bore it is.
pub async fn kept(router: &Router, acts: &[Act]) -> Result<(), String> {
    for (path, text) in acts.iter().filter(|act| act.done == Some(true)).filter_map(|act| act.tagged.as_ref()) {
        if let Some(answer) = get(router, path).await
            && answer["Tags"][TAG] != text.as_str()
            // A later stranger may have set it again.
            && !acts.iter().any(|act| {
                act.tagged.as_ref().is_some_and(|(other, later)| other == path && answer["Tags"][TAG] == later.as_str())
            })
        {
            return Err(format!("somebody's tag was taken away: {path} {answer}"));
        }
    }
    Ok(())
}

/// Whether the drift is no more than a tag of the stranger's.
pub fn is_its_tag(drift: &str) -> bool {
    let drift: Value = serde_json::from_str(drift).unwrap_or_default();
    drift["drift"] == "unmanaged" && drift["field"] == json!(["tags", TAG])
}
