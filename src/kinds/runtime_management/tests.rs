//! Tests of what is peculiar to runtime management configurations.

use super::spec::*;
use crate::model::{Action, KindId};
use crate::resource::testing::TestContext;
use crate::resource::{PlanWrites as _, ResourceRef, WriteContext, testing};

fn at(names: &[&str]) -> ResourceRef {
    testing::at(KindId::RuntimeManagement, names)
}

fn spec(on: &str, build: Option<&str>) -> RuntimeManagement {
    RuntimeManagement { update_runtime_on: on.to_owned(), runtime_version_arn: build.map(str::to_owned) }
}

#[test]
fn a_build_is_named_with_manual_and_only_then() {
    let codes = |on: &str, build: Option<&str>, names: &[&str]| {
        testing::broken_rules(&spec(on, build), &at(names), &TestContext::default())
    };
    assert_eq!(codes("Manual", None, &["orders"]), ["V094"]);
    assert_eq!(codes("Auto", Some("arn"), &["orders"]), ["V094"]);
    assert_eq!(codes("Manual", Some("arn"), &["orders"]), [""; 0]);
    assert_eq!(codes("FunctionUpdate", None, &["orders", "7"]), [""; 0]);
    assert_eq!(codes("FunctionUpdate", None, &["orders", "live"]), ["V132"]);
}

#[test]
fn a_new_function_needs_no_default_and_a_new_version_may() {
    let writes = |names: &[&str]| {
        let (at, desired) = (at(names), spec(AUTO, None));
        let change =
            WriteContext { at: &at, action: Action::Create, desired: Some(&desired), live: None, changes: &[] };
        RuntimeManagement::writes(&change)
    };
    assert_eq!(writes(&["orders"]), []);
    assert_eq!(writes(&["orders", "7"]).len(), 1);
    assert_eq!(writes(&["orders", "7"])[0].moves, None);
}
