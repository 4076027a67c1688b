//! One request along the route: sends it to its backend, and gives the response to the VM's thread. Waits while the client is
//! slower than the backend.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use host_sim::{Headers, Response};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::backends::{Backends, late, next_chunk};
use super::headers::of_response;
use super::hosts::Hosts;
use super::pipe::Outlet;
use super::worker::{Event, Stream};

/// Sends the request, and passes the response on until it ends.
pub(crate) async fn follow(backends: &Backends, hosts: &Hosts, stream: &Stream, headers: Headers, mut body: Outlet) {
    let cluster = headers.get("x-lua-modifier-cluster").unwrap_or_default();
    if cluster.is_empty() {
        return local(stream, Response::local(404, "cluster_not_found", ""));
    }
    let origin = hosts.find(&cluster, None, &headers.get(":authority").unwrap_or_default());
    let mut late_by_now = pin!(out_of_time(body.when_ended(), time_limit(&headers)));
    let asked = tokio::select! {
        asked = backends.ask(origin, &headers, body) => asked,
        () = &mut late_by_now => return local(stream, late()),
    };
    let (parts, mut body) = match asked {
        Ok(response) => response.into_parts(),
        Err(failure) => return local(stream, failure.local()),
    };
    let mut end = hyper::body::Body::is_end_stream(&body);
    stream.tell(Event::Response { headers: of_response(&parts), details: None, end });
    while !end {
        let chunk = tokio::select! {
            chunk = next_chunk(&mut body) => chunk,
            () = &mut late_by_now => return stream.tell(Event::ResponseBroken),
        };
        let (done, room) = oneshot::channel();
        match chunk {
            Some(Ok(chunk)) => stream.tell(Event::ResponseBody { chunk: chunk.into(), end: false, done }),
            Some(Err(_)) => return stream.tell(Event::ResponseBroken),
            None => {
                end = true;
                stream.tell(Event::ResponseBody { chunk: Vec::new(), end, done });
            }
        }
        // There is no answer if the stream has ended.
        let Ok(room) = room.await else { return };
        if let Some(room) = room {
            room.wait().await;
        }
    }
}

/// Gives the stream Envoy's own answer, which ends with its body.
fn local(stream: &Stream, response: Response) {
    let body = response.bytes();
    let details = Some(response.details);
    let end = body.is_empty();
    stream.tell(Event::Response { headers: response.headers, details, end });
    if !end {
        stream.tell(Event::ResponseBody { chunk: body, end: true, done: oneshot::channel().0 });
    }
}

fn time_limit(headers: &Headers) -> Option<Duration> {
    let limit = headers.get("x-envoy-upstream-rq-timeout-ms")?.parse().ok().filter(|limit| *limit > 0)?;
    Some(Duration::from_millis(limit))
}

// Envoy's clock starts when all of the request has been sent.
async fn out_of_time(sent: oneshot::Receiver<()>, limit: Option<Duration>) {
    let Some(limit) = limit else { return pending().await };
    let _ = sent.await;
    sleep(limit).await;
}
