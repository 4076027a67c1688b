//! Requests as bytes, well formed or not: in HTTP/1 with a given request line, in HTTP/2 with given pseudo-headers. The result
//! is a status, or nothing.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tests::cases::Response;
use tests::wire::client::read_response;

/// A request in any spelling.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    /// The version: `HTTP/1.1`, `HTTP/1.0` or `2`.
    pub(crate) version: &'static str,
    pub(crate) headers: Vec<(String, String)>,
}

const PATIENCE: Duration = Duration::from_secs(10);

impl Raw {
    /// Sends the request on a separate connection; none if the connection was closed without an answer.
    pub(crate) fn send(&self, port: u16) -> Option<Response> {
        let connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
        connection.set_nodelay(true).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let sent = if self.version == "2" { self.by_frames(&connection) } else { self.by_lines(&connection) };
        match sent {
            Ok(response) => response,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("no answer to {self:?}")
            }
            Err(_) => None,
        }
    }

    fn by_lines(&self, mut connection: &TcpStream) -> io::Result<Option<Response>> {
        let mut bytes = format!("{} ", self.method).into_bytes();
        bytes.extend(&self.target);
        bytes.extend(format!(" {}\r\nHost: gateway.test\r\nConnection: close\r\n", self.version).bytes());
        self.headers.iter().for_each(|(name, value)| bytes.extend(format!("{name}: {value}\r\n").bytes()));
        bytes.extend(b"\r\n");
        connection.write_all(&bytes)?;
        let mut stream = BufReader::new(connection.try_clone()?);
        read_response(&mut stream, self.method == "HEAD").map(Some)
    }

    /// Sends one stream of HTTP/2: nothing is compressed, and of the answer only its end is looked for.
    fn by_frames(&self, mut connection: &TcpStream) -> io::Result<Option<Response>> {
        let mut block = Vec::new();
        let pseudo: [(&str, &[u8]); 4] = [
            (":method", self.method.as_bytes()),
            (":scheme", b"http"),
            (":authority", b"gateway.test"),
            (":path", &self.target),
        ];
        pseudo.iter().for_each(|(name, value)| literal(&mut block, name.as_bytes(), value));
        for (name, value) in &self.headers {
            literal(&mut block, name.to_lowercase().as_bytes(), value.as_bytes());
        }
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &[]));
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block));
        connection.write_all(&bytes)?;
        loop {
            let mut head = [0; 9];
            connection.read_exact(&mut head)?;
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            connection.read_exact(&mut payload)?;
            let (kind, flags, stream) = (head[3], head[4], head[8]);
            match kind {
                SETTINGS if flags & ACK == 0 => connection.write_all(&frame(SETTINGS, ACK, 0, &[]))?,
                RST_STREAM | GOAWAY => return Ok(None),
                HEADERS | DATA if stream == 1 && flags & END_STREAM != 0 => return Ok(None),
                _ => {}
            }
        }
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, stream];
    bytes.extend(payload);
    bytes
}

// A literal header without index; neither string uses Huffman's code.
fn literal(block: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    block.push(0);
    for text in [name, value] {
        let length = text.len();
        if length < 127 {
            block.push(length as u8);
        } else {
            block.push(127);
            let mut rest = length - 127;
            while rest >= 128 {
                block.push((rest % 128) as u8 | 128);
                rest /= 128;
            }
            block.push(rest as u8);
        }
        block.extend(text);
    }
}
