//! Tests of what is peculiar to reserved concurrency: zero is a value, and capacity of the account is freed before it is taken.

use aws_sdk_lambda::types::Concurrency;

use super::spec::*;
use crate::kinds::function;
use crate::kinds::shared::limits;
use crate::model::{Action, KindId, StepReason, StepReasonKind};
use crate::resource::testing::{TestContext, at, insert_reply, wanted};
use crate::resource::{
    ApplyWrites as _, Observe as _, Observed, PlanWrites as _, PlannedWrite, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    DeleteFunctionConcurrencyInputBuilder, GetFunctionConcurrencyInputBuilder, GetFunctionConcurrencyOutput,
    GetFunctionOutput, Operation, PutFunctionConcurrencyInputBuilder, ReadCache, Reply, TypedCall,
};

fn place() -> ResourceRef {
    at(KindId::ReservedConcurrency, &["orders"])
}

fn spec(reserved: i32) -> ReservedConcurrency {
    ReservedConcurrency { reserved_concurrent_executions: Some(reserved) }
}

fn account(reserved: Option<i32>) -> ReadCache {
    let concurrency = reserved.map(|reserved| Concurrency::builder().reserved_concurrent_executions(reserved).build());
    let reply = GetFunctionOutput::builder().set_concurrency(concurrency).build();
    let mut cache = ReadCache::default();
    insert_reply(&mut cache, function::reading("orders"), Reply::GetFunction(Box::new(reply)));
    cache
}

#[test]
fn the_read_of_the_function_shows_it_and_zero_is_a_value() {
    let observe = |cache: &ReadCache| ReservedConcurrency::observe(&place(), None, cache);
    assert_eq!(wanted(observe(&ReadCache::default())), [function::reading("orders").call()], "no read of its own");
    let live = |reserved: Option<i32>| observe(&account(reserved)).unwrap().map(|live| live.value);
    assert_eq!(live(Some(20)), Some(spec(20)));
    assert_eq!(live(Some(0)), Some(spec(0)), "the function is stopped");
    assert_eq!(live(None), None);
    let found = |reserved: Option<i32>| {
        let function = at(KindId::Function, &["orders"]);
        let found = ReservedConcurrency::discover(&function, &TestContext::default(), &account(reserved)).unwrap();
        found.into_iter().map(|found| found.at.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(Some(0)), ["reserved_concurrency/orders"]);
    assert_eq!(found(None), [""; 0]);
}

fn write(before: Option<i32>, after: Option<i32>) -> PlannedWrite {
    let (place, live, desired) = (place(), before.map(|it| Observed::new("reserved", spec(it))), after.map(spec));
    let change = WriteContext {
        at: &place,
        action: Action::Update,
        desired: desired.as_ref(),
        live: live.as_ref(),
        changes: &[],
    };
    ReservedConcurrency::writes(&change).remove(0)
}

#[test]
fn lowering_frees_capacity_of_the_account_and_raising_takes_it() {
    let (unreserved, reserved) = (limits::unreserved(), limits::reserved(&place()));
    let lowered = write(Some(20), Some(5));
    assert_eq!(lowered.frees, std::slice::from_ref(&unreserved));
    assert_eq!(lowered.takes, [limits::reserved_above_provisioned(&place())], "provisioned concurrency goes first");
    let raised = write(Some(5), Some(20));
    assert_eq!((raised.frees, raised.takes), (vec![reserved.clone()], vec![unreserved.clone()]));
    let deleted = write(Some(5), None);
    assert_eq!((deleted.frees, deleted.takes), (vec![unreserved, reserved], Vec::new()));
}

#[test]
fn the_reason_names_the_live_value() {
    let reason = |before, after| write(before, after).reason;
    assert_eq!(reason(Some(20), Some(5)), StepReason::live_value("reserved_concurrent_executions", 20));
    assert_eq!(reason(Some(0), Some(5)), StepReason::live_value("reserved_concurrent_executions", 0));
    assert_eq!(reason(None, Some(5)), StepReasonKind::NotSet.into());
    assert_eq!(reason(Some(5), None), StepReasonKind::Undeclared.into());
}

#[test]
fn declared_without_a_reservation_it_is_taken_back_and_nothing_is_written_where_there_is_none() {
    let place = place();
    let desired = ReservedConcurrency { reserved_concurrent_executions: None };
    let writes = |live: Option<i32>| {
        let live = live.map(|it| Observed::new("reserved", spec(it)));
        let (action, desired, live) = (Action::Update, Some(&desired), live.as_ref());
        ReservedConcurrency::writes(&WriteContext { at: &place, action, desired, live, changes: &[] })
    };
    assert_eq!(writes(None), []);
    let write = writes(Some(0)).remove(0);
    assert_eq!(write.operation, Operation::DeleteFunctionConcurrency);
    assert_eq!(write.reason, StepReason::live_value("reserved_concurrent_executions", 0));
    assert_eq!(write.frees, [limits::unreserved(), limits::reserved(&place)]);
    for (text, expected) in [("null", None), ("-1", None), ("0", Some(0)), ("7", Some(7))] {
        let text = format!("{{\"reserved_concurrent_executions\": {text}}}");
        let read: ReservedConcurrency = serde_json::from_str(&text).unwrap();
        assert_eq!(read.reserved_concurrent_executions, expected, "{text}");
    }
}

#[test]
fn zero_is_sent_and_nothing_declared_deletes() {
    let place = place();
    let request = |desired: Option<i32>| {
        let operation = write(Some(7), desired).operation;
        let write = WriteRequest {
            at: &place,
            desired: desired.map(spec),
            live: None,
            covers: &[],
            package: None,
            also_creates: &[],
        };
        ReservedConcurrency::request(operation, &write).unwrap()
    };
    let put = PutFunctionConcurrencyInputBuilder::default().function_name("orders").reserved_concurrent_executions(0);
    assert_eq!(request(Some(0)), put.call());
    assert_eq!(request(None), DeleteFunctionConcurrencyInputBuilder::default().function_name("orders").call());
}

#[test]
fn a_write_is_confirmed_by_a_read_and_a_deletion_is_final() {
    let poll = |operation| ReservedConcurrency::poll(&place(), operation, None);
    let read = GetFunctionConcurrencyInputBuilder::default().function_name("orders").call();
    assert_eq!(poll(Operation::PutFunctionConcurrency), Some(read));
    assert_eq!(poll(Operation::DeleteFunctionConcurrency), None);
    let response = |reserved: Option<i32>| {
        let reply = GetFunctionConcurrencyOutput::builder().set_reserved_concurrent_executions(reserved).build();
        let reply = Reply::GetFunctionConcurrency(Box::new(reply));
        ReservedConcurrency::read_response(&place(), None, &reply).map(|live| live.value)
    };
    assert_eq!(response(Some(0)), Some(spec(0)));
    assert_eq!(response(None), None);
}
