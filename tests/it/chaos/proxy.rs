//! What stands between a client and the embedded Lambda: it counts and records every call, kills a run at one of them,
//! and takes turns among several writers.

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
use super::lost_updates::{Ledger, STRANGER};
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
    /// Whether the whole answer arrived.
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
pub enum Death {
    Before,
    After,
}

/// What was seen, and what is to happen.
#[derive(Default)]
pub struct Tap {
    pub lines: Mutex<Vec<Line>>,
    /// The number of the call, from 1, at which the writer dies.
    pub death: Option<(usize, Death)>,
    pub died: Notify,
    /// The numbers of the calls that somebody else comes before, and whether to tag.
    pub strangers: Vec<(usize, bool)>,
    /// What somebody else did.
    pub acts: Mutex<Vec<Act>>,
    /// Whether nobody else writes any more.
    pub alone: AtomicBool,
    /// Spreads the calls of several writers.
    pub spread: Option<Mutex<Dice>>,
    pub ledger: Option<Ledger>,
    pub calls: Mutex<usize>,
    pub turn: tokio::sync::Mutex<()>,
}

impl Tap {
    /// The router as this writer reaches it.
    pub fn between(self: &Arc<Tap>, router: Router, writer: &'static str) -> Router {
        let (tap, direct) = (self.clone(), router.clone());
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let (tap, direct) = (tap.clone(), direct.clone());
            async move { tap.pass(writer, request, next, &direct).await }
        }))
    }

    /// How many calls there were so far.
    pub fn count(&self) -> usize {
        *self.calls.lock().unwrap()
    }

    /// Everything that went over the wire, as text.
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
        let dies = self.death.filter(|(at, _)| *at == number).map(|(_, death)| death);
        let mut line = Line {
            writer,
            method: parts.method.clone(),
            path,
            request: sent.clone(),
            status: 0,
            reply: Bytes::new(),
            whole: false,
        };
        if dies == Some(Death::Before) {
            return self.die(line).await;
        }
        for (_, tags) in self.strangers.iter().filter(|(at, _)| *at == number) {
            concurrent_writer::act(direct, &self.acts, &line.path, *tags, number).await;
        }
        let response = next.run(Request::from_parts(parts, Body::from(sent))).await;
        if dies == Some(Death::After) {
            return self.die(line).await;
        }
        line.status = response.status().as_u16();
        let response = read(response, &mut line).await;
        if let Some(ledger) = &self.ledger {
            ledger.note(&line).await;
        }
        let dice = self.spread.as_ref().filter(|_| !self.alone.load(Ordering::Relaxed));
        let ambush = dice.and_then(|dice| two_appliers::ambush(&mut dice.lock().unwrap(), &line, number));
        self.lines.lock().unwrap().push(line);
        if let Some((method, path, body)) = ambush {
            self.interpose(direct, method, &path, body).await;
        }
        response
    }

    /// A write of a stranger between a look of ours and what comes next.
    async fn interpose(&self, direct: &Router, method: &str, path: &str, body: Value) {
        let status = if two_appliers::send(direct, method, path, body.clone()).await { 200 } else { 400 };
        let line = Line {
            writer: STRANGER,
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            request: body.to_string().into(),
            status,
            reply: Bytes::new(),
            whole: true,
        };
        if let Some(ledger) = &self.ledger {
            ledger.note(&line).await;
        }
        self.lines.lock().unwrap().push(line);
    }

    /// Tells that the writer is dead; it gets no answer.
    async fn die(&self, line: Line) -> Response {
        self.lines.lock().unwrap().push(line);
        self.died.notify_one();
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
