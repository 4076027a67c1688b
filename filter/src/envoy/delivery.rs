//! How what the exchange wants leaves by a stream: the held message, edited and let go, or an answer of our own. Asks only
//! what Envoy allows.

use super::host::{Direction, StreamAccess};
use super::messages;
use super::stream_state::{Action, LocalAnswer, StreamState};
use crate::http::{Body, Headers, Response};
use crate::pipeline::{CLUSTER_HEADER, Routed};

impl StreamState {
    /// The request leaves along the route.
    pub(super) fn send(&mut self, host: &impl StreamAccess, routed: Routed) -> Action {
        let Some(before) = self.exchange.client() else { return Action::GoOn };
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
        self.let_go(host, replacement)
    }

    /// The response goes to the client.
    pub(super) fn deliver(&mut self, host: &impl StreamAccess, response: Response) -> Action {
        let Some(before) = self.response.take() else { return Action::GoOn };
        if !before.has_body && !response.body.bytes().is_empty() {
            // A body cannot be given to a response that came without one: it is answered instead.
            return self.answer(response, "lua_modifier");
        }
        if before.status != response.status {
            messages::edit_pseudo(host, Direction::Response, ":status", &response.status.to_string());
        }
        let replacement = replacement(response.body);
        let mut after = response.headers;
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(host, Direction::Response, &before.headers, &after);
        self.let_go(host, replacement)
    }

    // The held message may leave, at once or as soon as the body that it loses has come.
    fn let_go(&mut self, host: &impl StreamAccess, replacement: Option<Vec<u8>>) -> Action {
        match replacement {
            None => Action::GoOn,
            Some(bytes) if self.body().ended => self.replace_body(host, &bytes),
            Some(bytes) => {
                self.body().replacement = Some(bytes);
                self.expect_body(host.now());
                Action::Stay
            }
        }
    }

    /// The message goes on with another body.
    pub(super) fn replace_body(&mut self, host: &impl StreamAccess, bytes: &[u8]) -> Action {
        match host.replace_body(self.side(), bytes) {
            Ok(()) => Action::GoOn,
            Err(refusal) => {
                log::error!("Envoy refused to replace a body: {refusal}");
                // The headers have the new length: with the old body they would cut the next message.
                self.fail("lua_modifier")
            }
        }
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
        self.forget_body();
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
