//! A backend that can wait, documents whose endpoints use it, and the client's answers. Knows no test.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::cases::Response;
use tests::command::Serving;
use tests::upstreams::{Asked, Gate, RawAnswer, Server};
use tests::wire::{client, http1};

/// A backend: `/gate` answers when the gate lets it, `/echo` with the request that it got, `/none` with nothing, every other
/// path with an object.
pub(crate) fn backend(gate: &Arc<Gate>) -> Server {
    let gate = Arc::clone(gate);
    Server::start(Box::new(move |asked: &Asked| {
        let json = [("Content-Type".to_owned(), "application/json".to_owned())];
        let whole = |status: u16, body: &[u8]| {
            let bytes = http1::message(&format!("HTTP/1.1 {status} "), &json, body, asked.method != "HEAD");
            RawAnswer { bytes, last: false }
        };
        match asked.path.as_str() {
            "/gate" if !gate.pass() => whole(500, b"{}"),
            "/echo" => whole(200, &asked.body),
            "/none" => RawAnswer { bytes: b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), last: false },
            "/chunks" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
                RawAnswer { bytes: format!("{head}6\r\n{{\"a\":1\r\n1\r\n}}\r\n0\r\n\r\n").into_bytes(), last: false }
            }
            "/half" => RawAnswer { bytes: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec(), last: true },
            _ => whole(200, b"{\"ok\": 1}"),
        }
    }))
}

pub(crate) fn document(endpoints: Value) -> String {
    let extra = json!({"router": {"return_error_msg": true}});
    json!({"version": 3, "timeout": "5s", "extra_config": extra, "endpoints": endpoints}).to_string()
}

pub(crate) fn endpoint(path: &str, host: &str, pattern: &str, more: Value) -> Value {
    let mut endpoint =
        json!({"endpoint": path, "backend": [{"host": [format!("http://{host}")], "url_pattern": pattern}]});
    endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    endpoint
}

pub(crate) fn script(block: Value) -> Value {
    json!({"extra_config": {"modifier/lua-proxy": block}})
}

pub(crate) fn told(response: Result<Response, String>) -> (u16, Value) {
    response.unwrap().told()
}

pub(crate) fn get(serving: &Serving, path: &str) -> (u16, Value) {
    told(client::get(serving.port, path))
}
