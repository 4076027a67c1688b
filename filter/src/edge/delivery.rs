//! How what the engine wants leaves by a stream: the held message, edited and let go, or an answer of our own. Asks only what
//! Envoy allows.

use super::hostcalls::{self, Buffer, Map};
use super::messages;
use super::stream::Stream;
use crate::http::{Body, Headers, Response};
use crate::pipeline::{CLUSTER_HEADER, Routed};

impl Stream {
    pub(super) fn send(&mut self, routed: Routed) -> bool {
        let Some(before) = self.exchange.client() else { return true };
        let Routed { request, cluster, timeout } = routed;
        for (name, before, after) in [
            (":method", &before.method, &request.method),
            (":path", &before.path, &request.path),
            (":authority", &before.authority, &request.authority),
        ] {
            if before != after {
                messages::edit_pseudo(Map::Request, name, after);
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
        messages::edit(Map::Request, &before.headers, &after);
        self.cluster = cluster.unwrap_or_default();
        self.let_go(replacement)
    }

    pub(super) fn deliver(&mut self, response: Response) -> bool {
        let Some(before) = self.response.take() else { return true };
        if !before.has_body && !response.body.bytes().is_empty() {
            // A body cannot be given to a response that came without one: it is answered instead.
            self.answer(&response);
            return false;
        }
        if before.status != response.status {
            messages::edit_pseudo(Map::Response, ":status", &response.status.to_string());
        }
        let replacement = replacement(response.body);
        let mut after = response.headers;
        frame(&before.headers, &mut after, replacement.as_deref());
        messages::edit(Map::Response, &before.headers, &after);
        self.let_go(replacement)
    }

    // The held message may leave, at once or as soon as the body that it loses has come.
    fn let_go(&mut self, replacement: Option<Vec<u8>>) -> bool {
        let (_, buffer, _) = self.map();
        let body = self.body();
        match replacement {
            Some(bytes) if !body.ended => {
                body.replacement = Some(bytes);
                self.watch_body();
                false
            }
            Some(bytes) => {
                replace(buffer, &bytes);
                true
            }
            None => true,
        }
    }

    pub(super) fn answer(&mut self, response: &Response) {
        if self.answered {
            return;
        }
        self.answered = true;
        self.watch.forget(self.context);
        let bodiless = response.status < 200 || matches!(response.status, 204 | 304);
        let body = if bodiless { &[] } else { response.body.bytes() };
        if body.is_empty() {
            self.content_type = response.headers.get("content-type").map(<[u8]>::to_vec);
        }
        // Envoy writes the length itself.
        let framed = |name: &str| matches!(name, "content-length" | "transfer-encoding");
        let headers: Vec<(&str, &[u8])> = response.headers.iter().filter(|(name, _)| !framed(name)).collect();
        if let Err(refused) = hostcalls::answer(response.status, "lua_modifier", &headers, body) {
            log::error!("Envoy refused an answer with status {}: {refused}", response.status);
            // Without any answer the client would wait for ever.
            if let Err(refused) = hostcalls::answer(500, "lua_modifier_refused", &[], &[]) {
                log::error!("Envoy refused a bare 500, too: {refused}");
            }
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

pub(super) fn replace(buffer: Buffer, bytes: &[u8]) {
    if let Err(refused) = hostcalls::replace_buffer(buffer, bytes) {
        log::error!("Envoy refused to replace a body: {refused}");
    }
}
