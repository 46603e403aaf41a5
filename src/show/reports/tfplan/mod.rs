//! Plans as Terraform shows its own with `show -json`, so that policies which were written for it hold for these.
//!
//! Types, names and the nesting of blocks are those of the AWS provider, and some resources of ours are attributes of others
//! there. Whatever the provider has neither type nor attribute for has a type that begins with `trueup_`. Values are those of
//! the plan, with masks for what is unknown and for what is sensitive.
//! [HashiCorp: JSON output format](https://developer.hashicorp.com/terraform/internals/json-format).

mod marked_values;
mod provider_form;
mod resource_change;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::PlanReport;
use crate::kinds;
use crate::model::Address;
use crate::plan::{MaskedPlan, ResourcePlan};
use resource_change::{Form, ParentNames, name};

/// The version of the format that is written.
const FORMAT_VERSION: &str = "1.2";

/// Renders all plans as one.
pub fn render(report: &PlanReport) -> String {
    let mut changes = Vec::new();
    for it in &report.plans {
        let module = it.target.as_ref().map(|target| format!("module.{}", name(target)));
        let top = it.plan.resources.iter().filter(|planned| planned.address.keys.len() == 1);
        let names = top.filter_map(|planned| {
            Some(((planned.address.kind, planned.address.keys[0].as_str()), planned.name.as_ref()?))
        });
        let names = names.collect();
        changes.extend(forms(&it.plan, &names).flat_map(|form| form.changes(module.as_deref())));
    }
    let provenance = report.plans.first().and_then(|it| it.plan.provenance.as_ref());
    let refused = !report.failed.is_empty() || report.plans.iter().any(|it| !it.plan.refusals.is_empty());
    let is_empty = report.plans.iter().all(|it| it.plan.is_empty());
    let is_whole = |plan: &MaskedPlan| {
        let options = &plan.options;
        options.targets.is_empty() && options.excludes.is_empty() && options.changed.is_none()
    };
    let document = json!({
        "format_version": FORMAT_VERSION,
        "terraform_version": format!("trueup-{}", env!("CARGO_PKG_VERSION")),
        "variables": {},
        "planned_values": {"root_module": {"resources": planned_values(&changes)}},
        "resource_changes": changes,
        "configuration": {"provider_config": {}, "root_module": {}},
        "timestamp": provenance.map(|provenance| provenance.made_at.to_string()),
        "applyable": !refused && !is_empty,
        "complete": report.failed.is_empty() && report.plans.iter().all(|it| is_whole(&it.plan)),
        "errored": refused,
    });
    serde_json::to_string_pretty(&document).expect("JSON is plain data") + "\n"
}

/// Returns the resources of a plan in the provider's form: some that are resources here are attributes of others there.
fn forms<'a>(plan: &'a MaskedPlan, names: &'a ParentNames<'a>) -> impl Iterator<Item = Form<'a>> {
    let address =
        |planned: &ResourcePlan<Value>| Address::new(kinds::top(planned.address.kind), &planned.address.keys[..1]);
    let tops: BTreeSet<&Address> = plan.resources.iter().map(|planned| &planned.address).collect();
    let is_merged = |planned: &&ResourcePlan<Value>| {
        !kinds::entry(planned.address.kind).terraform().merged.is_empty() && tops.contains(&address(planned))
    };
    let (merged, own): (Vec<_>, Vec<_>) = plan.resources.iter().partition(is_merged);
    let mut above: BTreeMap<Address, Vec<&ResourcePlan<Value>>> = BTreeMap::new();
    merged.into_iter().for_each(|planned| above.entry(address(planned)).or_default().push(planned));
    own.into_iter().map(move |planned| Form::new(names, planned, above.remove(&planned.address).unwrap_or_default()))
}

fn planned_values(changes: &[Value]) -> Vec<Value> {
    let stays = |change: &&Value| !change["change"]["after"].is_null();
    let resource = |change: &Value| {
        json!({
            "address": change["address"],
            "mode": "managed",
            "type": change["type"],
            "name": change["name"],
            "provider_name": change["provider_name"],
            "schema_version": 0,
            "values": change["change"]["after"],
            "sensitive_values": change["change"]["after_sensitive"],
        })
    };
    changes.iter().filter(stays).map(resource).collect()
}
