//! The complete state of an account, read by plain HTTP instead of the reconciler, whose mistakes it must not share.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tower::ServiceExt;

/// Members whose values differ between two identical runs. Their presence is compared, their values are not.
const VOLATILE: [&str; 14] = [
    "RevisionId",
    "UUID",
    "LastModified",
    "LastModifiedTime",
    "CreationTime",
    "CreatedDate",
    "FunctionUrl",
    "Location",
    "CodeSigningConfigId",
    "CodeSigningConfigArn",
    "EventSourceMappingArn",
    "StateTransitionReason",
    "CodeSize",
    "VpcId",
];

/// Reads one path; `None` if the reply is an error.
pub async fn get(router: &Router, path: &str) -> Option<Value> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    if !response.status().is_success() {
        return None;
    }
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    serde_json::from_slice(&bytes).ok()
}

/// Reads everything in the account, by the path that shows it, with volatile values masked.
pub async fn account_state(router: &Router) -> Value {
    let mut all = Map::new();
    let paths = paths(router).await;
    let urls = urls(router, &paths).await;
    for path in paths {
        if let Some(mut answer) = get(router, &path).await {
            add_version_states(router, &path, &mut answer).await;
            mask_volatile(&mut answer);
            replace_urls(&mut answer, &urls);
            if !has_no_values(&answer) {
                all.insert(path, answer);
            }
        }
    }
    // The UUID in the path is as volatile as the one in the reply.
    let mappings = get(router, "/2015-03-31/event-source-mappings").await.unwrap_or_default();
    let mut mappings = mappings["EventSourceMappings"].clone();
    mask_volatile(&mut mappings);
    for mapping in mappings.as_array().into_iter().flatten() {
        let name = format!("mapping {} {}", mapping["FunctionArn"].as_str().unwrap_or(""), source(mapping));
        all.insert(name, mapping.clone());
    }
    for (name, arn) in tagged(router).await {
        let tags = get(router, &format!("/2017-03-31/tags/{arn}")).await.unwrap_or_default();
        all.insert(format!("tags of {name}"), tags);
    }
    Value::Object(all)
}

/// Adds to a list of versions the state of each, which only a read of the version returns.
async fn add_version_states(router: &Router, path: &str, answer: &mut Value) {
    let Some(function) = path.strip_suffix("/versions").filter(|path| path.contains("/functions/")) else { return };
    for version in answer.get_mut("Versions").and_then(Value::as_array_mut).into_iter().flatten() {
        let number = version["Version"].as_str().unwrap_or_default();
        let one = get(router, &format!("{function}?Qualifier={number}")).await.unwrap_or_default();
        version["State"] = one["Configuration"]["State"].clone();
    }
}

/// Lists the URLs of functions, each with the function or alias that it belongs to.
async fn urls(router: &Router, paths: &[String]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for path in paths.iter().filter(|path| path.ends_with("/urls")) {
        let answer = get(router, path).await.unwrap_or_default();
        for one in answer["FunctionUrlConfigs"].as_array().into_iter().flatten() {
            let text = |member: &str| one[member].as_str().unwrap_or_default().to_owned();
            all.push((text("FunctionUrl"), format!("the URL of {}", text("FunctionArn"))));
        }
    }
    all
}

/// Replaces every URL by the name of its function or alias, because generated URLs differ between runs.
fn replace_urls(value: &mut Value, urls: &[(String, String)]) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| replace_urls(value, urls)),
        Value::Array(list) => list.iter_mut().for_each(|value| replace_urls(value, urls)),
        Value::String(text) => {
            for (url, name) in urls.iter().filter(|(url, _)| !url.is_empty()) {
                *text = text.replace(url, name);
            }
        }
        _ => {}
    }
}

/// Lists the resources whose tags no other reply shows: a stable name, and the ARN.
async fn tagged(router: &Router) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all = Vec::new();
    let lists = [
        ("/2015-03-31/event-source-mappings", "EventSourceMappings", "EventSourceMappingArn"),
        ("/2020-04-22/code-signing-configs", "CodeSigningConfigs", "CodeSigningConfigArn"),
        ("/2025-11-30/capacity-providers", "CapacityProviders", "CapacityProviderArn"),
    ];
    for (path, list, arn) in lists {
        let answer = get(router, path).await.unwrap_or_default();
        for one in answer[list].as_array().into_iter().flatten() {
            let name = format!("{list} {} {} {}", text(&one["FunctionArn"]), source(one), one["Description"]);
            all.push((name, text(&one[arn])));
        }
    }
    all
}

fn source(mapping: &Value) -> String {
    let own = ["EventSourceArn", "SelfManagedEventSource", "Topics", "Queues"];
    own.map(|member| mapping[member].to_string()).join(" ")
}

async fn paths(router: &Router) -> Vec<String> {
    let names = async |path: &str, list: &str, member: &str| -> Vec<String> {
        let answer = get(router, path).await.unwrap_or_default();
        let each = answer[list].as_array().cloned().unwrap_or_default();
        each.iter().filter_map(|one| Some(one[member].as_str()?.to_owned())).collect()
    };
    let mut paths = vec!["/2020-04-22/code-signing-configs".to_owned()];
    for provider in names("/2025-11-30/capacity-providers", "CapacityProviders", "CapacityProviderArn").await {
        let name = provider.rsplit(':').next().unwrap_or_default();
        paths.push(format!("/2025-11-30/capacity-providers/{name}"));
    }
    for layer in names("/2018-10-31/layers", "Layers", "LayerName").await {
        paths.push(format!("/2018-10-31/layers/{layer}/versions"));
        for version in 1..4 {
            paths.push(format!("/2018-10-31/layers/{layer}/versions/{version}/policy"));
        }
    }
    for name in names("/2015-03-31/functions", "Functions", "FunctionName").await {
        let of = |date: &str, what: &str| format!("/{date}/functions/{name}{what}");
        paths.extend([
            of("2015-03-31", ""),
            of("2015-03-31", "/versions"),
            of("2015-03-31", "/aliases"),
            of("2015-03-31", "/policy"),
            of("2021-10-31", "/urls"),
            of("2019-09-30", "/provisioned-concurrency?List=ALL"),
            of("2019-09-25", "/event-invoke-config/list"),
            of("2024-08-31", "/recursion-config"),
            of("2021-07-20", "/runtime-management-config"),
            of("2020-06-30", "/code-signing-config"),
            of("2025-11-30", "/function-scaling-config?Qualifier=$LATEST.PUBLISHED"),
        ]);
        for alias in names(&of("2015-03-31", "/aliases"), "Aliases", "Name").await {
            paths.push(of("2015-03-31", &format!("/policy?Qualifier={alias}")));
        }
    }
    paths
}

/// Replaces every volatile value by the same placeholder.
fn mask_volatile(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let fleeting = map.iter_mut().filter(|(key, value)| VOLATILE.contains(&key.as_str()) && !value.is_null());
            fleeting.for_each(|(_, value)| *value = Value::from("…"));
            let policy = map.get("Policy").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
            policy.into_iter().for_each(|policy| drop(map.insert("Policy".to_owned(), policy)));
            map.values_mut().for_each(mask_volatile);
        }
        Value::Array(list) => list.iter_mut().for_each(mask_volatile),
        _ => {}
    }
}

fn has_no_values(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.values().all(has_no_values),
        Value::Array(list) => list.iter().all(has_no_values),
        _ => false,
    }
}

/// Removes failed versions, and renumbers the others as if those had never been published.
pub fn without_failed_versions(state: &Value) -> Value {
    let mut numbers: Vec<(String, String, String)> = Vec::new();
    let mut state = state.clone();
    for (path, answer) in state.as_object_mut().into_iter().flatten() {
        let Some(versions) = answer.get_mut("Versions").and_then(Value::as_array_mut) else { continue };
        let Some(name) = path.strip_suffix("/versions").and_then(|path| path.strip_prefix("/2015-03-31/functions/"))
        else {
            continue;
        };
        versions.retain(|version| version["State"] != "Failed" || version["Version"] == "$LATEST");
        let numbered = versions.iter().filter_map(|version| version["Version"].as_str()).filter(|it| *it != "$LATEST");
        for (at, number) in numbered.enumerate() {
            numbers.push((name.to_owned(), number.to_owned(), (at + 1).to_string()));
        }
    }
    // From the lowest on, so that no number is changed twice.
    for (name, from, to) in numbers.iter().filter(|(_, from, to)| from != to) {
        let (from_arn, to_arn) = (format!(":function:{name}:{from}"), format!(":function:{name}:{to}"));
        let entries = std::mem::take(state.as_object_mut().expect("a census is a map"));
        for (path, mut answer) in entries {
            let of = path.contains(&format!("/functions/{name}")) && !path.contains(&format!("/functions/{name}-"));
            renumber(&mut answer, of, (from, to), (&from_arn, &to_arn));
            let path = if path.ends_with(&from_arn) { path.replace(&from_arn, &to_arn) } else { path };
            state[path.replace(&format!("{from_arn} "), &format!("{to_arn} "))] = answer;
        }
    }
    state
}

fn renumber(value: &mut Value, of: bool, number: (&str, &str), arn: (&str, &str)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if of && (key == "Version" || key == "FunctionVersion") && *value == number.0 {
                    *value = Value::from(number.1);
                }
                renumber(value, of, number, arn);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| renumber(value, of, number, arn)),
        Value::String(text) if text.ends_with(arn.0) => *text = text.replace(arn.0, arn.1),
        _ => {}
    }
}

/// Removes the tags with this key.
pub fn without_tag(mut state: Value, key: &str) -> Value {
    for answer in state.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        let tags = answer.get_mut("Tags").and_then(Value::as_object_mut);
        let gone = tags.is_some_and(|tags| tags.remove(key).is_some() && tags.is_empty());
        let own = answer.as_object_mut().filter(|_| gone);
        own.into_iter().for_each(|answer| drop(answer.remove("Tags")));
    }
    state
}

/// Lists every value that is not an object, with its path.
pub fn leaves(value: &Value) -> Vec<(String, Value)> {
    fn walk(at: &str, value: &Value, into: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| walk(&format!("{at} {key}"), value, into)),
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    let named = ["Sid", "Name", "Version"].iter().find_map(|key| value[key].as_str());
                    let name = named.map_or_else(|| index.to_string(), str::to_owned);
                    walk(&format!("{at} {name}"), value, into);
                }
            }
            other => into.push((at.to_owned(), other.clone())),
        }
    }
    let mut into = Vec::new();
    walk("", value, &mut into);
    into
}

/// Lists up to twelve differences between two accounts, for messages.
pub fn differences(wanted: &Value, found: &Value) -> Vec<String> {
    let (wanted, found) = (leaves(wanted), leaves(found));
    let lacking = wanted.iter().filter(|leaf| !found.contains(leaf)).map(|(at, value)| format!("- {at}: {value}"));
    let surplus = found.iter().filter(|leaf| !wanted.contains(leaf)).map(|(at, value)| format!("+ {at}: {value}"));
    lacking.chain(surplus).take(12).collect()
}
