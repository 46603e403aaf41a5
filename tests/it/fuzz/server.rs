//! Huge requests to the simulator in a process of its own, whose memory is measured.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::program::bomb;
use crate::server::{Connection, Server, package};

/// The most peak memory of the server, in megabytes: several times the largest request.
const ROOM: u64 = 300;

const FUNCTIONS: &str = "/2015-03-31/functions";
const F: &str = "/2015-03-31/functions/f";

/// A server with a function, an alias and a layer in it.
fn furnished() -> Server {
    let server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    for (path, body) in [
        (FUNCTIONS.to_owned(), function(json!({}))),
        (format!("{F}/aliases"), json!({"Name": "live", "FunctionVersion": "$LATEST"})),
        ("/2018-10-31/layers/l/versions".to_owned(), json!({"Content": {"ZipFile": package("x = 1")}})),
    ] {
        let (status, answer) = connection.call("POST", &path, &body).unwrap();
        assert_eq!(status, 201, "{answer}");
    }
    server
}

/// Writes a request that creates a function, with extra members.
fn function(more: Value) -> Value {
    let mut body = json!({"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": package("x = 1")}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Asserts that the server still answers, and has not grown.
fn unharmed(server: &Server) {
    let (status, answer) = Connection::open(&server.url).unwrap().call("GET", F, &Value::Null).unwrap();
    assert_eq!(status, 200, "{answer}");
    let peak = server.peak_memory();
    println!("the server took {peak:?} MB");
    assert!(peak.is_none_or(|peak| peak < ROOM), "the server has taken {peak:?} MB");
}

/// Asserts that each of these is rejected with a reason.
fn refused(server: &Server, requests: Vec<(&str, &str, String, Vec<u8>)>) {
    for (what, method, path, body) in requests {
        let answer = Connection::open(&server.url).unwrap().call_bytes(method, &path, &body);
        let (status, answer) = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!((400..500).contains(&status), "{what}: {status} {answer:.300}");
    }
}

#[test]
fn deep_great_and_broken_requests_are_refused() {
    let server = furnished();
    let create = |member: &str, value: &str| {
        let body = function(json!({member: "HERE"})).to_string();
        body.replace("\"HERE\"", value).into_bytes()
    };
    let text = |value: &str| Value::from(value).to_string();
    let deep = "[".repeat(1_000_000);
    let deeper = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let mapping = json!({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q", "FunctionName": "f",
        "FilterCriteria": {"Filters": [{"Pattern": "[".repeat(4_000)}]}});
    let policy = "/2026-07-09/resource-policy/arn:aws:lambda:us-east-1:123456789012:function:f";
    refused(
        &server,
        vec![
            ("a deep list", "POST", FUNCTIONS.into(), deep.clone().into()),
            ("a deep map", "POST", FUNCTIONS.into(), deeper.clone().into()),
            ("a deep member", "POST", FUNCTIONS.into(), create("Environment", &deeper)),
            ("a deep policy", "PUT", policy.into(), json!({"Policy": deep}).to_string().into()),
            ("a deep policy as a map", "PUT", policy.into(), json!({"Policy": deeper}).to_string().into()),
            ("a deep pattern", "POST", "/2015-03-31/event-source-mappings".into(), mapping.to_string().into()),
            ("a long number", "POST", FUNCTIONS.into(), create("MemorySize", &"9".repeat(1_000_000))),
            ("a great number", "POST", FUNCTIONS.into(), create("MemorySize", "1e999999999")),
            ("a number past 64 bits", "POST", FUNCTIONS.into(), create("Timeout", "18446744073709551616")),
            ("a number below 64 bits", "POST", FUNCTIONS.into(), create("Timeout", "-9223372036854775809")),
            (
                "a great weight",
                "PUT",
                format!("{F}/aliases/live"),
                br#"{"RoutingConfig":{"AdditionalVersionWeights":{"1":1e308}}}"#.to_vec(),
            ),
            ("a great version", "GET", format!("{F}?Qualifier={}", "9".repeat(60)), vec![]),
            ("a great page", "GET", format!("{FUNCTIONS}?MaxItems={}", "9".repeat(60)), vec![]),
            ("a great layer version", "GET", format!("/2018-10-31/layers/l/versions/{}", "9".repeat(60)), vec![]),
            ("a body that is no text", "POST", FUNCTIONS.into(), vec![0xff; 1_000_000]),
            ("half of a letter", "PUT", format!("{F}/configuration"), b"{\"Description\": \"\xc3\"}".to_vec()),
            ("half of a pair", "PUT", format!("{F}/configuration"), br#"{"Description": "\ud800"}"#.to_vec()),
            ("a path that is no text", "GET", "/2015-03-31/functions/%ff%fe".into(), vec![]),
            ("a query that is no text", "GET", format!("{F}?Qualifier=%ff%c3"), vec![]),
            ("a path without end", "GET", format!("/2015-03-31/functions/{}", "x".repeat(60_000)), vec![]),
            ("a long text", "POST", FUNCTIONS.into(), create("Description", &text(&"x".repeat(5_000_000)))),
        ],
    );
    unharmed(&server);
}

#[test]
fn wide_requests_are_refused() {
    let server = furnished();
    let many: Map<String, Value> = (0..100_000).map(|key| (format!("key{key}"), json!("v"))).collect();
    let list = vec!["subnet-1"; 100_000];
    let post = |path: &str, body: Value| ("POST", path.to_owned(), body);
    let put = |path: &str, body: Value| ("PUT", path.to_owned(), body);
    let tags = |of: &str| format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:{of}");
    let statement =
        json!({"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": vec![statement; 10_000]}).to_string();
    for (what, (method, path, body)) in [
        ("tags", post(FUNCTIONS, function(json!({"Tags": many})))),
        ("variables", post(FUNCTIONS, function(json!({"Environment": {"Variables": many}})))),
        ("layers", post(FUNCTIONS, function(json!({"Layers": list})))),
        ("subnets", post(FUNCTIONS, function(json!({"VpcConfig": {"SubnetIds": list, "SecurityGroupIds": ["sg-1"]}})))),
        ("unknown members", post(FUNCTIONS, Value::Object(many.clone()))),
        ("variables, later", put(&format!("{F}/configuration"), json!({"Environment": {"Variables": many}}))),
        ("tags, later", post(&tags("function:f"), json!({"Tags": many}))),
        ("weights", put(&format!("{F}/aliases/live"), json!({"RoutingConfig": {"AdditionalVersionWeights": many}}))),
        (
            "statements",
            put(
                &tags("function:f").replace("2017-03-31/tags", "2026-07-09/resource-policy"),
                json!({"Policy": policy}),
            ),
        ),
        ("origins", post("/2021-10-31/functions/f/url", json!({"AuthType": "NONE", "Cors": {"AllowOrigins": list}}))),
        (
            "filters",
            post(
                "/2015-03-31/event-source-mappings",
                json!({"FunctionName": "f",
            "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q", "FilterCriteria": {"Filters": vec![json!({"Pattern": "{}"}); 100_000]}}),
            ),
        ),
        (
            "brokers",
            post(
                "/2015-03-31/event-source-mappings",
                json!({"FunctionName": "f", "Topics": ["t"],
            "StartingPosition": "LATEST", "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list}}}),
            ),
        ),
        (
            "runtimes",
            post(
                "/2018-10-31/layers/l/versions",
                json!({"Content": {"ZipFile": package("x = 1")}, "CompatibleRuntimes": list}),
            ),
        ),
        (
            "profiles",
            post("/2020-04-22/code-signing-configs", json!({"AllowedPublishers": {"SigningProfileVersionArns": list}})),
        ),
    ] {
        refused(&server, vec![(what, method, path, body.to_string().into())]);
    }
    unharmed(&server);
}

#[test]
fn a_bomb_of_a_package_does_not_go_off_in_the_server() {
    let server = furnished();
    let zip = BASE64_STANDARD.encode(bomb(300));
    let mut connection = Connection::open(&server.url).unwrap();
    for (method, path, body) in [
        ("POST", FUNCTIONS.to_owned(), function(json!({"FunctionName": "g", "Code": {"ZipFile": zip}}))),
        ("PUT", format!("{F}/code"), json!({"ZipFile": zip})),
        ("POST", "/2018-10-31/layers/l/versions".to_owned(), json!({"Content": {"ZipFile": zip}})),
    ] {
        let (status, answer) = connection.call(method, &path, &body).unwrap();
        let message = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default();
        assert_eq!((status, message), (400, "Unzipped size must be smaller than 262144000 bytes"), "{method} {path}");
    }
    unharmed(&server);
}

/// Invalid HTTP ends with a reply or with the end of the connection.
#[test]
fn improper_http_harms_nobody() {
    let server = furnished();
    let headers: String = (0..50_000).map(|header| format!("x-{header}: v\r\n")).collect();
    let head = "POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\n";
    let texts: Vec<Vec<u8>> = vec![
        vec![0xff; 100_000],
        "GET ".repeat(100_000).into(),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into(),
        format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(1_000_000)).into(),
        [b"GET / HTTP/1.1\r\nHost: localhost\r\nx-amz-date: ".to_vec(), vec![0xff; 9], b"\r\n\r\n".to_vec()].concat(),
        format!("{head}Content-Length: 99999999999999999999\r\n\r\n{{}}").into(),
        // More than Lambda accepts, which the server does not read to the end.
        format!("{head}Content-Length: 80000000\r\n\r\n{}", "x".repeat(80_000_000)).into(),
        format!("{head}Content-Length: -1\r\n\r\n{{}}").into(),
        format!("{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}").into(),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{{}}").into(),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", "1\r\n{\r\n".repeat(100_000)).into(),
    ];
    for text in texts {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The server may close the connection early.
        let _ = stream.write_all(&text);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let ended = stream.read_to_end(&mut Vec::new());
        let hangs = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!hangs, "no end of {:?}", String::from_utf8_lossy(&text[..text.len().min(100)]));
    }
    unharmed(&server);
}
