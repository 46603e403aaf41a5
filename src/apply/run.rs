//! Which steps may begin: three sets, waiting, under way and ended. Pure; knows no clock and sends nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Report};
use crate::plan::Step;

/// A plan under way.
#[derive(Debug)]
pub struct Run {
    steps: BTreeMap<u32, Step>,
    under_way: BTreeSet<u32>,
    ended: BTreeMap<u32, Outcome>,
    stopped: bool,
}

impl Run {
    /// A run of these steps, none begun.
    pub fn new(steps: Vec<Step>) -> Self {
        Run {
            steps: steps.into_iter().map(|step| (step.id, step)).collect(),
            under_way: BTreeSet::new(),
            ended: BTreeMap::new(),
            stopped: false,
        }
    }

    /// The steps to begin now, at most as many as there is room for; they count as under way from here on.
    ///
    /// Lambda refuses two mutations of one function at a time, so steps that share their outermost key never overlap.
    pub fn begin(&mut self, parallelism: usize) -> Vec<Step> {
        self.skip();
        let mut begun = Vec::new();
        if self.stopped {
            return begun;
        }
        let lane = |step: &Step| step.address.keys.first().cloned();
        let mut busy: BTreeSet<Option<String>> = self.under_way.iter().map(|id| lane(&self.steps[id])).collect();
        for (id, step) in &self.steps {
            if self.under_way.len() + begun.len() >= parallelism.max(1) {
                break;
            }
            let free = !self.under_way.contains(id) && !self.ended.contains_key(id) && !busy.contains(&lane(step));
            if free && step.after.iter().all(|before| self.ended.get(before) == Some(&Outcome::Done)) {
                busy.insert(lane(step));
                begun.push(step.clone());
            }
        }
        self.under_way.extend(begun.iter().map(|step| step.id));
        begun
    }

    /// Notes how a step ended.
    pub fn end(&mut self, id: u32, outcome: Outcome) {
        self.under_way.remove(&id);
        self.ended.insert(id, outcome);
    }

    /// Begins nothing more; what is under way goes on.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// What became of every step.
    pub fn report(mut self) -> Report {
        self.skip();
        let outcome = |id: &u32| self.ended.get(id).cloned().unwrap_or(Outcome::NotBegun);
        Report { steps: self.steps.iter().map(|(id, step)| (step.clone(), outcome(id))).collect() }
    }

    /// Ends the steps whose predecessors did not succeed, naming the first that is to blame.
    fn skip(&mut self) {
        // Predecessors have smaller numbers, so one pass reaches everything.
        for (id, step) in &self.steps {
            if self.ended.contains_key(id) || self.under_way.contains(id) {
                continue;
            }
            let blame = step.after.iter().find_map(|before| match self.ended.get(before)? {
                Outcome::Done | Outcome::NotBegun => None,
                Outcome::Skipped { because } => Some(*because),
                _ => Some(*before),
            });
            if let Some(because) = blame {
                self.ended.insert(*id, Outcome::Skipped { because });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Sent;
    use crate::model::{Action, Address};
    use crate::plan::Precondition;

    fn step(id: u32, address: &str, after: &[u32]) -> Step {
        Step {
            id,
            address: Address::try_from(address.to_owned()).unwrap(),
            action: Action::Update,
            operation: "UpdateAlias".to_owned(),
            covers: Vec::new(),
            moves: None,
            because: String::new(),
            precondition: Precondition::Unchanged { also: None },
            operands: BTreeMap::new(),
            after: after.to_vec(),
        }
    }

    fn begun(run: &mut Run) -> Vec<u32> {
        run.begin(10).iter().map(|step| step.id).collect()
    }

    #[test]
    fn steps_of_one_function_never_overlap_and_others_run_beside() {
        let mut run = Run::new(vec![step(1, "function/a", &[]), step(2, "alias/a/x", &[]), step(3, "function/b", &[])]);
        assert_eq!(begun(&mut run), [1, 3]);
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), [2]);
    }

    #[test]
    fn a_failure_skips_what_waits_for_it_and_nothing_else() {
        let failed = Outcome::Failed { why: "no".to_owned(), failure: None, sent: Sent::No };
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
    fn a_stopped_run_begins_nothing_and_says_what_remains() {
        let mut run = Run::new(vec![step(1, "function/a", &[]), step(2, "version/a", &[1])]);
        assert_eq!(begun(&mut run), [1]);
        run.stop();
        run.end(1, Outcome::Done);
        assert_eq!(begun(&mut run), Vec::<u32>::new());
        assert_eq!(run.report().steps[1].1, Outcome::NotBegun);
    }
}
