//! In which order the steps of a plan come, and which of them wait for which.

use std::collections::{BTreeMap, BTreeSet};

use super::{Operand, Precondition, Step};
use crate::model::{Action, Address};

/// A step that has no number yet, and what orders it.
#[derive(Clone, Debug)]
pub struct UnorderedStep {
    /// The step; its id is its position among the loose ones, plus one.
    pub step: Step,
    /// The resources whose steps come before: parents and references.
    pub depends_on: BTreeSet<Address>,
    /// For a deletion: the resources that hang on it or point to it, whose steps come before.
    pub outlasted_by: BTreeSet<Address>,
    /// Shared limits in which it makes room.
    pub frees: Vec<String>,
    /// Shared limits from which it takes.
    pub takes: Vec<String>,
    /// For a deletion: the resources whose steps had better come before, though nothing breaks if they cannot.
    pub better_after: BTreeSet<Address>,
    /// The resource that it hangs on, if it comes before that one's steps and not after them.
    pub ahead_of: Option<Address>,
}

/// Numbers the steps so that each comes after all that it waits for, and fills in what it waits for.
pub fn arrange(loose: Vec<UnorderedStep>) -> Vec<Step> {
    let before = waits(&loose);
    let order = stable_order(&before);
    let number: BTreeMap<usize, u32> = order.iter().zip(1..).map(|(at, id)| (*at, id)).collect();
    let renumber = |operand: &Operand| match operand {
        Operand::Output { step, member } => {
            Operand::Output { step: number[&(*step as usize - 1)], member: member.clone() }
        }
        known => known.clone(),
    };
    let mut steps: Vec<Step> = Vec::with_capacity(loose.len());
    for at in order {
        let mut step = loose[at].step.clone();
        step.id = number[&at];
        step.after = before[at].iter().map(|at| number[at]).collect();
        step.after.sort_unstable();
        step.operands = step.operands.iter().map(|(path, operand)| (path.clone(), renumber(operand))).collect();
        if let Precondition::Revision { is, .. } = &mut step.precondition {
            *is = renumber(is);
        }
        steps.push(step);
    }
    steps
}

/// For each step, the positions of those that come before it.
///
/// What a resource needs must come first. All else is better so, and given up where it would close a circle: Lambda
/// then refuses what it must, and the next plan goes on from there.
fn waits(loose: &[UnorderedStep]) -> Vec<BTreeSet<usize>> {
    let mut of: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (at, item) in loose.iter().enumerate() {
        of.entry(&item.step.address).or_default().push(at);
    }
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); loose.len()];
    for (at, item) in loose.iter().enumerate() {
        before[at].extend(of[&item.step.address].iter().copied().filter(|other| *other < at));
        let related = if item.step.action == Action::Delete { &item.outlasted_by } else { &item.depends_on };
        for address in related.iter().filter(|address| item.ahead_of.as_ref() != Some(*address)) {
            before[at].extend(of.get(address).into_iter().flatten());
        }
        for later in item.ahead_of.iter().filter_map(|parent| of.get(parent)).flatten() {
            before[*later].insert(at);
        }
    }
    for (later, earlier) in wishes(loose, &of) {
        if !comes_before(&before, later, earlier) {
            before[later].insert(earlier);
        }
    }
    before
}

/// Pairs of steps of which the second should come before the first, the more important ones first.
fn wishes(loose: &[UnorderedStep], of: &BTreeMap<&Address, Vec<usize>>) -> Vec<(usize, usize)> {
    let mut frees: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut outermost: BTreeMap<Option<&String>, Vec<usize>> = BTreeMap::new();
    for (at, item) in loose.iter().enumerate() {
        item.frees.iter().for_each(|pool| frees.entry(pool).or_default().push(at));
        outermost.entry(item.step.address.keys.first()).or_default().push(at);
    }
    let (mut room, mut rest) = (Vec::new(), Vec::new());
    for (at, item) in loose.iter().enumerate() {
        let mine = &of[&item.step.address];
        let freeing = item.takes.iter().flat_map(|pool| frees.get(pool.as_str()).into_iter().flatten());
        room.extend(freeing.filter(|other| !mine.contains(other)).map(|other| (at, *other)));
        let pointing = item.better_after.iter().flat_map(|address| of.get(address).into_iter().flatten());
        room.extend(pointing.filter(|other| !mine.contains(other)).map(|other| (at, *other)));
        let neighbours = outermost[&item.step.address.keys.first()].iter();
        if item.step.action == Action::Delete && item.ahead_of.is_none() {
            // What is deleted may still be in use until everything beside it has moved away.
            let moving = neighbours.filter(|other| loose[**other].step.action != Action::Delete);
            rest.extend(moving.map(|other| (at, *other)));
        } else if let Precondition::Revision { of: revised, .. } = &item.step.precondition
            && *revised != item.step.address
        {
            // A write beside the function may move its revision, so what still needs the revision comes first.
            let beside = neighbours.filter(|other| is_beside(&loose[**other], revised, item));
            rest.extend(beside.map(|other| (*other, at)));
        }
    }
    room.extend(rest);
    room
}

/// Whether `step` comes before `other` already, by way of any number of steps between them.
fn comes_before(before: &[BTreeSet<usize>], step: usize, other: usize) -> bool {
    let mut seen = BTreeSet::from([other]);
    let mut waiting = vec![other];
    while let Some(at) = waiting.pop() {
        if at == step {
            return true;
        }
        waiting.extend(before[at].iter().filter(|earlier| seen.insert(**earlier)));
    }
    false
}

/// Whether `other` neither belongs to the revised resource nor is needed by `item`.
fn is_beside(other: &UnorderedStep, revised: &Address, item: &UnorderedStep) -> bool {
    let address = &other.step.address;
    address != revised
        && *address != item.step.address
        && other.step.action != Action::Delete
        && !item.depends_on.contains(address)
        && other.ahead_of.is_none()
}

/// Every position after all that it waits for; among the free ones the first.
fn stable_order(before: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut open: Vec<usize> = before.iter().map(BTreeSet::len).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); before.len()];
    for (at, needs) in before.iter().enumerate() {
        needs.iter().for_each(|need| after[*need].push(at));
    }
    let mut free: BTreeSet<usize> = (0..before.len()).filter(|at| open[*at] == 0).collect();
    let mut order = Vec::with_capacity(before.len());
    while let Some(at) = free.pop_first() {
        order.push(at);
        for later in &after[at] {
            open[*later] -= 1;
            if open[*later] == 0 {
                free.insert(*later);
            }
        }
    }
    debug_assert_eq!(order.len(), before.len(), "the steps of a plan wait for each other in a circle");
    order
}
