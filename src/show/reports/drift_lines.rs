//! Drift as lines with signs, by function, for the page of a browser.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::drift::{DriftKind, Drifted};
use crate::kinds;
use crate::model::{Address, visible};
use crate::show::Sign;
use crate::show::drift::difference;
use crate::show::plan::lines::resource_name;

/// Returns the differences by what they belong to.
pub fn drift_groups(drifted: &[Drifted]) -> Vec<Value> {
    let mut groups: IndexMap<String, Vec<Value>> = IndexMap::new();
    for it in drifted {
        groups.entry(heading(&it.address)).or_default().push(resource(it));
    }
    let group = |(title, resources): (String, Vec<Value>)| json!({"title": title, "name": null, "state": null, "sign": Sign::Change.text(), "resources": resources});
    groups.into_iter().map(group).collect()
}

/// Returns the heading over a resource: that of what it belongs to.
fn heading(address: &Address) -> String {
    let top = kinds::entry(kinds::top(address.kind));
    visible(&top.heading(address.keys.first().map_or("", String::as_str))).into_owned()
}

fn resource(it: &Drifted) -> Value {
    let fact = |sign: Sign, name: &str, text: Vec<String>| json!({"sign": sign.text(), "name": name, "text": text});
    let one = |sign, text: &str| (sign, vec![fact(sign, "", vec![text.to_owned()])]);
    let (sign, facts) = match &it.kind {
        DriftKind::Missing => one(Sign::Delete, "declared, but does not exist"),
        DriftKind::Untagged => one(Sign::Adopt, "exists without the tag of this stack"),
        DriftKind::Unmanaged { field: None, .. } => one(Sign::Create, "exists, but is not declared"),
        DriftKind::Unmanaged { field: Some(field), .. } => {
            let name = visible(&field.to_string()).into_owned();
            (Sign::Create, vec![fact(Sign::Create, &name, vec!["exists, but is not declared".to_owned()])])
        }
        DriftKind::Changed { fields } => {
            let line = |field: &crate::model::Change<Value>| {
                fact(Sign::Change, &visible(&field.path.to_string()), vec![difference(field)])
            };
            (Sign::Change, fields.iter().map(line).collect())
        }
    };
    json!({
        "address": it.address,
        "sign": sign.text(),
        "name": visible(&resource_name(&it.address)),
        "facts": facts,
        "notes": it.notes,
    })
}
