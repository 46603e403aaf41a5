//! Injected failures: the transitions that an operation began end in failure, and no others.

use super::documents::{Document, DocumentVisitor, Region, StateTransition, visit_document_types};
use super::function::{Function, Snapshot, Transition};

impl Region {
    /// Makes every transition that the last operation began end in failure; returns whether it began one that can.
    pub(crate) fn fail_new_transitions(&mut self, code: &str) -> bool {
        struct Fail<'a> {
            region: &'a mut Region,
            code: &'a str,
            failed: bool,
        }
        impl DocumentVisitor for Fail<'_> {
            fn visit<D: Document>(&mut self) {
                self.failed |= D::collection(self.region)
                    .modify_changed(|document, before| document.fail_new_transitions(before, self.code));
            }
        }
        let mut visitor = Fail { region: self, code, failed: false };
        visit_document_types(&mut visitor);
        visitor.failed
    }
}

impl Function {
    /// Makes each transition that `before` did not have end in failure; returns whether there was one.
    pub(crate) fn fail_new(&mut self, before: Option<&Function>, code: &str) -> bool {
        let transition = |snapshot: Option<&Snapshot>| snapshot.and_then(|snapshot| snapshot.transition.clone());
        let of_latest = transition(before.map(|before| &before.latest));
        let mut failed = fail(self.latest.transition.as_mut(), of_latest.as_ref(), code);
        for (number, version) in &mut self.versions {
            let was = transition(before.and_then(|before| before.versions.get(number)).map(|version| &**version));
            failed |= fail(version.transition.as_mut(), was.as_ref(), code);
        }
        if let Some(slot) = self.latest_published.as_deref_mut() {
            // A version that was published to the slot again is another version.
            let was = before.and_then(|before| before.latest_published.as_deref());
            let was = transition(was.filter(|was| was.revision == slot.revision));
            failed |= fail(slot.transition.as_mut(), was.as_ref(), code);
        }
        for (qualifier, provisioned) in &mut self.provisioned {
            let was = before.and_then(|before| before.provisioned.get(qualifier));
            failed |= fail(provisioned.transition.as_mut(), was.and_then(|was| was.transition.as_ref()), code);
        }
        failed
    }
}

fn fail(transition: Option<&mut Transition>, before: Option<&Transition>, code: &str) -> bool {
    let Some(transition) = transition.filter(|transition| before != Some(&**transition)) else { return false };
    transition.failure = Some(code.to_owned());
    true
}

/// Makes a transition that was not there before end in failure; returns whether there was one. A deletion cannot fail.
pub(crate) fn fail_new(
    transition: &mut Option<StateTransition>,
    before: Option<&Option<StateTransition>>,
    code: &str,
) -> bool {
    let before = before.and_then(Option::as_ref);
    let Some(next) = transition.as_mut().filter(|next| next.state.is_some() && before != Some(&**next)) else {
        return false;
    };
    next.failure = Some(code.to_owned());
    true
}

/// Returns the service's text for a failure. No state's text is recorded for these, so where the model has an error of the same
/// meaning it is the text of that error, and the code itself otherwise.
pub(crate) fn reason(code: &str) -> &str {
    match code {
        "InvalidSubnet" => "The subnet ID provided in the Lambda function VPC configuration is not valid.",
        "InvalidSecurityGroup" => {
            "The security group ID provided in the Lambda function VPC configuration is not valid."
        }
        "EniLimitExceeded" => {
            "Lambda couldn't create an elastic network interface in the VPC, specified as part of Lambda function configuration, \
             because the limit for network interfaces has been reached."
        }
        "SubnetOutOfIPAddresses" => {
            "Lambda couldn't set up VPC access for the Lambda function because one or more configured subnets has no available IP \
             addresses."
        }
        "KMSKeyAccessDenied" => "Lambda couldn't decrypt the environment variables because KMS access was denied.",
        "KMSKeyNotFound" => "Lambda couldn't decrypt the environment variables because the KMS key was not found.",
        "DisabledKMSKey" => "Lambda couldn't decrypt the environment variables because the KMS key used is disabled.",
        "EFSMountTimeout" => {
            "The Lambda function made a network connection to the configured file system, but the mount operation timed out."
        }
        "InvalidRuntime" => "The runtime or runtime version specified is not supported.",
        code => code,
    }
}

/// Returns the service's text for provisioned concurrency that failed.
pub(crate) fn of_provisioned(code: &str) -> &str {
    // Recorded, for a function whose initialisation fails.
    if code == "FunctionError" { "FUNCTION_ERROR_INIT_FAILURE" } else { code }
}
