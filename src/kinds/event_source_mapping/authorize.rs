//! The permissions that an event source mapping takes.

use super::EventSourceMapping;
use crate::resource::{Authorize, Grant, GrantedResource, KindCalls};
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

    /// Lambda shows the filters that a key of the customer encrypts to whoever may decrypt with it.
    fn grants(spec: &Self) -> Vec<Grant> {
        let of_key = |key: &String| {
            Grant::to_write(&["kms:Decrypt"], "kms_key_arn", GrantedResource::Arn(key.clone())).and_to_read()
        };
        spec.kms_key_arn.iter().map(of_key).collect()
    }
}
