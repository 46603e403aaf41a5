//! The resources of other services.
//!
//! By default every well-formed name exists, because a plan is tested against Lambda and not against other services. A test
//! of a missing queue declares it here.

use std::collections::BTreeSet;

use super::wildcards;

/// The services whose resources are checked.
const SERVICES: [&str; 15] = [
    "iam", "kms", "ec2", "s3", "ecr", "lambda", "sqs", "sns", "events", "kinesis", "dynamodb", "kafka", "mq", "rds",
    "docdb",
];

const FORM: &str = "expected `arn:aws:SERVICE:REGION:ACCOUNT:NAME`";

/// A line that names no resource which the simulator checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: `{line}`: {mistake}")]
pub struct MistakenLine {
    /// The number of the line, from 1.
    pub number: usize,
    /// The line without its comment.
    pub line: String,
    /// The mistake.
    pub mistake: NameMistake,
}

/// The mistake in the name of a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameMistake {
    /// A `!` stands alone.
    #[error("missing name after `!`")]
    Missing,
    /// The name has spaces.
    #[error("a name has no spaces; write one name a line, and ` #` before a comment")]
    Spaces,
    /// The name has none of the forms that the API takes.
    #[error("not an ARN, subnet, security group or image; {FORM}")]
    UnknownForm,
    /// The ARN lacks a part.
    #[error("{FORM}")]
    IncompleteArn,
    /// No call of the Lambda API checks resources of the service.
    #[error("the simulator checks no resources of `{service}`, only of {}", SERVICES.join(", "))]
    UncheckedService {
        /// The service, as ARNs name it.
        service: String,
    },
}

/// Names of other services' resources, as ARNs in which `*` stands for any text.
///
/// The checks are those that the real service is known to make, with its texts: the role of a function and its KMS key
/// (`iam`, `kms`), its subnets and security groups (`ec2`), the bucket and object or the image of its code (`s3`, `ecr`), layers
/// of other accounts (`lambda`), the source of a mapping (`sqs`, `kinesis`, `dynamodb`, `kafka`, `mq`, `rds`, `docdb`), a dead-letter target
/// (`sqs`, `sns`) and a destination of asynchronous invocations (`sqs`, `sns`, `events`, `s3`). Nothing else is checked: not
/// access points, secrets, signing profiles, log groups, the keys of mappings and of code, or the destinations of mappings.
///
/// Where the API takes another name, the ARN is `arn:aws:s3:::BUCKET`, `arn:aws:s3:::BUCKET/KEY`,
/// `arn:aws:ec2:REGION:ACCOUNT:subnet/ID`, `arn:aws:ec2:REGION:ACCOUNT:security-group/ID`, `arn:aws:ecr:::URI`.
#[derive(Clone, Debug, Default)]
pub struct ExternalResources {
    /// The resources that do not exist. They take precedence.
    pub missing: BTreeSet<String>,
    /// The resources that exist. A service with an entry here has no other resources.
    pub existing: BTreeSet<String>,
    /// The entries that nothing checks, with their lines: a list made for other purposes may hold more than Lambda checks, and a
    /// misspelled name should still be reported.
    pub unused: Vec<MistakenLine>,
}

impl ExternalResources {
    /// Parses one name a line; `!` before a name marks it as missing, `#` starts a comment. The error names the line.
    ///
    /// An existing name that nothing checks goes to [`ExternalResources::unused`]. A missing one is an error, because a test that
    /// relied on it would always pass.
    ///
    /// Subnets, security groups and images may be written as the API takes them.
    pub fn parse(text: &str) -> Result<ExternalResources, MistakenLine> {
        let mut external = ExternalResources::default();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            // Within a name, as in that of an object, it starts no comment.
            let line = if line.trim_start().starts_with('#') { "" } else { line };
            let line = line.split_once(" #").map_or(line, |(name, _)| name).trim();
            if line.is_empty() {
                continue;
            }
            let mistaken = |mistake| MistakenLine { number: index + 1, line: line.to_owned(), mistake };
            if let Some(missing) = line.strip_prefix('!') {
                let arn = as_arn(missing.trim());
                check(&arn).and_then(|()| check_consulted(&arn)).map_err(mistaken)?;
                external.missing.insert(arn);
                continue;
            }
            let arn = as_arn(line);
            if arn.starts_with("arn:") || arn.contains(char::is_whitespace) {
                check(&arn).map_err(mistaken)?;
            }
            match check_consulted(&arn) {
                Ok(()) => _ = external.existing.insert(arn),
                Err(mistake) => external.unused.push(mistaken(mistake)),
            }
        }
        Ok(external)
    }

    /// Returns whether the resource exists.
    pub(crate) fn exist(&self, arn: &str) -> bool {
        if self.missing.iter().any(|pattern| wildcards::matches(pattern, arn)) {
            return false;
        }
        let mut named = self.existing.iter().filter(|pattern| kind(pattern) == kind(arn)).peekable();
        named.peek().is_none() || named.any(|pattern| wildcards::matches(pattern, arn))
    }
}

/// Returns the ARN of a name that the API takes in another form.
fn as_arn(name: &str) -> String {
    match name {
        subnet if subnet.starts_with("subnet-") => format!("arn:*:ec2:*:*:subnet/{subnet}"),
        group if group.starts_with("sg-") => format!("arn:*:ec2:*:*:security-group/{group}"),
        image if image.contains(".dkr.ecr.") && !image.starts_with("arn:") => format!("arn:*:ecr:::{image}"),
        arn => arn.to_owned(),
    }
}

/// Returns the service, and for EC2 also the type of resource: naming a subnet says nothing about security groups.
fn kind(arn: &str) -> (Option<&str>, Option<&str>) {
    let service = arn.split(':').nth(2);
    let inner = arn.split(':').nth(5).and_then(|rest| rest.split('/').next());
    (service, inner.filter(|_| service == Some("ec2")))
}

/// Refuses a text that cannot be an ARN.
fn check(arn: &str) -> Result<(), NameMistake> {
    if arn.is_empty() {
        return Err(NameMistake::Missing);
    }
    if arn.contains(char::is_whitespace) {
        return Err(NameMistake::Spaces);
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, .., rest] = parts[..] else { return Err(NameMistake::UnknownForm) };
    // A `*` may stand for several parts, but not where a subnet is distinguished from a security group.
    let whole = parts.len() == 6 || (arn.contains('*') && service != "ec2");
    match whole && !partition.is_empty() && !rest.is_empty() {
        true => Ok(()),
        false => Err(NameMistake::IncompleteArn),
    }
}

/// Refuses the name of a resource that no call of the Lambda API checks.
fn check_consulted(arn: &str) -> Result<(), NameMistake> {
    let service = arn.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1));
    match service {
        None => Err(NameMistake::UnknownForm),
        Some(service) if !SERVICES.contains(&service) => {
            Err(NameMistake::UncheckedService { service: service.to_owned() })
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_those_of_the_api() {
        let external =
            ExternalResources::parse("subnet-1\n!sg-2\n1.dkr.ecr.us-east-1.amazonaws.com/r:latest").expect("names");
        assert!(external.exist("arn:aws:ec2:us-east-1:1:subnet/subnet-1"));
        assert!(!external.exist("arn:aws:ec2:us-east-1:1:subnet/subnet-2"));
        assert!(!external.exist("arn:aws:ec2:us-east-1:1:security-group/sg-2"));
        assert!(external.exist("arn:aws:ecr:::1.dkr.ecr.us-east-1.amazonaws.com/r:latest"));
        assert!(!external.exist("arn:aws:ecr:::1.dkr.ecr.us-east-1.amazonaws.com/s:latest"));
    }

    #[test]
    fn naming_one_resource_of_a_service_excludes_its_others() {
        let mut external = ExternalResources::default();
        assert!(external.exist("arn:aws:sqs:us-east-1:1:q"));
        external.existing.insert("arn:aws:sqs:*:1:orders-*".to_owned());
        assert!(external.exist("arn:aws:sqs:us-east-1:1:orders-eu"));
        assert!(!external.exist("arn:aws:sqs:us-east-1:1:q"));
        assert!(external.exist("arn:aws:kinesis:us-east-1:1:stream/s"));
    }

    #[test]
    fn what_nothing_asks_for_may_be_said_to_exist() {
        let external =
            ExternalResources::parse("subnet-1\nvpc-1\narn:aws:logs:us-east-1:1:log-group:g").expect("names");
        assert_eq!(external.existing.len(), 1);
        assert!(external.unused[0].to_string().starts_with("line 2: `vpc-1`: not an ARN"), "{:?}", external.unused);
        assert!(
            external.unused[1].to_string().starts_with("line 3: ")
                && external.unused[1].to_string().contains("of `logs`"),
            "{:?}",
            external.unused
        );
        ExternalResources::parse("!vpc-1").expect_err("a test that relies on this would pass for nothing");
    }

    #[test]
    fn what_names_nothing_is_an_error_with_its_line() {
        let external =
            ExternalResources::parse("# all\n\narn:aws:sqs:us-east-1:1:orders # the queue\n").expect("names");
        assert!(external.exist("arn:aws:sqs:us-east-1:1:orders"));
        for (text, wrong) in [
            ("orders queue", "line 1"),
            ("# fine\n!", "line 2"),
            ("arn:aws:sqs", "expected `arn:"),
            ("![world]", "not an ARN"),
            ("arn:aws:sqs:us-east-1:1:", "expected `arn:"),
            ("!arn:aws:signer:us-east-1:1:/signing-profiles/p", "the simulator checks no resources of `signer`"),
        ] {
            let error = ExternalResources::parse(text).expect_err(text).to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }
}
