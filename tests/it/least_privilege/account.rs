//! An account in which commands run, each with its own policy.

use std::collections::{BTreeMap, BTreeSet};

use tempfile::TempDir;
use trueup::apply::Verdict;
use trueup::declaration::{Desired, Stack};
use trueup::iam::{PolicyOptions, PolicyPurpose, import_policy, policy};
use trueup::kinds::{entry, top};
use trueup::model::{Address, NotChecked};
use trueup::observe::Depth;
use trueup::plan::{Limits, Plan, PlanOptions};
use trueup::sim::{FaultPlan, IamPolicy, Options, Settle, Simulator};

use crate::harness::{Fixture, run, shown, undone};

/// An account whose caller has another policy at each step.
pub struct Account {
    pub data: TempDir,
    /// The folder with the packages of specs.
    pub home: Fixture,
    /// Faults of the next step.
    pub faults: Option<&'static str>,
    pub grants: Grants,
}

/// What the policies of a purpose allow, and what of it was taken: names of statements with actions and resources.
#[derive(Default)]
pub struct Grants {
    pub allowed: BTreeMap<&'static str, BTreeSet<String>>,
    pub taken: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Account {
    pub fn new() -> Account {
        Account { data: tempfile::tempdir().unwrap(), home: Fixture::new(), faults: None, grants: Grants::default() }
    }

    pub fn fixture(&self, iam: Option<IamPolicy>) -> Fixture {
        let mut options = Options::default();
        options.settle = Settle::instant();
        options.data = Some(self.data.path().to_owned());
        options.iam = iam;
        options.faults = self.faults.map(|rules| FaultPlan::parse(rules).unwrap());
        Fixture::of(&Simulator::open(options).expect("the account opens"), |router| router)
    }

    /// Works on the account with the policy of a purpose for a stack, and records what was taken of it.
    pub async fn with<T>(
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
pub fn complete(plan: &Plan) {
    let unread: Vec<&NotChecked> = plan.not_compared.iter().filter(|it| it.is_unreadable()).collect();
    assert!(unread.is_empty() && plan.refusals.is_empty(), "{unread:?}\n{}", shown(plan));
}

/// Plans a stack.
pub async fn planned(fixture: &Fixture, stack: Stack, depth: Depth) -> Plan {
    fixture.reconciler_of(stack).plan(&PlanOptions::default(), depth).await.expect("the account can be read").plan
}

/// Plans, applies, plans again, reports drift, and plans under other names, each with its own policy.
pub async fn lived(account: &mut Account, text: &str) {
    let none = PolicyOptions::default();
    let spec = |fixture: &Fixture| fixture.stack(text);
    let declared = async |fixture: &Fixture, stack| planned(fixture, stack, Depth::Declared).await;
    complete(&account.with("plan", PolicyPurpose::Plan, &none, spec, declared).await);
    applied(account, spec, false).await;
    let plan = account.with("plan", PolicyPurpose::Plan, &none, spec, declared).await;
    complete(&plan);
    assert!(plan.is_empty(), "{}", shown(&plan));
    let full = async |fixture: &Fixture, stack| planned(fixture, stack, Depth::Full).await;
    let plan = account.with("drift", PolicyPurpose::Drift, &none, spec, full).await;
    complete(&plan);
    assert!(plan.is_empty() && plan.unmanaged.is_empty(), "{}", shown(&plan));
    // What is renamed is looked for under its former name, with all that belongs to it.
    let renamed = text
        .replace("\n  orders:", "\n  renamed:")
        .replace("\n  pool:", "\n  renamed:")
        .replace("ders.pool.", "ders.renamed.")
        .replace("\n  ours:", "\n  renamed:")
        .replace("igs.ours.", "igs.renamed.");
    let has_tags = |it: &Desired| entry(top(it.at.address.kind)).lifecycle().is_tagged;
    assert!(
        renamed != text || !account.home.stack(text).resources.values().any(has_tags),
        "nothing is renamed: {text}"
    );
    for (name, purpose) in [("plan", PolicyPurpose::Plan), ("apply", PolicyPurpose::Apply)] {
        complete(&account.with(name, purpose, &none, |fixture| fixture.stack(&renamed), declared).await);
    }
    let all = IamPolicy::parse(&serde_json::to_string(&import_policy()).unwrap()).unwrap();
    let stack = account.home.stack(text);
    complete(&planned(&account.fixture(Some(all)), stack, Depth::Full).await);
}

/// Applies a spec with the policy of `apply`.
pub async fn applied(account: &mut Account, spec: impl Fn(&Fixture) -> Stack, prune: bool) {
    applied_with(account, spec, &PolicyOptions { prune, ..Default::default() }).await;
}

/// Applies a spec with these options, and with the policy of `apply` for them.
pub async fn applied_with(account: &mut Account, spec: impl Fn(&Fixture) -> Stack, options: &PolicyOptions) {
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
pub async fn destroyed(account: &mut Account, text: &str, targets: &[Address]) {
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
