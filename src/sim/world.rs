//! What exists in the services around Lambda.
//!
//! By default everything does: a well-formed name is enough, because a plan is tested against Lambda and not against its
//! neighbours. A test of what happens when a queue is missing says so here.

use std::collections::BTreeSet;

/// Names of other services' resources, as ARNs in which `*` stands for any text.
///
/// What an ARN would look like where the API takes another name: `arn:aws:s3:::BUCKET`, `arn:aws:s3:::BUCKET/KEY`,
/// `arn:aws:ec2:REGION:ACCOUNT:subnet/ID`, `arn:aws:ec2:REGION:ACCOUNT:security-group/ID`, `arn:aws:ecr:::URI`.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// What does not exist, whatever else is said.
    pub missing: BTreeSet<String>,
    /// What exists. A service of which something is named here has nothing else.
    pub existing: BTreeSet<String>,
}

impl World {
    /// Reads one name a line; `!` before a name says that it is missing, `#` that the line is a remark.
    pub fn read(text: &str) -> World {
        let mut world = World::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix('!') {
                Some(missing) => world.missing.insert(missing.trim().to_owned()),
                None => world.existing.insert(line.to_owned()),
            };
        }
        world
    }

    /// Whether the resource exists.
    pub(super) fn has(&self, arn: &str) -> bool {
        if self.missing.iter().any(|pattern| glob(pattern, arn)) {
            return false;
        }
        let mut named = self.existing.iter().filter(|pattern| kind(pattern) == kind(arn)).peekable();
        named.peek().is_none() || named.any(|pattern| glob(pattern, arn))
    }
}

/// The service, and for EC2 also what it is there, so that naming a subnet says nothing about security groups.
fn kind(arn: &str) -> (Option<&str>, Option<&str>) {
    let service = arn.split(':').nth(2);
    let inner = arn.split(':').nth(5).and_then(|rest| rest.split('/').next());
    (service, inner.filter(|_| service == Some("ec2")))
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_one_thing_of_a_service_closes_the_service() {
        let mut world = World::default();
        assert!(world.has("arn:aws:sqs:us-east-1:1:q"));
        world.existing.insert("arn:aws:sqs:*:1:orders-*".to_owned());
        assert!(world.has("arn:aws:sqs:us-east-1:1:orders-eu"));
        assert!(!world.has("arn:aws:sqs:us-east-1:1:q"));
        assert!(world.has("arn:aws:kinesis:us-east-1:1:stream/s"));
    }
}
