//! The source of ids and timestamps.
//!
//! With a seed, each is a function of the seed, of the resource it is for, and of how many that resource got before. A count per
//! resource, not one for the account: two functions that a client changes in parallel get the same ids in whatever order they arrive.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::clock::MANUAL_START;

/// Generates ids and timestamps.
#[derive(Debug)]
pub(crate) struct IdGenerator {
    seed: Option<u64>,
    /// The number of times that the account was opened to be changed, so that a restart never repeats a stored id.
    opened: u64,
    issued: HashMap<String, u64>,
}

impl IdGenerator {
    pub(crate) fn new(seed: Option<u64>, opened: u64) -> Self {
        IdGenerator { seed, opened, issued: HashMap::new() }
    }

    /// Returns a new UUID for the resource `subject`.
    pub(crate) fn uuid(&mut self, subject: &str) -> String {
        match self.next_bytes(subject) {
            None => uuid::Uuid::new_v4().to_string(),
            Some(bytes) => {
                let mut short = [0u8; 16];
                short.copy_from_slice(&bytes[..16]);
                uuid::Builder::from_random_bytes(short).into_uuid().to_string()
            }
        }
    }

    /// Returns the time of a change to the resource `subject`: the clock's, or, with a seed, one that only its own history moves.
    pub(crate) fn timestamp(&mut self, subject: &str, now: i64) -> i64 {
        if self.seed.is_none() {
            return now;
        }
        let issued = self.issued.get(subject).copied().unwrap_or(0);
        MANUAL_START + i64::try_from(issued % 1_000_000_000).unwrap_or(0) * 1000
    }

    fn next_bytes(&mut self, subject: &str) -> Option<[u8; 32]> {
        let seed = self.seed?;
        let issued = self.issued.entry(subject.to_owned()).or_insert(0);
        *issued += 1;
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(self.opened.to_be_bytes());
        hash.update(issued.to_be_bytes());
        hash.update(subject.as_bytes());
        Some(hash.finalize().into())
    }
}

/// Function times: `2026-01-01T12:00:00.000+0000`.
pub(crate) fn format_time(millis: i64) -> String {
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
        Err(_) => "1970-01-01T00:00:00.000+0000".to_owned(),
    }
}

/// Mapping times: seconds since 1970, with a fraction.
pub(crate) fn epoch_seconds(millis: i64) -> serde_json::Value {
    #[expect(clippy::cast_precision_loss, reason = "a time fits the 53 bits of a double for 280,000 years")]
    let seconds = millis as f64 / 1000.0;
    serde_json::json!(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_ids_whatever_else_is_asked_in_between() {
        let mut one = IdGenerator::new(Some(7), 1);
        let mut two = IdGenerator::new(Some(7), 1);
        let _ = two.uuid("other");
        assert_eq!(one.uuid("orders"), two.uuid("orders"));
        assert_ne!(one.uuid("orders"), two.uuid("other"));
    }

    #[test]
    fn a_restart_gives_other_ids() {
        assert_ne!(IdGenerator::new(Some(7), 1).uuid("orders"), IdGenerator::new(Some(7), 2).uuid("orders"));
    }

    #[test]
    fn times_look_as_the_service_writes_them() {
        assert_eq!(format_time(MANUAL_START), "2026-01-01T12:00:00.000+0000");
    }
}
