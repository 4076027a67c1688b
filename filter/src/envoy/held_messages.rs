//! The two messages of a stream as Envoy holds them, and how the exchange's result leaves: as the held message, edited and
//! released, or as an answer that the module makes. Asks only what Envoy allows; knows nothing of the exchange.

use smol_str::SmolStr;

use super::action::{Action, LocalAnswer};
use super::body_state::BodyState;
use super::host::{Direction, Refusal, StreamAccess};
use super::messages;
use crate::http::{Body, FieldValue, Headers, Request, Response, names};
use crate::pipeline::Routed;

/// The messages of one stream.
pub(super) struct HeldMessages {
    /// The message that is under way.
    pub(super) side: Direction,
    request_body: BodyState,
    response_body: BodyState,
    // The response as it came, to find what has changed. The exchange keeps the request as it came.
    response: Option<OriginalResponse>,
    /// The cluster that the request was sent to.
    pub(super) cluster: SmolStr,
    /// The client has its answer: the module's, or Envoy's own to a request that was held.
    pub(super) answered: bool,
    // Envoy removes the content type from an answer without a body. It is put back when the answer passes by as a response.
    content_type: Option<Vec<u8>>,
}

// A response before it was changed.
struct OriginalResponse {
    status: u16,
    headers: Headers,
    has_body: bool,
}

impl HeldMessages {
    /// The messages of a stream on which nothing has come yet.
    pub(super) fn new() -> Self {
        Self {
            side: Direction::Request,
            request_body: BodyState::default(),
            response_body: BodyState::default(),
            response: None,
            cluster: SmolStr::default(),
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

    /// Reads the whole body of the message that is under way.
    pub(super) fn take_body(&mut self, host: &impl StreamAccess) -> Result<Vec<u8>, Action> {
        self.body().reading = false;
        host.body(self.side).map_err(|refusal: Refusal| {
            log::error!("Envoy did not hand over the body: {refusal}");
            self.fail("lua_modifier")
        })
    }

    /// Notes the response as it came, with or without a body behind it.
    pub(super) fn note_response(&mut self, response: &mut Response) {
        response.headers.share();
        let has_body = response.body != Body::Absent;
        self.response = Some(OriginalResponse { status: response.status, headers: response.headers.clone(), has_body });
    }

    /// The message that the host must be told to resume; `None` where it is not held, or where nothing may follow our answer.
    pub(super) fn release(&mut self) -> Option<Direction> {
        let releases = self.body().held && !self.answered;
        releases.then(|| {
            self.body().released();
            self.side
        })
    }

    /// Sends the request along the route.
    pub(super) fn send(&mut self, host: &impl StreamAccess, before: &Request, routed: Routed, limit: u64) -> Action {
        let Routed { request, cluster, timeout } = routed;
        for (name, before, after) in [
            (":method", &before.method, &request.method),
            (":path", &before.path, &request.path),
            (":authority", &before.authority, &request.authority),
        ] {
            if before != after {
                messages::set(host, Direction::Request, name, after.as_bytes());
            }
        }
        let mut after = request.headers;
        // A value that the client sent is dropped.
        after.remove(names::ENVOY_ORIGINAL_PATH);
        let replacement = replacement(request.body);
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(host, Direction::Request, &before.headers, &after);
        // What is for Envoy alone joins no headers: these would have to be copied first. Envoy's own rewrites set the first of these
        // headers too: access logs find the client's path in it.
        let path = (before.path != request.path).then(|| before.path.as_bytes());
        let timeout = timeout.map(|time| FieldValue::from(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)));
        for (name, value) in [
            (names::ENVOY_ORIGINAL_PATH, path),
            (names::CLUSTER, cluster.as_ref().map(|cluster| cluster.as_bytes())),
            (names::ENVOY_UPSTREAM_RQ_TIMEOUT_MS, timeout.as_ref().map(FieldValue::as_bytes)),
        ] {
            if let Some(value) = value {
                messages::set(host, Direction::Request, name.as_str(), value);
            }
        }
        self.cluster = cluster.unwrap_or_default();
        self.let_go(host, replacement, limit)
    }

    /// Sends the response to the client.
    pub(super) fn deliver(&mut self, host: &impl StreamAccess, response: Response, limit: u64) -> Action {
        let Some(before) = self.response.take() else { return Action::GoOn };
        if !before.has_body && !response.body.bytes().is_empty() {
            // Envoy cannot give a body to a response that came without one: the client gets an answer in its place.
            return self.answer(response, "lua_modifier");
        }
        if before.status != response.status {
            messages::set(host, Direction::Response, ":status", response.status.to_string().as_bytes());
        }
        // Nor can Envoy take a body away.
        let replacement = replacement(response.body).filter(|_| before.has_body);
        let mut after = response.headers;
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(host, Direction::Response, &before.headers, &after);
        self.let_go(host, replacement, limit)
    }

    // Lets the held message leave: at once, or as soon as the body that is replaced has come.
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

    /// Lets the message go on with another body.
    pub(super) fn replace_body(&mut self, host: &impl StreamAccess, bytes: &[u8]) -> Action {
        match host.replace_body(self.side, bytes) {
            Ok(()) => Action::GoOn,
            Err(refusal) => {
                log::error!("Envoy refused to replace a body: {refusal}");
                // The headers have the new length: with the old body, the next message would be cut at the wrong place.
                self.fail("lua_modifier")
            }
        }
    }

    /// Drops the bytes of the body that have come: another body will be sent in their place.
    pub(super) fn empty_body(&mut self, host: &impl StreamAccess) -> Action {
        self.body().size = 0;
        match self.replace_body(host, &[]) {
            Action::GoOn => Action::Stay,
            refused => refused,
        }
    }

    /// Ends the stream: its body is needed, but is held where it can be neither read nor replaced.
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

    /// Ends the stream with an empty answer of status 500.
    pub(super) fn fail(&mut self, details: &'static str) -> Action {
        self.answer(Response { status: 500, headers: Headers::new(), body: Body::Absent }, details)
    }

    /// Answers the client from the module; a stream has only one such answer.
    pub(super) fn answer(&mut self, mut response: Response, details: &'static str) -> Action {
        if self.answered {
            return Action::Stay;
        }
        self.answered = true;
        if response.status < 200 || matches!(response.status, 204 | 304) {
            response.body = Body::Absent;
        }
        if response.body.bytes().is_empty() {
            self.content_type = response.headers.get(names::CONTENT_TYPE).map(<[u8]>::to_vec);
        }
        Action::Answer(LocalAnswer { response, details })
    }

    /// Puts the content type back while our own answer passes by.
    pub(super) fn give_back_content_type(&mut self, host: &impl StreamAccess) {
        if let Some(content_type) = self.content_type.take()
            && let Err(refusal) = host.set_header(Direction::Response, "content-type", &content_type)
        {
            log::error!("Envoy refused the content type of an answer: {refusal}");
        }
    }
}

// The framing headers follow from the new body, or stay as they came. A script cannot set them: a wrong length cuts the next
// message at the wrong place.
fn frame(before: &Headers, after: &mut Headers, replacement: Option<&[u8]>) {
    for name in [names::TRANSFER_ENCODING, names::CONTENT_LENGTH] {
        if replacement.is_none() && after.has_the_same(name, before) {
            continue;
        }
        after.remove(name);
        if replacement.is_none() {
            before.get_all(name).for_each(|value| after.append(name, value));
        }
    }
    if let Some(bytes) = replacement {
        after.set(names::CONTENT_LENGTH, bytes.len() as u64);
    }
}

fn replacement(body: Body) -> Option<Vec<u8>> {
    match body {
        Body::Bytes(bytes) => Some(bytes),
        Body::Absent | Body::Unread => None,
    }
}
