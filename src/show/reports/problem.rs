//! What a report points to: a finding of the spec, a refusal or a risk of a plan, a difference of the account.

use std::collections::BTreeMap;

use super::PlanReport;
use crate::drift::{DriftKind, Drifted};
use crate::model::{Address, Diagnostic, NotChecked, Severity, Source, SourcePlace, of_target};

/// What a report points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportProblem {
    /// A stable name, such as `V013` or `risk/deletion`.
    pub code: String,
    /// The class in one sentence.
    pub title: String,
    /// How grave it is.
    pub level: ProblemLevel,
    /// The problem, as a sentence without a full stop.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// What has it: a resource, or the spec.
    pub subject: String,
    /// Its place in the spec, or its beginning: code scanning takes nothing that has none.
    pub place: Option<SourcePlace>,
}

impl ReportProblem {
    /// Returns the problem and the way out as sentences; after lines of details, the way out has a line of its own.
    pub fn sentences(&self) -> String {
        let Some(help) = &self.help else { return self.message.clone() };
        let mut letters = help.chars();
        let first = letters.next().map_or_else(String::new, |letter| letter.to_uppercase().to_string());
        let gap = if self.message.contains('\n') { "\n" } else { ". " };
        format!("{}{gap}{first}{}", self.message, letters.as_str())
    }
}

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemLevel {
    /// It must be solved.
    Error,
    /// It should be looked at.
    Warning,
}

/// Returns the findings of a spec.
pub fn of_diagnostics(
    diagnostics: &[Diagnostic],
    sources: &[Source],
    titles: impl Fn(&str) -> String,
) -> Vec<ReportProblem> {
    let problem = |it: &Diagnostic| {
        let place = it.span.as_ref().and_then(|span| Some(sources.get(span.source)?.place(span.range.start)));
        ReportProblem {
            code: it.code.as_str().to_owned(),
            title: titles(it.code.as_str()),
            level: match it.severity {
                Severity::Error => ProblemLevel::Error,
                Severity::Warning => ProblemLevel::Warning,
            },
            message: it.message.clone(),
            help: it.help.clone(),
            subject: place.as_ref().map_or_else(|| "spec".to_owned(), |place| format!("{}:{}", place.file, place.line)),
            place,
        }
    };
    diagnostics.iter().map(problem).collect()
}

/// Returns what went wrong with targets, the refusals and the risks of plans.
pub fn of_plans(report: &PlanReport) -> Vec<ReportProblem> {
    let mut problems = report.problems.clone();
    if problems.is_empty() {
        // Those of a file have nothing but the error.
        problems.extend(report.failed.iter().map(|(target, error)| ReportProblem {
            code: "failed".to_owned(),
            title: "A target has no plan".to_owned(),
            level: ProblemLevel::Error,
            message: format!("{}{error}", of_target(Some(target))),
            help: None,
            subject: format!("target {target}"),
            place: None,
        }));
    }
    for it in &report.plans {
        let place = |address: Option<&Address>| {
            let declared = address.and_then(|address| it.places.get(address));
            declared.or(it.spec.as_ref()).cloned()
        };
        problems.extend(of_failed_reads(it.target.as_deref(), &it.plan.not_compared, it.spec.as_ref()));
        let of = of_target(it.target.as_deref());
        let subject = |address: Option<&Address>| match address {
            Some(address) => format!("{of}{address}"),
            None => it.title(),
        };
        problems.extend(it.plan.refusals.iter().map(|refusal| ReportProblem {
            code: format!("refused/{}", refusal.kind.code()),
            title: "The plan is refused".to_owned(),
            level: ProblemLevel::Error,
            message: format!("{of}{}", refusal.message()),
            help: Some(refusal.help().to_owned()),
            subject: subject(refusal.address.as_ref()),
            place: place(refusal.address.as_ref()),
        }));
        problems.extend(it.plan.risks().into_iter().map(|(address, risk)| ReportProblem {
            code: format!("risk/{}", risk.class()),
            title: format!("Risk: {}", risk.class().title()),
            level: ProblemLevel::Warning,
            message: format!("{of}{address} {risk}"),
            help: None,
            subject: subject(Some(address)),
            place: place(Some(address)),
        }));
    }
    problems
}

/// Returns what could not be read: an error, because nobody knows what it would have shown.
pub fn of_failed_reads(
    target: Option<&str>,
    not_compared: &[NotChecked],
    spec: Option<&SourcePlace>,
) -> Vec<ReportProblem> {
    let of = of_target(target);
    let problem = |it: &NotChecked| {
        let cause = it.cause().map_or_else(String::new, |cause| format!(": {cause}"));
        ReportProblem {
            code: "not_read".to_owned(),
            title: "Something could not be read".to_owned(),
            level: ProblemLevel::Error,
            message: format!("{of}{it} could not be read{cause}"),
            help: it.remedy(),
            subject: format!("{of}{it}"),
            place: spec.cloned(),
        }
    };
    not_compared.iter().filter(|it| it.is_unreadable()).map(problem).collect()
}

/// Returns the differences between a spec and the account.
pub fn of_drift(
    target: Option<&str>,
    drifted: &[Drifted],
    places: &BTreeMap<Address, SourcePlace>,
    spec: Option<&SourcePlace>,
) -> Vec<ReportProblem> {
    let of = of_target(target);
    let problem = |it: &Drifted| {
        let message = match &it.kind {
            DriftKind::Missing => format!("{} is declared, but does not exist", it.address),
            DriftKind::Untagged => format!("{} exists without the tag of this stack", it.address),
            DriftKind::Unmanaged { field: None, .. } => format!("{} exists, but is not declared", it.address),
            DriftKind::Unmanaged { field: Some(field), .. } => {
                format!("{} has {field}, which is not declared", it.address)
            }
            DriftKind::Changed { fields } => {
                let fields: Vec<String> = fields.iter().map(|field| field.path.to_string()).collect();
                format!("{} differs in {}", it.address, fields.join(", "))
            }
        };
        ReportProblem {
            code: format!("drift/{}", it.kind.code()),
            title: "The account differs from the spec".to_owned(),
            level: ProblemLevel::Warning,
            message: format!("{of}{message}"),
            help: None,
            subject: format!("{of}{}", it.address),
            place: places.get(&it.address).or(spec).cloned(),
        }
    };
    drifted.iter().map(problem).collect()
}
