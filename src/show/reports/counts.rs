//! The numbers of a plan: what the merge request widget of GitLab shows, and the outputs of a GitHub step.

use serde::Serialize;

use super::PlanReport;
use crate::model::Action;
use crate::show::plan::lines::is_published;

/// The numbers of resources that plans change, by what happens to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Created.
    pub create: usize,
    /// Changed in place, or adopted.
    pub update: usize,
    /// Deleted.
    pub delete: usize,
    /// Deleted and created again. GitLab's widget has no such number, and counts each in both of the others.
    #[serde(skip)]
    pub replace: usize,
    /// Versions that are published, which nobody declares. GitLab's widget has no such number.
    #[serde(skip)]
    pub publish: usize,
}

/// Returns the numbers of all plans.
pub fn counts(report: &PlanReport) -> ChangeCounts {
    let mut counts = ChangeCounts::default();
    for planned in report.plans.iter().flat_map(|it| &it.plan.resources) {
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
    let counts = counts(report);
    let shown =
        ChangeCounts { create: counts.create + counts.replace, delete: counts.delete + counts.replace, ..counts };
    serde_json::to_string(&shown).expect("numbers are plain data") + "\n"
}
