//! Sends the calls of a plan and waits for Lambda to settle: the only module of an apply with effects.
//!
//! # Guarantees
//! - A write is sent with the RevisionId that the plan saw or that an earlier step returned. Without one, the resource is
//!   read and compared right before each attempt (`tests/it/unknown_revisions.rs`, `tests/it/chaos/race_window.rs`).
//! - Nothing is built on a write before it is visible and equal to what was written (`tests/it/concurrent_writer.rs`).
//!
//! # Caveats
//! Between the read and a write without RevisionId lies one request, in which another client's write is overwritten.
//!
//! The call of a step is made by its kind ([`request`](crate::resource::DynResource::request)) and sent by the endpoint. Read next: `src/cloud/mod.rs`

mod verify_unknown;
mod wait;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span};

use crate::apply::compare::{differences, keep_ignored};
use crate::apply::retry::{Next, VISIBLE_AFTER, decide};
use crate::apply::run::Run;
use crate::apply::{ApplyOptions, EventSender, Outcome, Report, StepError, WriteStatus};
use crate::kinds;
use crate::model::{Action, Address, plain};
use crate::observe::observe_one;
use crate::plan::{ApprovedPlan, Operand, Precondition, REVISION, ResourceState, Step};
use crate::resource::{Document, KindEntry, Observed, WriteRequest};
use crate::wire::{Call, Effect, Endpoint, Failure, FailureClass, Reply};

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
    events.started(executable.plan.steps.len());
    let executor = Arc::new(Executor {
        endpoint,
        options,
        events,
        current: Mutex::new(
            executable.resources.iter().map(|(at, resource)| (at.clone(), resource.live.clone())).collect(),
        ),
        outputs: Mutex::default(),
        resources: executable.resources,
        stop: stop.clone(),
    });
    let mut running = JoinSet::new();
    loop {
        if stop.is_cancelled() {
            run.stop();
        }
        for step in run.begin(options.parallelism) {
            let executor = executor.clone();
            let span = info_span!("step", id = step.id, operation = %step.operation, address = %step.address);
            let performed = async move {
                executor.events.step_started(&step);
                let outcome = executor.perform(&step).await.map_or_else(Outcome::Error, |()| Outcome::Done);
                executor.events.step_finished(&step, &outcome);
                info!(outcome = outcome.code(), "finished");
                (step.id, outcome)
            };
            running.spawn(performed.instrument(span));
        }
        match running.join_next().await {
            None => return run.report(),
            Some(Ok((id, outcome))) => run.end(id, outcome),
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

struct Executor {
    endpoint: Arc<dyn Endpoint>,
    options: ApplyOptions,
    events: EventSender,
    resources: BTreeMap<Address, ResourceState>,
    stop: CancellationToken,
    /// The last known state of each resource: from the plan, then from each step.
    current: Mutex<BTreeMap<Address, Option<Observed>>>,
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

    /// Returns true if the resource may be absent already.
    fn may_be_absent(&self) -> bool {
        self.deletes() || self.step.action == Action::Delete
    }
}

impl Executor {
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

    fn current(&self, address: &Address) -> Option<Observed> {
        self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(address).cloned().flatten()
    }

    fn output(&self, step: u32, member: &str) -> Option<Value> {
        self.outputs.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(&step)?.get(member).cloned()
    }

    fn remember(&self, step: &Step, live: Option<Observed>) {
        if let Some(live) = &live {
            let attributes = live.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            let revision = live.revision.iter().map(|id| (REVISION.to_owned(), Value::String(id.clone())));
            let mut outputs = self.outputs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            outputs.insert(step.id, attributes.chain(revision).collect());
        }
        if live.as_ref().is_none_or(|live| !live.identity.is_empty()) {
            self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(step.address.clone(), live);
        }
    }

    /// Returns the declared value with every reference replaced by the value that Lambda returned.
    fn resolve(&self, resource: &ResourceState) -> Result<Option<Document>, StepError> {
        let Some(mut value) = resource.desired.clone() else { return Ok(None) };
        for (path, template) in &resource.pending {
            let mut missing = String::new();
            let text = template.fill(|reference| {
                let live = self.current(&reference.target);
                let known = live.and_then(|live| live.attributes.get(reference.attribute.as_str()).cloned());
                if known.is_none() {
                    missing = reference.to_string();
                }
                known.as_ref().map(plain)
            });
            let text = text
                .ok_or_else(|| StepError::failed(format!("`{path}` needs {missing}, which Lambda has not returned")))?;
            path.set(value.json_mut(), Some(Value::String(text)));
        }
        Ok(Some(value))
    }

    /// Reads the resource, and refuses the step if it differs from its last known state.
    async fn read_and_compare(&self, context: &StepContext<'_>) -> Result<Option<Observed>, StepError> {
        let now = observe_one(&self.endpoint, &context.resource.at, context.desired.as_ref()).await?;
        let moved = differences(&context.step.address, &context.resource.ignore, context.before.as_ref(), now.as_ref());
        if moved.is_empty() && context.before.is_some() == now.is_some() {
            return Ok(now);
        }
        let why = match (&context.before, &now) {
            (Some(_), None) if context.may_be_absent() => return Ok(now),
            // Lambda created it with its parent, which this plan created.
            (None, Some(_)) if context.kind.lifecycle().created_with_parent => return Ok(now),
            // An empty collection counts as absent, such as a policy without statements.
            (None, Some(now)) if now.value.json().as_object().is_some_and(serde_json::Map::is_empty) => {
                return Ok(Some(now.clone()));
            }
            (None, Some(_)) => CREATED,
            (Some(_), None) => "someone else deleted it since the plan",
            _ => "someone else changed it since the plan",
        };
        Err(StepError::refused(why.to_owned(), moved))
    }

    /// Checks the precondition, and copies the live values of ignored fields. Lambda itself compares a RevisionId.
    async fn prepare(&self, context: &mut StepContext<'_>) -> Result<(), StepError> {
        self.find_revision(context).await?;
        let seen = match context.step.precondition {
            Precondition::Revision { .. } if context.revision.is_some() => context.before.clone(),
            _ => self.read_and_compare(context).await?,
        };
        if let (Some(desired), Some(seen)) = (&mut context.desired, &seen) {
            keep_ignored(context.kind, &context.resource.ignore, desired, &seen.value);
        }
        Ok(())
    }

    /// Finds the RevisionId that the write carries. If none is known, as on a server without RevisionIds, the resource is
    /// read and compared instead.
    async fn find_revision(&self, context: &mut StepContext<'_>) -> Result<(), StepError> {
        context.revision = None;
        let of = match &context.step.precondition {
            Precondition::Revision { of, is } => {
                let value = match is {
                    Operand::Known(value) => Some(value.clone()),
                    Operand::Output { step, member } => self.output(*step, member),
                };
                context.revision = value.as_ref().and_then(Value::as_str).map(str::to_owned);
                if context.revision.is_some() {
                    return Ok(());
                }
                of
            }
            Precondition::Unchanged { also: Some(of) } | Precondition::Absent { also: Some(of) } => of,
            _ => return Ok(()),
        };
        // The resource of the step itself is compared like any other without a RevisionId.
        let Some(resource) = self.resources.get(of).filter(|_| *of != context.step.address) else { return Ok(()) };
        let known = self.current(of);
        let now = observe_one(&self.endpoint, &resource.at, resource.desired.as_ref()).await?;
        let moved = differences(of, &resource.ignore, known.as_ref(), now.as_ref());
        if !moved.is_empty() || known.is_some() != now.is_some() {
            return Err(StepError::refused(format!("someone else changed {of} since the plan"), moved));
        }
        context.revision = now.and_then(|now| now.revision);
        Ok(())
    }

    /// Sends the write, again if needed, until it succeeds, is found to have taken effect, is refused or fails.
    async fn write(&self, context: &mut StepContext<'_>) -> Result<Written, StepError> {
        let begun = Instant::now();
        let mut last_failure: Option<Failure> = None;
        loop {
            // Before each attempt: another client may have written during the pause.
            match context.unknown_since {
                None => self.prepare(context).await?,
                Some(since) => {
                    if let Some(written) = self.verify_unknown(context, since, last_failure.as_ref()).await? {
                        return Ok(written);
                    }
                    self.find_revision(context).await?;
                }
            }
            // A stopped run sends no call again.
            if let Some(failure) = last_failure.take_if(|_| self.stop.is_cancelled()) {
                return Err(failure.into());
            }
            let call = self.call(context)?;
            let failure = match self.endpoint.send(call).await {
                Ok(reply) => return Ok(Written::Replied(Box::new(reply))),
                Err(failure) => failure,
            };
            if failure.class == FailureClass::NotFound && (context.may_be_absent() || context.removes()) {
                return Ok(Written::AlreadyDone(None));
            }
            match decide(&failure, begun.elapsed(), self.options.deadline) {
                Next::Again(pause) => {
                    self.events.retrying(context.step, &failure, pause);
                    self.pause(pause).await;
                }
                Next::Observe if begun.elapsed() > self.options.deadline => {
                    context.unknown_since = Some(Instant::now());
                    return Err(failure.into());
                }
                Next::Observe => {
                    context.unknown_since = Some(Instant::now());
                    self.pause(Duration::from_secs(1)).await;
                }
                // An earlier attempt may have taken effect without being visible yet; Lambda refuses this one then.
                Next::Taken | Next::Refuse
                    if context.unknown_since.is_some_and(|since| since.elapsed() < VISIBLE_AFTER) =>
                {
                    self.pause(Duration::from_secs(1)).await;
                }
                Next::Taken => return Err(self.already_exists(context).await),
                Next::Refuse => return Err(self.precondition_failed(context).await),
                Next::GiveUp => return Err(failure.into()),
            }
            last_failure = Some(failure);
        }
    }

    /// Waits, unless the run is stopped.
    async fn pause(&self, pause: Duration) {
        let _ = timeout(pause, self.stop.cancelled()).await;
    }

    /// Returns the step's call, with its RevisionId.
    fn call(&self, context: &StepContext<'_>) -> Result<Call, StepError> {
        let (step, resource) = (context.step, context.resource);
        let write = WriteRequest {
            at: &resource.at,
            desired: context.desired.clone(),
            live: context.before.clone(),
            covers: &step.covers,
            package: resource.package.clone(),
        };
        let call =
            context.kind.request(step.operation, write).map_err(|error| StepError::failed(format!("{error:#}")))?;
        match &context.revision {
            Some(revision) => {
                call.with_revision(revision).ok_or_else(|| StepError::failed("the operation takes no RevisionId"))
            }
            None => Ok(call),
        }
    }
}

/// The refusal to create an existing resource. A stale read may have hidden it from the plan.
const CREATED: &str = "it already exists: an earlier run or someone else created it since the plan";

/// The successful end of a write.
enum Written {
    Replied(Box<Reply>),
    AlreadyDone(Option<Box<Observed>>),
}
