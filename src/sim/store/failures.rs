//! Changes that are to end in failure: those that an operation began, and no others.

use super::documents::{Region, StateTransition};
use super::function::{Function, Provisioned, Snapshot, Transition};

impl Region {
    /// Lets everything that the last operation began end in failure; says whether it began anything that can.
    pub(crate) fn fail_changed(&mut self, code: &str) -> bool {
        let functions = self.functions.modify_changed(|function, before| function.fail(before, code));
        let mappings = self.mappings.modify_changed(|mapping, before| {
            fail_next(mapping.transition.as_mut(), before.and_then(|before| before.transition.as_ref()), code)
        });
        let providers = self.capacity_providers.modify_changed(|provider, before| {
            fail_next(provider.transition.as_mut(), before.and_then(|before| before.transition.as_ref()), code)
        });
        functions || mappings || providers
    }
}

impl Function {
    fn fail(&mut self, before: Option<&Function>, code: &str) -> bool {
        let transition = |snapshot: Option<&Snapshot>| snapshot.and_then(|snapshot| snapshot.transition.clone());
        let of_latest = transition(before.map(|before| &before.latest));
        let mut failed = fail(self.latest.transition.as_mut(), of_latest.as_ref(), code);
        for (number, version) in &mut self.versions {
            let was = transition(before.and_then(|before| before.versions.get(number)).map(|version| &**version));
            failed |= fail(version.transition.as_mut(), was.as_ref(), code);
        }
        if let Some(slot) = self.latest_published.as_deref_mut() {
            // What fills the slot anew is another version.
            let was = before.and_then(|before| before.latest_published.as_deref());
            let was = transition(was.filter(|was| was.revision == slot.revision));
            failed |= fail(slot.transition.as_mut(), was.as_ref(), code);
        }
        for (qualifier, provisioned) in &mut self.provisioned {
            let was: Option<&Provisioned> = before.and_then(|before| before.provisioned.get(qualifier));
            failed |= fail(provisioned.transition.as_mut(), was.and_then(|was| was.transition.as_ref()), code);
        }
        failed
    }
}

/// What the service says of a failure. How it words a state is recorded for none of these, so where the model has an error for the
/// same thing it is the text of that; for the rest the code has to speak for itself.
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

/// What the service says of provisioned concurrency that there could not be.
pub(crate) fn of_provisioned(code: &str) -> &str {
    // Recorded, for a function whose initialisation fails.
    if code == "FunctionError" { "FUNCTION_ERROR_INIT_FAILURE" } else { code }
}

fn fail(transition: Option<&mut Transition>, before: Option<&Transition>, code: &str) -> bool {
    let Some(transition) = transition.filter(|transition| before != Some(&**transition)) else { return false };
    transition.failure = Some(code.to_owned());
    true
}

/// What ends in nothing ends there all the same.
fn fail_next(next: Option<&mut StateTransition>, before: Option<&StateTransition>, code: &str) -> bool {
    let Some(next) = next.filter(|next| next.state.is_some() && before != Some(&**next)) else { return false };
    next.failure = Some(code.to_owned());
    true
}
