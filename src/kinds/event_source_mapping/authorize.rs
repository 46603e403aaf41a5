//! The permissions that an event source mapping takes.

use super::EventSourceMapping;
use crate::resource::{Authorize, KindCalls};
use crate::wire::{AuthorizedOn, Operation};

impl Authorize for EventSourceMapping {
    const OWN: AuthorizedOn = AuthorizedOn::Mapping;
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListEventSourceMappings, Operation::ListTags],
        searches: &[Operation::ListFunctions],
        writes: &[
            Operation::CreateEventSourceMapping,
            // A mapping whose source changes is replaced.
            Operation::DeleteEventSourceMapping,
            Operation::GetEventSourceMapping,
            Operation::TagResource,
            Operation::UpdateEventSourceMapping,
        ],
        prunes: &[Operation::UntagResource],
        deletes: &[Operation::DeleteEventSourceMapping, Operation::GetEventSourceMapping],
    };
}
