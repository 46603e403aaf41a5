//! Tests of what is peculiar to policies: equivalent words, statements that the spec cannot express, and statements that a write leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::document::rewritten;
use super::observe::*;
use super::opening::opening;
use super::spec::*;
use super::statement::Statement;
use crate::model::{Action, Address, Change, FieldPath, KindId};
use crate::resource::{Extra, Observed, PlanWrites as _, PreconditionKind, ResourceRef, WriteContext, testing};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live";

fn at(keys: &[&str]) -> ResourceRef {
    testing::at(KindId::Permissions, keys)
}

fn spec(value: Value) -> Permissions {
    serde_json::from_value(value).unwrap()
}

#[test]
fn what_lambda_writes_for_a_statement_reads_as_the_same_statement() {
    for value in [
        json!({"action": "lambda:*", "principal": "*", "principal_org_id": "o-a1b2c3d4e5"}),
        json!({"action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::b",
            "source_account": "123456789012"}),
        json!({"action": "lambda:InvokeFunctionUrl", "principal": "123456789012", "function_url_auth_type": "AWS_IAM"}),
        json!({"action": "lambda:InvokeFunction", "principal": "*", "invoked_via_function_url": true}),
        json!({"action": "lambda:InvokeFunction", "principal": "alexa-appkit.amazon.com", "event_source_token": "t"}),
        json!({"action": "lambda:GetFunction", "principal": "arn:aws:iam::123456789012:role/a"}),
    ] {
        let statement: Statement = serde_json::from_value(value).unwrap();
        assert_eq!(Statement::read(&statement.document("x", ARN, "aws"), ARN), statement);
    }
}

#[test]
fn other_words_for_the_same_are_no_change() {
    let raw = json!({"Sid": "x", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]},
        "Action": ["lambda:InvokeFunction"], "Resource": [ARN],
        "Condition": {"StringLike": {"aws:sourcearn": "arn:aws:s3:::b*"}, "StringEquals": {"aws:SourceAccount": ["1"]}}});
    let mut live = Permissions(BTreeMap::from([("x".to_owned(), Some(Statement::read(&raw, ARN)))]));
    let desired = spec(json!({"x": {"action": "lambda:InvokeFunction", "principal": "arn:aws:iam::123456789012:root",
        "source_arn": "arn:aws:s3:::b*", "source_account": "1"}}));
    assert_ne!(live, desired);
    Permissions::canonicalize(&desired, &mut live);
    assert_eq!(live, desired);
    let digits = spec(json!({"x": {"action": "lambda:InvokeFunction", "principal": "123456789012",
        "source_arn": "arn:aws:s3:::b*", "source_account": "1"}}));
    Permissions::canonicalize(&digits, &mut live);
    assert_eq!(live, digits);
}

#[test]
fn what_cannot_be_said_is_never_equal() {
    let plain = json!({"Sid": "x", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": ARN});
    let read = |changes: Value| {
        let mut raw = plain.clone();
        raw.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        Statement::read(&raw, ARN)
    };
    let desired = json!({"x": {"action": "lambda:*", "principal": "*"}});
    assert_eq!(read(json!({})).statement, None);
    for beyond in [
        json!({"Effect": "Deny"}),
        json!({"NotAction": "lambda:Invoke"}),
        json!({"Resource": "*"}),
        json!({"Action": ["lambda:GetFunction", "lambda:InvokeFunction"]}),
        json!({"Principal": {"AWS": ["1", "2"]}}),
        json!({"Principal": {"Federated": "x"}}),
        json!({"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:s3:::b*"}}}),
        json!({"Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}),
        json!({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
        json!({"Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}}),
        json!({"Condition": {"ArnLike": {"aws:SourceArn": "a"}, "StringLike": {"aws:SourceArn": "b"}}}),
    ] {
        let whole = read(beyond.clone());
        assert_eq!(serde_json::to_value(&whole).unwrap().as_object().unwrap().len(), 1, "{whole:?}");
        let mut live = Permissions(BTreeMap::from([("x".to_owned(), Some(whole))]));
        Permissions::canonicalize(&spec(desired.clone()), &mut live);
        assert_ne!(live, spec(desired.clone()), "{beyond}");
    }
    // Of a statement that was turned round, only that differs.
    let mut live = Permissions(BTreeMap::from([("x".to_owned(), Some(read(json!({"Effect": "Deny"}))))]));
    Permissions::canonicalize(&spec(desired.clone()), &mut live);
    let mut turned = live.get("x").unwrap().clone();
    let whole = turned.statement.take().unwrap();
    assert_eq!(Some(&turned), spec(desired).get("x"));
    assert!(whole.contains(r#""Effect":"Deny""#) && !whole.contains("Sid"), "{whole}");
    // A principal that was deleted shows as its id.
    assert_eq!(read(json!({"Principal": {"AWS": "AROAEXAMPLE"}})).principal, "AROAEXAMPLE");
}

#[test]
fn statements_of_others_go_back_as_they_came() {
    let foreign = json!({"Effect": "Deny", "Principal": {"AWS": ["1", "2"]}, "Action": "lambda:*", "Resource": "*"});
    let ours = json!({"Sid": "ours", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": ARN});
    let before = json!({"Version": "2008-10-17", "Id": "theirs", "Statement": [foreign, ours]});
    let desired = spec(json!({
        "ours": {"action": "lambda:InvokeFunction", "principal": "*", "principal_org_id": "o-a1b2c3d4e5"},
        "new": {"action": "lambda:GetFunction", "principal": "123456789012"},
    }));
    let written = rewritten(Some(&before), &desired, &BTreeSet::from(["ours", "new"]), &at(&["orders", "live"]));
    assert_eq!((&written["Version"], &written["Id"]), (&json!("2008-10-17"), &json!("theirs")));
    assert_eq!(written["Statement"][0], foreign);
    assert_eq!(written["Statement"][1]["Action"], "lambda:InvokeFunction");
    assert_eq!(written["Statement"][2]["Sid"], "new");
    // What has no id can be pruned by its place.
    let pruned = rewritten(Some(&before), &desired, &BTreeSet::from(["#1"]), &at(&["orders", "live"]));
    assert_eq!(pruned["Statement"][0], ours);
}

#[test]
fn a_public_url_brings_its_statements_and_a_closed_one_takes_them_away() {
    let place = at(&["orders"]);
    let derived = |url: Option<Value>, declared: Value, live: Value| {
        let mut cx = crate::kinds::testing::declaring(&[]);
        cx.declared.extend(url.map(|url| (Address::new(KindId::Url, &["orders"]), url.into())));
        cx.observed.insert(place.address.clone(), Observed::new("orders", live.into()));
        let mut spec = spec(declared);
        Permissions::derive_from_plan(&mut spec, &place, &cx);
        spec.0.into_iter().map(|(id, statement)| (id, statement.is_some())).collect::<Vec<_>>()
    };
    let ids = opening().map(|(id, _)| id.to_owned());
    let [first, second] = ids.clone();
    let open: Permissions = Permissions(opening().into_iter().map(|(id, it)| (id.to_owned(), Some(it))).collect());
    let open = serde_json::to_value(open).unwrap();
    let (public, closed) = (json!({"auth_type": "NONE"}), json!({"auth_type": "AWS_IAM"}));
    assert_eq!(derived(Some(public.clone()), json!({}), json!({})), [(first.clone(), true), (second.clone(), true)]);
    // The same meaning under another id is enough.
    let named =
        json!({"mine": {"action": "lambda:InvokeFunctionUrl", "principal": "*", "function_url_auth_type": "NONE"}});
    assert_eq!(derived(Some(public), named, json!({})), [(second.clone(), true), ("mine".to_owned(), true)]);
    assert_eq!(derived(Some(closed.clone()), json!({}), open.clone()), [(first, false), (second.clone(), false)]);
    // A statement that another client has changed is left alone.
    let mut changed = open.clone();
    changed[&ids[0]]["source_account"] = json!("123456789012");
    assert_eq!(derived(Some(closed), json!({}), changed), [(second, false)]);
    for other in [Some(json!({"auth_type": "NONE", "public_statements": false})), None] {
        assert_eq!(derived(other, json!({}), open.clone()), []);
    }
}

#[test]
fn where_policies_cannot_be_written_as_a_whole_statements_follow_each_other() {
    let place = at(&["orders"]);
    let statement = json!({"action": "lambda:InvokeFunction", "principal": "123456789012"});
    let desired = spec(json!({"changed": statement, "new": statement}));
    let mut live = Observed::new("orders", spec(json!({"changed": statement, "old": statement})));
    let change = |id: &str| Change {
        path: FieldPath::root().then(id).then("action"),
        before: None,
        after: None,
        unknown: false,
        secret: false,
        forces_replacement: false,
    };
    let changes = ["changed", "new", "old"].map(change);
    let writes = |live: &Observed<Permissions>| {
        let change = WriteContext {
            at: &place,
            action: Action::Update,
            desired: Some(&desired),
            live: Some(live),
            changes: &changes,
        };
        let writes = Permissions::writes(&change);
        assert!(writes.iter().all(|write| write.guard == PreconditionKind::Revision));
        writes.iter().map(|write| format!("{} {}", write.operation, write.covers[0].keys()[0])).collect::<Vec<_>>()
    };
    let series = ["AddPermission new", "RemovePermission changed", "AddPermission changed", "RemovePermission old"];
    assert_eq!(writes(&live), series);
    live.extra = Extra::of(Policy { document: Value::Null, is_whole: true });
    assert_eq!(writes(&live), ["PutResourcePolicy changed"]);
}

#[test]
fn each_rule_finds_its_mistake_and_leaves_what_is_right_alone() {
    let codes = |keys: &[&str], value: Value, declared: &[(&str, Value)]| {
        testing::broken_rules(&spec(value), &at(keys), &crate::kinds::testing::declaring(declared))
    };
    let one = |statement: Value| codes(&["orders"], json!({"x": statement}), &[]);
    let invoke = |more: Value| {
        let mut statement = json!({"action": "lambda:InvokeFunction", "principal": "sns.amazonaws.com"});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        statement
    };
    let good = invoke(json!({"source_arn": "arn:aws:sns:eu-west-1:123456789012:t"}));
    assert_eq!(one(good.clone()), [""; 0]);
    assert_eq!(codes(&["orders", "7"], json!({"x": good}), &[]), [""; 0]);
    assert_eq!(codes(&["orders", "live"], json!({"x": good}), &[("alias/orders/live", json!({}))]), [""; 0]);
    assert_eq!(codes(&["orders", "live"], json!({"x": good}), &[]), ["V079"]);
    assert_eq!(codes(&["orders"], json!({"a.b": good}), &[]), ["V080"]);
    assert_eq!(one(invoke(json!({}))), ["V081"]);
    let bucket = json!({"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::b"});
    assert_eq!(one(invoke(bucket)), ["V082"]);
    let organization = json!({"principal": "*", "principal_org_id": "o-a1b2c3d4e5"});
    assert_eq!(one(invoke(organization)), [""; 0]);
    assert_eq!(one(invoke(json!({"principal": "123456789012", "principal_org_id": "o-a1b2c3d4e5"}))), ["V083"]);
    assert_eq!(one(invoke(json!({"event_source_token": "t"}))), ["V084"]);
    let alexa = json!({"principal": "alexa-appkit.amazon.com", "event_source_token": "t"});
    assert_eq!(one(invoke(alexa)), [""; 0]);
    assert_eq!(one(invoke(json!({"principal": "${x}", "event_source_token": "t"}))), [""; 0]);
    assert_eq!(one(invoke(json!({"principal": "*", "function_url_auth_type": "NONE"}))), ["V074"]);
    let by_url = json!({"action": "lambda:InvokeFunctionUrl", "principal": "*", "function_url_auth_type": "NONE"});
    assert_eq!(one(by_url.clone()), [""; 0]);
    let closed = [("url/orders", json!({"auth_type": "AWS_IAM"}))];
    assert_eq!(codes(&["orders"], json!({"x": by_url}), &closed), ["V075"]);
    let many: serde_json::Map<_, _> = (0..100).map(|at| (format!("x{at}"), good.clone())).collect();
    assert_eq!(codes(&["orders"], Value::Object(many), &[]), ["V086"]);
}
