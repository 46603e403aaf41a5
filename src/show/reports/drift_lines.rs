//! Drift as lines with signs, by function, for the page of a browser.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::drift::Drifted;
use crate::kinds;
use crate::model::{Address, visible};
use crate::show::Sign;
use crate::show::drift::difference_lines;
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
    let lines = difference_lines(it);
    json!({
        "address": it.address,
        "sign": lines.first().map_or(Sign::None, |line| line.sign).text(),
        "name": visible(&resource_name(&it.address)),
        "facts": lines.iter().map(|line| json!({
            "sign": line.sign.text(), "name": line.field, "text": [line.text],
        })).collect::<Vec<_>>(),
        "notes": it.notes,
    })
}
