//! Values that are no secrets, because they are common words.

use crate::model::KindId;

/// Words that configurations and messages are full of.
const WORDS: &[&str] = &[
    "access",
    "account",
    "action",
    "active",
    "admin",
    "alias",
    "allow",
    "auto",
    "cloud",
    "code",
    "config",
    "console",
    "create",
    "data",
    "database",
    "debug",
    "default",
    "delete",
    "deny",
    "deploy",
    "deployment",
    "description",
    "dev",
    "develop",
    "development",
    "disabled",
    "enabled",
    "env",
    "environment",
    "error",
    "event",
    "events",
    "eventbridge",
    "failed",
    "false",
    "file",
    "function",
    "functions",
    "handler",
    "http",
    "https",
    "info",
    "invalid",
    "json",
    "lambda",
    "latest",
    "layer",
    "live",
    "local",
    "localhost",
    "main",
    "master",
    "message",
    "name",
    "none",
    "null",
    "off",
    "operation",
    "orders",
    "permission",
    "policy",
    "prod",
    "production",
    "public",
    "queue",
    "read",
    "region",
    "release",
    "request",
    "resource",
    "role",
    "runtime",
    "sensitive",
    "service",
    "sqs",
    "stack",
    "stage",
    "staging",
    "state",
    "stream",
    "string",
    "table",
    "test",
    "testing",
    "text",
    "timeout",
    "topic",
    "trace",
    "true",
    "update",
    "user",
    "utf-8",
    "value",
    "variable",
    "variables",
    "version",
    "warn",
    "warning",
    "write",
];

/// Tests whether a value is a common word, a region or the name of a resource type.
pub(super) fn is_common(value: &str) -> bool {
    let word = value.trim().to_ascii_lowercase();
    WORDS.contains(&word.as_str()) || KindId::ALL.iter().any(|kind| kind.name() == word) || is_region(&word)
}

/// Tests whether a text consists of common words and the names of AWS's services and domains.
pub(super) fn is_phrase(text: &str) -> bool {
    const NAMES: [&str; 14] = [
        "amazonaws",
        "arn",
        "aws",
        "com",
        "cn",
        "dynamodb",
        "ec2",
        "execute",
        "api",
        "kinesis",
        "kms",
        "s3",
        "sns",
        "sts",
    ];
    let mut words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| is_common(word) || NAMES.contains(&word.to_ascii_lowercase().as_str()))
}

/// Tests whether a word has the form of a region, such as `us-east-1` or `us-gov-west-1`.
fn is_region(word: &str) -> bool {
    const DIRECTIONS: [&str; 9] =
        ["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central"];
    let parts: Vec<&str> = word.split('-').collect();
    match parts[..] {
        [area, .., direction, number] => {
            area.len() == 2
                && area.bytes().all(|byte| byte.is_ascii_lowercase())
                && DIRECTIONS.contains(&direction)
                && matches!(number.as_bytes(), [b'1'..=b'9'])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_common_and_secrets_are_not() {
        for word in ["orders", "Live", "us-east-1", "us-gov-west-1", "ap-southeast-2", "alias", "true"] {
            assert!(is_common(word), "{word}");
        }
        for word in ["hunter2", "us-east-99", "a-b-1", "swordfish", ""] {
            assert!(!is_common(word), "{word}");
        }
    }
}
