//! Orders the steps of a plan, numbers them, and records which wait for which.

use std::collections::{BTreeMap, HashMap};

use super::dependencies::{StepNode, dependencies};
use super::unordered_step::UnorderedStep;
use super::{Operand, Precondition, Step};

/// Numbers the steps so that each comes after all that it waits for, and fills in those dependencies.
pub(super) fn schedule(unordered: Vec<UnorderedStep>) -> Vec<Step> {
    let graph = dependencies(&unordered);
    let order: Vec<usize> = graph.order().into_iter().filter_map(position).collect();
    debug_assert_eq!(order.len(), unordered.len(), "the steps of a plan wait for each other in a cycle");
    let number: HashMap<usize, u32> = order.iter().copied().zip(1..).collect();
    let renumber = |operand: &Operand| match operand {
        Operand::Output { step, member } => {
            Operand::Output { step: number[&(*step as usize - 1)], member: member.clone() }
        }
        known => known.clone(),
    };
    let mut frees: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for node in graph.nodes() {
        let StepNode::Freed(limit) = node else { break };
        for at in graph.before(node).copied().filter_map(position) {
            frees.entry(at).or_default().push((*limit).to_owned());
        }
    }
    let mut steps: Vec<Step> = Vec::with_capacity(unordered.len());
    for at in order {
        let mut step = unordered[at].step.clone();
        step.id = number[&at];
        for before in graph.before(&StepNode::Step(at)) {
            match before {
                StepNode::Step(at) => step.after.push(number[at]),
                StepNode::Freed(limit) => step.after_freed.push((*limit).to_owned()),
            }
        }
        step.after.sort_unstable();
        step.frees = frees.remove(&at).unwrap_or_default();
        step.operands = step.operands.iter().map(|(path, operand)| (path.clone(), renumber(operand))).collect();
        if let Precondition::Revision { value, .. } = &mut step.precondition {
            *value = renumber(value);
        }
        steps.push(step);
    }
    steps
}

/// Returns the position of the step that a node is.
fn position(node: StepNode<'_>) -> Option<usize> {
    match node {
        StepNode::Step(at) => Some(at),
        StepNode::Freed(_) => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Address;
    use crate::model::{Action, StepReasonKind};
    use crate::wire::Operation;

    /// A step that orders nothing.
    pub fn step(address: &str) -> UnorderedStep {
        let step = Step {
            id: 0,
            address: Address::try_from(address.to_owned()).unwrap(),
            action: Action::Update,
            operation: Operation::PutFunctionConcurrency,
            covers: Vec::new(),
            reason: StepReasonKind::NotSet.into(),
            precondition: Precondition::Unchanged { also: None },
            owned_by: None,
            operands: BTreeMap::new(),
            moves: None,
            unreturned: Vec::new(),
            also_creates: Vec::new(),
            after: Vec::new(),
            frees: Vec::new(),
            after_freed: Vec::new(),
        };
        UnorderedStep {
            step,
            depends_on: BTreeSet::new(),
            outlasted_by: BTreeSet::new(),
            frees: Vec::new(),
            takes: Vec::new(),
            better_after: BTreeSet::new(),
            stands_alone: false,
            ahead_of: None,
        }
    }

    /// The step with the shared limits that it frees and takes from.
    pub fn sharing(step: UnorderedStep, frees: &[&str], takes: &[&str]) -> UnorderedStep {
        let owned = |limits: &[&str]| limits.iter().map(|limit| (*limit).to_owned()).collect();
        UnorderedStep { frees: owned(frees), takes: owned(takes), ..step }
    }

    fn shown(steps: &[Step]) -> Vec<String> {
        let one = |step: &Step| {
            format!("{} {} after {:?} {:?} frees {:?}", step.id, step.address, step.after, step.after_freed, step.frees)
        };
        steps.iter().map(one).collect()
    }

    #[test]
    fn what_takes_from_a_shared_limit_comes_after_all_that_free_some_of_it() {
        let steps = schedule(vec![
            sharing(step("alias/a/up"), &[], &["account"]),
            sharing(step("alias/b/low"), &["account", "unshared"], &[]),
            step("alias/c/other"),
            sharing(step("alias/d/low"), &["account"], &[]),
        ]);
        assert_eq!(
            shown(&steps),
            [
                r#"1 alias/b/low after [] [] frees ["account"]"#,
                r#"2 alias/c/other after [] [] frees []"#,
                r#"3 alias/d/low after [] [] frees ["account"]"#,
                r#"4 alias/a/up after [] ["account"] frees []"#,
            ]
        );
    }

    #[test]
    fn two_resources_that_take_what_the_other_frees_are_ordered_one_way() {
        let steps = schedule(vec![
            sharing(step("alias/a/x"), &["one"], &["two"]),
            sharing(step("alias/b/x"), &["two"], &["one"]),
            sharing(step("alias/c/x"), &[], &["one"]),
        ]);
        assert_eq!(
            shown(&steps),
            [
                "1 alias/b/x after [] [] frees []",
                r#"2 alias/a/x after [1] [] frees ["one"]"#,
                r#"3 alias/c/x after [] ["one"] frees []"#,
            ]
        );
    }
}
