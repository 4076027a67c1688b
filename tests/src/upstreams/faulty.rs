//! An upstream that fails in every way in which an upstream can fail: each path is a fault. The tests check the effects.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use socket2::SockRef;

use super::{Asked, Server};
use crate::wire::http1::message;

/// The way in which a response goes wrong.
enum Fault {
    /// Sends these bytes, and closes the connection.
    Closes(&'static [u8]),
    /// Sends these bytes, and resets the connection, like a process that was killed.
    Resets(&'static [u8]),
    /// Sends these bytes, and nothing more as long as the other side waits.
    Stalls(&'static [u8]),
    /// Sends a body byte by byte, which would take for ever.
    Trickles,
    /// Sends a whole message with a body that is not what it claims to be.
    Lies(&'static str, &'static [u8]),
    /// Sends a body in gzip without its end.
    CutGzip,
    /// Sends ten megabytes of JSON.
    Large,
}

use Fault::{Closes, CutGzip, Large, Lies, Resets, Stalls, Trickles};

const FAULTS: [(&str, Fault); 21] = [
    ("closes", Closes(b"")),
    ("resets", Resets(b"")),
    ("closes-in-its-head", Closes(b"HTTP/1.1 200 OK\r\nContent-Ty")),
    (
        "closes-in-its-body",
        Closes(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\""),
    ),
    (
        "resets-in-its-body",
        Resets(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\""),
    ),
    ("closes-in-a-chunk", Closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"half\"\r\n20\r\n: ")),
    ("no-http", Closes(b"this is not HTTP\r\n\r\n")),
    ("no-text", Closes(b"\0\x01\xff\xfe\x80\0\0\r\n\r\n")),
    ("no-status", Closes(b"HTTP/1.1 yes OK\r\nContent-Length: 2\r\n\r\n{}")),
    ("no-length", Closes(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}")),
    ("two-lengths", Closes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}{}{}{")),
    ("length-too-small", Closes(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"a\": 1}")),
    ("no-chunk", Closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{\"a\": 1}\r\n0\r\n\r\n")),
    ("stalls", Stalls(b"")),
    (
        "stalls-in-its-body",
        Stalls(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\""),
    ),
    ("trickles", Trickles),
    ("no-json", Lies("identity", b"{\"a\": 1, \"b\": }")),
    ("no-utf8", Lies("identity", b"{\"a\": \"\xff\xfe\"")),
    ("no-gzip", Lies("gzip", b"{\"a\": 1}")),
    ("cut-gzip", CutGzip),
    ("large", Large),
];

/// The names of all faults; each is a path.
pub fn names() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|(name, _)| *name)
}

/// Starts the server. A path that is not a fault is answered with `{"ok": 1}`.
pub fn start() -> Server {
    Server::writing(Box::new(|asked, connection| {
        let name = asked.path.trim_start_matches('/');
        match FAULTS.iter().find(|(known, _)| *known == name) {
            Some((_, fault)) => fault.write(asked, connection),
            None => whole("identity", b"{\"ok\": 1}", connection),
        }
    }))
}

impl Fault {
    fn write(&self, asked: &Asked, mut connection: &TcpStream) -> io::Result<()> {
        let closed = || Err(io::ErrorKind::ConnectionAborted.into());
        match self {
            Closes(bytes) => connection.write_all(bytes).and(closed()),
            Resets(bytes) => {
                connection.write_all(bytes)?;
                if !bytes.is_empty() {
                    thread::sleep(Duration::from_millis(50)); // a reset discards data that has not been read yet
                }
                SockRef::from(connection).set_linger(Some(Duration::ZERO))?;
                closed()
            }
            Stalls(bytes) => {
                connection.write_all(bytes)?;
                until_it_closes(connection)
            }
            Trickles => {
                let json =
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"a\": \"";
                connection.write_all(json)?;
                loop {
                    connection.write_all(b"x")?;
                    thread::sleep(Duration::from_millis(20)); // this is the intended speed
                }
            }
            Lies(encoding, body) => whole(encoding, body, connection),
            CutGzip => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(format!("{{\"a\": \"{}\"}}", asked.path.repeat(100)).as_bytes())?;
                let bytes = gzip.finish()?;
                whole("gzip", &bytes[..bytes.len() - 12], connection)
            }
            Large => whole("identity", format!("{{\"long\": \"{}\"}}", "x".repeat(10 << 20)).as_bytes(), connection),
        }
    }
}

fn whole(encoding: &str, body: &[u8], mut connection: &TcpStream) -> io::Result<()> {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    if encoding != "identity" {
        headers.push(("Content-Encoding".to_owned(), encoding.to_owned()));
    }
    connection.write_all(&message("HTTP/1.1 200 ", &headers, body, true))
}

/// Waits for the other side to give up.
fn until_it_closes(mut connection: &TcpStream) -> io::Result<()> {
    io::copy(&mut connection, &mut io::sink())?;
    Err(io::ErrorKind::ConnectionAborted.into())
}
