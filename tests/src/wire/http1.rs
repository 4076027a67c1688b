//! HTTP/1.1 messages on a byte stream, as simple as the client and the servers of the tests allow. Knows no sockets.

use std::io::{self, BufRead, Read};

/// The lines of a message before its body.
#[derive(Debug)]
pub struct Head {
    /// The request or status line.
    pub start: String,
    /// The headers, in order and case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads a head; `None` at the stream's end.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut start = String::new();
        while start.is_empty() {
            let Some(line) = line(stream)? else { return Ok(None) };
            start = line;
        }
        let mut headers = Vec::new();
        while let Some(line) = line(stream)?.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Some(Self { start, headers }))
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The way in which the body's end is found.
    pub fn framing(&self) -> io::Result<Framing> {
        if self.get("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
            return Ok(Framing::Chunked);
        }
        match self.get("content-length").map(str::parse) {
            Some(Ok(length)) => Ok(Framing::Length(length)),
            Some(Err(_)) => Err(io::Error::new(io::ErrorKind::InvalidData, "a content-length that is no number")),
            None => Ok(Framing::Unknown),
        }
    }
}

/// The way in which the body's end is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Framing {
    /// In chunks.
    Chunked,
    /// After this number of bytes.
    Length(usize),
    /// The head does not say.
    Unknown,
}

/// Reads chunks up to the last.
pub fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = line(stream)?.unwrap_or_default();
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        if size == 0 {
            while self::line(stream)?.is_some_and(|trailer| !trailer.is_empty()) {}
            return Ok(body);
        }
        stream.by_ref().take(size).read_to_end(&mut body)?;
        self::line(stream)?;
    }
}

/// Reads this number of bytes, or fewer if the stream ends or breaks before.
pub fn read_length(stream: &mut impl BufRead, length: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let _ = stream.take(length as u64).read_to_end(&mut body); // the bytes before an error are in the body
    body
}

/// A line without its end; `None` at the stream's end. Each byte becomes a character, because headers are not always UTF-8.
fn line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if stream.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(Some(bytes.into_iter().map(char::from).collect()))
}

/// A message as bytes; `Content-Length` is added if the headers do not show where the body ends.
pub fn message(start: &str, headers: &[(String, String)], body: &[u8], with_body: bool) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let framed =
        |name: &str| name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding");
    if !headers.iter().any(|(name, _)| framed(name)) {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut bytes = (head + "\r\n").into_bytes();
    if with_body {
        bytes.extend(body);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_message_is_read_to_its_end() {
        let mut stream = "HTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\nrest".as_bytes();
        let head = Head::read(&mut stream).unwrap().unwrap();
        assert_eq!((head.start.as_str(), head.headers[1].1.as_str()), ("HTTP/1.1 200 OK", "2"));
        assert_eq!(head.framing().unwrap(), Framing::Chunked);
        assert_eq!(read_chunks(&mut stream).unwrap(), b"abcd");
        assert_eq!(stream, b"rest");
    }

    #[test]
    fn a_message_says_how_long_it_is() {
        let bytes = message("HTTP/1.1 200 ", &[("A".into(), "b".into())], b"xy", true);
        assert_eq!(bytes, b"HTTP/1.1 200 \r\nA: b\r\nContent-Length: 2\r\n\r\nxy");
    }
}
