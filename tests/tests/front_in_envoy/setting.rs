//! The same document in each gateway, with one upstream, and requests as bytes. Knows no test.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tests::cases::Response;
use tests::command::{Serving, call};
use tests::envoy::Bundled;
use tests::machine::Folder;
use tests::upstreams::{Asked, RawAnswer, Server};
use tests::wire::client::read_response;

/// A running gateway, with its name.
pub(crate) struct Gateway {
    pub(crate) name: &'static str,
    port: u16,
    _running: Running,
}

enum Running {
    Envoy(#[expect(dead_code, reason = "it runs until it is dropped")] Bundled),
    Serve(#[expect(dead_code, reason = "it runs until it is dropped")] Serving),
}

/// An upstream: `/noop` is answered with special headers, `/fails` with 500, and every other path with `{}`.
pub(crate) fn upstream() -> Server {
    Server::start(Box::new(|asked: &Asked| match asked.path.as_str() {
        "/noop" => RawAnswer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Frame-Options: SAMEORIGIN\r\nVary: Accept\r\n\
                     Access-Control-Allow-Origin: https://backend.test\r\nContent-Length: 1\r\n\r\nx"
                .to_vec(),
            last: false,
        },
        "/fails" => RawAnswer { bytes: b"HTTP/1.1 500 Failed\r\nContent-Length: 1\r\n\r\nx".to_vec(), last: false },
        _ => RawAnswer::json("{}"),
    }))
}

/// A document with these blocks at the service, and one endpoint, `/t`.
pub(crate) fn document(upstream: &Server, extra: Value) -> Value {
    json!({
        "version": 3, "extra_config": extra,
        "endpoints": [{
            "endpoint": "/t",
            "backend": [{"host": [format!("http://{}", upstream.authority())], "url_pattern": "/b"}],
        }],
    })
}

/// Every gateway, started with a document and further files beside it.
pub(crate) fn gateways(document: &Value, files: &[(&str, String)]) -> Vec<Gateway> {
    let folder = || {
        let folder = Folder::default();
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder.write("krakend.json", document.to_string());
        folder
    };
    let by_envoy = |name: &'static str| {
        let folder = folder();
        let options = ["bundle", "krakend.json", "--listen=127.0.0.1:0", "--admin-port=0", "-o", "envoy.yaml"];
        let said = call(folder.path(), &options);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let running = Bundled::start_with_workers(name, &folder.path().join("envoy.yaml"), 1);
        let port = running.port("lua-modifier");
        Gateway { name, port, _running: Running::Envoy(running) }
    };
    let serving = Serving::start_in(folder(), &[]).unwrap();
    let served = Gateway { name: "serve", port: serving.port, _running: Running::Serve(serving) };
    vec![by_envoy("ENVOY"), by_envoy("ENVOY_OLDEST"), served]
}

impl Gateway {
    /// Sends a request of these lines on a separate connection; none if it was closed without an answer.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &[u8])]) -> Option<Response> {
        self.send(method, target, headers, "")
    }

    fn send(&self, method: &str, target: &str, headers: &[(&str, &[u8])], body: &str) -> Option<Response> {
        let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend(format!("{name}: ").bytes());
            bytes.extend(*value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"Connection: close\r\n\r\n");
        bytes.extend(body.bytes());
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        connection.write_all(&bytes).ok()?;
        read_response(&mut BufReader::new(connection), method == "HEAD").ok()
    }

    /// Sends a request with a body.
    pub(crate) fn post(&self, target: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let length = body.len().to_string();
        let mut all: Vec<(&str, &[u8])> = vec![("Host", b"gateway.test"), ("Content-Length", length.as_bytes())];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        self.send("POST", target, &all, body).unwrap_or_else(|| panic!("{}: no answer", self.name))
    }

    /// Sends a request of a web page.
    pub(crate) fn fetch(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        let own = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let has_host = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = (!has_host).then_some(("Host", b"gateway.test".as_slice()));
        let all: Vec<(&str, &[u8])> = host.into_iter().chain(own).collect();
        self.ask(method, target, &all).unwrap_or_else(|| panic!("{}: no answer to {headers:?}", self.name))
    }
}

/// The values of a header, one by one, however many lines they came in.
pub(crate) fn values(response: &Response, name: &str) -> Vec<String> {
    let lines = response.headers.get(name).into_iter().flatten();
    lines.flat_map(|line| line.split(',')).map(|value| value.trim().to_owned()).collect()
}

/// The only value of a header.
pub(crate) fn value(response: &Response, name: &str) -> Option<String> {
    let lines = response.headers.get(name)?;
    assert_eq!(lines.len(), 1, "{name}: {lines:?}");
    lines.first().cloned()
}
