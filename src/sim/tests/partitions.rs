//! Accounts in the regions of other partitions.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::account::{Client, FUNCTIONS, ROLE, zip};
use crate::sim::context::options::{Options, Settle};

/// Regions with their partitions and the domains of their function URLs.
const REGIONS: [(&str, &str, &str); 8] = [
    ("eu-west-1", "aws", "on.aws"),
    ("cn-north-1", "aws-cn", "on.aws"),
    ("us-gov-west-1", "aws-us-gov", "on.aws"),
    ("eusc-de-east-1", "aws-eusc", "on.amazonwebservices.eu"),
    ("us-iso-east-1", "aws-iso", "on.aws.ic.gov"),
    ("us-isob-east-1", "aws-iso-b", "on.aws.scloud"),
    ("eu-isoe-west-1", "aws-iso-e", "on.cloud-aws.adc-e.uk"),
    ("us-isof-south-1", "aws-iso-f", "on.aws.hci.ic.gov"),
];

fn client(region: &str) -> Client {
    Client::new(Options { region: region.to_owned(), settle: Settle::instant(), ..Options::default() })
}

fn function(role: &str, more: Value) -> Value {
    let mut function = json!({"FunctionName": "f", "Role": role, "Runtime": "python3.13", "Handler": "a.b",
        "Code": {"ZipFile": zip("f")}});
    if let (Some(fields), Value::Object(more)) = (function.as_object_mut(), more) {
        fields.extend(more);
    }
    function
}

async fn refusal(client: &Client, method: &str, path: &str, body: Value) -> String {
    let (status, answer) = client.call(method, path, body).await;
    assert_eq!(status, 400, "{answer}");
    answer["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_arn_has_the_partition_of_the_region() {
    for (region, partition, domain) in REGIONS {
        let client = client(region);
        let role = ROLE.replace("arn:aws:", &format!("arn:{partition}:"));
        let (status, created) = client.call("POST", FUNCTIONS, function(&role, json!({}))).await;
        assert_eq!(status, 201, "{created}");
        let start = format!("arn:{partition}:lambda:{region}:");
        for arn in [&created["FunctionArn"], &created["RuntimeVersionConfig"]["RuntimeVersionArn"]] {
            assert!(arn.as_str().is_some_and(|arn| arn.starts_with(&start)), "{region}: {arn}");
        }
        let path = "/2021-10-31/functions/f/url";
        let (_, url) = client.call("POST", path, json!({"AuthType": "AWS_IAM"})).await;
        let address = url["FunctionUrl"].as_str().unwrap_or_default();
        assert!(address.ends_with(&format!(".lambda-url.{region}.{domain}/")), "{address}");
        // The API's own bounds of the address.
        assert!((40..=100).contains(&address.len()), "{address}");
    }
}

#[tokio::test]
async fn the_caller_is_of_the_partition_for_which_the_request_is_signed() {
    for (region, partition, _) in REGIONS {
        let signature = format!("AWS4-HMAC-SHA256 Credential=AK/20260101/{region}/sts/aws4_request, Signature=0");
        let request = Request::builder().method("POST").uri("/").header("authorization", signature);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from("Action=GetCallerIdentity&Version=2011-06-15")).expect("a request");
        let response = client("us-east-1").0.router().oneshot(request).await.expect("a response");
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(&format!("<Arn>arn:{partition}:iam::123456789012:root</Arn>")), "{region}: {text}");
    }
}

#[tokio::test]
async fn a_resource_of_another_partition_does_not_exist() {
    let client = client("cn-north-1");
    let role = ROLE.replace("arn:aws:", "arn:aws-cn:");
    let create = async |role: &str, more: Value| refusal(&client, "POST", FUNCTIONS, function(role, more)).await;
    assert_eq!(create(ROLE, json!({})).await, "The role defined for the function cannot be assumed by Lambda.");
    let key = json!({"KMSKeyArn": "arn:aws:kms:cn-north-1:123456789012:key/k"});
    assert!(create(&role, key).await.contains("invalid for CreateGrant"));
    let queue = "arn:aws:sqs:cn-north-1:123456789012:q";
    let dead = create(&role, json!({"DeadLetterConfig": {"TargetArn": queue}})).await;
    assert!(dead.contains("does not have permissions to call SendMessage on SQS"), "{dead}");
    let layer = "arn:aws:lambda:cn-north-1:123456789012:layer:l:1";
    assert_eq!(create(&role, json!({"Layers": [layer]})).await, format!("Layer version {layer} does not exist."));

    assert_eq!(client.call("POST", FUNCTIONS, function(&role, json!({}))).await.0, 201);
    let mapping = json!({"FunctionName": "f", "EventSourceArn": queue});
    let refused = refusal(&client, "POST", "/2015-03-31/event-source-mappings", mapping).await;
    assert!(refused.contains("The specified queue does not exist."), "{refused}");
    for destination in [queue, "arn:aws:lambda:cn-north-1:123456789012:function:g"] {
        let config = json!({"DestinationConfig": {"OnFailure": {"Destination": destination}}});
        let refused = refusal(&client, "PUT", "/2019-09-25/functions/f/event-invoke-config", config).await;
        assert_eq!(refused, format!("The destination ARN {destination} is invalid."));
    }
}
