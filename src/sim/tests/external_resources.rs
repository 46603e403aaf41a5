//! The rules for what a function refers to: its network, its role, its code, its dead-letter target.

use serde_json::{Value, json};

use super::account::{FUNCTIONS, zip};
use super::refusals::{client, function, refused, words};
use crate::sim::context::options::{Options, Settle};

const CONFIGURATION: &str = "/2015-03-31/functions/f/configuration";

/// The same function under another name, because what is taken already is refused for that.
fn another(more: Value) -> Value {
    let mut body = function(more);
    body["FunctionName"] = json!("g");
    body
}

fn network(subnets: &[&str], groups: &[&str]) -> Value {
    json!({"VpcConfig": {"SubnetIds": subnets, "SecurityGroupIds": groups}})
}

#[tokio::test]
async fn a_network_has_subnets_and_groups_or_neither() {
    let client = client();
    let text = "SubnetIds and SecurityIds must coexist or be both empty list.";
    let halves =
        [network(&["subnet-1"], &[]), network(&[], &["sg-1"]), json!({"VpcConfig": {"SubnetIds": ["subnet-1"]}})];
    client.create("f").await;
    client.configuration("f").await;
    for half in halves {
        refused(&client, "POST", FUNCTIONS, another(half.clone()), text).await;
        refused(&client, "PUT", CONFIGURATION, half, text).await;
    }
    for whole in
        [network(&[], &[]), network(&["subnet-1"], &["sg-1"]), json!({"VpcConfig": {"SubnetIds": ["subnet-2"]}})]
    {
        assert_eq!(client.call("PUT", CONFIGURATION, whole.clone()).await.0, 200, "{whole}");
        client.configuration("f").await;
    }
    refused(&client, "PUT", CONFIGURATION, json!({"VpcConfig": {"SubnetIds": []}}), text).await;
}

#[tokio::test]
async fn a_file_system_is_reached_from_a_network_alone() {
    let client = client();
    let point = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0";
    let files = json!({"FileSystemConfigs": [{"Arn": point, "LocalMountPath": "/mnt/f"}]});
    let outside = format!("Function must be configured to execute in a VPC to reference access point {point}. Please");
    refused(&client, "POST", FUNCTIONS, another(files.clone()), &outside).await;
    client.create("f").await;
    client.configuration("f").await;
    refused(&client, "PUT", CONFIGURATION, files.clone(), &outside).await;
    let mut both = network(&["subnet-1"], &["sg-1"]);
    both["FileSystemConfigs"] = files["FileSystemConfigs"].clone();
    for (change, status) in [(network(&["subnet-1"], &["sg-1"]), 200), (files, 200)] {
        assert_eq!(client.call("PUT", CONFIGURATION, change).await.0, status);
        client.configuration("f").await;
    }
    let text = format!("Function VPC configuration cannot be removed with access point {point} referenced.");
    refused(&client, "PUT", CONFIGURATION, network(&[], &[]), &text).await;
    let mut neither = network(&[], &[]);
    neither["FileSystemConfigs"] = json!([]);
    assert_eq!(client.call("PUT", CONFIGURATION, neither).await.0, 200);
    client.configuration("f").await;
    assert_eq!(client.call("PUT", CONFIGURATION, both).await.0, 200, "both at once");
}

#[tokio::test]
async fn a_role_of_another_account_is_nobodys_to_pass() {
    let client = client();
    let role = json!({"Role": "arn:aws:iam::999999999999:role/r"});
    client.create("f").await;
    client.configuration("f").await;
    let denied = (403, "Cross-account pass role is not allowed.".to_owned());
    assert_eq!(words(&client, "POST", FUNCTIONS, another(role.clone())).await, denied);
    assert_eq!(words(&client, "PUT", CONFIGURATION, role).await, denied);
}

#[tokio::test]
async fn an_image_is_one_of_ecr_with_a_tag_or_a_digest() {
    let client = client();
    let image =
        |uri: &str| json!({"PackageType": "Image", "Runtime": null, "Handler": null, "Code": {"ImageUri": uri}});
    let repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b";
    let digest = format!("sha256:{}", "0".repeat(64));
    let good = [format!("{repository}:v1"), format!("{repository}@{digest}")];
    let mut bad = vec!["x".to_owned(), "docker.io/x/y:1".to_owned(), "repository:latest".to_owned()];
    bad.extend([
        repository.to_owned(),
        format!("{repository}:v1@{digest}"),
        "x.dkr.ecr.us-east-1.amazonaws.com/r:1".to_owned(),
    ]);
    assert_eq!(client.call("POST", FUNCTIONS, function(image(&good[0]))).await.0, 201);
    client.configuration("f").await;
    let path = format!("{FUNCTIONS}/f/code");
    for uri in bad {
        let text = format!("Source image {uri} is not valid. Provide a valid source image.");
        refused(&client, "POST", FUNCTIONS, another(image(&uri)), &text).await;
        refused(&client, "PUT", &path, json!({"ImageUri": uri}), &text).await;
    }
    assert_eq!(client.call("PUT", &path, json!({"ImageUri": good[1]})).await.0, 200);
}

#[tokio::test]
async fn dead_letters_go_to_a_queue_or_a_topic_of_the_region() {
    let client = client();
    let to = |target: &str| json!({"DeadLetterConfig": {"TargetArn": target}});
    client.create("f").await;
    client.configuration("f").await;
    for (target, text) in [
        ("arn:aws:kinesis:us-east-1:123456789012:stream/s", "The service specified by the TargetArn is not supported"),
        ("arn:aws:sqs:us-west-2:123456789012:q", "The resource specified by the TargetArn must be in the same region"),
        ("arn:aws:sqs:us-east-1:123456789012:q.fifo", "FIFO SQS queue is not supported for dead letter configuration"),
    ] {
        let text = format!("Invalid dead letter queue ARN: {text}");
        refused(&client, "POST", FUNCTIONS, another(to(target)), &text).await;
        refused(&client, "PUT", CONFIGURATION, to(target), &text).await;
    }
    for target in ["arn:aws:sns:us-east-1:123456789012:t", ""] {
        assert_eq!(client.call("PUT", CONFIGURATION, to(target)).await.0, 200, "{target}");
        client.configuration("f").await;
    }
}

#[tokio::test]
async fn what_is_published_cannot_be_changed() {
    let client = client();
    client.create("f").await;
    client.configuration("f").await;
    let text = "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do not set a \
                version in your request.";
    for name in ["f:9", "f:live"] {
        let path = format!("{FUNCTIONS}/{name}");
        refused(&client, "PUT", &format!("{path}/configuration"), json!({"Timeout": 9}), text).await;
        refused(&client, "PUT", &format!("{path}/code"), json!({"ZipFile": zip("g")}), text).await;
    }
    assert_eq!(client.configuration("f").await["Timeout"], 3);
    let latest = format!("{FUNCTIONS}/f:$LATEST/configuration");
    assert_eq!(client.call("PUT", &latest, json!({"Timeout": 9})).await.0, 200);
}

#[tokio::test]
async fn what_is_declared_missing_is_missed_with_the_words_of_its_service() {
    let missing = "!subnet-2\n!sg-2\n!arn:aws:s3:::gone\n!arn:aws:s3:::bucket/gone\n";
    let external = crate::sim::ExternalResources::parse(missing).expect("names");
    let client = super::account::Client::new(Options { external, settle: Settle::instant(), ..Options::default() });
    client.create("f").await;
    let subnet = "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The \
                  subnet ID 'subnet-2' does not exist";
    let group = "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The \
                 security group 'sg-2' does not exist";
    for (network, text) in [
        (network(&["subnet-1", "subnet-2"], &["sg-1"]), subnet),
        (network(&["subnet-1"], &["sg-1", "sg-2"]), group),
        (network(&["subnet-2"], &["sg-2"]), group),
    ] {
        refused(&client, "POST", FUNCTIONS, another(network.clone()), text).await;
        client.configuration("f").await;
        refused(&client, "PUT", CONFIGURATION, network, text).await;
    }
    let object = |bucket: &str, key: &str| json!({"S3Bucket": bucket, "S3Key": key});
    let failed = "Error occurred while GetObject. S3 Error Code: ";
    for (code, text) in [
        (object("gone", "key"), "NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
        (object("bucket", "gone"), "NoSuchKey. S3 Error Message: The specified key does not exist."),
    ] {
        let text = format!("{failed}{text}");
        refused(&client, "POST", FUNCTIONS, another(json!({"Code": code})), &text).await;
        client.configuration("f").await;
        refused(&client, "PUT", "/2015-03-31/functions/f/code", code.clone(), &text).await;
        refused(&client, "POST", "/2018-10-31/layers/l/versions", json!({"Content": code}), &text).await;
    }
    assert_eq!(client.call("PUT", "/2015-03-31/functions/f/code", object("bucket", "key")).await.0, 200);
}

#[tokio::test]
async fn layers_of_another_region_are_refused_before_the_function_is_looked_for() {
    let client = client();
    let layers = json!({"Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"]});
    let text = "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.";
    refused(&client, "PUT", CONFIGURATION, layers.clone(), text).await;
    client.create("f").await;
    refused(&client, "POST", FUNCTIONS, function(layers), text).await;
}
