//! Which endpoint a request meets, as KrakenD's router (gin) decides it: a tree of paths per method.
//!
//! Knows methods and refusals, as far as `router` asks for them. `path_tree` finds a path in a tree; `redirect` decides where
//! the client is sent if only slashes, dots or case are wrong.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::endpoint::Endpoint;
use super::endpoint_path::WILDCARD;
use super::path_tree::{Params, PathTree};
use super::reader::ConfigError;
use super::redirect::{clean, right_path};
use super::router::Router;
use crate::http::decode_path;

/// All endpoints, ready for searches.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    trees: Vec<(String, PathTree)>,
    options: Option<AutoOptions>,
    router: Router,
}

/// `auto_options`: OPTIONS is answered for the path of every endpoint.
#[derive(Clone, Debug, Default)]
struct AutoOptions {
    tree: PathTree,
    /// All methods of a path, by the number of the first endpoint with that path.
    allowed: Vec<String>,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// An endpoint.
    Endpoint {
        /// Its number in the list.
        index: usize,
        /// Its parameters by their names as written, percent-decoded.
        params: Vec<(String, Vec<u8>)>,
    },
    /// No endpoint, but there is one at this other path: slashes, dots or case are wrong. No script runs.
    Redirect {
        /// 301 for GET, 307 for other methods.
        status: u16,
        /// The right path, percent-encoded, with the request's query.
        path: String,
    },
    /// A path that KrakenD does not accept; the text is the body of its answer (400). No script runs.
    BadRequest(String),
    /// The path is known, but only with other methods.
    NotAllowed {
        /// The methods of the path: `GET, POST`.
        allowed: String,
    },
    /// `auto_options`: the request asks for the methods of a path.
    Options {
        /// The methods of the path: `GET, POST`.
        allowed: String,
    },
    /// The health check.
    Health,
    /// No endpoint.
    NotFound,
}

// The health check has this number in a tree, where endpoints have theirs.
const HEALTH: usize = usize::MAX;

impl Routes {
    /// Puts endpoints together; refuses endpoints that KrakenD's router cannot tell apart.
    pub fn new(endpoints: &[Endpoint], router: &Router) -> Result<Self, ConfigError> {
        let mut routes = Self { router: router.clone(), ..Self::default() };
        for (index, endpoint) in endpoints.iter().enumerate() {
            let at = || format!("$.endpoints[{index}].endpoint");
            let inserted = routes.insert(&endpoint.method, &endpoint.path, index);
            inserted.map_err(|what| ConfigError { at: at(), what })?;
            if endpoint.method == "GET" && router.health.as_ref() == Some(&endpoint.path) {
                return Err(ConfigError { at: at(), what: "is the path of router's health check".to_owned() });
            }
        }
        if let Some(path) = &router.health {
            let health = "$.extra_config.router.health_path".to_owned();
            routes.insert("GET", path, HEALTH).map_err(|what| ConfigError { at: health, what })?;
            // KrakenD adds this route before any other: `Allow` begins with its method.
            routes.trees.sort_by_key(|(method, _)| method != "GET");
        }
        if router.answers_options {
            routes.options = Some(AutoOptions::new(endpoints)?);
        }
        Ok(routes)
    }

    fn insert(&mut self, method: &str, path: &str, index: usize) -> Result<(), String> {
        if let Some((_, tree)) = self.trees.iter_mut().find(|(known, _)| known == method) {
            return tree.insert(path, index);
        }
        let mut tree = PathTree::default();
        tree.insert(path, index)?;
        self.trees.push((method.to_owned(), tree));
        Ok(())
    }

    /// Finds the endpoint of a request; `path` is percent-encoded, with or without its query.
    pub fn find(&self, method: &str, path: &str) -> Match {
        let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let Some(decoded) = decode_path(path) else { return Match::BadRequest("400 Bad Request".to_owned()) };
        if !decoded.starts_with(b"/") {
            return Match::NotFound;
        }
        let sought = if self.router.cleans_paths { Cow::Owned(clean(&decoded)) } else { Cow::Borrowed(&*decoded) };
        let own = self.trees.iter().find(|(served, _)| served == method).map(|(_, tree)| tree);
        let options = self.options.as_ref().filter(|_| method == "OPTIONS");
        if let Some((index, params)) = own.and_then(|tree| tree.find(&sought)) {
            return match self.refusal(&params) {
                Some(reason) => Match::BadRequest(reason),
                None if index == HEALTH => Match::Health,
                None => Match::Endpoint {
                    index,
                    params: params.into_iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
                },
            };
        }
        if let Some((allowed, params)) = options.and_then(|options| options.find(&sought)) {
            return match self.refusal(&params) {
                Some(reason) => Match::BadRequest(reason),
                None => Match::Options { allowed: allowed.to_owned() },
            };
        }
        let trees = own.into_iter().chain(options.map(|options| &options.tree));
        if let Some(path) = trees.filter_map(|tree| right_path(tree, &self.router, &decoded, &sought)).next() {
            return Match::Redirect { status: if method == "GET" { 301 } else { 307 }, path: path + query };
        }
        match self.allowed(method, &sought) {
            allowed if allowed.is_empty() || !self.router.refuses_methods => Match::NotFound,
            allowed => Match::NotAllowed { allowed: allowed.join(", ") },
        }
    }

    // The methods of endpoints at a path, in the order in which KrakenD's router got them.
    fn allowed(&self, method: &str, path: &[u8]) -> Vec<&str> {
        let trees = self.trees.iter().map(|(served, tree)| (served.as_str(), tree));
        let others = trees.chain(self.options.iter().map(|options| ("OPTIONS", &options.tree)));
        others
            .filter(|(served, tree)| *served != method && tree.find(path).is_some())
            .map(|(served, _)| served)
            .collect()
    }

    fn refusal(&self, params: &Params<'_>) -> Option<String> {
        // The path below a wildcard must not lead out of the backend's own path.
        let below = params.last().filter(|(name, _)| *name == WILDCARD).map(|(_, value)| *value);
        let mut segments = below.into_iter().flat_map(|below| below.split(|byte| matches!(byte, b'/' | b'\\')));
        if segments.any(|segment| matches!(segment, b"." | b"..")) {
            return Some("error: the path has segments that lead elsewhere".to_owned());
        }
        let checked = params.iter().filter(|_| self.router.checks_params);
        checked.filter_map(|(_, value)| refusal(value)).next()
    }
}

impl AutoOptions {
    fn new(endpoints: &[Endpoint]) -> Result<Self, ConfigError> {
        // For each path: the first endpoint with it, and the methods of all endpoints with it.
        let mut paths: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
        for (index, endpoint) in endpoints.iter().enumerate() {
            paths.entry(&endpoint.path).or_insert((index, Vec::new())).1.push(&endpoint.method);
        }
        let mut options = Self { allowed: vec![String::new(); endpoints.len()], ..Self::default() };
        for (path, (index, mut methods)) in paths {
            let inserted = options.tree.insert(path, index);
            inserted.map_err(|what| ConfigError { at: format!("$.endpoints[{index}].endpoint"), what })?;
            methods.sort_unstable();
            options.allowed.get_mut(index).into_iter().for_each(|allowed| *allowed = methods.join(", "));
        }
        Ok(options)
    }

    fn find<'a>(&'a self, path: &'a [u8]) -> Option<(&'a str, Params<'a>)> {
        let (index, params) = self.tree.find(path)?;
        Some((self.allowed.get(index)?, params))
    }
}

/// KrakenD (paramChecker) refuses a parameter that could be decoded once more, or that would end the path.
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
