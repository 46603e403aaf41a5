//! Plans as one page for a browser: its data, its style and its script in one file that asks for nothing else.

use serde_json::{Value, json};

use super::drift_lines::drift_groups;
use super::markdown_text::html as escaped;
use super::{PlanReport, ReportedPlan};
use crate::drift::Drifted;
use crate::model::visible;
use crate::plan::MaskedPlan;
use crate::plan::saved::Provenance;
use crate::show::plan::groups::{Group, groups};
use crate::show::plan::lines::{FactLine, ResourceLines};
use crate::show::plan::{precondition, summary};

/// The page, with places for its title and its data.
const PAGE: &str = include_str!("../page.html");

/// The place of the title.
const TITLE: &str = "<!--TITLE-->";

/// The place of the data.
const DATA: &str = "/*DATA*/null/*END*/";

/// Renders the page of plans.
pub fn render(report: &PlanReport) -> String {
    let mut targets: Vec<Value> = report.plans.iter().map(|it| target(report, it)).collect();
    if let Some(refusals) = targets.first_mut().and_then(|first| first["refusals"].as_array_mut()) {
        // What has no plan has no place of its own.
        refusals.extend(report.failed.iter().map(|(name, error)| {
            json!({"message": format!("target {name} has no plan: {error}"), "help": "Remove the cause, then run plan again."})
        }));
    }
    let stack = report.plans.first().map_or_else(String::new, |it| it.plan.stack.clone());
    page(&format!("Plan of {stack}"), &json!({"kind": "plan", "targets": targets}))
}

/// Renders the page of the drift of each target.
pub fn render_drift<'a>(targets: impl Iterator<Item = (Option<&'a str>, &'a MaskedPlan, &'a [Drifted])>) -> String {
    let mut stack = String::new();
    let mut shown = Vec::new();
    for (target, plan, drifted) in targets {
        stack.clone_from(&plan.stack);
        shown.push(json!({
            "target": target,
            "stack": plan.stack,
            "account": plan.account,
            "region": plan.region,
            "summary": crate::show::drift::summary(drifted, &plan.not_compared),
            "risks": [],
            "refusals": [],
            "groups": drift_groups(drifted),
            "steps": [],
            "edges": [],
            "unmanaged": [],
            "remarks": plan.remarks,
            "not_checked": not_checked(plan),
        }));
    }
    page(&format!("Drift of {stack}"), &json!({"kind": "drift", "targets": shown}))
}

fn page(title: &str, data: &Value) -> String {
    // Nothing in the data may end the element that holds it.
    let data = data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    PAGE.replacen(TITLE, &escaped(&visible(title)), 1).replacen(DATA, &data, 1)
}

fn target(report: &PlanReport, it: &ReportedPlan) -> Value {
    let plan = &it.plan;
    let provenance = plan.provenance.as_ref();
    let shown = plan.resources.iter().filter(|planned| planned.is_shown());
    let steps = plan.steps.iter().map(|step| {
        json!({
            "id": step.id,
            "operation": step.operation,
            "address": step.address,
            "reason": step.reason.to_string(),
            "precondition": precondition(step),
            "after": step.after,
        })
    });
    let names = plan.unmanaged.iter().map(|unmanaged| match &unmanaged.field {
        Some(field) => format!("{} {field}", unmanaged.address),
        None => unmanaged.address.to_string(),
    });
    json!({
        "target": it.target,
        "stack": plan.stack,
        "account": plan.account,
        "region": plan.region,
        "summary": summary(plan),
        "digest": report.digest,
        "made_at": provenance.map(|provenance| provenance.made_at),
        "expires_at": provenance.and_then(|provenance| provenance.expires_at),
        "commit": provenance.and_then(Provenance::short_commit),
        "risks": plan.risks().iter().map(|(address, risk)| json!({
            "address": address, "class": risk.class(), "message": risk.to_string(),
        })).collect::<Vec<_>>(),
        "refusals": plan.refusals.iter().map(|it| json!({"message": it.message(), "help": it.help()})).collect::<Vec<_>>(),
        "groups": groups(shown).iter().map(group).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
        "edges": it.dependencies,
        "unmanaged": names.collect::<Vec<_>>(),
        "remarks": plan.remarks,
        "not_checked": not_checked(plan),
    })
}

fn not_checked(plan: &MaskedPlan) -> Vec<String> {
    let text = crate::show::not_checked(&plan.not_compared);
    text.iter().flat_map(|text| text.lines().map(str::to_owned)).collect()
}

fn group(group: &Group) -> Value {
    json!({
        "title": group.title(),
        "name": group.name,
        "state": group.state(),
        "sign": group.sign.text(),
        "resources": group.resources.iter().map(resource).collect::<Vec<_>>(),
    })
}

fn resource(lines: &ResourceLines) -> Value {
    let fact = |fact: &FactLine| json!({"sign": fact.sign.text(), "name": fact.name, "text": fact.text});
    json!({
        "address": lines.address,
        "sign": lines.sign.text(),
        "name": lines.name,
        "facts": lines.facts.iter().map(fact).collect::<Vec<_>>(),
        "notes": lines.notes,
    })
}
