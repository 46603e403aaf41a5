//! The settings that a reply of Lambda shows, each by its resource and member.
//!
//! The same reading serves for what is in the account and for what a writer has looked at, so that the two can be held
//! against each other member by member. What Lambda works out by itself is no setting. Whether a mapping is on is one, but
//! is a state that changes later, so its writer cannot be determined; it is not recorded.

use std::collections::BTreeMap;

use axum::Router;
use serde_json::Value;

use super::account_state::get;

/// A resource, such as `alias/orders/live`, and one of its members, such as `RoutingConfig`.
pub type SettingKey = (String, String);

/// Members of a configuration that cannot be set, or only at creation.
const NO_SETTINGS: [&str; 23] = [
    "ConfigSha256",
    "CodeSize",
    "FunctionArn",
    "FunctionName",
    "LastModified",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "MasterArn",
    "RevisionId",
    "RuntimeVersionConfig",
    "State",
    "StateReason",
    "StateReasonCode",
    "Version",
    "VpcId",
    "AliasArn",
    "Name",
    "UUID",
    "EventSourceMappingArn",
    "StateTransitionReason",
    "OptimizationStatus",
    // No test sets weights; Lambda changes them for a while when an alias with provisioned concurrency changes.
    "RoutingConfig",
];

/// The resources that a reply is about, and their settings.
#[derive(Debug, Default)]
pub struct ObservedSettings {
    /// Resources; one that ends in a slash stands for all below it.
    pub looked: Vec<String>,
    pub settings: BTreeMap<SettingKey, Value>,
}

/// Returns the settings that the reply to this read shows.
pub fn observed_settings(path: &str, reply: &Value) -> ObservedSettings {
    let mut shown = ObservedSettings::default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = path.replace("%3A", ":");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let qualifier = query.split('&').find_map(|pair| pair.strip_prefix("Qualifier="));
    match parts[..] {
        ["functions"] => each(&reply["Functions"]).for_each(|one| shown.configuration(one)),
        // A version is immutable.
        ["functions", ..] if qualifier.is_some() && !parts.ends_with(&["provisioned-concurrency"]) => {}
        ["functions", name] => {
            shown.looked.extend(["function", "tags", "reserved_concurrency"].map(|kind| format!("{kind}/{name}")));
            shown.configuration(&reply["Configuration"]);
            shown.note(&format!("tags/{name}"), &reply["Tags"]);
            shown.note(&format!("reserved_concurrency/{name}"), &reply["Concurrency"]);
        }
        ["functions", name, "configuration"] => {
            shown.looked.push(format!("function/{name}"));
            shown.configuration(reply);
        }
        ["functions", name, "aliases"] => {
            shown.looked.push(format!("alias/{name}/"));
            each(&reply["Aliases"]).for_each(|one| shown.alias(name, one));
        }
        ["functions", name, "aliases", alias] => {
            shown.looked.push(format!("alias/{name}/{alias}"));
            shown.alias(name, reply);
        }
        ["functions", name, "concurrency"] => {
            shown.looked.push(format!("reserved_concurrency/{name}"));
            shown.note(&format!("reserved_concurrency/{name}"), reply);
        }
        ["functions", name, "provisioned-concurrency"] => match qualifier {
            Some(qualifier) => shown.provisioned(name, qualifier, reply),
            None => {
                shown.looked.push(format!("provisioned_concurrency/{name}/"));
                for one in each(&reply["ProvisionedConcurrencyConfigs"]) {
                    let qualifier = one["FunctionArn"].as_str().and_then(|arn| arn.rsplit(':').next());
                    shown.provisioned(name, qualifier.unwrap_or_default(), one);
                }
            }
        },
        ["event-source-mappings"] => each(&reply["EventSourceMappings"]).for_each(|one| shown.mapping(one)),
        ["event-source-mappings", uuid] => {
            shown.looked.push(format!("event_source_mapping/{uuid}"));
            shown.mapping(reply);
        }
        ["tags", arn] => {
            let tags = format!("tags/{}", arn.rsplit(':').next().unwrap_or_default());
            shown.looked.push(tags.clone());
            shown.note(&tags, &reply["Tags"]);
        }
        _ => {}
    }
    shown
}

impl ObservedSettings {
    fn configuration(&mut self, configuration: &Value) {
        let name = configuration["FunctionName"].as_str().filter(|_| configuration["Version"] == "$LATEST");
        let Some(name) = name else { return };
        self.looked.push(format!("function/{name}"));
        self.note(&format!("function/{name}"), configuration);
    }

    fn alias(&mut self, function: &str, alias: &Value) {
        let Some(name) = alias["Name"].as_str() else { return };
        self.note(&format!("alias/{function}/{name}"), alias);
    }

    fn provisioned(&mut self, function: &str, qualifier: &str, config: &Value) {
        let resource = format!("provisioned_concurrency/{function}/{qualifier}");
        self.looked.push(resource.clone());
        let member = "RequestedProvisionedConcurrentExecutions";
        if let Some(wanted) = config.get(member) {
            self.settings.insert((resource, member.trim_start_matches("Requested").to_owned()), wanted.clone());
        }
    }

    fn mapping(&mut self, mapping: &Value) {
        let Some(uuid) = mapping["UUID"].as_str() else { return };
        let resource = format!("event_source_mapping/{uuid}");
        // A mapping in deletion disappears later, while another writer may write something else.
        if mapping["State"] != "Deleting" {
            self.note(&resource, mapping);
        }
        self.looked.push(resource);
    }

    /// Every setting in `value`; lists are one setting.
    fn note(&mut self, resource: &str, value: &Value) {
        fn walk(at: &str, value: &Value, note: &mut dyn FnMut(&str, &Value)) {
            match value {
                Value::Object(map) => {
                    for (key, value) in map.iter().filter(|(key, _)| !NO_SETTINGS.contains(&key.as_str())) {
                        walk(&format!("{at}{}{key}", if at.is_empty() { "" } else { "." }), value, note);
                    }
                }
                Value::Null => {}
                other => note(at, other),
            }
        }
        walk("", value, &mut |member, value| {
            self.settings.insert((resource.to_owned(), member.to_owned()), value.clone());
        });
    }
}

/// Every setting in the account.
pub async fn settings(router: &Router) -> BTreeMap<SettingKey, Value> {
    let mut all = BTreeMap::new();
    let mut ask = async |path: &str| {
        let reply = get(router, path).await.unwrap_or_default();
        all.append(&mut observed_settings(path, &reply).settings);
        reply
    };
    let functions = ask("/2015-03-31/functions").await;
    for name in each(&functions["Functions"]).filter_map(|one| one["FunctionName"].as_str()) {
        ask(&format!("/2015-03-31/functions/{name}")).await;
        ask(&format!("/2015-03-31/functions/{name}/aliases")).await;
        ask(&format!("/2019-09-30/functions/{name}/provisioned-concurrency?List=ALL")).await;
    }
    ask("/2015-03-31/event-source-mappings").await;
    all
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
