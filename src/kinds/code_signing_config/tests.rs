//! Tests of what is peculiar to code signing configurations: their tags stand for the name that Lambda does not give them.

use aws_sdk_lambda::types as aws;
use serde_json::json;

use super::observe::listing;
use super::spec::*;
use super::write::unused;
use crate::model::{Action, Change, FieldPath, KindId, Ownership, StepReasonKind};
use crate::resource::testing::{TestContext, at, broken_rules, insert_reply, wanted};
use crate::resource::{
    ApplyWrites as _, Observe as _, Observed, PlanWrites as _, PlannedWrite, ResourceRef, STACK_TAG, WriteContext,
    WriteRequest,
};
use crate::wire::{
    ListCodeSigningConfigsOutput, ListTagsInputBuilder, ListTagsOutput, Operation, ReadCache, ReadResult, Reply,
    TypedCall, UpdateCodeSigningConfigInputBuilder,
};

const OURS: [(&str, &str); 2] = [(STACK_TAG, "shop"), (CONFIG_TAG, "code_signing_config/ours")];

fn place() -> ResourceRef {
    at(KindId::CodeSigningConfig, &["ours"])
}

fn arn(id: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:123456789012:code-signing-config:{id}")
}

fn tags(id: &str) -> ListTagsInputBuilder {
    ListTagsInputBuilder::default().resource(arn(id))
}

fn spec() -> CodeSigningConfig {
    serde_json::from_value(json!({"allowed_publishers": {"signing_profile_version_arns": ["arn:p"]}})).unwrap()
}

/// The listing of configurations with these IDs, without the tags.
fn listed(ids: &[&str]) -> ReadCache {
    let publishers = aws::AllowedPublishers::builder().signing_profile_version_arns("arn:p").build().unwrap();
    let config = |id: &&str| {
        aws::CodeSigningConfig::builder()
            .code_signing_config_id(*id)
            .code_signing_config_arn(arn(id))
            .allowed_publishers(publishers.clone())
            .code_signing_policies(aws::CodeSigningPolicies::builder().build())
            .last_modified("2026-01-01T00:00:00Z")
            .build()
            .unwrap()
    };
    let reply = ListCodeSigningConfigsOutput::builder()
        .set_code_signing_configs(Some(ids.iter().map(config).collect()))
        .build();
    let mut cache = ReadCache::default();
    insert_reply(&mut cache, listing(), Reply::ListCodeSigningConfigs(Box::new(reply)));
    cache
}

fn account(configs: &[(&str, &[(&str, &str)])]) -> ReadCache {
    let ids: Vec<&str> = configs.iter().map(|(id, _)| *id).collect();
    let mut cache = listed(&ids);
    for (id, with) in configs {
        let with = with.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let reply = ListTagsOutput::builder().set_tags(Some(with)).build();
        insert_reply(&mut cache, tags(id), Reply::ListTags(Box::new(reply)));
    }
    cache
}

#[test]
fn the_tags_of_all_listed_configurations_are_read_at_once() {
    let observe = |cache: &ReadCache| CodeSigningConfig::observe(&place(), None, cache);
    assert_eq!(wanted(observe(&ReadCache::default())), [listing().call()]);
    assert_eq!(wanted(observe(&listed(&["csc-a", "csc-b"]))), [tags("csc-a").call(), tags("csc-b").call()]);
}

#[test]
fn a_configuration_is_recognised_by_stack_and_address_in_its_tags() {
    let other_stack = [(STACK_TAG, "other"), (CONFIG_TAG, "code_signing_config/ours")];
    let other_address = [(STACK_TAG, "shop"), (CONFIG_TAG, "code_signing_config/theirs")];
    let observe = |configs: &[(&str, &[(&str, &str)])]| {
        CodeSigningConfig::observe(&place(), Some(&spec()), &account(configs)).unwrap()
    };
    let live = observe(&[("csc-a", &other_stack), ("csc-b", &other_address), ("csc-c", &OURS)]).unwrap();
    assert_eq!((live.identity.as_str(), live.notes.len()), ("csc-c", 0));
    assert_eq!(live.owner, Ownership::Stack("shop".to_owned()));
    assert_eq!(observe(&[("csc-a", &other_stack), ("csc-b", &other_address)]), None);
    let twice = observe(&[("csc-z", &OURS), ("csc-c", &OURS)]).unwrap();
    assert_eq!((twice.identity.as_str(), twice.notes.len()), ("csc-c", 1), "the same one in every run, with a note");
}

#[test]
fn an_equal_configuration_without_an_owner_is_adopted_and_no_other() {
    let observe = |configs: &[(&str, &[(&str, &str)])], spec: &CodeSigningConfig| {
        CodeSigningConfig::observe(&place(), Some(spec), &account(configs)).unwrap()
    };
    let theirs = [(STACK_TAG, "other")];
    let found = observe(&[("csc-a", &theirs), ("csc-b", &[])], &spec()).unwrap();
    assert_eq!((found.identity.as_str(), found.presumed, found.owner), ("csc-b", true, Ownership::Untagged));
    assert_eq!(observe(&[("csc-a", &theirs)], &spec()), None);
    assert_eq!(observe(&[("csc-b", &[])], &CodeSigningConfig { description: "another".to_owned(), ..spec() }), None);
    let tagged = observe(&[("csc-a", &[]), ("csc-b", &OURS)], &spec()).unwrap();
    assert_eq!((tagged.identity.as_str(), tagged.presumed), ("csc-b", false));
}

#[test]
fn only_configurations_of_the_stack_are_discovered() {
    let top = ResourceRef::top(&place().scope, KindId::CodeSigningConfig);
    let cache = account(&[("csc-a", &[(STACK_TAG, "other")]), ("csc-b", &OURS), ("csc-c", &[])]);
    let found = CodeSigningConfig::discover(&top, &TestContext::default(), &cache).unwrap();
    let found: Vec<String> = found.iter().map(|found| found.at.address.to_string()).collect();
    assert_eq!(found, ["code_signing_config/csc-b"]);
}

#[test]
fn a_server_that_keeps_no_tags_has_none_to_compare() {
    let mut cache = listed(&["ours"]);
    cache.insert(&tags("ours").call(), ReadResult::Pages(Vec::new()));
    let live = CodeSigningConfig::observe(&place(), None, &cache).unwrap().unwrap();
    assert_eq!((live.value.tags, live.owner), (None, Ownership::Untaggable));
}

fn changed(path: &'static str, after: Option<&str>) -> Change {
    Change {
        path: FieldPath::from(path),
        before: None,
        after: after.map(|text| json!(text).into()),
        unknown: false,
        secret: false,
        forces_replacement: false,
    }
}

fn live() -> Observed<CodeSigningConfig> {
    CodeSigningConfig::observe(&place(), None, &account(&[("csc-a", &OURS)])).unwrap().unwrap()
}

#[test]
fn tags_and_fields_are_separate_writes_and_a_deletion_waits_for_the_functions() {
    let mut desired = spec();
    CodeSigningConfig::apply_defaults(&mut desired, &place(), None);
    let tagged = desired.tags.clone().unwrap_or_default();
    assert_eq!(tagged.get(CONFIG_TAG).map(String::as_str), Some("code_signing_config/ours"));
    let (place, live) = (place(), live());
    let writes = |action: Action, changes: &[Change]| {
        let desired = (action != Action::Delete).then_some(&desired);
        CodeSigningConfig::writes(&WriteContext { at: &place, action, desired, live: Some(&live), changes })
    };
    let operations = |writes: Vec<PlannedWrite>| -> Vec<Operation> { writes.iter().map(|it| it.operation).collect() };
    let changes = [changed("description", Some("x")), changed("tags.team", Some("a")), changed("tags.old", None)];
    let updated = operations(writes(Action::Update, &changes));
    assert_eq!(updated, [Operation::TagResource, Operation::UntagResource, Operation::UpdateCodeSigningConfig]);
    let deleted = writes(Action::Delete, &[]);
    assert_eq!(deleted[0].takes, [unused(&arn("csc-a"))]);
    assert_eq!(deleted[0].reason, StepReasonKind::Undeclared.into());
}

#[test]
fn an_update_sends_only_the_members_that_differ() {
    let (place, covers) = (place(), [FieldPath::from("description")]);
    let desired = CodeSigningConfig { description: "signed by us".to_owned(), ..spec() };
    let write = WriteRequest {
        at: &place,
        desired: Some(desired),
        live: Some(live()),
        covers: &covers,
        package: None,
        also_creates: &[],
    };
    let call = CodeSigningConfig::request(Operation::UpdateCodeSigningConfig, &write).unwrap();
    let wanted = UpdateCodeSigningConfigInputBuilder::default()
        .code_signing_config_arn(arn("csc-a"))
        .description("signed by us");
    assert_eq!(call, wanted.call());
    assert!(CodeSigningConfig::poll(&place, Operation::UpdateCodeSigningConfig, Some(&live())).is_some());
    assert_eq!(CodeSigningConfig::poll(&place, Operation::DeleteCodeSigningConfig, Some(&live())), None);
}

#[test]
fn tags_with_a_reserved_prefix_break_a_rule() {
    let with = |key: &str| CodeSigningConfig { tags: Some([(key.to_owned(), String::new())].into()), ..spec() };
    assert_eq!(broken_rules(&with("team"), &place(), &TestContext::default()), [""; 0]);
    assert_eq!(broken_rules(&with("trueup:stack"), &place(), &TestContext::default()), ["V096"]);
}
