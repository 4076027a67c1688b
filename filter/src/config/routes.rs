//! Which endpoint a request meets, as KrakenD's router (gin) decides it: a tree of paths per method.
//!
//! Knows methods and refusals. What a path meets in a tree is `path_tree`'s business, and where the client is sent when only
//! slashes, dots or case are wrong is `redirect`'s.

use super::endpoint::Endpoint;
use super::path_tree::PathTree;
use super::reader::ConfigError;
use super::redirect::right_path;
use crate::http::decode_path;

/// All endpoints, ready to be searched.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    trees: Vec<(String, PathTree)>,
}

/// What a request meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// An endpoint.
    Endpoint {
        /// Its number in the list.
        index: usize,
        /// Its parameters by their names as written, percent-decoded.
        params: Vec<(String, Vec<u8>)>,
    },
    /// Nothing, but there is an endpoint at this other path: slashes, dots or case are wrong. No script runs.
    Redirect {
        /// 301 for GET, 307 for others.
        status: u16,
        /// The right path, percent-encoded, with the request's query.
        path: String,
    },
    /// A path that KrakenD does not take; the text is the body of its answer (400). No script runs.
    BadRequest(String),
    /// Nothing.
    NotFound,
}

const HEALTH: &[u8] = b"/__health";

impl Routes {
    /// Puts endpoints together; refuses what KrakenD's router cannot tell apart.
    pub fn new(endpoints: &[Endpoint]) -> Result<Self, ConfigError> {
        let mut routes = Self::default();
        for (index, endpoint) in endpoints.iter().enumerate() {
            let tree = match routes.trees.iter().position(|(method, _)| *method == endpoint.method) {
                Some(found) => routes.trees.get_mut(found),
                None => {
                    routes.trees.push((endpoint.method.clone(), PathTree::default()));
                    routes.trees.last_mut()
                }
            };
            if let Some((_, tree)) = tree {
                tree.insert(&endpoint.path, index)
                    .map_err(|what| ConfigError { at: format!("$.endpoints[{index}].endpoint"), what })?;
            }
        }
        Ok(routes)
    }

    /// Finds the endpoint of a request; `path` is percent-encoded, with or without its query.
    pub fn find(&self, method: &str, path: &str) -> Match {
        let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let Some(decoded) = decode_path(path) else { return Match::BadRequest("400 Bad Request".to_owned()) };
        // KrakenD answers its health check itself, before any endpoint.
        if !decoded.starts_with(b"/") || (method == "GET" && decoded == HEALTH) {
            return Match::NotFound;
        }
        let Some((_, tree)) = self.trees.iter().find(|(served, _)| served == method) else { return Match::NotFound };
        if let Some((index, params)) = tree.find(&decoded) {
            return match params.iter().find_map(|(_, value)| refusal(value)) {
                Some(reason) => Match::BadRequest(reason),
                None => Match::Endpoint {
                    index,
                    params: params.into_iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
                },
            };
        }
        match right_path(tree, &decoded) {
            Some(path) => Match::Redirect { status: if method == "GET" { 301 } else { 307 }, path: path + query },
            None => Match::NotFound,
        }
    }
}

/// KrakenD (paramChecker): a parameter that could be decoded once more, or that would end the path, is refused.
fn refusal(value: &[u8]) -> Option<String> {
    let percent = value.iter().position(|byte| *byte == b'%');
    if let Some(escape) = percent.and_then(|at| value.get(at..)) {
        let broken = escape.get(..3).unwrap_or(escape);
        if broken.len() < 3 || !broken.iter().skip(1).all(u8::is_ascii_hexdigit) {
            return Some(format!("error: invalid URL escape \"{}\"", String::from_utf8_lossy(broken)));
        }
    }
    let ends = value.iter().any(|byte| matches!(byte, b'?' | b'#'));
    (percent.is_some() || ends).then(|| "error: encoded url params".to_owned())
}
