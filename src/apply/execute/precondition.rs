//! Checks the precondition of a write just before it is sent.

use serde_json::Value;

use super::{Executor, StepContext};
use crate::apply::StepError;
use crate::apply::compare::{differences, keep_ignored};
use crate::apply::ownership;
use crate::model::{Address, UnreadablePart};
use crate::observe::FreshReads;
use crate::plan::{Operand, Precondition};
use crate::resource::Observed;

/// The refusal to create an existing resource. A stale read may have hidden it from the plan.
pub(super) const CREATED: &str = "it already exists: an earlier run or another client created it since the plan";

impl Executor {
    /// Reads the resource, and refuses the step if it differs from its last known state.
    async fn read_and_compare(
        &self,
        context: &StepContext<'_>,
        reads: &mut FreshReads,
    ) -> Result<Option<Observed>, StepError> {
        let now = reads.observe(&context.resource.at, context.sought()).await?;
        // What another declaration has, elsewhere, is not this resource.
        let now = now.filter(|now| context.before.is_some() || !now.presumed);
        let changes =
            differences(&context.step.address, &context.resource.ignore, context.before.as_ref(), now.as_ref());
        if let (Some(before), Some(now)) = (&context.before, &now) {
            self.check_readable(context, before, now)?;
        }
        if changes.is_empty() && context.before.is_some() == now.is_some() {
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
            (Some(_), None) => "another client deleted it since the plan",
            _ => "another client changed it since the plan",
        };
        Err(StepError::refused(why.to_owned(), changes))
    }

    /// Refuses to write a resource that has another owner than before, or of which a part that is to be written could not be
    /// read.
    fn check_readable(&self, context: &StepContext<'_>, before: &Observed, now: &Observed) -> Result<(), StepError> {
        if let Some(change) = ownership::change(&context.resource.at.scope.stack, &before.owner, &now.owner) {
            return Err(StepError::refused(change, Vec::new()));
        }
        let unreadable = context.step.covers.iter().find_map(|path| UnreadablePart::meeting(&now.unreadable, path));
        unreadable.map_or(Ok(()), |UnreadablePart { field, cause, .. }| {
            Err(StepError::refused(format!("its {field} could not be read just before the write: {cause}"), Vec::new()))
        })
    }

    /// Reads the resource whose tags name the owner of what is written, and refuses the step if the owner has changed.
    async fn check_owner(&self, context: &StepContext<'_>, reads: &mut FreshReads) -> Result<(), StepError> {
        let Some(of) = &context.step.owned_by else { return Ok(()) };
        if let Precondition::Unchanged { also: Some(also) } | Precondition::Absent { also: Some(also), .. } =
            &context.step.precondition
            && also == of
        {
            // It is read and compared for its RevisionId next.
            return Ok(());
        }
        let Some(resource) = self.resources.get(of) else { return Ok(()) };
        let Some(before) = self.current(of) else { return Ok(()) };
        // Lambda rejects these by itself if they would overwrite anything. Only the owner may have changed.
        let is_ours = match context.step.precondition {
            Precondition::Absent { enforced: true, .. } if resource.live.is_none() => {
                self.owner_reads.shows_created(of)
            }
            Precondition::Revision { .. } | Precondition::Absent { enforced: true, .. } => {
                self.owner_reads.is_current(of)
            }
            _ => false,
        };
        if is_ours {
            return Ok(());
        }
        match reads.observe(&resource.at, resource.desired.as_ref()).await? {
            None if context.may_be_absent() => Ok(()),
            None => Err(StepError::refused(format!("{of} does not exist any more"), Vec::new())),
            Some(now) => {
                ownership::check_other(of, &resource.at.scope.stack, &before, &now)?;
                self.note_owner(of, &now);
                Ok(())
            }
        }
    }

    /// Notes the time at which a resource was read with the stack's tag.
    pub(super) fn note_owner(&self, address: &Address, live: &Observed) {
        if self.resources.get(address).is_some_and(|resource| live.owner.is_stack(&resource.at.scope.stack)) {
            self.owner_reads.record(address);
        }
    }

    /// Checks the precondition, and copies the live values of ignored fields. Lambda itself compares a RevisionId, and rejects
    /// a second one of what it names: such a call needs no read before it.
    ///
    /// Returns false if nothing is left to delete. A resource that is found by its tags also looks absent once it was taken
    /// away from the stack, so the deletion must not be sent then.
    pub(super) async fn prepare(&self, context: &mut StepContext<'_>) -> Result<bool, StepError> {
        let mut reads = FreshReads::new(&self.endpoint);
        self.check_owner(context, &mut reads).await?;
        self.find_revision(context, &mut reads).await?;
        let live = match context.step.precondition {
            Precondition::Revision { .. } if context.revision.is_some() => context.before.clone(),
            Precondition::Absent { enforced: true, .. } => None,
            _ => self.read_and_compare(context, &mut reads).await?,
        };
        for of in context.step.owned_by.iter().chain([&context.step.address]) {
            self.owner_reads.record_write(of);
        }
        if let (Some(desired), Some(live)) = (&mut context.desired, &live) {
            keep_ignored(context.kind, &context.resource.ignore, desired, &live.value);
        }
        Ok(live.is_some() || context.before.is_none() || !context.may_be_absent())
    }

    /// Finds the RevisionId that the write carries. If none is known, as on a server without RevisionIds, the resource is
    /// read and compared instead.
    pub(super) async fn find_revision(
        &self,
        context: &mut StepContext<'_>,
        reads: &mut FreshReads,
    ) -> Result<(), StepError> {
        context.revision = None;
        let of = match &context.step.precondition {
            Precondition::Revision { of, value } => {
                let value = match value {
                    Operand::Known(value) => Some(value.clone()),
                    Operand::Output { step, member } => self.output(*step, member),
                };
                context.revision = value.as_ref().and_then(Value::as_str).map(str::to_owned);
                if context.revision.is_some() {
                    return Ok(());
                }
                of
            }
            Precondition::Unchanged { also: Some(of) } | Precondition::Absent { also: Some(of), .. } => of,
            _ => return Ok(()),
        };
        // The resource of the step itself is compared like any other without a RevisionId.
        let Some(resource) = self.resources.get(of).filter(|_| *of != context.step.address) else { return Ok(()) };
        let known = self.current(of);
        let now = reads.observe(&resource.at, resource.desired.as_ref()).await?;
        let changes = differences(of, &resource.ignore, known.as_ref(), now.as_ref());
        if !changes.is_empty() || known.is_some() != now.is_some() {
            return Err(StepError::refused(format!("another client changed {of} since the plan"), changes));
        }
        if let (Some(known), Some(now)) = (&known, &now) {
            ownership::check_other(of, &resource.at.scope.stack, known, now)?;
            self.note_owner(of, now);
        }
        context.revision = now.and_then(|now| now.revision);
        Ok(())
    }
}
