//! A program with one endpoint, whose one backend on Envoy's route answers with any bytes. Does not know what the bytes should
//! become.

use std::rc::Rc;
use std::time::Duration;

use lua_modifier::http::{Body, Call, Headers, Request, Response};
use lua_modifier::pipeline::{Carrier, Departure, Draw, Exchange, Input, Output, Program, Ticket, carry_out};
use serde_json::{Value, json};

/// A program that is made once, for many exchanges.
pub(crate) struct OneBackend(Rc<Program>);

impl OneBackend {
    /// Makes the program with additional settings of the endpoint, of the backend and of the plugin.
    pub(crate) fn new(mut endpoint: Value, mut backend: Value, plugin: &Value) -> Self {
        (backend["host"], backend["url_pattern"]) = (json!(["a"]), "/".into());
        (endpoint["endpoint"], endpoint["backend"]) = ("/".into(), json!([backend]));
        let config = json!({"version": 3, "extra_config": {"envoy/lua-modifier": plugin}, "endpoints": [endpoint]});
        Self(Rc::new(Program::load(config.to_string().as_bytes()).unwrap()))
    }

    /// The client's response if the backend answers with these headers and this body, with status 200.
    pub(crate) fn answer(&self, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let mut carried = Carried { exchange: Exchange::new(&self.0), body };
        let request = Request {
            method: "GET".into(),
            authority: "gateway".into(),
            path: "/".into(),
            headers: Headers::new(),
            body: Body::Absent,
            peer: Default::default(),
        };
        let left = carry_out(&mut carried, Input::Request(request));
        assert!(matches!(left, Some(Departure::Send(_))), "{left:?}");
        let response = Response { status: 200, headers: headers.iter().copied().collect(), body: Body::Unread };
        match carry_out(&mut carried, Input::Response(Ok(response))) {
            Some(Departure::Deliver(response) | Departure::Answer(response)) => response,
            other => panic!("{other:?}"),
        }
    }
}

/// An exchange whose backend's body is there at once.
struct Carried {
    exchange: Exchange,
    body: Vec<u8>,
}

impl Carrier for Carried {
    fn tell(&mut self, input: Input) -> Option<Output> {
        Some(self.exchange.handle(Duration::ZERO, input))
    }

    fn read_body(&mut self) -> Option<Input> {
        Some(Input::Body(self.body.clone()))
    }

    fn part(&mut self) {
        panic!("no backend is a shadow")
    }

    fn verified(&mut self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn draw(&mut self, _: &Draw) -> bool {
        true
    }

    fn dispatch(&mut self, _: Ticket, call: Call) -> Vec<Input> {
        panic!("no script asks for {}", call.url)
    }
}
