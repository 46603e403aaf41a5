//! Decides what follows a failed write. Pure: a function of the failure and the time since the first attempt.
//!
//! # Guarantees
//! A write is repeated only if it had no effect. If it may have had one, the resource is read first
//! (`tests/it/lost_replies.rs`).
//!
//! # Assumptions
//! A new resource is visible to every read after [`VISIBLE_AFTER`], and IAM has propagated a change after [`PROPAGATED_AFTER`].

use std::time::Duration;

use crate::wire::{Cause, Failure, FailureClass, RetryAfter};

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
    let asked = failure.retry_after.map(RetryAfter::pause);
    // A pause that AWS asks for is kept whole or not at all.
    let within = |limit: Duration| {
        let limit = limit.min(deadline);
        spent < limit && asked.is_none_or(|asked| spent.saturating_add(asked) <= limit)
    };
    let pause = asked.unwrap_or(Duration::from_secs(1));
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
        FailureClass::Invalid if passes && within(PROPAGATED_AFTER) => {
            Next::Again(asked.unwrap_or(Duration::from_secs(2)))
        }
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
            | Cause::MountTargetsNotReady
            | Cause::OperationInProgress
            | Cause::PrincipalNotFound
            | Cause::RetryRequested
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

    #[test]
    fn what_other_services_have_not_finished_is_waited_for() {
        for text in [
            "EFS file system fs-1 referenced by access point fsap-1 has mount targets created in all availability zones \
             the function will execute in, but not all are in the available life cycle state yet. Please wait for them to \
             become available and try the request again.",
            "The provided principal was invalid. Please check the principal and try again.",
            "The file system is being created. Please try again later.",
        ] {
            let at = |spent| {
                let mut failure = failure(FailureClass::Invalid, text);
                failure.request = crate::wire::Operation::AddPermission.into();
                decide(&failure, Duration::from_secs(spent), Duration::from_secs(600))
            };
            assert_eq!(at(0), Next::Again(Duration::from_secs(2)), "{text}");
            assert_eq!(at(121), Next::GiveUp, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_pause_outlasts_the_deadline(asked in 0..u64::MAX, spent in 0..u64::MAX, deadline in 0..u64::MAX) {
            let mut failure = failure(FailureClass::Throttled, "Rate exceeded");
            failure.retry_after = Some(Duration::from_secs(asked).into());
            let (spent, deadline) = (Duration::from_secs(spent), Duration::from_secs(deadline));
            if let Next::Again(pause) = decide(&failure, spent, deadline) {
                proptest::prop_assert!(spent.saturating_add(pause) <= deadline);
            }
        }
    }
}
