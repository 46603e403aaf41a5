//! Promise: least privilege. With its policy a command is denied nothing, and takes every action that the policy allows.

mod account;
mod borders;
mod edits;
mod reference;

use std::collections::BTreeSet;

use trueup::declaration::{Desired, Stack};
use trueup::iam::{PolicyOptions, PolicyPurpose};
use trueup::kinds::{KINDS, entry, top};
use trueup::model::{Address, KindId};
use trueup::observe::Depth;
use trueup::resource::KindEntry;
use trueup::wire::{CreateEventSourceMappingInputBuilder, TypedCall};

use crate::harness::{Fixture, block_on};
use crate::laws::{changed, examples};

use account::{Account, Grants, applied, complete, destroyed, lived, planned};
use edits::{EDITS, FAULTS};

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
            if entry(top(kind.id())).lifecycle().is_tagged {
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
    let none = PolicyOptions::default();
    let declared = async |fixture: &Fixture, stack: Stack| planned(fixture, stack, Depth::Declared).await;
    complete(&account.with("plan", PolicyPurpose::Plan, &none, elsewhere, declared).await);
    let full = async |fixture: &Fixture, stack: Stack| planned(fixture, stack, Depth::Full).await;
    complete(&account.with("drift", PolicyPurpose::Drift, &none, spec, full).await);
}
