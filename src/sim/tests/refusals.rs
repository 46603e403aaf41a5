//! Refusals, with the texts of the service.

#![expect(clippy::disallowed_methods, reason = "a test makes a folder that cannot be written")]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS, ROLE, zip};
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;

pub(crate) const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";

pub(crate) fn client() -> Client {
    Client::new(Options { settle: Settle::instant(), ..Options::default() })
}

/// The status and the words of an answer.
pub(crate) async fn words(client: &Client, method: &str, path: &str, body: Value) -> (u16, String) {
    let (status, answer) = client.call(method, path, body).await;
    let text = answer.get("message").or_else(|| answer.get("Message"));
    (status, text.and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Returns the members of a CreateFunction of `f`, with `more`.
pub(crate) fn function(more: Value) -> Value {
    let mut body = json!({"FunctionName": "f", "Role": ROLE, "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": zip("f")}});
    let (Value::Object(all), Value::Object(more)) = (&mut body, more) else { return body };
    all.extend(more);
    all.retain(|_, value| !value.is_null());
    body
}

pub(crate) fn mapping(source: &str, more: Value) -> Value {
    let mut body = json!({"FunctionName": "f", "EventSourceArn": source});
    if let (Value::Object(all), Value::Object(more)) = (&mut body, more) {
        all.extend(more);
    }
    body
}

pub(crate) async fn refused(client: &Client, method: &str, path: &str, body: Value, text: &str) {
    let (status, said) = words(client, method, path, body.clone()).await;
    assert!(status == 400 && said.contains(text), "{body}: {status} {said}");
}

#[tokio::test]
async fn sizes_that_only_instances_can_have_are_refused_to_all_others() {
    let client = client();
    let too_long = json!({"Timeout": 901, "MemorySize": 10_241});
    let text = "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less \
                than or equal to 900";
    refused(&client, "POST", FUNCTIONS, function(too_long.clone()), text).await;
    client.create("f").await;
    let path = format!("{FUNCTIONS}/f/configuration");
    refused(&client, "PUT", &path, too_long, text).await;
    let too_large = json!({"MemorySize": 10_241});
    let text = "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240";
    refused(&client, "PUT", &path, too_large, text).await;
    let storage = json!({"EphemeralStorage": {"Size": 10_241}});
    let text = "1 validation error detected: Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have \
                value less than or equal to 10240";
    refused(&client, "PUT", &path, storage, text).await;
}

#[tokio::test]
async fn snapshots_do_not_go_with_everything() {
    let client = client();
    let snap = json!({"ApplyOn": "PublishedVersions"});
    let path = format!("{FUNCTIONS}/f/configuration");
    let text = "EphemeralStorage size greater than 512 MB is not supported for SnapStart enabled functions.";
    let large = json!({"SnapStart": snap, "EphemeralStorage": {"Size": 1024}});
    refused(&client, "POST", FUNCTIONS, function(large.clone()), text).await;
    let image = json!({"PackageType": "Image", "Runtime": null, "Handler": null, "SnapStart": snap, "Code": {"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/r:t"}});
    refused(&client, "POST", FUNCTIONS, function(image), "is not supported for SnapStart").await;

    assert_eq!(client.call("POST", FUNCTIONS, function(json!({"SnapStart": snap}))).await.0, 201);
    client.configuration("f").await;
    // It is the function that counts, not the request alone.
    refused(&client, "PUT", &path, json!({"EphemeralStorage": {"Size": 1024}}), text).await;
    refused(&client, "PUT", &path, json!({"Runtime": "nodejs22.x"}), "nodejs22.x is not supported for SnapStart").await;
    let access_point = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0";
    let files = json!({"FileSystemConfigs": [{"Arn": access_point, "LocalMountPath": "/mnt/f"}]});
    refused(&client, "PUT", &path, files, "FileSystemConfigs is not supported for SnapStart").await;
    client.call("PUT", &format!("{FUNCTIONS}/f/code"), json!({"ZipFile": zip("g"), "Publish": true})).await;
    let version = client.get(&format!("{FUNCTIONS}/f/configuration?Qualifier=1")).await;
    assert_eq!(version["SnapStart"]["OptimizationStatus"], "On", "however it was published");
    let provisioned = "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1";
    let one = json!({"ProvisionedConcurrentExecutions": 1});
    refused(&client, "PUT", provisioned, one, "Provisioned Concurrency is not supported for SnapStart").await;
}

#[tokio::test]
async fn an_image_has_no_runtime_and_no_package() {
    let client = client();
    let image = json!({"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/r:t"});
    let text = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
    refused(&client, "POST", FUNCTIONS, function(json!({"PackageType": "Image", "Code": image})), text).await;
    let zip_as_image = json!({"PackageType": "Image", "Runtime": null, "Handler": null});
    refused(&client, "POST", FUNCTIONS, function(zip_as_image), "Please provide ImageUri").await;
    refused(&client, "POST", FUNCTIONS, function(json!({"Code": image})), "Please don't provide ImageUri").await;
    let body = function(json!({"PackageType": "Image", "Runtime": null, "Handler": null, "Code": image}));
    assert_eq!(client.call("POST", FUNCTIONS, body).await.0, 201);
    client.configuration("f").await;
    refused(&client, "PUT", &format!("{FUNCTIONS}/f/configuration"), json!({"Runtime": "python3.13"}), text).await;
    let shown = client.configuration("f").await;
    assert!(
        ["Runtime", "Handler", "Layers", "RuntimeVersionConfig"].iter().all(|member| shown.get(member).is_none()),
        "{shown}"
    );
}

#[tokio::test]
async fn a_package_that_cannot_be_unpacked_is_refused() {
    let client = client();
    let whole = BASE64_STANDARD.decode(zip("some content that is long enough to be broken")).expect("base64");
    let content = whole.windows(4).position(|bytes| bytes == b"a.py").expect("an entry") + 8;
    let mut broken = whole.clone();
    broken[content] ^= 0xff;
    let cut = &whole[..whole.len() - 30];
    for bytes in [broken.as_slice(), cut, b"PK"] {
        let body = function(json!({"Code": {"ZipFile": BASE64_STANDARD.encode(bytes)}}));
        refused(&client, "POST", FUNCTIONS, body, "Could not unzip uploaded file. Please check your file").await;
    }
}

#[tokio::test]
async fn durability_is_for_good() {
    let client = client();
    let durable = json!({"DurableConfig": {"ExecutionTimeout": 60}});
    assert_eq!(client.call("POST", FUNCTIONS, function(durable)).await.0, 201);
    client.configuration("f").await;
    let path = format!("{FUNCTIONS}/f/configuration");
    refused(&client, "PUT", &path, json!({"DurableConfig": {}}), "executionTimeout").await;
    let (status, changed) = client.call("PUT", &path, json!({"DurableConfig": {"RetentionPeriodInDays": 3}})).await;
    assert_eq!(
        (status, &changed["DurableConfig"]),
        (200, &json!({"ExecutionTimeout": 60, "RetentionPeriodInDays": 3}))
    );
}

#[tokio::test]
async fn tags_of_aws_are_written_by_aws_alone() {
    let client = client();
    let reserved = json!({"Tags": {"aws:cloudformation:stack-name": "s"}});
    let text = "Tag keys starting with 'aws:' are reserved for internal use.";
    refused(&client, "POST", FUNCTIONS, function(reserved.clone()), text).await;
    client.create("f").await;
    let resource = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af";
    refused(&client, "POST", resource, reserved.clone(), text).await;
    refused(&client, "POST", MAPPINGS, mapping(QUEUE, reserved.clone()), text).await;
    let signer = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p";
    let mut signing = json!({"AllowedPublishers": {"SigningProfileVersionArns": [signer]}});
    signing["Tags"] = reserved["Tags"].clone();
    refused(&client, "POST", "/2020-04-22/code-signing-configs", signing, text).await;
}

#[tokio::test]
async fn what_others_have_provisioned_is_not_free() {
    let client = Client::new(Options { settle: Settle::instant(), concurrent_executions: 110, ..Options::default() });
    for name in ["f", "g"] {
        client.create(name).await;
        client.configuration(name).await;
        client.call("POST", &format!("{FUNCTIONS}/{name}/versions"), json!({})).await;
    }
    let provision = |name: &str| format!("/2019-09-30/functions/{name}/provisioned-concurrency?Qualifier=1");
    let of = |count: i64| json!({"ProvisionedConcurrentExecutions": count});
    assert_eq!(client.call("PUT", &provision("f"), of(6)).await.0, 202);
    let text = "below its minimum value of [100]";
    refused(&client, "PUT", &provision("g"), of(5), text).await;
    let reserve = |name: &str| format!("/2017-10-31/functions/{name}/concurrency");
    refused(&client, "PUT", &reserve("g"), json!({"ReservedConcurrentExecutions": 5}), text).await;
    assert_eq!(client.call("PUT", &reserve("f"), json!({"ReservedConcurrentExecutions": 10})).await.0, 200);
    assert_eq!(client.call("PUT", &provision("f"), of(10)).await.0, 202);
}

#[tokio::test]
async fn a_policy_goes_by_an_id_of_its_own() {
    let client = client();
    let alias = client.create_alias().await;
    let path = format!("{FUNCTIONS}/f/policy");
    let add = async |id: &str, revision: &Value| {
        let body = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "RevisionId": revision});
        client.call("POST", &format!("{path}?Qualifier=live"), body).await.0
    };
    // Recorded: what has no policy yet is known by its own id.
    assert_eq!(add("one", &alias["RevisionId"]).await, 201);
    assert_eq!(add("two", &alias["RevisionId"]).await, 412);
    let policy = client.get(&format!("{path}?Qualifier=live")).await;
    assert_eq!(add("two", &policy["RevisionId"]).await, 201);
    assert_eq!(add("three", &policy["RevisionId"]).await, 412);
    let remove = async |revision: &Value| {
        let revision = revision.as_str().unwrap_or_default();
        client.call("DELETE", &format!("{path}/one?Qualifier=live&RevisionId={revision}"), Value::Null).await.0
    };
    assert_eq!(remove(&alias["RevisionId"]).await, 412);
    let policy = client.get(&format!("{path}?Qualifier=live")).await;
    assert_eq!(remove(&policy["RevisionId"]).await, 204);
}

#[tokio::test]
async fn an_empty_destination_is_none() {
    let client = client();
    client.create("f").await;
    let path = "/2019-09-25/functions/f/event-invoke-config";
    let body = json!({"DestinationConfig": {"OnSuccess": {"Destination": ""}, "OnFailure": {"Destination": QUEUE}}});
    let (_, shown) = client.call("PUT", path, body).await;
    assert_eq!(shown["DestinationConfig"], json!({"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}}));
}

#[tokio::test]
async fn the_elements_of_a_list_are_refused_as_they_were_recorded() {
    let client = client();
    let groups = json!({"VpcConfig": {"SecurityGroupIds": ["x"], "SubnetIds": ["subnet-1"]}});
    let text = "[Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must \
                satisfy regular expression pattern: sg-[0-9a-zA-Z]*]";
    refused(&client, "POST", FUNCTIONS, function(groups), text).await;
    let layers = json!({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:l"]});
    refused(&client, "POST", FUNCTIONS, function(layers), ", Member must not be null]").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_state_that_cannot_be_saved_is_an_error_without_the_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("account");
    let client = Client::new(Options { data: Some(data.clone()), ..Options::default() });
    // A file where a folder is needed: nothing can be written below it.
    std::fs::write(data.join("blobs"), "").expect("a file");
    let (status, said) = words(&client, "POST", FUNCTIONS, function(json!({}))).await;
    assert!(status == 500 && said.starts_with("The account could not be kept: "), "{status} {said}");
    assert!(!said.contains(folder.path().to_str().expect("text")), "{said}");
}
