//! Decides which steps may start: each is waiting, ready, running or finished. Pure: it knows no clock and sends nothing.
//!
//! # Guarantees
//! - A step starts after all its predecessors succeeded, and never together with another step on its function.
//! - The cost of starting and finishing a step is linear in its dependencies (`tests/it/linear_growth.rs`).

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::{Outcome, Report};
use crate::plan::{Precondition, Step};

/// A plan that is being applied.
#[derive(Debug)]
pub struct Run {
    /// The steps. Each has the number of its position, from 1.
    steps: Arc<Vec<Step>>,
    /// The outcomes of the steps, once there is one.
    outcomes: Vec<Option<Outcome>>,
    /// The nodes that wait for each node. A node is the success of a step, by its position, or of every step that frees some
    /// of a shared limit; those come after the steps.
    dependents: Vec<Vec<usize>>,
    /// The number of predecessors of each node that have not succeeded yet.
    missing: Vec<usize>,
    /// The steps that may start at once, of lanes that have begun and of others.
    ready: Ready,
    /// The turn of each step.
    turns: Vec<StepPriority>,
    running: BTreeSet<usize>,
    /// The steps whose write is sent and that only wait for Lambda to finish.
    waiting: BTreeSet<usize>,
    /// The lane of each step.
    lane_of: Vec<usize>,
    lanes: Vec<Lane>,
    stopped: bool,
}

/// The place of a step among those that may start. What Lambda usually takes long for, and what leads to that, comes first, so
/// that less is left to wait for at the end; then come the lanes in their order. In a lane, a step that reads the owner in any
/// case comes before one that need not if that was read a moment ago; then comes the order of the plan.
type StepPriority = (Reverse<Duration>, usize, bool, usize);

/// The steps that may start, each set in its order. As many lanes are kept open as steps may run, so that there is something to
/// send while Lambda settles; beyond these, what has begun is finished first. A run that is stopped then leaves few functions half done, and
/// what belongs to a new function is written soon after the function was seen.
#[derive(Debug, Default)]
struct Ready {
    begun: BTreeSet<StepPriority>,
    new: BTreeSet<StepPriority>,
    /// The number of lanes that have begun and not finished.
    open_lanes: usize,
}

impl Ready {
    fn insert(&mut self, turn: StepPriority, has_begun: bool) {
        let turns = if has_begun { &mut self.begun } else { &mut self.new };
        turns.insert(turn);
    }

    fn pop(&mut self, parallelism: usize) -> Option<usize> {
        let (first, then) = match self.open_lanes < parallelism {
            true => (&mut self.new, &mut self.begun),
            false => (&mut self.begun, &mut self.new),
        };
        first.pop_first().or_else(|| then.pop_first()).map(|(.., at)| at)
    }
}

/// The steps of one function, of which one runs at a time: Lambda rejects two mutations of one function at a time.
#[derive(Clone, Debug, Default)]
struct Lane {
    is_busy: bool,
    /// A step of it has started.
    has_begun: bool,
    /// The number of its steps without an outcome.
    left: usize,
    /// The steps that may start once the running one has finished.
    queue: BTreeSet<StepPriority>,
}

impl Run {
    /// Creates a run of these steps, of which none has started.
    pub fn new(steps: Vec<Step>) -> Self {
        debug_assert!((1..).zip(&steps).all(|(number, step)| step.id == number), "steps are numbered in their order");
        let mut limits: HashMap<&str, usize> = HashMap::new();
        let mut waits: Vec<(usize, usize)> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let mut node = |limit| {
                let next = steps.len() + limits.len();
                *limits.entry(limit).or_insert(next)
            };
            waits.extend(step.after.iter().map(|before| (position(*before), at)));
            waits.extend(step.after_freed.iter().map(|limit| (node(limit), at)));
            waits.extend(step.frees.iter().map(|limit| (at, node(limit))));
        }
        let nodes = steps.len() + limits.len();
        let (mut dependents, mut missing) = (vec![Vec::new(); nodes], vec![0; nodes]);
        for (before, dependent) in waits {
            dependents[before].push(dependent);
            missing[dependent] += 1;
        }
        let mut lanes: HashMap<Option<&String>, usize> = HashMap::new();
        let mut lane_of = Vec::with_capacity(steps.len());
        for step in &steps {
            let next = lanes.len();
            lane_of.push(*lanes.entry(step.address.keys.first()).or_insert(next));
        }
        let mut sizes = vec![0; lanes.len()];
        lane_of.iter().for_each(|lane: &usize| sizes[*lane] += 1);
        let mut ready = Ready::default();
        let ahead = time_ahead(&steps, &dependents);
        let spares_read = |step: &Step| matches!(step.precondition, Precondition::Absent { enforced: true, .. });
        let turn = |at: usize| (Reverse(ahead[at]), lane_of[at], spares_read(&steps[at]), at);
        let turns: Vec<StepPriority> = (0..steps.len()).map(turn).collect();
        let free = (0..steps.len()).filter(|at| missing[*at] == 0);
        free.for_each(|at| ready.insert(turns[at], false));
        Run {
            ready,
            turns,
            running: BTreeSet::new(),
            waiting: BTreeSet::new(),
            lanes: sizes.into_iter().map(|left| Lane { left, ..Lane::default() }).collect(),
            lane_of,
            outcomes: vec![None; steps.len()],
            dependents,
            missing,
            stopped: false,
            steps: Arc::new(steps),
        }
    }

    /// Returns the steps, in their order, whatever has become of them.
    pub fn steps(&self) -> Arc<Vec<Step>> {
        self.steps.clone()
    }

    /// Returns the numbers of the steps to start now, so many that at most `parallelism` run; they count as running from here on.
    ///
    /// Steps that share their outermost key never overlap.
    pub fn begin(&mut self, parallelism: usize) -> Vec<u32> {
        let mut begun = Vec::new();
        while !self.stopped && self.running.len() < parallelism.max(1) {
            let Some(at) = self.ready.pop(parallelism.max(1)) else { break };
            let lane = &mut self.lanes[self.lane_of[at]];
            if lane.is_busy {
                lane.queue.insert(self.turns[at]);
            } else {
                self.ready.open_lanes += usize::from(!lane.has_begun);
                (lane.is_busy, lane.has_begun) = (true, true);
                self.running.insert(at);
                begun.push(self.steps[at].id);
            }
        }
        begun
    }

    /// Lets another step start in place of one that only waits for Lambda to finish. No other step of its function does.
    pub fn wait(&mut self, id: u32) {
        let at = position(id);
        if self.running.remove(&at) {
            self.waiting.insert(at);
        }
    }

    /// Returns true if no step runs but those that wait for Lambda to finish.
    pub fn only_waits(&self) -> bool {
        self.running.is_empty()
    }

    /// Records the outcome of a step, which frees or skips the steps that depend on it.
    pub fn end(&mut self, id: u32, outcome: Outcome) {
        let at = position(id);
        if self.running.remove(&at) || self.waiting.remove(&at) {
            let lane = &mut self.lanes[self.lane_of[at]];
            lane.is_busy = false;
            self.ready.begun.extend(lane.queue.pop_first());
        }
        let succeeded = outcome == Outcome::Done;
        self.conclude(at, outcome);
        if succeeded { self.release(at) } else { self.skip(at) }
    }

    /// Gives a step its outcome.
    fn conclude(&mut self, at: usize, outcome: Outcome) {
        let lane = &mut self.lanes[self.lane_of[at]];
        lane.left = lane.left.saturating_sub(usize::from(self.outcomes[at].is_none()));
        if lane.left == 0 && lane.has_begun {
            self.ready.open_lanes = self.ready.open_lanes.saturating_sub(1);
        }
        self.outcomes[at] = Some(outcome);
    }

    /// Lets the steps start that waited for this one last.
    fn release(&mut self, succeeded: usize) {
        let mut reached = vec![succeeded];
        while let Some(node) = reached.pop() {
            for dependent in std::mem::take(&mut self.dependents[node]) {
                self.missing[dependent] = self.missing[dependent].saturating_sub(1);
                match self.outcomes.get(dependent) {
                    _ if self.missing[dependent] > 0 => {}
                    None => reached.push(dependent),
                    Some(Some(_)) => {}
                    Some(None) => {
                        let has_begun = self.lanes[self.lane_of[dependent]].has_begun;
                        self.ready.insert(self.turns[dependent], has_begun);
                    }
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
        let outcomes = self.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::NotStarted));
        let steps = Arc::unwrap_or_clone(self.steps);
        Report { steps: steps.into_iter().zip(outcomes).collect(), ..Report::default() }
    }

    /// Skips everything that depends on a step that did not succeed.
    fn skip(&mut self, failed: usize) {
        let because = self.steps[failed].id;
        let mut blocked = vec![failed];
        while let Some(node) = blocked.pop() {
            for dependent in std::mem::take(&mut self.dependents[node]) {
                if self.outcomes.get(dependent).is_some_and(Option::is_none) {
                    self.conclude(dependent, Outcome::Skipped { because });
                }
                blocked.push(dependent);
            }
        }
    }
}

/// Returns the time that Lambda usually takes for each step and the longest that follows it. A step stands after all that it
/// waits for, and a node of a shared limit between those that free some of it and those that take from it.
fn time_ahead(steps: &[Step], dependents: &[Vec<usize>]) -> Vec<Duration> {
    let mut ahead = vec![Duration::ZERO; dependents.len()];
    let mut is_known = vec![false; dependents.len()];
    for at in (0..steps.len()).rev() {
        for limit in dependents[at].iter().filter(|next| **next >= steps.len()) {
            if !std::mem::replace(&mut is_known[*limit], true) {
                ahead[*limit] = dependents[*limit].iter().map(|step| ahead[*step]).max().unwrap_or_default();
            }
        }
        let longest = dependents[at].iter().map(|next| ahead[*next]).max().unwrap_or_default();
        ahead[at] = steps[at].operation.usual_time() + longest;
    }
    ahead
}

/// Returns the position of the step with this number.
pub(super) fn position(id: u32) -> usize {
    id as usize - 1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::apply::StepError;
    use crate::model::{Action, Address, StepReasonKind};

    fn step(id: u32, address: &str, after: &[u32]) -> Step {
        Step {
            id,
            address: Address::try_from(address.to_owned()).unwrap(),
            action: Action::Update,
            operation: crate::wire::Operation::UpdateAlias,
            covers: Vec::new(),
            moves: None,
            unreturned: Vec::new(),
            also_creates: Vec::new(),
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
        run.begin(10)
    }

    #[test]
    fn steps_of_one_function_never_overlap_and_others_run_concurrently() {
        let mut run = Run::new(vec![step(1, "function/a", &[]), step(2, "alias/a/x", &[]), step(3, "function/b", &[])]);
        assert_eq!(begun(&mut run), [1, 3]);
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), [2]);
    }

    #[test]
    fn what_has_begun_is_finished_before_something_else_begins() {
        let functions = [step(1, "function/a", &[]), step(2, "function/b", &[]), step(3, "function/c", &[])];
        let aliases = [step(4, "alias/a/x", &[1]), step(5, "alias/b/x", &[2])];
        let mut run = Run::new(functions.into_iter().chain(aliases).collect());
        let mut started = Vec::new();
        while let [id] = run.begin(1)[..] {
            started.push(id);
            run.end(id, Outcome::Done);
        }
        assert_eq!(started, [1, 4, 2, 5, 3]);
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
