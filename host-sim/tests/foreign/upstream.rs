//! What stands behind the module: it answers every call with its own path, and the route with a short page.

use std::time::Duration;

use host_sim::{Answer, Call, Request, Response, Upstreams};

/// Calls take these milliseconds, in their order; the route may have an answer of its own.
#[derive(Default)]
pub(crate) struct Upstream {
    pub(crate) delays: Vec<u64>,
    pub(crate) route: Option<Answer>,
}

impl Upstreams for Upstream {
    fn route(&mut self, request: &Request) -> Answer {
        let page = Response::new(200).header("x-seen", request.headers.get(":path").unwrap().as_bytes());
        self.route.clone().unwrap_or_else(|| page.body("page").into())
    }

    fn call(&mut self, call: &Call) -> Answer {
        let delay = self.delays.get(call.token as usize - 1).copied().unwrap_or(0);
        let path = call.headers.get(":path").unwrap().into_owned();
        Answer::after(Duration::from_millis(delay), Response::new(200).body(path))
    }
}
