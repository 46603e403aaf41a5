//! Promise: what could not be read is neither taken as absent nor written, and the rest is reported all the same.
//!
//! Each read that a plan of an estate sends fails in turn: denied, not offered in the region, or unavailable.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use trueup::model::{Action, Address, KindId, NotCheckedKind, Refusal, RefusalKind};
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::wire::{
    Call, CreateAliasInputBuilder, Endpoint, Failure, FailureClass, Fetching, Operation, Request, Sending, TypedCall,
};

use crate::generated_files::repository;
use crate::harness::{Fixture, block_on, shown, undone};

/// The failures of a read.
const FAILURES: [(FailureClass, u16, &str, &str); 3] = [
    (FailureClass::AccessDenied, 403, "AccessDeniedException", "not authorized"),
    (
        FailureClass::AccessDenied,
        403,
        "AccessDeniedException",
        "Unable to determine service/operation name to be authorized",
    ),
    (FailureClass::Unavailable, 503, "ServiceUnavailableException", "Service Unavailable"),
];

/// An endpoint on which one operation fails.
struct Failing {
    inner: Arc<dyn Endpoint>,
    operation: Option<Operation>,
    failure: usize,
    sent: Mutex<BTreeSet<&'static str>>,
}

impl Endpoint for Failing {
    fn send(&self, call: Call) -> Sending<'_> {
        let operation = call.operation();
        self.sent.lock().unwrap().insert(operation.name());
        if self.operation != Some(operation) {
            return self.inner.send(call);
        }
        let (class, status, code, message) = FAILURES[self.failure];
        Box::pin(async move {
            Err(Failure {
                request: Request::Lambda(operation),
                class,
                code: code.to_owned(),
                message: message.to_owned(),
                status: Some(status),
                request_id: None,
                retry_after: None,
            })
        })
    }

    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a> {
        self.inner.fetch(url, limit)
    }
}

fn options(prune: bool, destroy: bool) -> PlanOptions {
    PlanOptions { prune, destroy, ..PlanOptions::default() }
}

/// Plans the estate, with this operation failing. `None` if nothing could be read; an error if the read was not sent.
async fn planned(
    world: &Fixture,
    spec: &str,
    options: &PlanOptions,
    operation: Option<Operation>,
    failure: usize,
) -> (Option<Plan>, BTreeSet<&'static str>) {
    let mut reconciler = world.reconciler(spec);
    let failing = Arc::new(Failing { inner: world.cloud.clone(), operation, failure, sent: Mutex::default() });
    reconciler.endpoint = failing.clone();
    let plan = reconciler.plan(options, Depth::Full).await.ok().map(|executable| executable.plan);
    let sent = failing.sent.lock().unwrap().clone();
    (plan, sent)
}

/// The resources of the plan that were not read.
fn unreadable(plan: &Plan) -> BTreeSet<&Address> {
    let unreadable = plan.not_compared.iter().filter_map(|it| match &it.0 {
        NotCheckedKind::Unreadable { address, .. } | NotCheckedKind::DependsOnUnreadable { address } => Some(address),
        _ => None,
    });
    unreadable.collect()
}

/// An account with the estate, and an alias that nothing declares.
async fn estate() -> (Fixture, String) {
    let spec = std::fs::read_to_string(repository("examples/estate.yaml")).unwrap();
    let world = Fixture::new();
    assert_eq!(undone(&world.apply(&spec).await), Vec::<String>::new());
    let stray = CreateAliasInputBuilder::default().function_name("receipts").name("stray").function_version("1");
    world.send(stray.call()).await;
    (world, spec)
}

#[test]
fn a_plan_with_a_failed_read_writes_nothing_that_it_has_not_read_and_reports_the_rest() {
    block_on(async {
        let (world, spec) = estate().await;
        for (prune, destroy) in [(false, false), (true, false), (false, true)] {
            let options = options(prune, destroy);
            let (whole, sent) = planned(&world, &spec, &options, None, 0).await;
            let whole = whole.expect("everything can be read");
            for &name in &sent {
                let operation = *Operation::ALL.iter().find(|it| it.name() == name).unwrap();
                for (failure, (.., text)) in FAILURES.iter().enumerate() {
                    let (plan, sent_now) = planned(&world, &spec, &options, Some(operation), failure).await;
                    // Without one declared resource that could be read, there is no plan.
                    let Some(plan) = plan else { continue };
                    let context = || format!("{name}: {text}, {options:?}\n{}", shown(&plan));
                    let mut says = plan.not_compared.iter().filter_map(|it| it.cause());
                    // Another read may tell the same, also one that is sent for other resources anyway.
                    let is_told_otherwise = operation == Operation::ListFunctionsByCodeSigningConfig;
                    // One tells only in which way a policy is written.
                    let is_of_writing = operation == Operation::GetResourcePolicy;
                    let is_replaced = !sent_now.is_subset(&sent) || is_told_otherwise || is_of_writing;
                    assert!(is_replaced || says.any(|cause| cause.contains(name)), "{}", context());
                    let changes = |plan: &Plan| {
                        let changed = plan.resources.iter().filter(|it| it.action != Action::Keep);
                        changed.map(|it| (it.address.clone(), it.action)).collect::<BTreeSet<_>>()
                    };
                    assert!(changes(&plan).is_subset(&changes(&whole)), "{}", context());
                    let (unreadable, written) = (unreadable(&plan), changes(&plan));
                    assert!(written.iter().all(|(address, _)| !unreadable.contains(address)), "{}", context());
                    // Nobody knows whose the children of a function are that could not be read.
                    let is_unowned = |address: &Address| {
                        let function = address.outermost(KindId::Function);
                        plan.not_compared.iter().any(
                            |it| matches!(&it.0, NotCheckedKind::Unreadable { address, .. } if *address == function),
                        )
                    };
                    assert!(written.iter().all(|(address, _)| !is_unowned(address)), "{}", context());
                    if !destroy {
                        let known: BTreeSet<&Address> = plan.resources.iter().map(|it| &it.address).collect();
                        let declared = world.stack(&spec);
                        let is_reported = |address: &Address| known.contains(address) || unreadable.contains(address);
                        assert!(declared.resources.keys().all(is_reported), "{}", context());
                    }
                }
            }
        }
    });
}

/// A function that no call can change into another package type, or another way to isolate tenants.
fn isolating(tenants: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  a:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n{tenants}"
    )
}

#[test]
fn nothing_is_replaced_whose_children_cannot_be_looked_for() {
    block_on(async {
        let world = Fixture::new();
        world.fixpoint(&isolating("")).await;
        let after = isolating("    tenancy_config: {tenant_isolation_mode: PER_TENANT}\n");
        let of_aliases = |refusal: &Refusal| matches!(&refusal.kind, RefusalKind::UnreadableChildren { kind: KindId::Alias, read } if read.operation == "ListAliases");
        for operation in [None, Some(Operation::ListAliases)] {
            let (plan, _) = planned(&world, &after, &PlanOptions::default(), operation, 0).await;
            let plan = plan.expect("the function can be read");
            assert!(plan.resources.iter().any(|it| it.action == Action::Replace), "{}", shown(&plan));
            assert_eq!(plan.refusals.iter().any(of_aliases), operation.is_some(), "{}", shown(&plan));
        }
    });
}

#[test]
fn one_resource_that_may_not_be_read_does_not_hide_what_is_undeclared() {
    block_on(async {
        let world = Fixture::new();
        let functions = |names: &[&str]| {
            let one = |name: &&str| {
                format!(
                    "  {name}: {{runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/r', code: {{zip: package.zip}}}}\n"
                )
            };
            format!("version: 1\nstack: shop\nfunctions:\n{}", names.iter().map(one).collect::<String>())
        };
        world.fixpoint(&functions(&["a", "b"])).await;
        // Of an event invoke config, so that functions can be read.
        let spec = "version: 1\nstack: shop\nlayers:\n  common: {code: {zip: package.zip}}\n";
        let (plan, _) = planned(&world, spec, &PlanOptions::default(), Some(Operation::ListLayerVersions), 0).await;
        let plan = plan.expect("the rest is planned");
        let found = |name: &str| plan.unmanaged.iter().any(|it| it.address.to_string() == format!("function/{name}"));
        assert!(found("a") && found("b"), "{}", shown(&plan));
        assert_eq!(unreadable(&plan).len(), 1, "{}", shown(&plan));
    });
}

#[test]
fn a_destruction_that_could_not_look_does_not_say_that_nothing_is_there() {
    block_on(async {
        let (world, spec) = estate().await;
        let stack = world.stack(&spec).scope.stack.clone();
        let empty = format!("version: 1\nstack: {stack}\nfunctions: {{}}\n");
        let text = |plan: Plan| trueup::show::plan::summary(&plan.masked());
        for (operation, says) in [(None, "1 to delete"), (Some(Operation::ListFunctions), "could be read")] {
            let (plan, _) = planned(&world, &empty, &options(false, true), operation, 0).await;
            let text = text(plan.expect("nothing is declared"));
            assert!(!text.contains("no live resource"), "{operation:?}: {text}, and not {says}");
        }
    });
}

#[test]
fn a_creation_that_may_be_a_rename_says_so() {
    block_on(async {
        let world = Fixture::new();
        let named = |name: &str| isolating(&format!("    function_name: {name}\n"));
        world.fixpoint(&named("old")).await;
        for operation in [None, Some(Operation::ListFunctions)] {
            let (plan, _) = planned(&world, &named("new"), &PlanOptions::default(), operation, 0).await;
            let plan = plan.expect("the new name can be read");
            let created = plan.resources.iter().find(|it| it.address.to_string() == "function/a").unwrap();
            let says = |words: &str| created.notes.iter().any(|note| note.contains(words));
            let words =
                if operation.is_some() { "may be live under a former name" } else { "is much like it, and stays" };
            assert!(says(words), "{operation:?}: {}", shown(&plan));
        }
    });
}
