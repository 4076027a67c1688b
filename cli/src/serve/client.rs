//! A client's request: goes from the connection to the VM's thread, and the answer comes back. When the client leaves, the VM
//! is told; when the exchange has ended, a line on the terminal reports it.

use std::net::SocketAddr;
use std::time::Instant;

use host_sim::Headers;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response, StatusCode};
use tokio::sync::oneshot;

use super::front::{Front, Verdict};
use crate::embedded::backends::next_chunk;
use crate::embedded::headers::{of_request, outgoing};
use crate::embedded::pipe::{Broken, Companion, Outlet};
use crate::embedded::terminal;
use crate::embedded::worker::{Event, Stream, Worker};
use crate::verification::Verification;

/// Serves one request. The error `Broken` means: close the connection without an answer.
pub(super) async fn serve(
    (worker, key): (Worker, u64),
    (front, verification): (&Front, &Verification),
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Outlet>, Broken> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let asked = format!("{} {path}", parts.method);
    let bodiless = parts.method == hyper::Method::HEAD;
    let marks = match front.meet(&parts) {
        Verdict::Pass(marks) => marks,
        Verdict::Answer(answer, bytes, why) => {
            terminal::served(&asked, Some(answer.status().as_u16()), why, bytes, std::time::Duration::ZERO);
            return Ok(answer);
        }
    };
    let Some(headers) = of_request(&parts) else {
        terminal::served(&asked, Some(400), ": it names no host", 0, std::time::Duration::ZERO);
        let mut refusal = Response::new(Outlet::empty());
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        front.dress(refusal.headers_mut(), &marks);
        return Ok(refusal);
    };
    let properties = verification.verified(&headers, &mut |note| terminal::tell(&note)).await;
    let stream = worker.stream(key);
    let (answer, answered) = oneshot::channel();
    let end = body.is_end_stream();
    let mut account = Account::open(stream.clone(), asked, bodiless);
    stream.tell(Event::Request { headers, end, peer: peer.to_string(), properties, answer });
    if !end {
        tokio::spawn(send_body(stream, body));
    }
    let Ok(answer) = answered.await else {
        account.reset = true;
        return Err(Broken);
    };
    account.answered(&answer.headers);
    let (mut map, unfit) = outgoing(&answer.headers);
    front.dress(&mut map, &marks);
    for name in unfit {
        terminal::warn(&format!("the header {name} is not sent to the client: HTTP cannot carry its value"));
    }
    let mut response = Response::new(answer.body.accompanied(account));
    // HTTP has no such status: the module invented it.
    *response.status_mut() = StatusCode::from_u16(answer.headers.status()).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = map;
    Ok(response)
}

/// Hands the body to the VM, piece by piece, as fast as the backend takes it.
async fn send_body(stream: Stream, mut body: Incoming) {
    loop {
        let (done, passed) = oneshot::channel();
        let (chunk, end) = match next_chunk(&mut body).await {
            Some(Ok(chunk)) => (chunk.into(), false),
            Some(Err(_)) => return stream.tell(Event::ClientGone),
            None => (Vec::new(), true),
        };
        stream.tell(Event::RequestBody { chunk, end, done });
        // There is no answer if the stream has ended.
        let Ok(room) = passed.await else { return };
        if end {
            return;
        }
        if let Some(room) = room {
            room.wait().await;
        }
    }
}

/// Collects what the request's line on the terminal will say. If it is dropped before the end, the client has left.
struct Account {
    stream: Stream,
    asked: String,
    began: Instant,
    status: Option<u16>,
    promised: Option<u64>,
    bytes: usize,
    bodiless: bool,
    done: bool,
    reset: bool,
}

impl Account {
    fn open(stream: Stream, asked: String, bodiless: bool) -> Self {
        let began = Instant::now();
        let (status, promised) = (None, None);
        Self { stream, asked, began, status, promised, bytes: 0, bodiless, done: false, reset: false }
    }

    fn answered(&mut self, headers: &Headers) {
        self.status = Some(headers.status());
        self.promised = headers.content_length();
        self.done = self.bodiless || matches!(headers.status(), 204 | 304);
    }
}

impl Companion for Account {
    fn passed(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        // The connection does not ask for more bytes than `content-length` promised.
        self.done |= self.promised.is_some_and(|promised| self.bytes as u64 >= promised);
    }

    fn ended(&mut self) {
        self.done = true;
    }

    fn broken(&mut self) {
        self.reset = true;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let note = match (self.done, self.reset) {
            (true, _) => "",
            (_, true) => ": the connection was reset",
            _ => ": the client has left",
        };
        if !self.done {
            self.stream.tell(Event::ClientGone);
        }
        terminal::served(&self.asked, self.status, note, self.bytes, self.began.elapsed());
    }
}
