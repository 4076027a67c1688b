//! A listening socket on 127.0.0.1 with one thread for each connection. A given function makes the answers.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use super::Asked;
use crate::wire::http1::{self, Framing, Head, read_chunks, read_length};

/// Makes the bytes of the answer to a request.
pub type Handler = dyn Fn(&Asked) -> RawAnswer + Send + Sync;

/// Writes the answer to a request, for servers that also control the time of writing. An error drops the connection.
pub type Writer = dyn Fn(&Asked, &TcpStream) -> io::Result<()> + Send + Sync;

/// The bytes of an answer, and whether the connection is dropped after them.
pub struct RawAnswer {
    /// A message, or a part of one.
    pub bytes: Vec<u8>,
    /// Whether nothing more follows.
    pub last: bool,
}

impl RawAnswer {
    /// A whole answer with status 200 and this JSON.
    pub fn json(body: impl AsRef<[u8]>) -> Self {
        let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
        Self { bytes: http1::message("HTTP/1.1 200 ", &headers, body.as_ref(), true), last: false }
    }
}

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    writer: Box<Writer>,
    closed: AtomicBool,
    connections: Mutex<Vec<Weak<TcpStream>>>, // the serving threads own the connections
}

impl Server {
    /// Listens on a free port.
    pub fn start(handler: Box<Handler>) -> Self {
        Self::writing(Box::new(move |asked, mut connection| {
            let RawAnswer { bytes, last } = handler(asked);
            connection.write_all(&bytes)?;
            if last { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
        }))
    }

    /// The same with a function that writes to the connection itself.
    pub fn writing(writer: Box<Writer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { writer, closed: AtomicBool::new(false), connections: Mutex::default() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                let connection = Arc::new(connection);
                let mut connections = accepting.connections.lock().unwrap();
                connections.retain(|connection| connection.strong_count() > 0);
                connections.push(Arc::downgrade(&connection));
                let serving = Arc::clone(&accepting);
                thread::spawn(move || serving.serve(&connection));
            }
        });
        Self { address, shared }
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the accepting thread
        for connection in self.shared.connections.lock().unwrap().drain(..).filter_map(|one| one.upgrade()) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn serve(&self, connection: &TcpStream) {
        let _ = connection.set_nodelay(true);
        let mut stream = BufReader::new(connection);
        while let Ok(Some(head)) = Head::read(&mut stream) {
            let Some(asked) = request(&head, &mut stream) else {
                let refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
                let _ = (&mut &*connection).write_all(refusal);
                break;
            };
            let last = head.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            if (self.writer)(&asked, connection).is_err() || last {
                break;
            }
        }
    }
}

/// The whole request; `None` if its first line or its framing is malformed.
fn request(head: &Head, stream: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let words: Vec<&str> = head.start.split_whitespace().collect();
    let [method, target, version] = words.as_slice() else { return None };
    if !version.starts_with("HTTP/") {
        return None;
    }
    // two slashes would begin an authority: KrakenD's recorder joined them, and this server does, too
    let path =
        if target.starts_with("//") { format!("/{}", target.trim_start_matches('/')) } else { (*target).to_owned() };
    let body = match head.framing().ok()? {
        Framing::Chunked => read_chunks(stream).ok()?,
        Framing::Length(length) => read_length(stream, length),
        Framing::Unknown => Vec::new(),
    };
    Some(Asked { method: (*method).to_owned(), path, headers: head.headers.clone(), body })
}
