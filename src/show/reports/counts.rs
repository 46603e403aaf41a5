//! The numbers of a plan: what the merge request widget of GitLab shows, and the outputs of a GitHub step.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::PlanReport;
use crate::model::Action;
use crate::plan::MaskedPlan;
use crate::show::plan::lines::is_published;

/// The numbers of resources that plans change, by what happens to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeCounts {
    /// Created.
    pub create: usize,
    /// Changed in place, or adopted.
    pub update: usize,
    /// Deleted.
    pub delete: usize,
    /// Deleted and created again.
    pub replace: usize,
    /// Versions that are published, which nobody declares.
    pub publish: usize,
}

impl ChangeCounts {
    fn plus(self, other: ChangeCounts) -> ChangeCounts {
        ChangeCounts {
            create: self.create + other.create,
            update: self.update + other.update,
            delete: self.delete + other.delete,
            replace: self.replace + other.replace,
            publish: self.publish + other.publish,
        }
    }
}

/// Returns the numbers of all plans.
pub fn counts(report: &PlanReport) -> ChangeCounts {
    report.plans.iter().map(|it| of_plan(&it.plan)).fold(ChangeCounts::default(), ChangeCounts::plus)
}

/// Returns the numbers of a plan.
pub fn of_plan(plan: &MaskedPlan) -> ChangeCounts {
    let mut counts = ChangeCounts::default();
    for planned in &plan.resources {
        match planned.action {
            _ if is_published(planned) => counts.publish += 1,
            Action::Create => counts.create += 1,
            Action::Update | Action::Adopt => counts.update += 1,
            Action::Delete => counts.delete += 1,
            Action::Replace => counts.replace += 1,
            Action::Keep => {}
        }
    }
    counts
}

/// Renders the report `artifacts:reports:terraform` of GitLab.
pub fn gitlab(report: &PlanReport) -> String {
    let ChangeCounts { create, update, delete, replace, .. } = counts(report);
    // The widget has no number of replacements.
    let shown = json!({"create": create + replace, "update": update, "delete": delete + replace});
    format!("{shown}\n")
}
