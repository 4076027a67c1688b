//! `--admin`: health, liveness and metrics over HTTP. Every client gets an answer, so no answer shows messages or credentials.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::ledger::Ledger;
use super::{health, metrics};
use crate::Trouble;
use crate::embedded::backends::whole;
use crate::embedded::pipe::Outlet;
use crate::embedded::terminal::tell;

/// Starts to listen and to serve, and returns the address.
pub(super) async fn start(address: &str, ledgers: Vec<Arc<Ledger>>) -> Result<SocketAddr, Trouble> {
    let cannot = |error: std::io::Error| Trouble::listener(address, &error, "--admin");
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let at = listener.local_addr().map_err(cannot)?;
    tokio::spawn(serve(listener, ledgers.into()));
    Ok(at)
}

async fn serve(listener: TcpListener, ledgers: Arc<[Arc<Ledger>]>) {
    loop {
        let connection = match listener.accept().await {
            Ok((connection, _)) => connection,
            // Too many files are open, for example.
            Err(error) => {
                tell(&format!("no connection can be taken at --admin: {error}"));
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
        };
        let ledgers = Arc::clone(&ledgers);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let answer = answer(request.method(), request.uri().path(), &ledgers);
            async { Ok::<_, Infallible>(answer) }
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        let serving = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(connection), service);
        tokio::spawn(async { drop(serving.await) });
    }
}

fn answer(method: &Method, path: &str, ledgers: &[Arc<Ledger>]) -> Response<Outlet> {
    const JSON: &str = "application/json; charset=utf-8";
    let (status, kind, text) = match path {
        _ if method != Method::GET && method != Method::HEAD => {
            (405, "text/plain", "405 method not allowed".to_owned())
        }
        "/__health" => {
            let (status, health) = health::of(ledgers);
            (status, JSON, health.to_string())
        }
        "/__live" => (200, JSON, r#"{"status":"ok"}"#.to_owned()),
        "/metrics" => (200, "text/plain; version=0.0.4; charset=utf-8", metrics::text(ledgers)),
        _ => (404, "text/plain", "404 page not found".to_owned()),
    };
    let length = text.len();
    let body = if method == Method::HEAD { Outlet::empty() } else { whole(text.into_bytes()) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static(kind));
    headers.insert("content-length", length.into());
    response
}
