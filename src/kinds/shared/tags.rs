//! Tags of what takes them at creation and afterwards only by calls of their own.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::TagsError;

use super::catalog::V096;
use crate::model::{Change, FieldLocation, FieldPath, Findings, Ownership, StepReasonKind, UnreadablePart};
use crate::resource::{PlannedWrite, STACK_TAG};
use crate::wire::{
    Call, Failure, FailureClass, ListTagsInputBuilder, Missing, Operation, ReadCache, Request, TagResourceInputBuilder,
    TypedCall, UntagResourceInputBuilder,
};

/// The form of a tag's value.
pub const TAG_VALUE: &str = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";

/// Keys and values.
pub type Tags = BTreeMap<String, String>;

/// The tags as far as they can be written; AWS's own cannot. `None` from a server that keeps none for this resource.
pub fn read(arn: &str, cache: &ReadCache) -> Result<Option<Tags>, Missing> {
    let reply = cache.reply(ListTagsInputBuilder::default().resource(arn))?;
    let tags = reply.map(|reply| reply.tags().cloned().unwrap_or_default().into_iter());
    Ok(tags.map(|tags| tags.filter(|(key, _)| !key.starts_with("aws:")).collect()))
}

/// Returns the owner that the tags name. A server that keeps no tags for the resource has none to compare.
pub fn owner(tags: Option<&Tags>) -> Ownership {
    tags.map_or(Ownership::Untaggable, |tags| Ownership::of_tag(tags.get(STACK_TAG).map(String::as_str)))
}

/// Returns the part that is unreadable if AWS did not tell the tags.
pub fn unreadable(cause: &str) -> UnreadablePart {
    UnreadablePart { field: FieldPath::from("tags"), cause: cause.to_owned(), permission: Some("lambda:ListTags") }
}

/// Returns the failure for which AWS answered without the tags, as that of the read that it makes for them.
pub fn unanswered(error: &TagsError) -> Failure {
    Failure {
        request: Request::Lambda(Operation::ListTags),
        class: FailureClass::AccessDenied,
        code: error.error_code().to_owned(),
        message: error.message().to_owned(),
        status: None,
        request_id: None,
        retry_after: None,
    }
}

/// The changes of tags as writes, and the paths of all other changes.
pub fn planned_writes(changes: &[Change]) -> (Vec<PlannedWrite>, Vec<FieldPath>) {
    let (mut set, mut unset, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        match (change.path.within(&FieldPath::from("tags")), &change.after) {
            (true, Some(_)) => set.push(change.path.clone()),
            (true, None) => unset.push(change.path.clone()),
            (false, _) => rest.push(change.path.clone()),
        }
    }
    let mut writes = Vec::new();
    if !set.is_empty() {
        writes.push(PlannedWrite::new(Operation::TagResource, StepReasonKind::TagsDiffer).covering(set));
    }
    if !unset.is_empty() {
        writes.push(PlannedWrite::new(Operation::UntagResource, StepReasonKind::TagsUndeclared).covering(unset));
    }
    (writes, rest)
}

/// One of these writes as a call.
pub fn call(operation: Operation, arn: &str, covers: &[FieldPath], tags: Option<&Tags>) -> Call {
    let covered =
        covers.iter().filter(|path| path.within(&FieldPath::from("tags"))).filter_map(|path| path.keys().get(1));
    if operation == Operation::UntagResource {
        return UntagResourceInputBuilder::default()
            .resource(arn)
            .set_tag_keys(Some(covered.cloned().collect()))
            .call();
    }
    let value = |key: &String| tags.and_then(|tags| tags.get(key)).map(|value| (key.clone(), value.clone()));
    TagResourceInputBuilder::default().resource(arn).set_tags(Some(covered.filter_map(value).collect())).call()
}

/// Reports tags that cannot be.
pub fn check(tags: Option<&Tags>, findings: &mut Findings) {
    for key in tags.into_iter().flatten().map(|(key, _)| key) {
        let field = FieldLocation::key(FieldPath::from("tags").then(key));
        if key.starts_with("aws:") || key.starts_with("trueup:") {
            findings
                .error(V096, field, format!("the prefix of the tag key `{key}` is reserved"))
                .help("choose another key");
        } else if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_of_tags) {
            findings
                .error(V096, field, format!("invalid tag key `{key}`"))
                .help("use 1 to 128 letters, digits, spaces and `_.:/=+-@`");
        }
    }
}

/// Returns true if AWS accepts the character in tags.
fn is_of_tags(c: char) -> bool {
    c.is_alphabetic() || c.is_numeric() || c.is_whitespace() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_set_or_removed_and_nothing_else_changes() {
        let change = |path: &'static str, after: Option<&str>| Change {
            path: FieldPath::from(path),
            before: None,
            after: after.map(|text| serde_json::Value::from(text).into()),
            unknown: false,
            secret: false,
            forces_replacement: false,
        };
        let changes = [change("tags.a", Some("1")), change("tags.b", None), change("description", Some("x"))];
        let (writes, rest) = planned_writes(&changes);
        assert_eq!(rest, [FieldPath::from("description")]);
        let tags = Tags::from([("a".to_owned(), "1".to_owned()), ("c".to_owned(), "3".to_owned())]);
        let calls: Vec<Call> =
            writes.iter().map(|write| call(write.operation, "arn", &write.covers, Some(&tags))).collect();
        let set = TagResourceInputBuilder::default().resource("arn").tags("a", "1").call();
        let unset = UntagResourceInputBuilder::default().resource("arn").tag_keys("b").call();
        assert_eq!(calls, [set, unset]);
    }

    #[test]
    fn prefixes_that_are_taken_are_refused() {
        let rules = |key: &str| {
            let mut findings = Findings::default();
            check(Some(&Tags::from([(key.to_owned(), String::new())])), &mut findings);
            findings.0.len()
        };
        assert_eq!(["team", "aws:x", "trueup:stack", "", "a,b"].map(rules), [0, 1, 1, 1, 1]);
    }
}
