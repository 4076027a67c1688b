//! A listening socket on 127.0.0.1 with one thread per connection. What it answers is a function that it is given.

use std::io::{BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::http1::{Framing, Head, read_chunks, read_length};
use crate::mock::Asked;

/// From a request to its answer.
pub type Handler = dyn Fn(&Asked) -> Answer + Send + Sync;

/// What is written, and whether the connection is dropped then.
pub struct Answer {
    /// A message, or a part of one.
    pub bytes: Vec<u8>,
    /// Nothing more comes.
    pub last: bool,
}

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    handler: Box<Handler>,
    closed: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Listens on a free port.
    pub fn start(handler: Box<Handler>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { handler, closed: AtomicBool::new(false), connections: Mutex::default() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.lock().unwrap().extend(connection.try_clone());
                let serving = Arc::clone(&accepting);
                thread::spawn(move || serving.serve(&connection));
            }
        });
        Server { address, shared }
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
        for connection in self.shared.connections.lock().unwrap().drain(..) {
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
            let Answer { bytes, last } = (self.handler)(&asked);
            let last = last || head.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            if (&mut &*connection).write_all(&bytes).is_err() || last {
                break;
            }
        }
        let _ = connection.shutdown(Shutdown::Both);
    }
}

/// The whole request, or none where its first line or its framing is malformed.
fn request(head: &Head, stream: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let words: Vec<&str> = head.start.split_whitespace().collect();
    let [method, target, version] = words.as_slice() else { return None };
    if !version.starts_with("HTTP/") {
        return None;
    }
    // two slashes would begin an authority: KrakenD's recorder folded them, and so do we
    let path =
        if target.starts_with("//") { format!("/{}", target.trim_start_matches('/')) } else { (*target).to_owned() };
    let body = match head.framing().ok()? {
        Framing::Chunked => read_chunks(stream).ok()?,
        Framing::Length(length) => read_length(stream, length),
        Framing::Unknown => Vec::new(),
    };
    Some(Asked { method: (*method).to_owned(), path, headers: head.headers.clone(), body })
}
