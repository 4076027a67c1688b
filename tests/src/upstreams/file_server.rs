//! The file server of `live` sources: `ETag` and conditional GET, and files that change while it runs.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use super::{Answer, Asked, RawAnswer, Server};
use crate::cases::plugin_config::normal;
use crate::wire::http1;

/// A running file server.
pub struct FileServer {
    server: Server,
    files: Arc<Mutex<BTreeMap<String, String>>>,
}

impl FileServer {
    /// Serves these files, by normalised name.
    pub fn start(files: BTreeMap<String, String>) -> Self {
        let files = Arc::new(Mutex::new(files));
        let served = Arc::clone(&files);
        let serve = move |asked: &Asked| {
            let Answer { status, headers, body, .. } = answer(&served.lock().unwrap(), asked);
            let bytes = http1::message(&format!("HTTP/1.1 {status} "), &headers, &body, asked.method != "HEAD");
            RawAnswer { bytes, last: false }
        };
        Self { server: Server::start(Box::new(serve)), files }
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        self.server.authority()
    }

    /// Replaces a file.
    pub fn write(&self, name: &str, text: String) {
        self.files.lock().unwrap().insert(normal(name), text);
    }
}

/// The server's answer: the file, "not modified", or "not found".
pub fn answer(files: &BTreeMap<String, String>, asked: &Asked) -> Answer {
    let name = decoded(asked.path.split('?').next().unwrap_or_default());
    let kind = |kind: &str| ("Content-Type".to_owned(), kind.to_owned());
    let Some(text) = files.get(normal(&name).trim_start_matches('/')) else {
        let (headers, body) = (vec![kind("text/plain")], b"not found\n".to_vec());
        return Answer { status: 404, headers, body, ..Answer::default() };
    };
    let tag = ("ETag".to_owned(), etag(text));
    let known = |(name, value): &(String, String)| name.eq_ignore_ascii_case("if-none-match") && value.contains(&tag.1);
    if asked.headers.iter().any(known) {
        return Answer { status: 304, headers: vec![tag], ..Answer::default() };
    }
    let body = text.clone().into_bytes();
    Answer { status: 200, headers: vec![kind("text/x-lua"), tag], body, ..Answer::default() }
}

fn etag(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix('%').and_then(|r| u8::from_str_radix(r.get(..2)?, 16).ok());
        match escaped {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(c.to_string().bytes()),
        }
        rest = &rest[if escaped.is_some() { 3 } else { c.len_utf8() }..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(files: &BTreeMap<String, String>, path: &str, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        answer(files, &Asked { method: "GET".into(), path: path.into(), headers, body: Vec::new() })
    }

    #[test]
    fn a_file_is_sent_again_only_when_it_changed() {
        let mut files = BTreeMap::from([("a b.lua".to_owned(), "one".to_owned())]);
        let tag = etag("one");
        assert_eq!(get(&files, "/a%20b.lua", &[]).headers[1], ("ETag".into(), tag.clone()));
        assert_eq!(get(&files, "/a%20b.lua", &[("if-none-match", &tag)]).status, 304);
        files.insert("a b.lua".into(), "two".into());
        assert_eq!(get(&files, "/a%20b.lua", &[("if-none-match", &tag)]).body, b"two");
        assert_eq!(get(&files, "/c.lua", &[]).status, 404);
    }
}
