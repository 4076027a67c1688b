//! A program with one endpoint and one backend behind Envoy's route, which answers any bytes. Knows not what they should become.

use std::rc::Rc;
use std::time::Duration;

use lua_modifier::http::{Body, Headers, Request, Response};
use lua_modifier::pipeline::{Exchange, Input, Output, Program};
use serde_json::{Value, json};

/// Made once, for many exchanges.
pub(crate) struct OneBackend(Rc<Program>);

impl OneBackend {
    /// With more of the endpoint, more of the backend, and the plugin's own settings.
    pub(crate) fn new(mut endpoint: Value, mut backend: Value, plugin: &Value) -> Self {
        (backend["host"], backend["url_pattern"]) = (json!(["a"]), "/".into());
        (endpoint["endpoint"], endpoint["backend"]) = ("/".into(), json!([backend]));
        let config = json!({"version": 3, "extra_config": {"envoy/lua-modifier": plugin}, "endpoints": [endpoint]});
        Self(Rc::new(Program::load(config.to_string().as_bytes()).unwrap()))
    }

    /// What the client gets where the backend answers this, with 200.
    pub(crate) fn answer(&self, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let mut exchange = Exchange::new(&self.0);
        let request = Request {
            method: "GET".into(),
            authority: "gateway".into(),
            path: "/".into(),
            headers: Headers::new(),
            body: Body::Absent,
            peer: String::new(),
        };
        let left = exchange.handle(Duration::ZERO, Input::Request(request));
        assert!(matches!(left, Output::Send(_)), "{left:?}");
        let response = Response { status: 200, headers: headers.iter().copied().collect(), body: Body::Unread };
        assert_eq!(exchange.handle(Duration::ZERO, Input::Response(Ok(response))), Output::ReadBody);
        match exchange.handle(Duration::ZERO, Input::Body(body)) {
            Output::Deliver(response) | Output::Answer(response) => response,
            other => panic!("{other:?}"),
        }
    }
}
