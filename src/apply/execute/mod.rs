//! Sends the calls of a plan and waits for Lambda to settle: the only module of an apply with effects.
//!
//! # Guarantees
//! - A write is sent with the RevisionId that the plan saw or that an earlier step returned. Without one, the resource is
//!   read and compared right before each attempt (`tests/it/unknown_revisions.rs`, `tests/it/chaos/race_window.rs`).
//! - Nothing is built on a write before it is visible and equal to what was written (`tests/it/concurrent_writer.rs`).
//!
//! # Caveats
//! Between the read and a write without RevisionId lies one request, in which another client's write is overwritten. It is
//! two for an event source mapping, whose tags are read after it.
//!
//! [`precondition`] checks that the live state is as expected, [`send`] sends the call that the kind makes
//! ([`request`](crate::resource::DynResource::request)) through the endpoint, [`verify_unknown`] finds out the effect of a
//! call without a response, and [`wait`] waits until Lambda has finished. Read next: `src/apply/execute/send.rs`

mod owner_reads;
mod polls;
mod precondition;
mod send;
mod verify_unknown;
mod wait;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span};

use owner_reads::OwnerReads;
use polls::Polls;

use crate::apply::run::{Run, position};
use crate::apply::{ApplyOptions, EventSender, Misprediction, Outcome, Report, StepError, WriteStatus};
use crate::kinds;
use crate::model::{Action, Address, FieldPath, Ownership, plain};
use crate::plan::{ApprovedPlan, HiddenFields, Precondition, REVISION, ResourceState, Step};
use crate::resource::{Document, KindEntry, Observed};
use crate::wire::{Effect, Endpoint, Operation, Reply};

/// Applies a plan. Once `stop` is cancelled no step starts, and the running ones finish.
pub async fn apply(
    endpoint: Arc<dyn Endpoint>,
    approved: ApprovedPlan,
    options: ApplyOptions,
    stop: CancellationToken,
    events: EventSender,
) -> Report {
    let executable = approved.into_inner();
    let mut run = Run::new(executable.plan.steps.clone());
    let predicted = executable.plan.resources.into_iter().map(|planned| (planned.address, planned.predicted)).collect();
    events.started(executable.plan.steps.len());
    let (waits, mut waiting) = unbounded_channel();
    let executor = Arc::new(Executor {
        endpoint,
        options,
        events,
        waits,
        polls: Polls::new(options.first_pause),
        current: Mutex::new(
            executable.resources.iter().map(|(at, resource)| (at.clone(), resource.live.clone())).collect(),
        ),
        owner_reads: OwnerReads::default(),
        outputs: Mutex::default(),
        resources: executable.resources,
        hidden: executable.plan.hidden,
        stop: stop.clone(),
    });
    let mut running = JoinSet::new();
    loop {
        if stop.is_cancelled() {
            run.stop();
        }
        for id in run.begin(options.parallelism) {
            running.spawn(executor.clone().run_step(run.steps(), id));
        }
        executor.polls.set_idle(run.only_waits());
        let joined = tokio::select! {
            biased;
            Some(id) = waiting.recv() => {
                run.wait(id);
                continue;
            }
            joined = running.join_next() => joined,
        };
        match joined {
            None => {
                let mut report = run.report();
                report.mispredicted = executor.mispredicted(&report.steps, &predicted);
                return report;
            }
            Some(Ok((id, outcome))) => run.end(id, outcome),
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

struct Executor {
    endpoint: Arc<dyn Endpoint>,
    options: ApplyOptions,
    events: EventSender,
    /// Takes the numbers of the steps that only wait for Lambda from here on.
    waits: UnboundedSender<u32>,
    polls: Polls,
    resources: IndexMap<Address, ResourceState>,
    /// The fields that hold secrets of the spec.
    hidden: HiddenFields,
    stop: CancellationToken,
    /// The last known state of each resource: from the plan, then from each step.
    current: Mutex<HashMap<Address, Option<Observed>>>,
    /// The last read of each resource that showed the stack's tag.
    owner_reads: OwnerReads,
    /// The outputs of the steps that are done.
    outputs: Mutex<BTreeMap<u32, BTreeMap<String, Value>>>,
}

/// A step being performed, with everything that its call needs.
struct StepContext<'a> {
    step: &'a Step,
    kind: &'static KindEntry,
    resource: &'a ResourceState,
    desired: Option<Document>,
    before: Option<Observed>,
    /// The time since which the effect of a call is unknown.
    unknown_since: Option<Instant>,
    /// The RevisionId that the next call carries.
    revision: Option<String>,
}

impl StepContext<'_> {
    /// Returns true if the resource must not exist after the step.
    fn deletes(&self) -> bool {
        self.step.operation.effect() == Effect::Delete
    }

    /// Returns true if the write only removes something, so that the declared value comes with a later step.
    fn removes(&self) -> bool {
        matches!(self.step.operation.effect(), Effect::Delete | Effect::Detach)
    }

    /// Returns the declared value by which the resource is found, also where it is deleted.
    fn sought(&self) -> Option<&Document> {
        self.desired.as_ref().or(self.resource.desired.as_ref())
    }

    /// Returns true if the resource may be absent already.
    fn may_be_absent(&self) -> bool {
        self.deletes() || self.step.action == Action::Delete
    }
}

impl Executor {
    /// Marks the changes of a refusal as secret that hold values of the environment. They belong to the resource of the step,
    /// or to another one that was compared for it.
    fn hiding_secrets(&self, step: &Step, mut outcome: Outcome) -> Outcome {
        let Outcome::Error(StepError::Refused { changes, .. }) = &mut outcome else { return outcome };
        let compared = match &step.precondition {
            Precondition::Revision { of, .. } => Some(of),
            Precondition::Absent { also, .. } | Precondition::Unchanged { also } => also.as_ref(),
        };
        let resources = [Some(&step.address), compared, step.moves.as_ref(), step.owned_by.as_ref()];
        let fields = resources.into_iter().flatten().filter_map(|address| self.hidden.get(address)).flatten();
        let fields: Vec<&FieldPath> = fields.collect();
        for change in changes {
            change.secret |= fields.iter().any(|field| change.path.within(field) || field.within(&change.path));
        }
        outcome
    }

    /// Performs the step with this number, and returns how it ended.
    async fn run_step(self: Arc<Self>, steps: Arc<Vec<Step>>, id: u32) -> (u32, Outcome) {
        let step = &steps[position(id)];
        let span = info_span!("step", id = step.id, operation = %step.operation, address = %step.address);
        let performed = async {
            self.events.step_started(step);
            let outcome = self.perform(step).await.map_or_else(Outcome::Error, |()| Outcome::Done);
            let outcome = self.hiding_secrets(step, outcome);
            self.events.step_finished(step, &outcome);
            info!(outcome = outcome.code(), "finished");
            (id, outcome)
        };
        performed.instrument(span).await
    }

    /// Performs one step.
    async fn perform(&self, step: &Step) -> Result<(), StepError> {
        let resource =
            self.resources.get(&step.address).ok_or_else(|| StepError::failed("the plan has no such resource"))?;
        let kind = kinds::entry(step.address.kind);
        let desired = if step.action == Action::Delete { None } else { self.resolve(resource)? };
        let before = self.current(&step.address);
        let mut context = StepContext { step, kind, resource, desired, before, unknown_since: None, revision: None };
        let written = self.write(&mut context).await;
        let written = written
            .map_err(|end| if context.unknown_since.is_some() { end.with_write(WriteStatus::Unknown) } else { end })?;
        self.finish(&context, written).await.map_err(|end| end.with_write(WriteStatus::Accepted))
    }

    /// Returns what Lambda returned in the steps that succeeded and what the plan had predicted otherwise.
    fn mispredicted(
        &self,
        steps: &[(Step, Outcome)],
        predicted: &BTreeMap<Address, BTreeMap<String, Value>>,
    ) -> Vec<Misprediction> {
        let done = steps.iter().filter(|(_, outcome)| *outcome == Outcome::Done);
        let misprediction = |address: &Address, name: &String, predicted: &Value, returned: Option<Value>| {
            let returned = returned.filter(|returned| returned != predicted)?;
            let (address, attribute, predicted) = (address.clone(), name.clone(), predicted.clone());
            Some(Misprediction { address, attribute, predicted, returned })
        };
        let of_step = |(step, _): &(Step, Outcome)| {
            let own = predicted.get(&step.address).into_iter().flatten();
            let own = own.filter_map(|(name, predicted)| {
                misprediction(&step.address, name, predicted, self.output(step.id, name))
            });
            let created = step.also_creates.iter().filter_map(|address| Some((address, predicted.get(address)?)));
            let created = created.flat_map(|(address, predicted)| {
                let live = self.current(address);
                let returned = move |name: &String| {
                    let mut attributes = live.as_ref()?.attributes.iter();
                    attributes.find(|(own, _)| own.to_string() == *name).map(|(_, value)| value.clone())
                };
                predicted
                    .iter()
                    .filter_map(move |(name, predicted)| misprediction(address, name, predicted, returned(name)))
            });
            own.chain(created).collect::<Vec<_>>()
        };
        done.flat_map(of_step).collect()
    }

    fn current(&self, address: &Address) -> Option<Observed> {
        self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(address).cloned().flatten()
    }

    fn output(&self, step: u32, member: &str) -> Option<Value> {
        self.outputs.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(&step)?.get(member).cloned()
    }

    fn remember(&self, step: &Step, mut live: Option<Observed>) {
        live.iter().for_each(|live| self.note_owner(&step.address, live));
        if let Some(live) = live.as_mut().filter(|live| live.owner == Ownership::NotRead) {
            live.owner = self.owner_after(step);
        }
        if let Some(live) = &live {
            let attributes = live.attributes.iter().map(|(name, value)| (name.to_string(), value.clone()));
            let revision = live.revision.iter().map(|id| (REVISION.to_owned(), Value::String(id.clone())));
            let mut outputs = self.outputs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            outputs.insert(step.id, attributes.chain(revision).collect());
        }
        if live.as_ref().is_none_or(|live| !live.identity.is_empty()) {
            self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(step.address.clone(), live);
        }
    }

    /// Returns the owner of a written resource whose tags the reply does not tell: what a step creates bears the stack's tag.
    fn owner_after(&self, step: &Step) -> Ownership {
        let is_tagged = step.action == Action::Adopt && step.operation == Operation::TagResource;
        match (self.current(&step.address), self.resources.get(&step.address)) {
            (Some(before), Some(_)) if !is_tagged => before.owner,
            (_, Some(resource)) => Ownership::Stack(resource.at.scope.stack.clone()),
            (_, None) => Ownership::NotRead,
        }
    }

    /// Returns the declared value with every reference replaced by the value that Lambda returned.
    fn resolve(&self, resource: &ResourceState) -> Result<Option<Document>, StepError> {
        let Some(mut value) = resource.desired.clone() else { return Ok(None) };
        for (path, template) in &resource.pending {
            let mut missing = String::new();
            let text = template.fill(|reference| {
                let live = self.current(&reference.target);
                let known = live.and_then(|live| live.attributes.get(&reference.attribute).cloned());
                if known.is_none() {
                    missing = reference.to_string();
                }
                known.as_ref().map(plain)
            });
            let text = text
                .ok_or_else(|| StepError::failed(format!("`{path}` needs {missing}, which Lambda has not returned")))?;
            value.change_json(|json| path.set(json, Some(Value::String(text))));
        }
        Ok(Some(value))
    }
}

/// The successful end of a write.
enum WriteEnd {
    Replied(Box<Reply>),
    AlreadyDone(Option<Box<Observed>>),
}
