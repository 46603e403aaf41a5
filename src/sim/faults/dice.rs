//! Random decisions: the same for the same seed, whatever other rules there are.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::plan::FaultPlan;

/// The dice of one rule.
pub(crate) struct Dice {
    // Made of the seed and the text of the rule, not of its position: another rule changes nothing for the others.
    key: Vec<u8>,
}

/// The purpose of a roll. One call may need several, which must not depend on each other.
#[derive(Clone, Copy)]
pub(crate) enum Roll {
    /// Selects the call.
    Choice,
    /// Chooses the latency.
    Delay,
}

impl Dice {
    /// Returns the dice of each rule. Rules with the same text differ by their order.
    pub(crate) fn of(rules: &FaultPlan) -> Vec<Dice> {
        let mut twins: HashMap<String, u64> = HashMap::new();
        let keys = rules.rules.iter().map(|rule| {
            let text = format!("{rule:?}");
            let twin = twins.entry(text.clone()).or_insert(0);
            *twin += 1;
            let parts = [&rules.seed.to_be_bytes()[..], &twin.to_be_bytes(), text.as_bytes()];
            Dice { key: parts.concat() }
        });
        keys.collect()
    }

    /// Returns a number from 0 up to 1 for the call with this count.
    pub(crate) fn roll(&self, count: u64, question: Roll) -> f64 {
        let mut hash = Sha256::new();
        hash.update(&self.key);
        hash.update(count.to_be_bytes());
        hash.update([question as u8]);
        let hash = hash.finalize();
        let word = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        f64::from(word) / (f64::from(u32::MAX) + 1.0)
    }
}
