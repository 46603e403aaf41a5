//! Tests of what is peculiar to scaling configurations.

use aws_sdk_lambda::types::FunctionScalingConfig;

use super::spec::*;
use crate::model::KindId;
use crate::resource::{ApplyWrites as _, PlanWrites as _, State, testing};
use crate::wire::{GetFunctionScalingConfigOutput, Reply};

#[test]
fn what_was_asked_for_counts_and_what_is_in_force_is_waited_for() {
    let at = testing::at(KindId::Scaling, &["orders"]);
    let config = |least: i32| FunctionScalingConfig::builder().min_execution_environments(least).build();
    let read = |applied: Option<i32>, requested: Option<i32>| {
        let reply = GetFunctionScalingConfigOutput::builder()
            .set_applied_function_scaling_config(applied.map(config))
            .set_requested_function_scaling_config(requested.map(config))
            .build();
        let live = Scaling::read_response(&at, None, &Reply::GetFunctionScalingConfig(Box::new(reply))).unwrap();
        (live.value.min_execution_environments, live.state == State::Settled)
    };
    assert_eq!(read(None, Some(3)), (Some(3), false));
    assert_eq!(read(Some(5), Some(3)), (Some(3), false));
    assert_eq!(read(Some(3), Some(3)), (Some(3), true));
    assert_eq!(read(Some(3), None), (Some(3), true));
    assert_eq!(read(None, None), (None, true));
}

#[test]
fn a_count_that_is_not_declared_is_as_lambda_has_it_by_itself() {
    let scaling = |least, most| Scaling { min_execution_environments: least, max_execution_environments: most };
    let desired = scaling(None, Some(9));
    let agreed = |mut live: Scaling| {
        Scaling::canonicalize(&desired, &mut live);
        live == desired
    };
    assert!(agreed(scaling(None, Some(9))) && agreed(scaling(Some(3), Some(9))));
    assert!(!agreed(scaling(Some(5), Some(9))));
    let mut live = scaling(Some(5), Some(9));
    Scaling::canonicalize(&scaling(Some(5), None), &mut live);
    assert_eq!(live, scaling(Some(5), Some(9)));
}
