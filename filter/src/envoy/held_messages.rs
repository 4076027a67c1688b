//! The two messages of a stream as Envoy holds them, and how what the exchange wants leaves by them: the held message, edited
//! and let go, or an answer of our own. Asks only what Envoy allows; knows nothing of the exchange.

use super::action::{Action, LocalAnswer};
use super::body_state::BodyState;
use super::host::{Direction, Refusal, StreamAccess};
use super::messages;
use crate::http::{Body, Headers, Request, Response};
use crate::pipeline::{CLUSTER_HEADER, Routed};

const ORIGINAL_PATH: &str = "x-envoy-original-path";

/// The messages of one stream.
pub(super) struct HeldMessages {
    /// Which is under way.
    pub(super) side: Direction,
    request_body: BodyState,
    response_body: BodyState,
    // The response as it came, to tell what has changed. The request is the exchange's.
    response: Option<OriginalResponse>,
    /// Where the request went.
    pub(super) cluster: String,
    /// The stream has had its answer of ours.
    pub(super) answered: bool,
    // Envoy takes the content type away from an answer without a body; it can be given back when the answer passes by.
    content_type: Option<Vec<u8>>,
}

// What a response was before it was changed.
struct OriginalResponse {
    status: u16,
    headers: Headers,
    has_body: bool,
}

impl HeldMessages {
    /// Of a stream on which nothing has come.
    pub(super) fn new() -> Self {
        Self {
            side: Direction::Request,
            request_body: BodyState::default(),
            response_body: BodyState::default(),
            response: None,
            cluster: String::new(),
            answered: false,
            content_type: None,
        }
    }

    /// The body of the message that is under way.
    pub(super) fn body(&mut self) -> &mut BodyState {
        self.body_of(self.side)
    }

    /// The body of a message.
    pub(super) fn body_of(&mut self, direction: Direction) -> &mut BodyState {
        match direction {
            Direction::Request => &mut self.request_body,
            Direction::Response => &mut self.response_body,
        }
    }

    /// All of the body of the message that is under way.
    pub(super) fn take_body(&mut self, host: &impl StreamAccess) -> Result<Vec<u8>, Action> {
        self.body().reading = false;
        host.body(self.side).map_err(|refusal: Refusal| {
            log::error!("Envoy did not hand over the body: {refusal}");
            self.fail("lua_modifier")
        })
    }

    /// Notes the response as it came, with or without a body behind it.
    pub(super) fn note_response(&mut self, response: &Response) {
        let has_body = response.body != Body::Absent;
        self.response = Some(OriginalResponse { status: response.status, headers: response.headers.clone(), has_body });
    }

    /// Which message the host must be told to resume; none where it is not held, or nothing may follow our answer.
    pub(super) fn release(&mut self) -> Option<Direction> {
        let releases = self.body().held && !self.answered;
        releases.then(|| {
            self.body().released();
            self.side
        })
    }

    /// The request leaves along the route.
    pub(super) fn send(&mut self, host: &impl StreamAccess, before: &Request, routed: Routed, limit: u64) -> Action {
        let Routed { request, cluster, timeout } = routed;
        for (name, before, after) in [
            (":method", &before.method, &request.method),
            (":path", &before.path, &request.path),
            (":authority", &before.authority, &request.authority),
        ] {
            if before != after {
                messages::edit_pseudo(host, Direction::Request, name, after);
            }
        }
        let mut after = request.headers;
        // As Envoy's own rewrites have it: access logs find the client's path there. A client's own says nothing.
        after.remove(ORIGINAL_PATH);
        if before.path != request.path {
            after.set(ORIGINAL_PATH, before.path.as_bytes());
        }
        // The exchange lets no client's own pass.
        if let Some(cluster) = &cluster {
            after.set(CLUSTER_HEADER, cluster.as_bytes());
        }
        if let Some(timeout) = timeout {
            after.set("x-envoy-upstream-rq-timeout-ms", timeout.as_millis().max(1).to_string());
        }
        let replacement = replacement(request.body);
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(host, Direction::Request, &before.headers, &after);
        self.cluster = cluster.unwrap_or_default();
        self.let_go(host, replacement, limit)
    }

    /// The response goes to the client.
    pub(super) fn deliver(&mut self, host: &impl StreamAccess, response: Response, limit: u64) -> Action {
        let Some(before) = self.response.take() else { return Action::GoOn };
        if !before.has_body && !response.body.bytes().is_empty() {
            // A body cannot be given to a response that came without one: it is answered instead.
            return self.answer(response, "lua_modifier");
        }
        if before.status != response.status {
            messages::edit_pseudo(host, Direction::Response, ":status", &response.status.to_string());
        }
        // Nor can it be taken away.
        let replacement = replacement(response.body).filter(|_| before.has_body);
        let mut after = response.headers;
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(host, Direction::Response, &before.headers, &after);
        self.let_go(host, replacement, limit)
    }

    // The held message may leave, at once or as soon as the body that it loses has come.
    fn let_go(&mut self, host: &impl StreamAccess, replacement: Option<Vec<u8>>, limit: u64) -> Action {
        let body = self.body();
        let out_of_sight = !body.is_in_sight() && (body.ended || body.exceeds(limit));
        match replacement {
            None => Action::GoOn,
            Some(_) if out_of_sight => self.fail_out_of_sight(limit),
            Some(bytes) if body.ended => self.replace_body(host, &bytes),
            Some(bytes) => {
                self.body().replacement = Some(bytes);
                Action::Stay
            }
        }
    }

    /// The message goes on with another body.
    pub(super) fn replace_body(&mut self, host: &impl StreamAccess, bytes: &[u8]) -> Action {
        match host.replace_body(self.side, bytes) {
            Ok(()) => Action::GoOn,
            Err(refusal) => {
                log::error!("Envoy refused to replace a body: {refusal}");
                // The headers have the new length: with the old body they would cut the next message.
                self.fail("lua_modifier")
            }
        }
    }

    /// What has come of the body goes nowhere: another will be sent in its place.
    pub(super) fn empty_body(&mut self, host: &impl StreamAccess) -> Action {
        self.body().size = 0;
        match self.replace_body(host, &[]) {
            Action::GoOn => Action::Stay,
            refused => refused,
        }
    }

    /// Ends the stream: its body is wanted, and has been held where it can be neither read nor replaced.
    pub(super) fn fail_out_of_sight(&mut self, limit: u64) -> Action {
        let (side, body) = (self.side, self.body());
        let whose = if side == Direction::Request { "request" } else { "response" };
        if !body.exceeds(limit) {
            log::error!(
                "the body of the {whose} ends with trailers: it can be read or replaced before a call, not after it"
            );
            return self.fail("lua_modifier");
        }
        log::error!(
            "the body of the {whose}, which is to be replaced, is larger than {limit} bytes (limits.body_bytes)"
        );
        let status = if side == Direction::Request { 413 } else { 500 };
        self.answer(Response { status, headers: Headers::new(), body: Body::Absent }, "lua_modifier")
    }

    /// Ends the stream with an answer that says nothing but that it failed.
    pub(super) fn fail(&mut self, details: &'static str) -> Action {
        self.answer(Response { status: 500, headers: Headers::new(), body: Body::Absent }, details)
    }

    /// An answer of our own, the only one of this stream.
    pub(super) fn answer(&mut self, mut response: Response, details: &'static str) -> Action {
        if self.answered {
            return Action::Stay;
        }
        self.answered = true;
        if response.status < 200 || matches!(response.status, 204 | 304) {
            response.body = Body::Absent;
        }
        if response.body.bytes().is_empty() {
            self.content_type = response.headers.get("content-type").map(<[u8]>::to_vec);
        }
        Action::Answer(LocalAnswer { response, details })
    }

    /// Our own answer passes by.
    pub(super) fn give_back_content_type(&mut self, host: &impl StreamAccess) {
        if let Some(content_type) = self.content_type.take()
            && let Err(refusal) = host.set_header(Direction::Response, "content-type", &content_type)
        {
            log::error!("Envoy refused the content type of an answer: {refusal}");
        }
    }
}

// How the body travels is known from the body, or as it came; nobody else may say so: a wrong length cuts the next message.
fn frame(before: &Headers, after: &mut Headers, replacement: Option<&[u8]>) {
    for name in ["transfer-encoding", "content-length"] {
        after.remove(name);
        if replacement.is_none() {
            before.get_all(name).for_each(|value| after.append(name, value));
        }
    }
    if let Some(bytes) = replacement {
        after.set("content-length", bytes.len().to_string());
    }
}

fn replacement(body: Body) -> Option<Vec<u8>> {
    match body {
        Body::Bytes(bytes) => Some(bytes),
        Body::Absent | Body::Unread => None,
    }
}
