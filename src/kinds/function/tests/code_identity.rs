//! Tests of the identity of code: which live code is the declared one.

use super::*;

#[test]
fn code_from_s3_is_known_by_the_tag_as_long_as_the_hash_is_the_live_one() {
    let desired = completed(json!({"code": {"s3": {"bucket": "bucket", "key": "k"}}}));
    assert_eq!(planned_writes(Action::Create, &desired, None, &[]), ["CreateFunction", "TagResource"]);
    assert_eq!(known(&desired, None, Action::Create), Some(Attribute::Unknown));
    let tag = code::remembered(desired.code.s3.as_ref().unwrap(), SHA);
    let tagged = |sha256: &str, tag: &str| {
        let config = configuration().code_sha256(sha256).build();
        observe(&desired, &replies(config, nowhere(), &[("trueup:stack", "shop"), ("trueup:code", tag)]))
    };
    let same = tagged(SHA, &tag);
    assert_eq!(changed(&desired, &same), Vec::<String>::new());
    assert_eq!(compare(&desired, &same).unmanaged, Vec::<FieldPath>::new());
    assert_eq!(known(&desired, Some(&same), Action::Keep), Some(Attribute::Known(json!(SHA))));
    let overwritten = tagged("another", &tag);
    assert!(changed(&desired, &overwritten).iter().all(|path| path.starts_with("code.s3")));
    assert!(!changed(&desired, &overwritten).is_empty());
    assert!(!changed(&desired, &observe(&desired, &ours(configuration().build(), nowhere()))).is_empty());
}

#[test]
fn a_hash_next_to_the_s3_object_needs_no_tag() {
    let desired = completed(json!({"code": {"s3": {"bucket": "bucket", "key": "k", "sha256": SHA}}}));
    assert_eq!(planned_writes(Action::Create, &desired, None, &[]), ["CreateFunction"]);
    assert_eq!(known(&desired, None, Action::Create), Some(Attribute::Known(json!(SHA))));
    let live = observe(&desired, &ours(configuration().build(), nowhere()));
    assert_eq!(changed(&desired, &live), Vec::<String>::new());
    let live = observe(&desired, &ours(configuration().code_sha256("another").build(), nowhere()));
    assert_eq!(changed(&desired, &live), ["code.sha256"]);
}

#[test]
fn the_s3_object_that_lambda_returns_is_the_live_one() {
    let object = |version: &str| {
        let object = aws::ResolvedS3Object::builder().s3_bucket("bucket").s3_key("k").s3_object_version(version);
        aws::FunctionCodeLocation::builder().resolved_s3_object(object.build()).build()
    };
    let code = |version: Value| json!({"code": {"s3": {"bucket": "bucket", "key": "k", "object_version": version}}});
    let unpinned = completed(code(Value::Null));
    let live = observe(&unpinned, &ours(configuration().build(), object("v1")));
    assert_eq!(changed(&unpinned, &live), Vec::<String>::new());
    assert_eq!(changed(&completed(code(json!("v2"))), &live), ["code.s3.object_version"]);
}

#[test]
fn an_image_is_known_by_tag_or_by_digest() {
    let config = configuration().package_type(aws::PackageType::Image).code_sha256("abc").set_runtime(None);
    let location = aws::FunctionCodeLocation::builder()
        .image_uri("1.dkr.ecr/repo:v1")
        .resolved_image_uri("1.dkr.ecr/repo@sha256:abc")
        .build();
    let replies = ours(config.set_handler(None).build(), location);
    let image = |uri: &str| completed(json!({"runtime": null, "handler": null, "code": {"image": uri}}));
    for same in ["1.dkr.ecr/repo:v1", "1.dkr.ecr/repo@sha256:abc"] {
        let desired = image(same);
        let live = observe(&desired, &replies);
        assert_eq!(changed(&desired, &live), Vec::<String>::new());
        assert_eq!(known(&desired, Some(&live), Action::Keep), Some(Attribute::Known(json!("abc"))), "{same}");
    }
    let other = image("1.dkr.ecr/repo:v2");
    let live = observe(&other, &replies);
    assert_eq!(changed(&other, &live), ["code.image"]);
    assert_eq!(known(&other, Some(&live), Action::Update), Some(Attribute::Unknown));
}

#[test]
fn a_package_made_here_is_known_before_it_is_sent() {
    let desired = completed(json!({"architectures": ["arm64"]}));
    let live = observe(&desired, &ours(configuration().code_sha256("another").build(), nowhere()));
    assert_eq!(changed(&desired, &live), ["architectures", "code.sha256"]);
    // What a plan makes of it: the live value with the changes, which knows nothing of where the package came from.
    let mut after = live.value.clone();
    after.architectures = desired.architectures.clone();
    after.code.sha256 = desired.code.sha256.clone();
    assert_eq!(known(&after, Some(&live), Action::Update), Some(Attribute::Known(json!(SHA))));
    assert_eq!(known(&desired, Some(&live), Action::Replace), Some(Attribute::Known(json!(SHA))));
}

#[test]
fn external_code_is_neither_compared_nor_created() {
    let desired = completed(json!({"code": {"external": true}}));
    let config = configuration().code_sha256("another").architectures(aws::Architecture::Arm64).build();
    let live = observe(&desired, &ours(config, nowhere()));
    assert_eq!(changed(&desired, &live), Vec::<String>::new());
    for (action, objections) in [(Action::Update, 0), (Action::Create, 1), (Action::Replace, 1)] {
        let change = WriteContext { at: &at(), action, desired: Some(&desired), live: None, changes: &[] };
        assert_eq!(Function::review(&change, &TestContext::default()).objections.len(), objections, "{action:?}");
    }
    let write =
        WriteRequest { at: &at(), desired: Some(desired), live: None, covers: &[], package: None, also_creates: &[] };
    let error = Function::request(Operation::CreateFunction, &write).unwrap_err().to_string();
    assert!(error.contains("`external`"), "{error}");
}
