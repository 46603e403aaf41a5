//! Promise: errors of a server that quotes what it was sent show no secret, and stay readable.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{Planted, spec};

/// A Lambda without functions, which quotes the whole request in its error to any write.
fn quoting_server(message: impl Fn(&str) -> String + Clone + Send + Sync + 'static) -> String {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |request: axum::extract::Request| {
        let message = message.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
            let is_write = parts.method == axum::http::Method::POST && parts.uri.path() != "/";
            if parts.uri.path() == "/" {
                let identity = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                     <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn><UserId>u</UserId>\
                     <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
                return (StatusCode::OK, identity).into_response();
            }
            let (status, error) = match is_write {
                true => (StatusCode::BAD_REQUEST, "InvalidParameterValueException"),
                false => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
            };
            let text =
                if is_write { message(&String::from_utf8_lossy(&body)) } else { "Function not found".to_owned() };
            let body = serde_json::json!({"Type": "User", "message": text}).to_string();
            (status, [("x-amzn-errortype", error), ("content-type", "application/json")], body).into_response()
        }
    };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, axum::Router::new().fallback(answer)).await
        })
    });
    url
}

#[test]
fn no_error_that_quotes_a_request_shows_a_secret() {
    // As it is in the request, and as a text that was encoded once more.
    let whole = quoting_server(|body| format!("1 validation error detected: Value '{body}' is invalid"));
    let values = quoting_server(|body| {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let variables = body["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
        let quoted = variables.values().chain([&body["Description"]]).filter_map(Value::as_str);
        let encoded = quoted.map(|value| format!("Value '{value}' or {value:?} or {}", BASE64_STANDARD.encode(value)));
        encoded.collect::<Vec<_>>().join("; ")
    });
    let planted = Planted::new(&spec());
    for url in [whole, values] {
        for flags in [&[][..], &["--json"], &["--verbose"]] {
            let (code, text) =
                planted.run(&[&["apply", "--auto-approve", "--endpoint-url", &url], flags].concat(), &[]);
            assert_eq!(code, 1, "{text}");
            assert!(text.contains("Value '"), "{text}");
        }
    }
}

#[test]
fn errors_stay_readable_where_secrets_are_common_words() {
    let message = "User: arn:aws:sts::123456789012:assumed-role/orders/live is not authorized to perform: \
                   lambda:CreateFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders (orders, live, \
                   us-east-1, true, 128) with hunter2";
    let url = quoting_server(move |_| message.to_owned());
    let planted = Planted::new(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    memory_size: \
         128\n    role: arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n    environment: {variables: {A1: orders, \
         B1: live, C1: us-east-1, D1: \"true\", E1: \"128\", F1: lambda, G1: CreateFunction, H1: \"${env.S1}\"}}\n",
    );
    let (code, text) = planted.run(&["apply", "--auto-approve", "--endpoint-url", &url], &[]);
    assert_eq!(code, 1, "{text}");
    let want = message.replace("hunter2", "(sensitive)");
    assert!(text.contains(&want), "{text}");
}
