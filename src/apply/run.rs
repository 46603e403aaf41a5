//! Decides which steps may start: each is waiting, ready, running or finished. Pure: it knows no clock and sends nothing.
//!
//! # Guarantees
//! - A step starts after all its predecessors succeeded, and never together with another step on its function.
//! - The cost of starting and finishing a step is linear in its dependencies (`tests/it/linear_growth.rs`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Outcome, Report};
use crate::plan::Step;

/// A plan that is being applied.
#[derive(Debug)]
pub struct Run {
    steps: BTreeMap<u32, Step>,
    /// The nodes that wait for each node.
    dependents: HashMap<WaitPoint, Vec<WaitPoint>>,
    /// The number of predecessors that have not succeeded yet.
    missing: HashMap<WaitPoint, usize>,
    /// The steps that may start at once.
    ready: BTreeSet<u32>,
    lanes: HashMap<LaneKey, Lane>,
    running: BTreeSet<u32>,
    finished: BTreeMap<u32, Outcome>,
    stopped: bool,
}

/// Something to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum WaitPoint {
    /// The success of a step.
    Step(u32),
    /// The success of every step that frees some of a shared limit, by the limit's number.
    Freed(usize),
}

/// The outermost key of a step's address: Lambda rejects two mutations of one function at a time.
type LaneKey = Option<String>;

/// The steps of one function, of which one runs at a time.
#[derive(Debug, Default)]
struct Lane {
    is_busy: bool,
    /// The steps that may start once the running one has finished.
    queue: BTreeSet<u32>,
}

impl Run {
    /// Creates a run of these steps, of which none has started.
    pub fn new(steps: Vec<Step>) -> Self {
        let (mut dependents, mut missing) =
            (HashMap::<WaitPoint, Vec<WaitPoint>>::new(), HashMap::<WaitPoint, usize>::new());
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for step in &steps {
            let mut number = |limit| {
                let next = numbers.len();
                WaitPoint::Freed(*numbers.entry(limit).or_insert(next))
            };
            let own = WaitPoint::Step(step.id);
            let before = step.after.iter().map(|before| WaitPoint::Step(*before));
            let freed: Vec<WaitPoint> = step.after_freed.iter().map(|limit| number(limit)).collect();
            let waits = before.chain(freed).map(|before| (before, own));
            let frees = step.frees.iter().map(|limit| (own, number(limit)));
            for (before, dependent) in waits.chain(frees) {
                dependents.entry(before).or_default().push(dependent);
                *missing.entry(dependent).or_default() += 1;
            }
        }
        Run {
            ready: steps.iter().map(|step| step.id).filter(|id| !missing.contains_key(&WaitPoint::Step(*id))).collect(),
            missing,
            dependents,
            steps: steps.into_iter().map(|step| (step.id, step)).collect(),
            lanes: HashMap::new(),
            running: BTreeSet::new(),
            finished: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Returns the steps to start now, so many that at most `parallelism` run; they count as running from here on.
    ///
    /// Steps that share their outermost key never overlap.
    pub fn begin(&mut self, parallelism: usize) -> Vec<Step> {
        let mut begun = Vec::new();
        while !self.stopped && self.running.len() < parallelism.max(1) {
            let Some(id) = self.ready.pop_first() else { break };
            let step = &self.steps[&id];
            let lane = self.lanes.entry(lane_key(step)).or_default();
            if lane.is_busy {
                lane.queue.insert(id);
            } else {
                lane.is_busy = true;
                self.running.insert(id);
                begun.push(step.clone());
            }
        }
        begun
    }

    /// Records the outcome of a step, which frees or skips the steps that depend on it.
    pub fn end(&mut self, id: u32, outcome: Outcome) {
        if self.running.remove(&id) {
            let lane = self.lanes.entry(lane_key(&self.steps[&id])).or_default();
            lane.is_busy = false;
            self.ready.extend(lane.queue.pop_first());
        }
        let succeeded = outcome == Outcome::Done;
        self.finished.insert(id, outcome);
        if succeeded { self.release(id) } else { self.skip(id) }
    }

    /// Lets the steps start that waited for this one last.
    fn release(&mut self, succeeded: u32) {
        let mut reached = vec![WaitPoint::Step(succeeded)];
        while let Some(node) = reached.pop() {
            for dependent in self.dependents.remove(&node).unwrap_or_default() {
                let missing = self.missing.entry(dependent).or_default();
                *missing = missing.saturating_sub(1);
                match dependent {
                    _ if *missing > 0 => {}
                    WaitPoint::Freed(_) => reached.push(dependent),
                    WaitPoint::Step(id) if self.finished.contains_key(&id) => {}
                    WaitPoint::Step(id) => drop(self.ready.insert(id)),
                }
            }
        }
    }

    /// Starts no more steps; the running ones continue.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Returns every step with its outcome.
    pub fn report(self) -> Report {
        let outcome = |id: &u32| self.finished.get(id).cloned().unwrap_or(Outcome::NotStarted);
        let steps = self.steps.iter().map(|(id, step)| (step.clone(), outcome(id))).collect();
        Report { steps, ..Report::default() }
    }

    /// Skips everything that depends on a step that did not succeed.
    fn skip(&mut self, failed: u32) {
        let mut blocked = vec![WaitPoint::Step(failed)];
        while let Some(node) = blocked.pop() {
            for dependent in self.dependents.remove(&node).unwrap_or_default() {
                if let WaitPoint::Step(id) = dependent {
                    self.finished.entry(id).or_insert(Outcome::Skipped { because: failed });
                }
                blocked.push(dependent);
            }
        }
    }
}

fn lane_key(step: &Step) -> LaneKey {
    step.address.keys.first().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::StepError;
    use crate::model::{Action, Address, StepReasonKind};
    use crate::plan::Precondition;

    fn step(id: u32, address: &str, after: &[u32]) -> Step {
        Step {
            id,
            address: Address::try_from(address.to_owned()).unwrap(),
            action: Action::Update,
            operation: crate::wire::Operation::UpdateAlias,
            covers: Vec::new(),
            moves: None,
            unreturned: Vec::new(),
            reason: StepReasonKind::Absent.into(),
            precondition: Precondition::Unchanged { also: None },
            owned_by: None,
            operands: BTreeMap::new(),
            after: after.to_vec(),
            after_freed: Vec::new(),
            frees: Vec::new(),
        }
    }

    fn begun(run: &mut Run) -> Vec<u32> {
        run.begin(10).iter().map(|step| step.id).collect()
    }

    #[test]
    fn steps_of_one_function_never_overlap_and_others_run_concurrently() {
        let mut run = Run::new(vec![step(1, "function/a", &[]), step(2, "alias/a/x", &[]), step(3, "function/b", &[])]);
        assert_eq!(begun(&mut run), [1, 3]);
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), [2]);
    }

    #[test]
    fn a_failure_skips_its_dependents_and_nothing_else() {
        let failed = Outcome::Error(StepError::failed("no"));
        let mut run = Run::new(vec![
            step(1, "function/a", &[]),
            step(2, "version/a", &[1]),
            step(3, "alias/a/x", &[2]),
            step(4, "function/b", &[]),
        ]);
        assert_eq!(begun(&mut run), [1, 4]);
        run.end(1, failed.clone());
        run.end(4, Outcome::Done);
        assert_eq!(begun(&mut run), Vec::<u32>::new());
        let outcomes: Vec<Outcome> = run.report().steps.into_iter().map(|(_, outcome)| outcome).collect();
        let skipped = Outcome::Skipped { because: 1 };
        assert_eq!(outcomes, [failed, skipped.clone(), skipped, Outcome::Done]);
    }

    #[test]
    fn what_takes_from_a_shared_limit_waits_for_all_that_free_some_of_it() {
        let limit = || vec!["account".to_owned()];
        let steps = || {
            vec![
                Step { frees: limit(), ..step(1, "function/a", &[]) },
                Step { frees: limit(), ..step(2, "function/b", &[]) },
                Step { after_freed: limit(), ..step(3, "function/c", &[]) },
                step(4, "version/c", &[3]),
            ]
        };
        let mut run = Run::new(steps());
        assert_eq!(begun(&mut run), [1, 2]);
        run.end(2, Outcome::Done);
        assert_eq!(begun(&mut run), [0; 0]);
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), [3]);

        let mut run = Run::new(steps());
        assert_eq!(begun(&mut run), [1, 2]);
        run.end(1, Outcome::Error(StepError::failed("no")));
        run.end(2, Outcome::Done);
        assert_eq!(begun(&mut run), [0; 0]);
        let skipped = Outcome::Skipped { because: 1 };
        let outcomes = run.report().steps.into_iter().map(|(_, outcome)| outcome);
        assert_eq!(outcomes.skip(2).collect::<Vec<_>>(), [skipped.clone(), skipped]);
    }

    #[test]
    fn a_stopped_run_starts_nothing_and_reports_the_rest() {
        let mut run = Run::new(vec![step(1, "function/a", &[]), step(2, "version/a", &[1])]);
        assert_eq!(begun(&mut run), [1]);
        run.stop();
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), Vec::<u32>::new());
        assert_eq!(run.report().steps[1].1, Outcome::NotStarted);
    }
}
