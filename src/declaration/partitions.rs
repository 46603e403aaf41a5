//! ARNs of another partition than the stack's.
//!
//! A partition, such as `aws` or `aws-cn`, has its own accounts, and nothing in it reaches the resources of another.
//! [AWS: partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).

use serde_json::Value;

use super::catalog::resources::S034;
use super::node::{Content, Node, Part};
use crate::model::{FieldPath, Findings, Scope, TargetPart};
use crate::resource::field_traits::{self, field, has, present};

/// Reports the ARNs in a resource that are of another partition. Secrets and texts under keys that users choose are free.
pub fn check(tree: &Node, schema: &Value, scope: &Scope, findings: &mut Findings) {
    let Some(own) = scope.known(TargetPart::Partition) else { return };
    let mut others = Vec::new();
    search(tree, own, &mut Vec::new(), &mut others);
    for (keys, partition) in others {
        let Some(found) = Use::of(schema, &keys) else { continue };
        let path = keys.into_iter().fold(FieldPath::root(), |path, key| path.then(key));
        let message = format!("the ARN is of partition {partition}, and the region is of partition {own}");
        let finding = match found {
            Use::Resolved => findings.error(S034, path, message),
            Use::Kept => findings.warning(S034, path, message),
        };
        finding.help("write `arn:${partition}:…`, which fits every region");
    }
}

/// The use that Lambda makes of an ARN when it accepts a value.
enum Use {
    /// It looks for the resource.
    Resolved,
    /// It keeps the text.
    Kept,
}

impl Use {
    /// Returns the use of the text at `keys`; `None` if the text is the user's own business.
    fn of(schema: &Value, keys: &[String]) -> Option<Use> {
        let (mut here, mut found) = (schema, Use::Kept);
        for key in keys {
            let own = present(here).get("properties").and_then(|own| own.get(key));
            here = own.unwrap_or_else(|| field(here, key));
            let is_free = [field_traits::SECRET, field_traits::OPEN].into_iter().any(|it| has(here, it));
            if is_free || here.is_null() {
                return None;
            }
            if has(here, field_traits::RESOLVED) {
                found = Use::Resolved;
            }
        }
        Some(found)
    }
}

/// Collects the texts that are ARNs of another partition than `own`, by their keys, with their partitions.
fn search<'n>(node: &'n Node, own: &str, keys: &mut Vec<String>, others: &mut Vec<(Vec<String>, &'n str)>) {
    let text = match &node.content {
        Content::Scalar(scalar) => Some(scalar.text.as_str()),
        Content::Template(parts) => match parts.first() {
            Some(Part::Text { text, .. }) => Some(text.as_str()),
            _ => None,
        },
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                keys.push(index.to_string());
                search(item, own, keys, others);
                keys.pop();
            }
            None
        }
        Content::Map(fields) => {
            for (key, field) in fields {
                keys.push(key.clone());
                search(&field.node, own, keys, others);
                keys.pop();
            }
            None
        }
        Content::Null { .. } | Content::Broken => None,
    };
    others.extend(text.and_then(partition).filter(|it| *it != own).map(|partition| (keys.clone(), partition)));
}

/// Returns the partition of a text that begins as an ARN does and names one.
fn partition(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let service = rest.split_once(':')?.0;
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    (partition.starts_with("aws") && is_name(partition) && is_name(service)).then_some(partition)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::DiagnosticSink;
    use super::super::yaml;
    use super::*;
    use crate::model::{Finding, Severity};

    const SPEC: &str = "
role: arn:aws:iam::1:role/x
layers: [arn:aws-cn:lambda:x, arn:aws:lambda:x]
deep: {target: 'arn:aws:sqs:x'}
statements: {s: {principal: 'arn:aws:iam::1:root'}}
secret: {X: 'arn:aws:sqs:x'}
tags: {x: 'arn:aws:sqs:x'}
other: [arn:aws, 'arn:aws:', 'arn::iam:', 'arn:aws x:sqs:', 'arn:awsx', arn aws:sqs:x, 7, null]
";

    #[test]
    fn arns_of_another_partition_are_found_where_lambda_reads_them() {
        let schema = json!({"properties": {
            "role": {"type": "string", "x-resolved": true},
            "layers": {"type": "array", "items": {"type": "string"}, "x-resolved": true},
            "deep": {"anyOf": [{"properties": {"target": {"type": "string"}}}, {"type": "null"}]},
            "statements": {"additionalProperties": {"properties": {"principal": {"type": "string"}}}},
            "secret": {"additionalProperties": {"type": "string"}, "x-secret": true},
            "tags": {"additionalProperties": {"type": "string"}, "x-open": true},
            "other": {"type": "array", "items": {"type": "string"}},
        }});
        let tree = yaml::parse(SPEC, 0, &mut DiagnosticSink::default()).expect("is YAML");
        let found = |region: Option<&str>| {
            let scope = Scope { account: None, region: region.map(str::to_owned), stack: "s".to_owned() };
            let mut findings = Findings::default();
            check(&tree, &schema, &scope, &mut findings);
            let shown = |it: &Finding| (it.location.path().to_string(), it.severity == Severity::Error);
            findings.0.iter().map(shown).collect::<Vec<_>>()
        };
        let row = |path: &str, is_error: bool| (path.to_owned(), is_error);
        assert_eq!(
            found(Some("cn-north-1")),
            [row("role", true), row("layers.1", true), row("deep.target", false), row("statements.s.principal", false)]
        );
        assert_eq!(found(Some("eu-west-1")), [row("layers.0", true)]);
        assert_eq!(found(None), []);
    }
}
