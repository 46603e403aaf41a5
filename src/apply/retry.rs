//! Decides what follows a failed write. Pure: a function of the failure and the time since the first attempt.
//!
//! # Guarantees
//! A write is repeated only if it had no effect. If it may have had one, the resource is read first
//! (`tests/it/lost_replies.rs`).
//!
//! # Assumptions
//! A new resource is visible to every read after [`VISIBLE_AFTER`], and IAM has propagated a change after [`PROPAGATED_AFTER`].

use std::time::Duration;

use crate::wire::{Cause, Failure, FailureClass};

/// The decision after a failed write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send the same call again after a pause.
    Again(Duration),
    /// Read the resource: the call may have taken effect.
    Observe,
    /// The resource to be created exists already.
    Taken,
    /// The precondition failed: report the changed fields.
    Refuse,
    /// Report the failure.
    GiveUp,
}

/// The time for which a new resource may stay invisible to the next call.
pub const VISIBLE_AFTER: Duration = Duration::from_secs(20);

/// The time that IAM and similar services may take to propagate a change.
const PROPAGATED_AFTER: Duration = Duration::from_secs(120);

/// The time for which a write is retried after a conflict that AWS does not call temporary.
const UNEXPLAINED_FOR: Duration = Duration::from_secs(30);

/// Decides what follows a failed write.
pub fn decide(failure: &Failure, spent: Duration, deadline: Duration) -> Next {
    let within = |limit: Duration| spent < limit.min(deadline);
    let pause = failure.retry_after.unwrap_or(Duration::from_secs(1));
    let cause = failure.cause();
    let passes = cause.is_some_and(is_transient);
    match failure.class {
        FailureClass::PreconditionFailed => Next::Refuse,
        FailureClass::EffectUnknown => Next::Observe,
        FailureClass::Conflict if cause == Some(Cause::AlreadyExists) => Next::Taken,
        FailureClass::Conflict if !passes && !within(UNEXPLAINED_FOR) => Next::GiveUp,
        FailureClass::Conflict | FailureClass::Throttled if within(deadline) => Next::Again(pause),
        FailureClass::Unavailable if within(PROPAGATED_AFTER) => Next::Again(pause),
        FailureClass::NotFound if within(VISIBLE_AFTER) => Next::Again(pause),
        FailureClass::Invalid if passes && within(PROPAGATED_AFTER) => Next::Again(pause * 2),
        _ => Next::GiveUp,
    }
}

/// Returns true for causes that disappear by themselves: another operation ends, or IAM or KMS propagates a change.
fn is_transient(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::AliasShiftsTraffic
            | Cause::InUse
            | Cause::KmsGrantRejected
            | Cause::OperationInProgress
            | Cause::RoleLacksPermission
            | Cause::RoleNotAssumable
            | Cause::StreamNotAccessible
            | Cause::ThrottledByEc2
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Operation;

    fn failure(class: FailureClass, message: &str) -> Failure {
        Failure {
            request: Operation::CreateFunction.into(),
            class,
            code: String::new(),
            message: message.to_owned(),
            status: None,
            request_id: None,
            retry_after: None,
        }
    }

    #[test]
    fn a_write_is_repeated_only_when_it_surely_had_no_effect() {
        let at = |class, message, spent| {
            decide(&failure(class, message), Duration::from_secs(spent), Duration::from_secs(600))
        };
        assert_eq!(at(FailureClass::EffectUnknown, "connection reset", 0), Next::Observe);
        assert_eq!(at(FailureClass::PreconditionFailed, "The Revision Id provided does not match", 0), Next::Refuse);
        assert_eq!(at(FailureClass::Conflict, "Function already exist: orders", 0), Next::Taken);
        assert_eq!(
            at(FailureClass::Conflict, "An update is in progress for resource", 0),
            Next::Again(Duration::from_secs(1))
        );
        assert_eq!(at(FailureClass::Conflict, "An update is in progress for resource", 601), Next::GiveUp);
        let used = "To delete this capacity provider, first remove its association with all function versions.";
        assert_eq!(at(FailureClass::Conflict, used, 31), Next::GiveUp);
        let role = "The role defined for the function cannot be assumed by Lambda.";
        assert_eq!(at(FailureClass::Invalid, role, 5), Next::Again(Duration::from_secs(2)));
        assert_eq!(at(FailureClass::Invalid, role, 121), Next::GiveUp);
        assert_eq!(at(FailureClass::Invalid, "Unzipped size must be smaller", 0), Next::GiveUp);
        assert_eq!(at(FailureClass::AccessDenied, "not authorized", 0), Next::GiveUp);
    }
}
