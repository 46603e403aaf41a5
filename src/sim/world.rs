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
    ///
    /// Subnets, security groups and images may be written as the API takes them.
    pub fn read(text: &str) -> World {
        let mut world = World::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix('!') {
                Some(missing) => world.missing.insert(as_arn(missing.trim())),
                None => world.existing.insert(as_arn(line)),
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

/// The ARN of what is named in the API by something else.
fn as_arn(name: &str) -> String {
    match name {
        subnet if subnet.starts_with("subnet-") => format!("arn:*:ec2:*:*:subnet/{subnet}"),
        group if group.starts_with("sg-") => format!("arn:*:ec2:*:*:security-group/{group}"),
        image if image.contains(".dkr.ecr.") && !image.starts_with("arn:") => format!("arn:aws:ecr:::{image}"),
        arn => arn.to_owned(),
    }
}

/// The service, and for EC2 also what it is there, so that naming a subnet says nothing about security groups.
fn kind(arn: &str) -> (Option<&str>, Option<&str>) {
    let service = arn.split(':').nth(2);
    let inner = arn.split(':').nth(5).and_then(|rest| rest.split('/').next());
    (service, inner.filter(|_| service == Some("ec2")))
}

/// Whether `text` is of a pattern in which `*` stands for any text.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
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
    fn names_may_be_those_of_the_api() {
        let world = World::read("subnet-1\n!sg-2\n1.dkr.ecr.us-east-1.amazonaws.com/r:latest");
        assert!(world.has("arn:aws:ec2:us-east-1:1:subnet/subnet-1"));
        assert!(!world.has("arn:aws:ec2:us-east-1:1:subnet/subnet-2"));
        assert!(!world.has("arn:aws:ec2:us-east-1:1:security-group/sg-2"));
        assert!(world.has("arn:aws:ecr:::1.dkr.ecr.us-east-1.amazonaws.com/r:latest"));
        assert!(!world.has("arn:aws:ecr:::1.dkr.ecr.us-east-1.amazonaws.com/s:latest"));
    }

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
