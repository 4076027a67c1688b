//! The client of a case: sends exactly the headers that it is told to send, and reads one response.

use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::http1::{Framing, Head, read_chunks, read_length};
use crate::cases::{ClientRequest, Response, header_lists};

/// The longest time that an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(6);

/// Sends a request on a new connection. The error is a word for the reason why there was no response.
pub fn send(port: u16, request: &ClientRequest) -> Result<Response, String> {
    connect(port, PATIENCE).and_then(|mut stream| exchange(&mut stream, request)).map_err(in_words)
}

/// A plain GET.
pub fn get(port: u16, path: &str) -> Result<Response, String> {
    send(port, &ClientRequest::new("GET", path))
}

/// A client that keeps its connection, and opens a new one if Envoy has closed it.
pub struct Caller {
    port: u16,
    patience: Duration,
    kept: Option<BufReader<TcpStream>>,
}

impl Caller {
    /// A client that is not connected yet.
    pub fn new(port: u16) -> Self {
        Self { port, patience: PATIENCE, kept: None }
    }

    /// The client with a longer time limit.
    pub fn patiently(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A plain GET.
    pub fn get(&mut self, path: &str) -> Result<Response, String> {
        let request = ClientRequest::new("GET", path);
        if let Some(response) = self.kept.take().map(|stream| self.ask(stream, &request)) {
            match response {
                // the connection was closed between two requests: ask again, as every client does
                Err(e) if matches!(e.kind(), UnexpectedEof | ConnectionReset | BrokenPipe) => {}
                other => return other.map_err(in_words),
            }
        }
        connect(self.port, self.patience).and_then(|stream| self.ask(stream, &request)).map_err(in_words)
    }

    fn ask(&mut self, mut stream: BufReader<TcpStream>, request: &ClientRequest) -> io::Result<Response> {
        let response = exchange(&mut stream, request)?;
        let closes =
            response.headers.get("connection").is_some_and(|values| values.iter().any(|value| value == "close"));
        if !closes && !response.truncated {
            self.kept = Some(stream);
        }
        Ok(response)
    }
}

fn in_words(e: io::Error) -> String {
    match e.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "timeout".to_owned(),
        UnexpectedEof => "empty reply".to_owned(),
        _ => e.to_string(),
    }
}

fn connect(port: u16, patience: Duration) -> io::Result<BufReader<TcpStream>> {
    let connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(patience))?;
    Ok(BufReader::new(connection))
}

fn exchange(stream: &mut BufReader<TcpStream>, request: &ClientRequest) -> io::Result<Response> {
    stream.get_mut().write_all(&bytes(request))?;
    read_response(stream, request.method == "HEAD")
}

/// The response to a request that was written. `to_head`: the request was HEAD, so the response has no body.
pub fn read_response(stream: &mut BufReader<TcpStream>, to_head: bool) -> io::Result<Response> {
    loop {
        let head = Head::read(stream)?.ok_or(UnexpectedEof)?;
        let status =
            head.start.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        if status == 101 || status >= 200 {
            return response(&head, status, to_head, stream);
        }
    }
}

/// The request as bytes, with `Host` and `Content-Length` if the case does not have its own.
pub fn bytes(request: &ClientRequest) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
    for (name, value) in headers(request) {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    text += request.body.as_deref().unwrap_or_default();
    text.into_bytes()
}

/// The headers that a request arrives with.
pub fn headers(request: &ClientRequest) -> Vec<(String, String)> {
    let has = |name: &str| request.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut headers = request.headers.clone();
    if !has("host") {
        headers.insert(0, ("Host".into(), "gateway.test".into()));
    }
    if let Some(body) = request.body.as_ref().filter(|_| !has("content-length") && !has("transfer-encoding")) {
        headers.push(("Content-Length".into(), body.len().to_string()));
    }
    headers
}

/// The body without its framing.
pub fn body(request: &ClientRequest) -> Vec<u8> {
    let body = request.body.clone().unwrap_or_default().into_bytes();
    match (Head { start: String::new(), headers: request.headers.clone() }).framing() {
        Ok(Framing::Chunked) => read_chunks(&mut body.as_slice()).unwrap_or_default(),
        _ => body,
    }
}

fn response(head: &Head, status: u16, to_head: bool, stream: &mut BufReader<TcpStream>) -> io::Result<Response> {
    let mut response = Response { status, headers: header_lists(&head.headers), ..Response::default() };
    if to_head || matches!(status, 204 | 304) {
        return Ok(response);
    }
    match head.framing()? {
        Framing::Chunked => response.body = read_chunks(stream)?,
        Framing::Unknown => drop(stream.read_to_end(&mut response.body)?),
        Framing::Length(length) => {
            response.body = read_length(stream, length);
            response.truncated = response.body.len() != length;
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstreams::{Rule, Upstream};
    use serde_json::json;

    fn request(headers: &[(&str, &str)], body: Option<&str>) -> ClientRequest {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        ClientRequest { headers, body: body.map(str::to_owned), ..ClientRequest::new("POST", "/a?b") }
    }

    fn port(upstream: &Upstream) -> u16 {
        upstream.authority().rsplit(':').next().unwrap().parse().unwrap()
    }

    #[test]
    fn host_and_length_are_added_where_they_lack() {
        assert_eq!(
            bytes(&request(&[], Some("é"))),
            "POST /a?b HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 2\r\n\r\né".as_bytes()
        );
        assert_eq!(bytes(&request(&[("hoST", "x")], None)), b"POST /a?b HTTP/1.1\r\nhoST: x\r\n\r\n");
    }

    #[test]
    fn client_and_upstream_understand_each_other() {
        let upstream = Upstream::start();
        upstream.set_rules(vec![Rule::new(&json!({"status": 418, "headers": {"X-A": ["1", "2"]}, "body": "tea"}))]);
        let response = send(port(&upstream), &request(&[("X-Lua", "a")], Some("body"))).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (418, b"tea".as_slice()));
        assert_eq!(response.headers["x-a"], ["1", "2"]);
        let asked = &upstream.asked()[0];
        assert_eq!((asked.path.as_str(), asked.body.as_slice()), ("/a?b", b"body".as_slice()));
        assert_eq!(asked.headers[1], ("X-Lua".into(), "a".into()));
    }

    #[test]
    fn a_dropped_connection_is_an_empty_reply_and_a_short_body_is_truncated() {
        let upstream = Upstream::start();
        upstream.set_rules(vec![
            Rule::new(&json!({"path": "/a", "close": true})),
            Rule::new(
                &json!({"path": "/short", "headers": {"Content-Length": "9", "Connection": "close"}, "body": "abc"}),
            ),
        ]);
        assert_eq!(send(port(&upstream), &request(&[], None)), Err("empty reply".into()));
        let short = ClientRequest { path: "/short".into(), ..request(&[("Connection", "close")], None) };
        assert!(send(port(&upstream), &short).unwrap().truncated);
    }
}
