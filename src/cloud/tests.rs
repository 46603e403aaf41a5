//! The endpoint against small services of our own, in this process and on tokio's paused clock, and against sockets
//! where it is the socket that matters.

mod connecting;
mod contention;
mod downloads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::http::{Request, StatusCode};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tower::service_fn;

use super::*;
use crate::wire::{
    GetAliasInputBuilder, GetFunctionInputBuilder, ListTagsInputBuilder, PublishVersionInputBuilder, TypedCall,
};

/// The requests to the service, with their times.
type Log = Arc<Mutex<Vec<(Instant, String)>>>;

/// An endpoint whose `n`-th request (from 0) is answered by `answer(n)`.
fn answering<F>(quotas: RequestQuotas, answer: F) -> (Cloud, Log)
where
    F: Fn(usize) -> Result<Response, String> + Clone + Send + Sync + 'static,
{
    let log = Log::default();
    let noted = log.clone();
    let service = service_fn(move |request: Request<SdkBody>| {
        let number = {
            let mut log = noted.lock().unwrap();
            log.push((Instant::now(), format!("{} {}", request.method(), request.uri().path())));
            log.len() - 1
        };
        let answer = answer(number);
        async move { answer }
    });
    (Cloud::in_process(service, "eu-west-1").with_quotas(quotas), log)
}

fn get() -> Call {
    GetAliasInputBuilder::default().function_name("orders").name("live").call()
}

fn publish() -> Call {
    PublishVersionInputBuilder::default().function_name("orders").call()
}

fn json(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: impl Into<axum::body::Body>,
) -> Result<Response, String> {
    let mut response = (StatusCode::from_u16(status).unwrap(), body.into()).into_response();
    response.headers_mut().insert("x-amzn-requestid", "id-1".parse().unwrap());
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(response)
}

fn alias() -> Result<Response, String> {
    json(200, &[], r#"{"Name": "live", "FunctionVersion": "1"}"#)
}

fn failing(status: u16) -> Result<Response, String> {
    json(status, &[("x-amzn-errortype", "ServiceException")], r#"{"Message": "An error occurred"}"#)
}

fn throttled() -> Result<Response, String> {
    let headers = [("x-amzn-errortype", "TooManyRequestsException"), ("retry-after", "7")];
    json(429, &headers, r#"{"message": "Rate exceeded", "Reason": "CallerRateLimitExceeded"}"#)
}

/// A pace by AWS's quotas.
fn default_paces() -> Vec<Arc<Pacer>> {
    let aws = RequestQuotas::default();
    vec![Arc::new(Pacer::new(aws, aws))]
}

#[tokio::test(start_paused = true)]
async fn a_call_becomes_a_request_and_its_response_a_reply() {
    let (cloud, log) = answering(RequestQuotas::default(), |_| alias());
    let reply = cloud.send(get()).await.unwrap();
    assert_eq!(GetAliasInputBuilder::reply(&reply).unwrap().function_version(), Some("1"));
    assert_eq!(log.lock().unwrap()[0].1, "GET /2015-03-31/functions/orders/aliases/live");
    assert_eq!(cloud.counts(), BTreeMap::from([("GetAlias", 1)]));
}

#[tokio::test(start_paused = true)]
async fn calls_keep_below_the_quota_of_their_bucket() {
    let function = r#"{"FunctionName": "f", "FunctionArn": "arn:f", "Role": "r", "CodeSha256": "hash"}"#;
    let (cloud, log) = answering(RequestQuotas::default(), move |_| {
        json(200, &[], format!(r#"{{"Configuration": {function}, "Tags": {{}}}}"#))
    });
    let cloud = Arc::new(cloud);
    let began = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..200 {
        let cloud = cloud.clone();
        calls.spawn(async move {
            let name = format!("f{number}");
            let call = if number % 2 == 0 {
                GetFunctionInputBuilder::default().function_name(name).call()
            } else {
                ListTagsInputBuilder::default().resource(name).call()
            };
            cloud.send(call).await.unwrap();
        });
    }
    calls.join_all().await;
    for (path, a_second) in [("functions", 100), ("tags", 15)] {
        let at: Vec<Duration> =
            log.lock().unwrap().iter().filter(|(_, line)| line.contains(path)).map(|(at, _)| *at - began).collect();
        assert_eq!(at.len(), 100);
        let most =
            at.iter().map(|from| at.iter().filter(|t| *t >= from && **t < *from + Duration::from_millis(999)).count());
        assert_eq!(most.max(), Some(a_second), "{path}");
        let ideal = 99.0 / f64::from(u32::try_from(a_second).unwrap());
        assert!((at.iter().max().unwrap().as_secs_f64() - ideal).abs() < 0.1, "{path} at the floor");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_answered_with_nothing_fails() {
    for body in ["", "{}", "null", "[]", "<html></html>", r#"{"Name": "li"#, r#"{"name": "live"}"#] {
        let (cloud, _) = answering(RequestQuotas::unlimited(), move |_| json(200, &[], body));
        let failure = cloud.send(get()).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Unavailable, "{body}");
    }
    let (cloud, _) = answering(RequestQuotas::unlimited(), |_| json(204, &[], ""));
    assert_eq!(cloud.send(get()).await.unwrap_err().class, FailureClass::Unavailable);
    let (cloud, _) = answering(RequestQuotas::unlimited(), |_| json(200, &[], "{}"));
    let failure = cloud.send(get()).await.unwrap_err();
    assert_eq!(failure.message, "the response (status 200) is not whole: it lacks `Name`");
}

#[tokio::test(start_paused = true)]
async fn a_response_over_the_limit_fails() {
    let long = format!(r#"{{"Name": "{}"}}"#, "x".repeat(33 << 20));
    let (cloud, _) = answering(RequestQuotas::unlimited(), move |_| json(200, &[], long.clone()));
    assert_eq!(cloud.send(get()).await.unwrap_err().class, FailureClass::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_response_pauses_every_call_for_as_long_as_aws_asks() {
    let (cloud, log) = answering(RequestQuotas::unlimited(), |number| if number == 0 { throttled() } else { alias() });
    let began = Instant::now();
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cloud.send(get()).await.unwrap();
    };
    let (first, ()) = tokio::join!(cloud.send(get()), later);
    first.unwrap();
    let at: Vec<u64> = log.lock().unwrap().iter().map(|(at, _)| (*at - began).as_secs()).collect();
    assert_eq!(at, [0, 7, 7]);
    assert_eq!((cloud.counts()["throttled"], cloud.counts()["GetAlias"]), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_write_is_returned_to_the_caller_who_reads_before_retrying() {
    let (cloud, log) = answering(RequestQuotas::unlimited(), |number| if number == 0 { throttled() } else { alias() });
    let began = Instant::now();
    assert_eq!(cloud.send(publish()).await.unwrap_err().class, FailureClass::Throttled);
    assert_eq!(began.elapsed(), Duration::ZERO);
    // The look waits for as long as AWS asks.
    cloud.send(get()).await.unwrap();
    let at: Vec<u64> = log.lock().unwrap().iter().map(|(at, _)| (*at - began).as_secs()).collect();
    assert_eq!(at, [0, 7]);
}

#[tokio::test(start_paused = true)]
async fn retries_of_a_throttled_call_end() {
    let (cloud, log) = answering(RequestQuotas::unlimited(), |_| throttled());
    let began = Instant::now();
    let failure = cloud.send(get()).await.unwrap_err();
    assert_eq!((failure.class, failure.retry_after), (FailureClass::Throttled, Some(Duration::from_secs(7).into())));
    assert_eq!(failure.request_id.as_deref(), Some("id-1"));
    assert!(began.elapsed() <= Duration::from_secs(60));
    assert_eq!(log.lock().unwrap().len(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_effect_is_sent_once_and_a_read_again() {
    let lost: fn() -> Result<Response, String> = || Err("connection reset".into());
    let garbled: fn() -> Result<Response, String> = || json(200, &[], "{not json");
    for answer in [lost, garbled, || failing(500), || failing(503)] {
        let (cloud, log) = answering(RequestQuotas::unlimited(), move |_| answer());
        let failure = cloud.send(publish()).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::EffectUnknown, "{failure}");
        assert_eq!(log.lock().unwrap().len(), 1, "{failure}");

        let (cloud, log) =
            answering(RequestQuotas::unlimited(), move |number| if number < 3 { answer() } else { alias() });
        cloud.send(get()).await.unwrap();
        assert_eq!(log.lock().unwrap().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_responds_times_out() {
    let service = service_fn(|_: Request<SdkBody>| std::future::pending::<Result<Response, String>>());
    let cloud = Cloud::in_process(service, "eu-west-1");
    let began = Instant::now();
    let failure = cloud.send(publish()).await.unwrap_err();
    assert_eq!((failure.class, failure.status), (FailureClass::EffectUnknown, None));
    assert_eq!(began.elapsed().as_secs(), Timeouts::AWS.answer.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_404_of_another_server_does_not_mean_that_the_resource_does_not_exist() {
    let html = "<!doctype html><title>404 Not Found</title><h1>Not Found</h1>";
    let (cloud, _) = answering(RequestQuotas::unlimited(), move |_| json(404, &[("content-type", "text/html")], html));
    let failure = cloud.send(get()).await.unwrap_err();
    assert_eq!((failure.class, failure.status), (FailureClass::Invalid, Some(404)));
    assert_eq!(failure.message, "status 404: 404 Not Found Not Found (the endpoint does not seem to support GetAlias)");

    let lacking = r#"{"__type": "ResourceNotFoundException", "message": "Function not found: /2025-11-30/x/y"}"#;
    let (cloud, _) = answering(RequestQuotas::unlimited(), move |_| json(404, &[], lacking));
    assert_eq!(cloud.send(get()).await.unwrap_err().class, FailureClass::Invalid);

    let absent = r#"{"Type": "User", "Message": "Cannot find alias arn: arn:aws:lambda:eu-west-1:1:function:a:b"}"#;
    let headers = [("x-amzn-errortype", "ResourceNotFoundException")];
    let (cloud, _) = answering(RequestQuotas::unlimited(), move |_| json(404, &headers, absent));
    let failure = cloud.send(get()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::NotFound);
    assert_eq!(
        failure.to_string(),
        "GetAlias: ResourceNotFoundException: Cannot find alias arn: arn:aws:lambda:eu-west-1:1:function:a:b (request id id-1)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_built_is_not_sent() {
    let (cloud, log) = answering(RequestQuotas::unlimited(), |_| alias());
    let failure = cloud.send(GetAliasInputBuilder::default().name("live").call()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Invalid, "{failure}");
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_read_that_reached_no_server_is_retried_and_a_write_is_returned_to_the_caller() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = Builder::new()
        .http_client(http::network(true, &trust::Trust::default()))
        .region(Region::new("eu-west-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    let patience = Patience { unreached: Duration::from_millis(500), ..Patience::default() };
    let cloud = Cloud::new(config, default_paces(), Timeouts::OVERRIDE, patience, 0);
    let began = Instant::now();
    for call in [get(), publish()] {
        let failure = cloud.send(call).await.unwrap_err();
        assert_eq!((failure.class, failure.status), (FailureClass::Unavailable, None), "{failure}");
    }
    assert!(cloud.counts()["GetAlias"] > 1);
    assert_eq!(cloud.counts()["PublishVersion"], 1);
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expire_are_access_denied_and_nothing_is_sent() {
    let conf = ProviderConfig::without_region().with_http_client(http::network(true, &trust::Trust::default()));
    let missing = ProfileFileCredentialsProvider::builder().configure(&conf).profile_name("no-such-profile-here");
    let config = Builder::new()
        .http_client(http_client_fn(|_, _| {
            SharedHttpConnector::new(http::InProcess(service_fn(|_| async { alias() })))
        }))
        .region(Region::new("eu-west-1"))
        .endpoint_url("http://lambda.in-process")
        .credentials_provider(missing.build());
    let cloud = Cloud::new(config, default_paces(), Timeouts::AWS, Patience::default(), 0);
    let failure = cloud.send(publish()).await.unwrap_err();
    assert_eq!((failure.class, cloud.counts()["PublishVersion"]), (FailureClass::AccessDenied, 1), "{failure}");
    assert_eq!(
        failure.message,
        "the credentials expired and could not be refreshed: the credential provider was not enabled"
    );
}
