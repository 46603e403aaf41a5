//! The rules for event source mappings, by event source.

use serde_json::{Value, json};

use super::refusals::{MAPPINGS, QUEUE, client, mapping, refused};

const STREAM: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
const BROKER: &str = "arn:aws:mq:us-east-1:123456789012:broker:b:b-1";

#[tokio::test]
async fn a_mapping_has_only_what_its_source_can_have() {
    let client = client();
    client.create("f").await;
    let create = async |body: Value, text: &str| refused(&client, "POST", MAPPINGS, body, text).await;
    let unsupported = |member: &str| format!("Unsupported {member} parameter for given event source mapping type.");
    let failure = json!({"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}});
    create(mapping(QUEUE, failure), &unsupported("DestinationConfig")).await;
    create(mapping(QUEUE, json!({"SourceAccessConfigurations": []})), &unsupported("'sourceAccessConfigurations'"))
        .await;
    create(mapping(QUEUE, json!({"ParallelizationFactor": 2})), &unsupported("'parallelizationFactor'")).await;
    create(mapping(QUEUE, json!({"Topics": ["orders"]})), &unsupported("'topics'")).await;
    create(mapping(QUEUE, json!({"MetricsConfig": {"Metrics": ["KafkaMetrics"]}})), &unsupported("'metricsConfig'"))
        .await;
    let stream = |more: Value| {
        let mut body = mapping(STREAM, json!({"StartingPosition": "LATEST"}));
        if let (Value::Object(all), Value::Object(more)) = (&mut body, more) {
            all.extend(more);
        }
        body
    };
    create(stream(json!({"ScalingConfig": {"MaximumConcurrency": 2}})), &unsupported("'scalingConfig'")).await;
    create(stream(json!({"Queues": ["orders"]})), &unsupported("'queues'")).await;
    create(stream(json!({"MaximumRecordAgeInSeconds": 59})), "MaximumRecordAgeInSeconds").await;
    let early = json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": -1});
    create(stream(early), "class java.lang.Long can not be converted to a Timestamp").await;
    let types = "FunctionResponseTypes is not allowed for this event source";
    create(mapping(BROKER, json!({"Queues": ["q"], "FunctionResponseTypes": ["ReportBatchItemFailures"]})), types)
        .await;
    let servers = json!({"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:9092"]}});
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf";
    let kafka = json!({"FunctionName": "f", "SelfManagedEventSource": servers, "Topics": ["orders"], "FunctionResponseTypes": [],
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": secret}]});
    create(kafka, types).await;
    let first_in = format!("{QUEUE}.fifo");
    create(mapping(&first_in, json!({"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1})), "FIFO").await;

    // What is empty asks for nothing, and is not shown.
    let empty = mapping(
        QUEUE,
        json!({"DestinationConfig": {}, "DocumentDBEventSourceConfig": {}, "MaximumBatchingWindowInSeconds": 0}),
    );
    let (status, made) = client.call("POST", MAPPINGS, empty).await;
    assert_eq!((status, made.get("DestinationConfig"), made.get("DocumentDBEventSourceConfig")), (202, None, None));
    client.get(MAPPINGS).await;
    let path = format!("{MAPPINGS}/{}", made["UUID"].as_str().expect("a UUID"));
    refused(&client, "PUT", &path, json!({"MaximumRetryAttempts": 1}), &unsupported("'maximumRetryAttempts'")).await;
    refused(&client, "PUT", &path, json!({"SourceAccessConfigurations": []}), "Unsupported").await;
}

#[tokio::test]
async fn the_group_of_a_mapping_and_its_host_are_given_once() {
    let client = client();
    client.create("f").await;
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf";
    let access = |host: &str| json!([{"Type": "BASIC_AUTH", "URI": secret}, {"Type": "VIRTUAL_HOST", "URI": host}]);
    let broker = mapping(BROKER, json!({"Queues": ["q"], "SourceAccessConfigurations": access("/one")}));
    let cluster = "arn:aws:kafka:us-east-1:123456789012:cluster/c/1";
    let group = |group: &str| json!({"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": group}});
    let mut topic = mapping(cluster, group("one"));
    topic["Topics"] = json!(["orders"]);
    let (_, broker) = client.call("POST", MAPPINGS, broker).await;
    let (_, topic) = client.call("POST", MAPPINGS, topic).await;
    client.get(MAPPINGS).await;
    let path = |of: &Value| format!("{MAPPINGS}/{}", of["UUID"].as_str().unwrap_or_default());
    let accesses = |host: &str| json!({"SourceAccessConfigurations": access(host)});
    for host in ["/one", "/two"] {
        refused(&client, "PUT", &path(&broker), accesses(host), "Invalid parameters: VIRTUAL_HOST").await;
    }
    // An update names the other configurations, and the host stays.
    let other = json!([{"Type": "BASIC_AUTH", "URI": format!("{secret}2")}]);
    let (status, updated) = client.call("PUT", &path(&broker), json!({"SourceAccessConfigurations": other})).await;
    let hosts = updated["SourceAccessConfigurations"].as_array().expect("a list").iter();
    let hosts: Vec<_> = hosts.filter(|access| access["Type"] == "VIRTUAL_HOST").map(|access| &access["URI"]).collect();
    assert_eq!((status, hosts), (202, vec![&json!("/one")]));
    refused(&client, "PUT", &path(&topic), group("two"), "ConsumerGroupId").await;
    assert_eq!(client.call("PUT", &path(&topic), group("one")).await.0, 202);
}

#[tokio::test]
async fn a_pattern_is_refused_that_matches_in_no_way_there_is() {
    let client = client();
    client.create("f").await;
    let filtered = |rule: Value| {
        mapping(QUEUE, json!({"FilterCriteria": {"Filters": [{"Pattern": json!({"a": [rule]}).to_string()}]}}))
    };
    for rule in [
        json!({"foo": 1}),
        json!({}),
        json!({"prefix": "a", "suffix": "b"}),
        json!({"exists": "true"}),
        json!({"numeric": ["=", "x"]}),
        json!({"numeric": [">"]}),
        json!({"numeric": ["<", 1, ">", 0]}),
        json!({"numeric": [">", 2, "<", 1]}),
        json!(["a"]),
    ] {
        refused(&client, "POST", MAPPINGS, filtered(rule), "Invalid filter pattern definition.").await;
    }
    let good = [
        json!("x"),
        json!(null),
        json!({"exists": false}),
        json!({"prefix": "a"}),
        json!({"suffix": "b"}),
        json!({"numeric": [">=", 100, "<", 200]}),
        json!({"numeric": ["=", 1.5]}),
        json!({"anything-but": ["x", "y"]}),
        json!({"anything-but": {"prefix": "x"}}),
        json!({"equals-ignore-case": "X"}),
        json!({"prefix": {"equals-ignore-case": "X"}}),
    ];
    let all: Vec<Value> = good.to_vec();
    let pattern = json!({"a": all, "$or": [{"b": [1]}, {"c": {"d": [true]}}]}).to_string();
    let body = mapping(QUEUE, json!({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}));
    assert_eq!(client.call("POST", MAPPINGS, body).await.0, 202);
}

#[tokio::test]
async fn a_source_is_of_the_functions_region_and_a_time_to_start_from_is_given() {
    let client = client();
    client.create("f").await;
    for source in [QUEUE, STREAM] {
        let elsewhere = source.replace("us-east-1", "us-west-2");
        let position = if source == STREAM { json!({"StartingPosition": "LATEST"}) } else { json!({}) };
        let text = "Event source region must match Lambda region us-east-1.";
        refused(&client, "POST", MAPPINGS, mapping(&elsewhere, position), text).await;
    }
    let at = mapping(STREAM, json!({"StartingPosition": "AT_TIMESTAMP"}));
    refused(&client, "POST", MAPPINGS, at, "Need to specify a timestamp").await;
}

#[tokio::test]
async fn a_cluster_and_a_topic_have_one_mapping_for_each_function() {
    let client = client();
    client.create_alias().await;
    let create = async |function: &str, brokers: &[&str], topic: &str, more: Value| {
        let mut body = json!({"FunctionName": function, "Topics": [topic], "StartingPosition": "LATEST",
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": brokers}},
            "SourceAccessConfigurations": [{"Type": "BASIC_AUTH",
                "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka-AbCdEf"}]});
        if let (Some(fields), Value::Object(more)) = (body.as_object_mut(), more) {
            fields.extend(more);
        }
        client.call("POST", "/2015-03-31/event-source-mappings", body).await
    };
    let (status, first) = create("f", &["b:2", "a:1"], "topic", json!({})).await;
    assert_eq!(status, 202, "{first}");
    let group = json!({"SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "another"}});
    for (brokers, more) in [
        (&["b:2", "a:1"][..], json!({})),
        (&["a:1", "b:2"], json!({"Enabled": false})),
        (&["a:1"], json!({})),
        (&["c:3", "a:1"], json!({})),
        (&["a:1", "b:2"], group),
    ] {
        let (status, refused) = create("f", brokers, "topic", more).await;
        let mut shown = brokers.to_vec();
        shown.sort_unstable();
        let text = format!(
            "An event source mapping with event source (\"{}\"), function \
             (\"arn:aws:lambda:us-east-1:123456789012:function:f\"), topics (\"topic\") already exists. Please update or \
             delete the existing mapping with UUID {}",
            shown.join(","),
            first["UUID"].as_str().unwrap_or_default()
        );
        assert_eq!((status, refused["message"].as_str()), (409, Some(text.as_str())), "{brokers:?}");
    }
    for (function, brokers, topic) in
        [("f", &["a:1", "b:2"][..], "other"), ("f", &["c:3"], "topic"), ("f:live", &["a:1", "b:2"], "topic")]
    {
        assert_eq!(create(function, brokers, topic, json!({})).await.0, 202, "{function} {brokers:?} {topic}");
    }
}
