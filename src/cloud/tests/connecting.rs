//! Connecting: the errors without an endpoint, and the account of one.

use super::*;

/// Connects with a region, this endpoint, and the environment of the test.
async fn connecting(endpoint: &str, account: Option<&str>) -> Result<Connected, ConnectError> {
    connect(&ConnectOptions {
        region: Some("eu-west-1".into()),
        endpoint_url: Some(endpoint.into()),
        account: account.map(str::to_owned),
        ..ConnectOptions::default()
    })
    .await
}

#[tokio::test]
async fn an_endpoint_without_a_listener_fails_at_once() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let began = Instant::now();
    let error = connecting(&endpoint, None).await.expect_err("nobody listens");
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");

    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_server_that_never_responds_fails_within_two_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let error = connecting(&format!("http://{}", listener.local_addr().unwrap()), None).await.expect_err("no answer");
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_endpoint_is_asked_for_its_account() {
    let identity = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
        <Arn>arn:aws:iam::000000000042:root</Arn><UserId>u</UserId><Account>000000000042</Account>\
        </GetCallerIdentityResult></GetCallerIdentityResponse>";
    let rows = [
        // response of the endpoint, account of the options, resulting account
        (identity, Some("123456789012"), Some("000000000042")),
        ("{}", Some("123456789012"), Some("123456789012")),
        ("{}", None, None),
    ];
    for (answer, named, account) in rows {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(move || async move { answer });
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        match connecting(&endpoint, named).await {
            Ok(connected) => assert_eq!(Some(connected.account.as_str()), account),
            Err(error) => assert!(account.is_none() && matches!(error, ConnectError::NoAccount { .. }), "{error}"),
        }
        server.abort();
    }
}

#[tokio::test]
async fn a_profile_that_does_not_exist_fails_at_once() {
    let began = Instant::now();
    let options = ConnectOptions {
        region: Some("eu-west-1".into()),
        profile: Some("no-such-profile-here".into()),
        ..ConnectOptions::default()
    };
    let error = connect(&options).await.expect_err("there is no such profile");
    assert!(matches!(error, ConnectError::NoProfile { .. }), "{error}");
    assert!(error.to_string().contains("no-such-profile-here"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn invalid_options_fail_before_anything_is_sent() {
    for endpoint in ["127.0.0.1:4566", "ftp://host", "http://", "not a url"] {
        let error = connecting(endpoint, None).await.expect_err(endpoint);
        assert!(matches!(error, ConnectError::BadEndpoint(_)), "{endpoint}: {error}");
    }
    let error = connect(&ConnectOptions { region: Some("eu west".into()), ..ConnectOptions::default() }).await.err();
    assert!(matches!(error, Some(ConnectError::BadRegion(_))));
}
