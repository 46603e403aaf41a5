//! What happens while a command plans and applies, as lines of JSON for programs that follow it. Pure.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::plan::summary;
use super::reports::counts::{ChangeCounts, of_plan};
use crate::apply::{Event, Outcome, Report, StepError, StepLabel, Verdict};
use crate::drift::DriftDocument;
use crate::model::{Action, Address, Risk, visible};
use crate::plan::MaskedPlan;
use crate::wire::Operation;

/// The version of the format: a new minor version only adds types and members, a new major version changes.
pub const FORMAT_VERSION: &str = "1.0";

/// A line of `--output ndjson`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "trueup event")]
pub struct EventLine {
    /// How grave it is.
    #[serde(rename = "@level")]
    pub level: EventLevel,
    /// The event for people.
    #[serde(rename = "@message")]
    pub message: String,
    /// The time.
    #[serde(rename = "@timestamp")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub timestamp: Timestamp,
    /// The target of the spec; absent if the spec has no `targets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The event for programs.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// How grave an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventLevel {
    /// It is as it should be.
    Info,
    /// It should be looked at.
    Warn,
    /// It did not succeed.
    Error,
}

/// An event, by its type.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The first line: who writes.
    Version {
        /// The version of this format.
        format_version: String,
        /// The version of trueup.
        trueup_version: String,
        /// The command.
        command: String,
    },
    /// Planning waits for an operation that Lambda has in progress.
    Waiting {
        /// The resource and the operation.
        operation: String,
    },
    /// Planning reads, and that takes long.
    Reading {
        /// The reads that have a reply.
        done: usize,
        /// The reads that are expected in all.
        expected: usize,
    },
    /// Planning downloads live code to compare it.
    DownloadingCode,
    /// A resource that the plan changes.
    PlannedChange {
        /// The resource.
        address: Address,
        /// The action.
        action: Action,
        /// The consequences that people should see before all others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        risks: Vec<Risk>,
    },
    /// A reason for which the plan must not be applied.
    Refusal {
        /// The resource, if it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<Address>,
        /// The class of the refusal.
        code: String,
    },
    /// The plan in numbers.
    ChangeSummary {
        /// The numbers.
        #[serde(flatten)]
        counts: ChangeCounts,
    },
    /// An apply starts.
    ApplyStarted {
        /// The number of its steps.
        steps: usize,
    },
    /// A step starts.
    StepStarted(EventStep),
    /// A step waits for Lambda to finish, or for reads to show what was written.
    StepWaiting(EventStep),
    /// A call failed without effect and is sent again.
    StepRetrying {
        /// The step.
        #[serde(flatten)]
        step: EventStep,
        /// The pause before, in seconds.
        pause: f64,
    },
    /// A step has finished.
    StepFinished {
        /// The step.
        #[serde(flatten)]
        step: EventStep,
        /// Its outcome: `done`, `refused`, `failed`, `skipped` or `not_started`.
        outcome: String,
    },
    /// An apply has ended.
    ApplySummary {
        /// The result as a whole.
        verdict: Verdict,
        /// The steps that succeeded.
        done: usize,
        /// All steps.
        steps: usize,
    },
    /// Drift was looked for.
    DriftSummary {
        /// The resources that differ.
        drifted: usize,
        /// The resources that were compared.
        compared: usize,
        /// True if something could not be read.
        incomplete: bool,
    },
    /// The command ends with an error.
    Error,
}

/// A step in an event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EventStep {
    /// The number in the plan.
    step: u32,
    /// The operation.
    operation: Operation,
    /// The resource.
    address: Address,
}

impl From<&StepLabel> for EventStep {
    fn from(step: &StepLabel) -> EventStep {
        EventStep { step: step.id, operation: step.operation, address: step.address.clone() }
    }
}

/// An event without its time and target.
pub type EventParts = (EventLevel, String, EventKind);

/// Returns the line that a program begins with.
pub fn version(command: &str) -> EventParts {
    let trueup_version = env!("CARGO_PKG_VERSION").to_owned();
    let message = format!("trueup {trueup_version} {command}");
    let kind =
        EventKind::Version { format_version: FORMAT_VERSION.to_owned(), trueup_version, command: command.to_owned() };
    (EventLevel::Info, message, kind)
}

/// Returns an event of planning or applying.
pub fn progress(event: &Event) -> EventParts {
    let info = |message: String, kind| (EventLevel::Info, message, kind);
    match event {
        Event::WaitingForLambda { operation } => {
            let kind = EventKind::Waiting { operation: operation.clone() };
            info(format!("waiting for Lambda to finish: {operation}"), kind)
        }
        Event::Reading { quotas } => {
            let (done, expected) = (quotas.iter().map(|it| it.done).sum(), quotas.iter().map(|it| it.expected).sum());
            info(format!("reading: {done} of {expected}"), EventKind::Reading { done, expected })
        }
        Event::DownloadingCode => info("downloading live code to compare it".to_owned(), EventKind::DownloadingCode),
        Event::Started { steps } => {
            let noun = if *steps == 1 { "step" } else { "steps" };
            info(format!("applying {steps} {noun}"), EventKind::ApplyStarted { steps: *steps })
        }
        Event::StepStarted { step } => {
            info(format!("{} {}: started", step.operation, step.address), EventKind::StepStarted(step.into()))
        }
        Event::StepWaiting { step, reason } => {
            let message = format!("{} {}: waiting: {reason}", step.operation, step.address);
            info(message, EventKind::StepWaiting(step.into()))
        }
        Event::Retrying { step, reason, pause } => {
            let kind = EventKind::StepRetrying { step: step.into(), pause: pause.as_secs_f64() };
            (EventLevel::Warn, format!("{} {}: retrying: {reason}", step.operation, step.address), kind)
        }
        Event::StepFinished { step, outcome } => finished(step, outcome),
    }
}

/// Returns the end of a step, with its reason.
fn finished(step: &StepLabel, outcome: &Outcome) -> EventParts {
    let level = match outcome {
        Outcome::Done => EventLevel::Info,
        Outcome::Error(_) => EventLevel::Error,
        Outcome::Skipped { .. } | Outcome::NotStarted => EventLevel::Warn,
    };
    let reason = match outcome {
        Outcome::Error(StepError::Refused { reason, .. } | StepError::Failed { reason, .. }) => format!(": {reason}"),
        Outcome::Skipped { because } => format!(": step {because} did not succeed"),
        Outcome::Done | Outcome::NotStarted => String::new(),
    };
    let outcome = outcome.code().to_owned();
    let message = format!("{} {}: {}{reason}", step.operation, step.address, outcome.replace('_', " "));
    (level, message, EventKind::StepFinished { step: step.into(), outcome })
}

/// Returns the events of a plan: each change, each refusal and the summary.
pub fn planned(plan: &MaskedPlan) -> Vec<EventParts> {
    let changed = plan.resources.iter().filter(|planned| planned.action != Action::Keep);
    let changes = changed.map(|planned| {
        let risks: Vec<Risk> = planned.all_risks().collect();
        let level = if risks.is_empty() { EventLevel::Info } else { EventLevel::Warn };
        let words: Vec<String> = risks.iter().map(ToString::to_string).collect();
        let words = if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) };
        let kind = EventKind::PlannedChange { address: planned.address.clone(), action: planned.action, risks };
        (level, format!("{} {}{words}", planned.action, planned.address), kind)
    });
    let refusals = plan.refusals.iter().map(|refusal| {
        let kind = EventKind::Refusal { address: refusal.address.clone(), code: refusal.kind.code().to_string() };
        (EventLevel::Error, format!("refused: {}", refusal.message()), kind)
    });
    let counts = EventKind::ChangeSummary { counts: of_plan(plan) };
    changes.chain(refusals).chain([(EventLevel::Info, summary(plan), counts)]).collect()
}

/// Returns the end of an apply. `summary` is what people read.
pub fn applied(report: &Report, summary: String) -> EventParts {
    let verdict = report.verdict();
    let done = report.steps.iter().filter(|(_, outcome)| *outcome == Outcome::Done).count();
    let level = if verdict == Verdict::Applied { EventLevel::Info } else { EventLevel::Error };
    (level, summary, EventKind::ApplySummary { verdict, done, steps: report.steps.len() })
}

/// Returns the result of looking for drift.
pub fn drift(document: &DriftDocument) -> EventParts {
    let incomplete = document.is_incomplete();
    let level = if document.drift.is_empty() && !incomplete { EventLevel::Info } else { EventLevel::Warn };
    let kind = EventKind::DriftSummary { drifted: document.drift.len(), compared: document.compared, incomplete };
    (level, super::drift::summary(&document.drift, &document.not_compared), kind)
}

/// Returns the end of a command by an error.
pub fn failed(message: String) -> EventParts {
    (EventLevel::Error, message, EventKind::Error)
}

/// Returns an event as a line.
pub fn line((level, message, kind): EventParts, timestamp: Timestamp, target: Option<&str>) -> String {
    let target = target.map(str::to_owned);
    let line = EventLine { level, message: visible(&message).into_owned(), timestamp, target, kind };
    serde_json::to_string(&line).expect("JSON is plain data") + "\n"
}

/// The JSON Schema of a line.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().for_serialize().into_generator();
    generator.into_root_schema_for::<EventLine>().to_value()
}
