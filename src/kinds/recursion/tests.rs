//! Tests of what is peculiar to recursion configurations.

use aws_sdk_lambda::types::RecursiveLoop;

use super::observe::*;
use super::spec::*;
use crate::model::{Action, KindId};
use crate::resource::testing::TestContext;
use crate::resource::{ApplyWrites as _, Observe as _, PlanWrites as _, WriteContext, WriteRequest, testing};
use crate::wire::{
    GetFunctionRecursionConfigOutput, Operation, PutFunctionRecursionConfigInputBuilder, ReadCache, ReadResult, Reply,
    TypedCall,
};

#[test]
fn the_default_is_no_find_and_deleting_puts_it_back() {
    let at = testing::at(KindId::Recursion, &["orders"]);
    let cache = |set: &str| {
        let reply = GetFunctionRecursionConfigOutput::builder().recursive_loop(RecursiveLoop::from(set)).build();
        let mut cache = ReadCache::default();
        let pages = vec![Reply::GetFunctionRecursionConfig(Box::new(reply))];
        cache.insert(&reading(&at).call(), ReadResult::Pages(pages));
        cache
    };
    let live = |set: &str| Recursion::observe(&at, None, &cache(set)).unwrap();
    assert_eq!(live("Allow").unwrap().value.recursive_loop, "Allow");
    assert_eq!(Recursion::discover(&at, &TestContext::default(), &cache("Allow")).unwrap().len(), 1);
    assert_eq!(Recursion::discover(&at, &TestContext::default(), &cache("Terminate")).unwrap(), []);
    let desired = Recursion { recursive_loop: terminate() };
    let change = WriteContext { at: &at, action: Action::Create, desired: Some(&desired), live: None, changes: &[] };
    assert_eq!(Recursion::writes(&change), []);
    let write =
        WriteRequest { at: &at, desired: None, live: live("Allow"), covers: &[], package: None, also_creates: &[] };
    let call = Recursion::request(Operation::PutFunctionRecursionConfig, &write).unwrap();
    let wanted = PutFunctionRecursionConfigInputBuilder::default()
        .function_name("orders")
        .recursive_loop(RecursiveLoop::Terminate);
    assert_eq!(call, wanted.call());
}
