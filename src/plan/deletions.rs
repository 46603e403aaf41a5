//! Plans deletions: unmanaged resources that may be deleted, and everything a stack owns when it is destroyed.
//!
//! Lambda deletes with a function all that hangs on it, except its mappings. So what goes with its function needs no
//! write of its own; the plan tells it all the same, because it is lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::build::Planner;
use super::executable::ResourceState;
use super::listing::{baseline, notes};
use super::live_state::UnmanagedResource;
use super::steps::Dependencies;
use super::{ResourcePlan, Unmanaged};
use crate::declaration::Desired;
use crate::kinds;
use crate::model::{Action, Address, ProtectedEffect, Refusal, RefusalKind};
use crate::resource::{Attributes, Observed, ResourceRef, WriteContext, field_traits};

/// Something to take away.
struct Removal<'a> {
    at: &'a ResourceRef,
    live: &'a Observed,
    /// Its parent.
    parent: Option<&'a Address>,
    /// The reason, if it differs from the kind's own.
    because: Option<String>,
    /// Its children, and the resources that refer to it.
    outlasted_by: BTreeSet<Address>,
    /// True if a rule of the spec deletes it.
    surplus: bool,
}

/// Something that goes with the deletion of another resource.
pub(super) struct CascadeDelete {
    /// The resource whose deletion takes it along.
    with: Address,
    /// The shared limits in which it makes room.
    frees: Vec<String>,
    /// Its children, and the resources that refer to it.
    outlasted_by: BTreeSet<Address>,
}

impl Planner<'_> {
    /// Lets the deletions stand for what they take along: they make its room, and come after what pointed to it.
    pub(super) fn attach_cascades(&mut self) {
        let carried = std::mem::take(&mut self.cascades);
        let with = |address: &Address| carried.get(address).map_or_else(|| address.clone(), |it| it.with.clone());
        let mut along: BTreeMap<&Address, Vec<&CascadeDelete>> = BTreeMap::new();
        carried.values().for_each(|it| along.entry(&it.with).or_default().push(it));
        for unordered in self.unordered.iter_mut().filter(|unordered| unordered.step.action == Action::Delete) {
            let own = along.get(&unordered.step.address).into_iter().flatten();
            unordered.frees.extend(own.clone().flat_map(|it| it.frees.iter().cloned()));
            let pointing = own.flat_map(|it| &it.outlasted_by).chain(&unordered.outlasted_by).map(with);
            unordered.better_after = pointing.filter(|address| *address != unordered.step.address).collect();
        }
    }

    /// Plans the end of everything that is declared, there and ours, in the reverse order of its making.
    pub(super) fn destroy(&mut self) {
        let (stack, observed) = (self.stack, self.observed);
        let mut order = self.chosen.to_vec();
        let mut kept: BTreeSet<Address> = BTreeSet::new();
        for address in &order {
            let (desired, live) = (&stack.resources[address], observed.live.get(address));
            let goes_with = desired.parent.as_ref().filter(|parent| kept.contains(*parent));
            match live {
                Some(_) if goes_with.is_some() => drop(kept.insert(address.clone())),
                Some(live) if !self.is_ours(desired, live) => {
                    kept.insert(address.clone());
                    let live = Some(live.value.clone().into());
                    self.plan.unmanaged.push(Unmanaged { address: address.clone(), field: None, live });
                }
                Some(_) if desired.prevent_destroy => {
                    let effect = ProtectedEffect::Deleted;
                    self.plan.refusals.push(Refusal::of(address, RefusalKind::PreventDestroy { effect }));
                }
                _ => {}
            }
        }
        order.retain(|address| observed.live.contains_key(address) && !kept.contains(address));
        self.deleted.extend(order.iter().cloned());
        let mut users: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
        for (address, desired) in &stack.resources {
            for needed in &desired.depends_on {
                users.entry(needed).or_default().insert(address.clone());
            }
        }
        let children = children(&observed.unmanaged);
        for address in order.iter().rev() {
            let desired = &stack.resources[address];
            let mut outlasted_by = users.remove(address).unwrap_or_default();
            outlasted_by.extend(children.get(address).into_iter().flatten().cloned());
            self.remove(Removal {
                at: &desired.at,
                live: &observed.live[address],
                parent: desired.parent.as_ref(),
                because: Some("the stack is destroyed".to_owned()),
                outlasted_by,
                surplus: false,
            });
        }
    }

    /// Plans what lives beside the spec: deleted where the spec's rules or pruning say so, reported otherwise.
    pub(super) fn plan_unmanaged(&mut self) {
        let observed = self.observed;
        let children = children(&observed.unmanaged);
        let mut going = Vec::new();
        for found in &observed.unmanaged {
            let address = &found.at.address;
            let kind = kinds::entry(address.kind);
            if found.surplus.is_some() && !kind.still_surplus(&found.at, &found.live, &*self) {
                continue;
            }
            if self.should_delete(found) {
                self.deleted.insert(address.clone());
                going.push(found);
            } else if found.surplus.is_none() {
                let live = Some(found.live.value.clone().into());
                self.plan.unmanaged.push(Unmanaged { address: address.clone(), field: None, live });
            }
        }
        let references = self.references(&going);
        for found in going {
            let mut outlasted_by = children.get(&found.at.address).cloned().unwrap_or_default();
            outlasted_by.extend(references.get(&found.at.address).into_iter().flatten().cloned());
            self.remove(Removal {
                at: &found.at,
                live: &found.live,
                parent: found.parent.as_ref(),
                because: found.surplus.clone(),
                outlasted_by,
                surplus: found.surplus.is_some(),
            });
        }
    }

    /// Returns the resources that name each of the deleted ones in a live field: they move away or go before it.
    fn references(&self, deleted: &[&UnmanagedResource]) -> BTreeMap<Address, BTreeSet<Address>> {
        let arn = |unmanaged: &UnmanagedResource| Some(unmanaged.live.attributes.get("arn")?.as_str()?.to_owned());
        let owner: BTreeMap<String, &Address> =
            deleted.iter().filter_map(|it| Some((arn(it)?, &it.at.address))).collect();
        let declared = self.observed.live.iter().map(|(address, live)| (address, &live.value));
        let unmanaged = deleted.iter().map(|unmanaged| (&unmanaged.at.address, &unmanaged.live.value));
        let mut references: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
        for (user, value) in declared.chain(unmanaged) {
            each_arn(value, &mut |arn| {
                if let Some(target) = owner.get(arn).filter(|target| **target != user) {
                    references.entry((*target).clone()).or_default().insert(user.clone());
                }
            });
        }
        references
    }

    /// Returns true if an unmanaged resource is to be deleted.
    fn should_delete(&self, found: &UnmanagedResource) -> bool {
        let (kind, parent) = (found.at.address.kind, found.parent.as_ref());
        let theirs = matches!(&found.live.owner, Some(Some(owner)) if *owner != self.stack.scope.stack);
        if parent.is_some_and(|parent| self.deleted.contains(parent)) && !theirs {
            let outlives = kinds::entry(kind).lifecycle().outlives_parent;
            // What outlives a function that is made anew is there for the new one as well.
            let outermost = parent.map(|parent| self.outermost(parent));
            let anew =
                outermost.is_some_and(|it| self.is_kept(&it) && self.deleted.contains(&it)) && !self.choice.destroy;
            return !(outlives && anew);
        }
        let chosen = self.choice.targets.is_empty()
            && !parent.is_some_and(|parent| self.choice.excludes.contains(parent))
            && parent.is_none_or(|parent| self.is_kept(parent));
        // At the top of the account only what bears our tag is found, and destroying takes all of that.
        let destroyed = self.choice.destroy && parent.is_none();
        let wanted = found.surplus.is_some() || self.choice.prune || destroyed || self.stack.prunes(parent, kind);
        chosen && wanted && !theirs
    }

    /// Returns true if the spec declares the resource.
    fn is_kept(&self, address: &Address) -> bool {
        self.stack.resources.contains_key(address)
    }

    /// Returns true if a declared resource may be destroyed: it has our tag, or its kind has no tags.
    fn is_ours(&mut self, desired: &Desired, live: &Observed) -> bool {
        let address = &desired.at.address;
        // What hangs on something of ours is ours.
        if desired.parent.is_some() {
            return true;
        }
        if let Some(owner) = &live.owner {
            return owner.as_ref() == Some(&self.stack.scope.stack);
        }
        if !field_traits::field(kinds::entry(address.kind).schema(), "tags").is_null() {
            self.plan.refusals.push(Refusal::of(address, RefusalKind::OwnerUnknown));
        }
        true
    }

    fn remove(&mut self, removal: Removal<'_>) {
        let Removal { at, live, parent, because, outlasted_by, surplus } = removal;
        let kind = kinds::entry(at.address.kind);
        let taken_along = parent
            .filter(|_| !kind.lifecycle().outlives_parent)
            .map(|parent| self.outermost(parent))
            .filter(|outermost| self.deleted.contains(outermost));
        let mut drafts =
            kind.writes(&WriteContext { at, action: Action::Delete, desired: None, live: Some(live), changes: &[] });
        if let Some(with) = &taken_along {
            let frees = drafts.drain(..).flat_map(|draft| draft.frees).collect();
            let carried = CascadeDelete { with: with.clone(), frees, outlasted_by: outlasted_by.clone() };
            self.cascades.insert(at.address.clone(), carried);
        }
        if let Some(because) = because {
            drafts.iter_mut().for_each(|draft| draft.because.clone_from(&because));
        }
        let mut notes = notes(Some(live));
        notes.extend(taken_along.map(|outermost| format!("goes with {outermost}")));
        let address = at.address.clone();
        self.plan.resources.push(ResourcePlan {
            address: address.clone(),
            action: Action::Delete,
            changes: Vec::new(),
            predicted: BTreeMap::new(),
            data_loss: None,
            notes,
            saw: Some(baseline(live)),
            surplus,
            with: None,
        });
        let subject = ResourceState {
            at: at.clone(),
            desired: None,
            pending: BTreeMap::new(),
            live: Some(live.clone()),
            after: None,
            ignore: Vec::new(),
            package: None,
            attributes: Attributes::new(),
        };
        self.planned.insert(address.clone(), subject);
        self.steps(
            &address,
            Action::Delete,
            drafts,
            &Dependencies { parent, depends_on: BTreeSet::new(), outlasted_by },
        );
    }

    /// The resource that everything around this one hangs on.
    fn outermost(&self, address: &Address) -> Address {
        let mut outermost = address;
        loop {
            let declared = self.stack.resources.get(outermost).and_then(|desired| desired.parent.as_ref());
            let found = || self.unmanaged_parents.get(outermost).copied();
            match declared.or_else(found) {
                Some(parent) => outermost = parent,
                None => return outermost.clone(),
            }
        }
    }
}

/// Calls `found` with every ARN in the strings of a value, and with every ARN that such a one extends, such as that of
/// the function of an alias.
fn each_arn(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            for (start, _) in text.match_indices("arn:") {
                let token = &text[start..];
                let token = &token[..token.find([' ', '"', '\'', ',']).unwrap_or(token.len())];
                token.match_indices([':', '/']).for_each(|(end, _)| found(&token[..end]));
                found(token);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| each_arn(value, found)),
        Value::Object(map) => map.values().for_each(|value| each_arn(value, found)),
        _ => {}
    }
}

/// Returns the unmanaged children of each resource.
fn children(unmanaged: &[UnmanagedResource]) -> BTreeMap<Address, BTreeSet<Address>> {
    let mut children: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    for found in unmanaged {
        if let Some(parent) = &found.parent {
            children.entry(parent.clone()).or_default().insert(found.at.address.clone());
        }
    }
    children
}
