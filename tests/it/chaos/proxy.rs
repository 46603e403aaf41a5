//! A proxy between a client and the simulator: it counts and records every call, kills a run at one of them,
//! and orders the calls of several writers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tokio::sync::Notify;

use super::concurrent_writer::{self, Act};
use super::dice::Dice;
use super::lost_updates::{CONCURRENT_WRITER, WriteLog};
use super::two_appliers;

/// One call as it went over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub writer: &'static str,
    pub method: Method,
    pub path: String,
    pub request: Bytes,
    /// Zero if it was never answered.
    pub status: u16,
    pub reply: Bytes,
    /// True if the complete reply arrived.
    pub whole: bool,
}

impl Line {
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// The line as text. The members of what was sent are put in order, because the SDK holds maps in an order that is
    /// another in every process.
    pub fn text(&self) -> String {
        let sent = match serde_json::from_slice::<Value>(&self.request) {
            Ok(mut sent) => {
                sent.sort_all_objects();
                sent.to_string()
            }
            Err(_) => String::from_utf8_lossy(&self.request).into_owned(),
        };
        let got = String::from_utf8_lossy(&self.reply);
        let broken = if self.whole { "" } else { " (broken)" };
        format!("{} {} {} {sent}\n  {} {got}{broken}\n", self.writer, self.method, self.path, self.status)
    }
}

/// When, relative to its effect, the writer dies of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KillPoint {
    Before,
    After,
}

/// The recorded calls, and the faults that the proxy injects.
#[derive(Default)]
pub struct Proxy {
    pub lines: Mutex<Vec<Line>>,
    /// The number of the call, from 1, at which the writer dies.
    pub kill_point: Option<(usize, KillPoint)>,
    pub killed: Notify,
    /// The numbers of the calls that a concurrent write precedes; true for a tag.
    pub concurrent_writes: Vec<(usize, bool)>,
    /// The concurrent writes so far.
    pub injected: Mutex<Vec<Act>>,
    /// True once the other writers have stopped.
    pub others_stopped: AtomicBool,
    /// Spreads the calls of several writers.
    pub spread: Option<Mutex<Dice>>,
    pub write_log: Option<WriteLog>,
    pub calls: Mutex<usize>,
    pub turn: tokio::sync::Mutex<()>,
}

impl Proxy {
    /// The router as this writer reaches it.
    pub fn between(self: &Arc<Proxy>, router: Router, writer: &'static str) -> Router {
        let (proxy, direct) = (self.clone(), router.clone());
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let (proxy, direct) = (proxy.clone(), direct.clone());
            async move { proxy.pass(writer, request, next, &direct).await }
        }))
    }

    /// Returns the number of calls so far.
    pub fn count(&self) -> usize {
        *self.calls.lock().unwrap()
    }

    /// Returns every request and reply as text.
    pub fn trace(&self) -> String {
        self.lines.lock().unwrap().iter().map(Line::text).collect()
    }

    async fn pass(&self, writer: &'static str, request: Request, next: Next, direct: &Router) -> Response {
        // Downloads are no calls.
        if request.uri().path().starts_with("/_sim/") {
            return next.run(request).await;
        }
        let delay = self.spread.as_ref().map(|dice| dice.lock().unwrap().below(40) as u64);
        if let Some(delay) = delay {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let _turn = match self.spread {
            Some(_) => Some(self.turn.lock().await),
            None => None,
        };
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let sent = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let number = {
            let mut calls = self.calls.lock().unwrap();
            *calls += 1;
            *calls
        };
        let kill_point = self.kill_point.filter(|(at, _)| *at == number).map(|(_, kill_point)| kill_point);
        let mut line = Line {
            writer,
            method: parts.method.clone(),
            path,
            request: sent.clone(),
            status: 0,
            reply: Bytes::new(),
            whole: false,
        };
        if kill_point == Some(KillPoint::Before) {
            return self.kill(line).await;
        }
        for (_, tags) in self.concurrent_writes.iter().filter(|(at, _)| *at == number) {
            concurrent_writer::write_before_call(direct, &self.injected, &line.path, *tags, number).await;
        }
        let response = next.run(Request::from_parts(parts, Body::from(sent))).await;
        if kill_point == Some(KillPoint::After) {
            return self.kill(line).await;
        }
        line.status = response.status().as_u16();
        let response = read(response, &mut line).await;
        if let Some(write_log) = &self.write_log {
            write_log.note(&line).await;
        }
        let dice = self.spread.as_ref().filter(|_| !self.others_stopped.load(Ordering::Relaxed));
        let ambush = dice.and_then(|dice| two_appliers::write_after_read(&mut dice.lock().unwrap(), &line, number));
        self.lines.lock().unwrap().push(line);
        if let Some((method, path, body)) = ambush {
            self.interpose(direct, method, &path, body).await;
        }
        response
    }

    /// Sends a concurrent write between a read of trueup and its next call.
    async fn interpose(&self, direct: &Router, method: &str, path: &str, body: Value) {
        let status = if two_appliers::send(direct, method, path, body.clone()).await { 200 } else { 400 };
        let line = Line {
            writer: CONCURRENT_WRITER,
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            request: body.to_string().into(),
            status,
            reply: Bytes::new(),
            whole: true,
        };
        if let Some(write_log) = &self.write_log {
            write_log.note(&line).await;
        }
        self.lines.lock().unwrap().push(line);
    }

    /// Tells that the writer is dead; it gets no answer.
    async fn kill(&self, line: Line) -> Response {
        self.lines.lock().unwrap().push(line);
        self.killed.notify_one();
        std::future::pending().await
    }
}

/// Reads the answer for the record and hands it on as it was, broken if it was broken.
async fn read(response: Response, line: &mut Line) -> Response {
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    line.whole = loop {
        match body.frame().await {
            None => break true,
            Some(Err(_)) => break false,
            Some(Ok(frame)) => bytes.extend(frame.into_data().unwrap_or_default()),
        }
    };
    line.reply = Bytes::from(bytes);
    let body = Full::new(line.reply.clone());
    if line.whole {
        return Response::from_parts(parts, Body::new(body));
    }
    let end = async { Some(Err::<HeaderMap, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))) };
    Response::from_parts(parts, Body::new(body.map_err(|never| match never {}).with_trailers(end)))
}
