//! The file server of `live` sources: `ETag` and conditional GET, and files that change while it runs.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use crate::http1;
use crate::mock::Asked;
use crate::plugin_config::normal;
use crate::server::Server;

/// A running file server.
pub struct Files {
    server: Server,
    files: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Files {
    /// Serves these files, by normalised name.
    pub fn start(files: BTreeMap<String, String>) -> Files {
        let files = Arc::new(Mutex::new(files));
        let served = Arc::clone(&files);
        Files { server: Server::start(Box::new(move |asked| Some(answer(&served.lock().unwrap(), asked)))), files }
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

fn answer(files: &BTreeMap<String, String>, asked: &Asked) -> Vec<u8> {
    let name = decoded(asked.path.split('?').next().unwrap_or_default());
    let with_body = asked.method != "HEAD";
    let Some(text) = files.get(normal(&name).trim_start_matches('/')) else {
        let kind = ("Content-Type".to_owned(), "text/plain".to_owned());
        return http1::message("HTTP/1.1 404 Not Found", &[kind], b"not found\n", with_body);
    };
    let tag = ("ETag".to_owned(), etag(text));
    let known = |(name, value): &(String, String)| name.eq_ignore_ascii_case("if-none-match") && value.contains(&tag.1);
    if asked.headers.iter().any(known) {
        return http1::message("HTTP/1.1 304 Not Modified", &[tag], b"", false);
    }
    let kind = ("Content-Type".to_owned(), "text/x-lua".to_owned());
    http1::message("HTTP/1.1 200 OK", &[kind, tag], text.as_bytes(), with_body)
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

    fn get(files: &BTreeMap<String, String>, path: &str, headers: &[(&str, &str)]) -> String {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let asked = Asked { method: "GET".into(), path: path.into(), headers, body: Vec::new() };
        String::from_utf8(answer(files, &asked)).unwrap()
    }

    #[test]
    fn a_file_is_sent_again_only_when_it_changed() {
        let mut files = BTreeMap::from([("a b.lua".to_owned(), "one".to_owned())]);
        let tag = etag("one");
        assert!(get(&files, "/a%20b.lua", &[]).contains(&format!("ETag: {tag}\r\n")));
        assert!(get(&files, "/a%20b.lua", &[("if-none-match", &tag)]).starts_with("HTTP/1.1 304 "));
        files.insert("a b.lua".into(), "two".into());
        assert!(get(&files, "/a%20b.lua", &[("if-none-match", &tag)]).ends_with("\r\n\r\ntwo"));
        assert!(get(&files, "/c.lua", &[]).starts_with("HTTP/1.1 404 "));
    }
}
