//! Which endpoint a request meets, as KrakenD's router (gin) decides it: a tree of path segments per method.
//!
//! Works on the percent-decoded path. A step in the tree is one look into a hash map, so that many endpoints cost no more than
//! one. Where the client is sent when only slashes, dots or case are wrong is `redirect`'s business.

use super::endpoint::Endpoint;
use super::reader::{ConfigError, Node, Result, quoted};
use super::redirect;
use crate::http::decode_path;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

/// All endpoints, ready to be searched.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    trees: Vec<(String, Tree)>,
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

#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
}

#[derive(Clone, Debug, Default)]
struct TreeNode {
    /// By the segment in lower case: each segment as written, and its node. Nearly always there is one.
    children: HashMap<Box<[u8]>, Vec<Child>, Hasher>,
    param: Option<Param>,
    endpoint: Option<usize>,
}

#[derive(Clone, Debug)]
struct Child {
    written: Box<[u8]>,
    node: usize,
}

#[derive(Clone, Debug)]
struct Param {
    name: String,
    node: usize,
    /// The endpoint that brought it.
    endpoint: usize,
}

type Params<'a> = Vec<(&'a str, &'a [u8])>;

// Keys are the configuration's own: nothing to defend against, and no need to ask the host for random numbers.
type Hasher = BuildHasherDefault<DefaultHasher>;

const MOST_SEGMENTS: usize = 200; // the tree is walked recursively
const RESERVED: [&str; 3] = ["__debug", "__echo", "__health"];
const HEALTH: &[u8] = b"/__health";

impl Routes {
    /// Puts endpoints together; refuses what KrakenD's router cannot tell apart.
    pub fn new(endpoints: &[Endpoint]) -> std::result::Result<Routes, ConfigError> {
        let mut routes = Routes::default();
        for (index, endpoint) in endpoints.iter().enumerate() {
            let tree = match routes.trees.iter().position(|(method, _)| *method == endpoint.method) {
                Some(found) => routes.trees.get_mut(found),
                None => {
                    routes.trees.push((endpoint.method.clone(), Tree { nodes: vec![TreeNode::default()] }));
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
        match redirect::target(tree, &decoded) {
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

impl Tree {
    fn insert(&mut self, path: &str, index: usize) -> std::result::Result<(), String> {
        let mut at = 0;
        for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return Ok(()) };
            at = match param_name(segment) {
                Some(name) => {
                    let param =
                        node.param.get_or_insert_with(|| Param { name: name.to_owned(), node: next, endpoint: index });
                    if param.name != name {
                        return Err(format!(
                            "{{{name}}} stands where $.endpoints[{}] has {{{}}}: give both the same name",
                            param.endpoint, param.name
                        ));
                    }
                    param.node
                }
                None => {
                    let variants = node.children.entry(fold(segment.as_bytes()).into()).or_default();
                    match variants.iter().find(|child| *child.written == *segment.as_bytes()) {
                        Some(child) => child.node,
                        None => {
                            variants.push(Child { written: segment.as_bytes().into(), node: next });
                            next
                        }
                    }
                }
            };
            if at == next {
                self.nodes.push(TreeNode::default());
            }
        }
        match self.nodes.get_mut(at).map(|node| node.endpoint.replace(index)) {
            Some(Some(other)) => Err(format!("the method and path of $.endpoints[{other}] once more")),
            _ => Ok(()),
        }
    }

    /// The endpoint at exactly this path, and its parameters.
    pub(super) fn find<'a>(&'a self, path: &'a [u8]) -> Option<(usize, Params<'a>)> {
        let segments = segments(path);
        let mut params = Vec::new();
        let index = self.walk(0, &segments, &mut params)?;
        Some((index, params))
    }

    fn walk<'a>(&'a self, at: usize, rest: &[&'a [u8]], params: &mut Params<'a>) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let Some((segment, rest)) = rest.split_first() else { return node.endpoint };
        if let Some(variants) = node.children.get(&*fold(segment))
            && let Some(child) = variants.iter().find(|child| *child.written == **segment)
            && let Some(found) = self.walk(child.node, rest, params)
        {
            return Some(found);
        }
        let param = node.param.as_ref().filter(|_| fits_param(segment, rest))?;
        params.push((&param.name, segment));
        let found = self.walk(param.node, rest, params);
        if found.is_none() {
            params.pop();
        }
        found
    }

    /// The path of the endpoint that differs from this one by case at most.
    pub(super) fn find_any_case(&self, path: &[u8]) -> Option<Vec<u8>> {
        let segments = segments(path);
        let mut found = Vec::new();
        self.walk_any_case(0, &segments, &mut found)?;
        Some(found.iter().flat_map(|segment| [b"/", *segment]).flatten().copied().collect())
    }

    fn walk_any_case<'a>(&'a self, at: usize, rest: &[&'a [u8]], found: &mut Vec<&'a [u8]>) -> Option<()> {
        let node = self.nodes.get(at)?;
        let Some((segment, rest)) = rest.split_first() else { return node.endpoint.map(|_| ()) };
        let variants = node.children.get(&*fold(segment)).into_iter().flatten();
        let written = variants.map(|child| (&*child.written, child.node));
        let param = node.param.iter().filter(|_| fits_param(segment, rest)).map(|param| (*segment, param.node));
        for (segment, child) in written.chain(param) {
            found.push(segment);
            if self.walk_any_case(child, rest, found).is_some() {
                return Some(());
            }
            found.pop();
        }
        None
    }
}

/// KrakenD: an inner parameter may be empty, the last one may not.
fn fits_param(segment: &[u8], rest: &[&[u8]]) -> bool {
    !(segment.is_empty() && rest.is_empty())
}

fn segments(path: &[u8]) -> Vec<&[u8]> {
    path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/').collect()
}

/// Lower case, in which paths that differ by case only are the same.
fn fold(segment: &[u8]) -> Cow<'_, [u8]> {
    if segment.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(segment);
    }
    match std::str::from_utf8(segment) {
        Ok(text) => Cow::Owned(text.to_uppercase().to_lowercase().into_bytes()),
        Err(_) => Cow::Owned(segment.to_ascii_lowercase()),
    }
}

fn param_name(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    let fine = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    fine.then_some(name)
}

/// Checks the path of an endpoint; returns the names of its parameters.
pub(super) fn path_params(node: &Node<'_>) -> Result<Vec<String>> {
    let path = node.text()?;
    let wrong = |what: &str| Err(node.error(format!("{} {what}", quoted(path))));
    let Some(relative) = path.strip_prefix('/') else { return wrong("must begin with \"/\"") };
    if path.contains('*') {
        return wrong("has a wildcard: KrakenD's router knows parameters ({name}) only");
    }
    if path.contains(['?', '#']) {
        return wrong("has a query or a fragment: an endpoint is a path only");
    }
    if path.contains([':', '\\']) {
        return wrong(
            "has a \":\" or \"\\\", which KrakenD's router takes for a parameter: write parameters as {name}",
        );
    }
    let segments = relative.split('/');
    if segments.clone().nth(MOST_SEGMENTS).is_some() {
        return wrong(&format!("has more than {MOST_SEGMENTS} segments"));
    }
    if segments.clone().any(|segment| RESERVED.contains(&segment)) {
        return wrong("is reserved: KrakenD keeps /__debug, /__echo and /__health for itself");
    }
    let mut params: Vec<String> = Vec::new();
    for segment in segments {
        match param_name(segment) {
            Some(name) if params.iter().any(|known| known == name) => {
                return wrong(&format!("has the parameter {{{name}}} twice"));
            }
            Some(name) => params.push(name.to_owned()),
            None if segment.contains(['{', '}']) => {
                return wrong(
                    "has a \"{\" or \"}\" that is no parameter: a parameter is a whole segment, of letters, digits, - and _",
                );
            }
            None => {}
        }
    }
    Ok(params)
}
