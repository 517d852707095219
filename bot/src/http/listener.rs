//! Serves a bound listener within limits: connections, size of a request's head, time to read it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Largest head of a request, in bytes: Kannel puts a text of many parts into the URL, percent-encoded and
/// once more as binary data.
const LARGEST_HEAD: usize = 32 * 1024;
/// The most headers of a request.
const MOST_HEADERS: usize = 64;
/// How long a connection may live; a gateway simply opens the next.
const LIFETIME: Duration = Duration::from_mins(5);
/// How long a connection may still take to finish its request once it should end.
const DRAIN: Duration = Duration::from_secs(10);

/// Who is at the other end of a connection; an extension of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at once; more wait in the system's queue.
    pub connections: usize,
    /// Time to read the head of a request; a connection that is idle for as long is closed too.
    pub read_timeout: Duration,
}

/// Serves until `stop`, then lets the requests at work finish, for 10 s at most.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        // The semaphore is never closed.
        let Ok(place) = place else { break };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(problem) => {
                    wait_after(&problem).await;
                    continue;
                }
            },
        };
        let router = router.clone();
        let stop = stop.clone();
        connections.spawn(async move {
            connection(stream, Peer(peer), router, limits.read_timeout, stop).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(DRAIN + Duration::from_secs(1), connections.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
}

/// A connection that was gone before it was accepted is no reason to wait; everything else (no file
/// descriptors left) would fail again at once.
async fn wait_after(problem: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(problem.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%problem, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    read_timeout: Duration,
    stop: CancellationToken,
) {
    let service = router.map_request(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request
    });
    let service = TowerToHyperService::new(service);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended: Result<(), hyper::Error> = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => finish(connection.as_mut()).await,
        () = tokio::time::sleep(LIFETIME) => finish(connection.as_mut()).await,
    };
    // What a client does to its own connection is no failure of ours; the error names no request.
    if let Err(problem) = ended {
        tracing::debug!(%problem, "a connection ended early");
    }
}

/// Lets the request at work finish, for 10 s at most.
async fn finish<S>(
    mut connection: std::pin::Pin<&mut http1::Connection<TokioIo<TcpStream>, S>>,
) -> Result<(), hyper::Error>
where
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = Body, Error = Infallible>,
{
    connection.as_mut().graceful_shutdown();
    tokio::time::timeout(DRAIN, connection).await.unwrap_or(Ok(()))
}
