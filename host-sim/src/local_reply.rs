//! Answers that Envoy itself gives: the module's local replies, the answers for bodies that are too large, and the 503 of a
//! dead VM. In the request phase they pass the module's response callbacks; in the response phase they do not.

use crate::headers::Headers;
use crate::host::LocalReply;
use crate::sim::Sim;
use crate::stream::{Held, Side, StreamId};
use crate::trace::Event;
use crate::trap::Trap;

impl LocalReply {
    pub(crate) fn new(status: u32, details: &str, body: &str) -> Self {
        Self { status, details: details.to_owned(), headers: Vec::new(), body: body.into() }
    }

    // Envoy's prepareLocalReply: without a body there is no content-type and no content-length.
    fn headers(&self) -> Headers {
        let mut headers = Headers::new();
        headers.add(":status", self.status.to_string());
        for (name, value) in &self.headers {
            headers.add(name, value);
        }
        if self.body.is_empty() {
            headers.remove("content-length");
            headers.remove("content-type");
            return headers;
        }
        headers.set("content-length", self.body.len().to_string());
        if !headers.contains("content-type") {
            headers.add("content-type", "text/plain");
        }
        headers
    }
}

impl Sim {
    /// Answers a stream for Envoy.
    pub(crate) fn local_reply(&mut self, id: StreamId, reply: LocalReply) -> Result<(), Trap> {
        let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) else {
            return Ok(());
        };
        if stream.over {
            return Ok(());
        }
        let headers = reply.headers();
        let bare = reply.body.is_empty() || stream.head;
        let passes = !stream.response.arrived;
        if !passes && stream.response.left_headers.is_some() {
            self.reset(id);
            return Ok(());
        }
        stream.request.closed = true;
        stream.details = Some(reply.details.clone());
        self.vm.host_mut().note_for(id.0, Event::LocalReply { status: reply.status, details: reply.details });
        if passes {
            self.headers_arrive(id, Side::Response, headers, bare)?;
            return match bare {
                true => Ok(()),
                false => self.body_arrives(id, Side::Response, reply.body, true),
            };
        }
        self.deliver_directly(id, headers, reply.body);
        Ok(())
    }

    fn deliver_directly(&mut self, id: StreamId, headers: Headers, body: Vec<u8>) {
        if let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) {
            let flow = &mut stream.response;
            flow.closed = true;
            flow.arrived = true;
            flow.open = false;
            flow.held = Held::No;
            flow.headers = headers.clone();
            flow.left_headers = Some(headers);
            flow.left_body = body;
        }
        self.end_if(id, Side::Response, true);
    }

    /// Answers a stream on which more bytes were held than the buffer limit allows.
    pub(crate) fn too_large(&mut self, id: StreamId, side: Side) -> Result<(), Trap> {
        let reply = match side {
            Side::Request => LocalReply::new(413, "request_payload_too_large", "Payload Too Large"),
            Side::Response => LocalReply::new(500, "response_payload_too_large", "Internal Server Error"),
        };
        self.local_reply(id, reply)?;
        self.carry_out()
    }

    /// Answers every stream with 503, because the VM is dead. The module is not told.
    pub(crate) fn fail_streams(&mut self) {
        let host = self.vm.host_mut();
        host.deferred.clear();
        host.calls.clear();
        host.tick = None;
        host.stop = false;
        let open: Vec<_> = host
            .streams
            .iter_mut()
            .filter(|(_, stream)| !stream.over)
            .map(|(id, stream)| {
                stream.created = false;
                (StreamId(*id), stream.response.left_headers.is_some())
            })
            .collect();
        for (id, begun) in open {
            match begun {
                true => self.reset(id),
                false => self.fail(id),
            }
        }
    }

    /// Answers with 503 as Envoy's `FAIL_CLOSED` does.
    pub(crate) fn fail(&mut self, id: StreamId) {
        let reply = LocalReply::new(503, "wasm_fail_stream", "");
        if let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) {
            stream.request.closed = true;
            stream.details = Some(reply.details.clone());
        }
        let headers = reply.headers();
        self.vm.host_mut().note_for(id.0, Event::LocalReply { status: reply.status, details: reply.details });
        self.deliver_directly(id, headers, reply.body);
    }
}
