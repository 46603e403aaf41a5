//! Who is answered on a socket, and for how long an incomplete request is waited for.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::time::Instant;

use super::account::FUNCTIONS;
use crate::sim::context::options::Options;
use crate::sim::dispatcher::Simulator;

/// Serves an account, and runs `exchange` with its address.
async fn served<T: Send + 'static>(options: Options, exchange: impl FnOnce(SocketAddr) -> T + Send + 'static) -> T {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let simulator = Simulator::open(options).expect("an account");
    let server = tokio::spawn(crate::sim::serve(simulator, listener, std::future::pending()));
    let result = tokio::task::spawn_blocking(move || exchange(address)).await.expect("an exchange");
    server.abort();
    result
}

/// Sends a text and returns all that arrives until the connection ends.
fn send(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the connection ends");
    answer
}

fn list(headers: &str) -> String {
    format!("GET {FUNCTIONS} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn hosts_that_are_not_ours_are_refused() {
    let options = Options { allowed_hosts: vec!["Sim.Internal".to_owned()], ..Options::default() };
    let answers = served(options, |address| {
        let rows = [
            ("localhost", 200),
            ("LOCALHOST:9001", 200),
            ("localhost.", 200),
            ("sim.localhost:80", 200),
            ("127.0.0.1:9001", 200),
            ("127.8.9.1", 200),
            ("[::1]:9001", 200),
            ("sim.internal", 200),
            ("sim.internal.:9001", 200),
            ("evil.example", 403),
            ("evil.example:9001", 403),
            ("localhost.evil.example", 403),
            ("evillocalhost", 403),
            ("127.0.0.1.evil.example", 403),
            ("192.0.2.1", 403),
            ("[::ffff:192.0.2.1]", 403),
            ("sim.internal.evil.example", 403),
            ("localhost/../evil", 403),
            ("", 403),
        ];
        let status = |headers: &str| send(address, &list(headers)).split(' ').nth(1).map(str::to_owned);
        let one = |(host, want): (&str, u16)| (host.to_owned(), want, status(&format!("host: {host}\r\n")));
        let mut answers: Vec<_> = rows.into_iter().map(one).collect();
        answers.push(("none".to_owned(), 403, status("")));
        answers.push(("two".to_owned(), 403, status("host: localhost\r\nhost: evil.example\r\n")));
        answers
    });
    for (host, want, status) in answers.await {
        assert_eq!(status, Some(want.to_string()), "{host}");
    }
}

#[tokio::test]
async fn a_refused_host_is_named_with_a_way_out() {
    let answer = served(Options::default(), |address| send(address, &list("host: evil.example:80\r\n"))).await;
    assert!(answer.ends_with("start the simulator with --allowed-host evil.example.\"}"), "{answer}");
    assert!(!answer.contains("x-amzn-errortype"), "a missing permission would be looked for in IAM: {answer}");
}

#[tokio::test]
async fn web_pages_are_refused_whatever_they_ask() {
    let answers = served(Options::default(), |address| {
        let requests = [
            "GET /2015-03-31/functions",
            "POST /2015-03-31/functions",
            "OPTIONS /2015-03-31/functions",
            "POST /",
            "GET /_sim/code/0",
            "GET /nothing",
        ];
        let marks = [
            "origin: http://evil.example",
            "Origin: null",
            "origin: http://localhost:3000",
            "sec-fetch-site: cross-site",
            "sec-fetch-site: same-site",
            "sec-fetch-site: same-origin",
        ];
        let mut answers = Vec::new();
        for request in requests {
            for mark in marks {
                let text = format!("{request} HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n{mark}\r\n\r\n");
                answers.push((text.clone(), send(address, &text)));
            }
        }
        let typed = send(address, &list("host: localhost\r\nsec-fetch-site: none\r\n"));
        assert!(typed.starts_with("HTTP/1.1 200"), "an address that a person typed is answered: {typed}");
        answers
    });
    for (request, answer) in answers.await {
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("web pages"), "{request}{answer}");
    }
}

#[tokio::test]
async fn a_request_that_does_not_come_is_not_waited_for() {
    let options = Options { request_timeout: Duration::from_millis(300), ..Options::default() };
    served(options, |address| {
        let begun = Instant::now();
        assert_eq!(send(address, ""), "", "nothing was asked");
        assert_eq!(send(address, "GET /2015-03-31/functions HTTP/1.1\r\nhost: loc"), "");
        let head = format!("POST {FUNCTIONS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{{");
        assert!(send(address, &head).starts_with("HTTP/1.1 408"));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        // Who sends a byte now and then is not waited for either.
        let mut stream = TcpStream::connect(address).expect("a connection");
        let sent = (0..100).take_while(|_| {
            std::thread::sleep(Duration::from_millis(50));
            stream.write_all(b"x").is_ok()
        });
        assert!(sent.count() < 50);
    })
    .await;
}

#[tokio::test]
async fn connections_that_ask_nothing_keep_nobody_out_for_long() {
    let options = Options { request_timeout: Duration::from_millis(500), connections: 3, ..Options::default() };
    served(options, |address| {
        let idle: Vec<TcpStream> = (0..9).map(|_| TcpStream::connect(address).expect("a connection")).collect();
        let answer = send(address, &list("host: localhost\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        drop(idle);
    })
    .await;
}
