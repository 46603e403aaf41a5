//! The connections of the server: a bounded number at a time, each of which has to send its requests in time.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// The limits of the server's connections.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The most open connections; further clients wait until one is closed.
    pub(crate) open: usize,
    /// The time for the head of a request, from the moment in which the connection could take it.
    pub(crate) head: Duration,
}

/// The connections that are open; they end when this is dropped.
pub(crate) struct Connections {
    tasks: JoinSet<()>,
    stop: watch::Sender<()>,
}

/// Serves `router` to all who connect, until `shutdown` ends. Returns the connections that are open then.
pub(crate) async fn accept(
    listener: TcpListener,
    router: &Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Connections {
    let mut connections = Connections { tasks: JoinSet::new(), stop: watch::Sender::new(()) };
    let places = Arc::new(Semaphore::new(limits.open.min(Semaphore::MAX_PERMITS)));
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            next = next(&listener, &places) => next,
            () = &mut shutdown => return connections,
        };
        let (router, stop) = (router.clone(), connections.stop.subscribe());
        connections.tasks.spawn(serve(stream, router, limits, stop, place));
        while connections.tasks.try_join_next().is_some() {}
    }
}

/// Waits for a place and for a client.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) if is_of_the_client(error.kind()) => {}
            // The process has no descriptor left, and may have one again.
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

fn is_of_the_client(error: ErrorKind) -> bool {
    matches!(error, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// Serves one connection until the client or the timeout closes it, or `stop` is closed and its request is answered.
async fn serve(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<()>,
    _place: Option<OwnedSemaphorePermit>,
) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    // How a connection ended interests only the client.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

impl Connections {
    /// Lets each connection answer the request that it has, and waits for the last.
    pub(crate) async fn finish(&mut self) {
        self.stop.send_replace(());
        while self.tasks.join_next().await.is_some() {}
    }
}
