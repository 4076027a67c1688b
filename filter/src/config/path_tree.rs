//! The paths of endpoints as a tree of segments, searched as KrakenD's router (gin) searches it.
//!
//! Works on percent-decoded paths. Each step in the tree looks once into a hash map, so that many endpoints cost no more than
//! one; a path without parameters takes one look for the whole of it. Knows endpoints only by their numbers.

use std::borrow::Cow;
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use super::endpoint_path::{WILDCARD, param_name};

/// All endpoints of one method by their paths.
#[derive(Clone, Debug)]
pub(super) struct PathTree {
    nodes: Vec<TreeNode>,
    /// The endpoints whose paths have neither parameters nor a wildcard, by their paths without the first slash. The tree has them, too,
    /// and prefers them to all others.
    plain: HashMap<Box<[u8]>, usize, Hasher>,
}

#[derive(Clone, Debug, Default)]
struct TreeNode {
    /// The children by their segment in lower case: each has the segment as written, and a node. Nearly always there is one.
    children: HashMap<Box<[u8]>, SmallVec<[Child; 1]>, Hasher>,
    param: Option<Param>,
    endpoint: Option<usize>,
    /// The endpoint for all paths below this node: its own path ends here with `/*`.
    below: Option<usize>,
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
    /// The endpoint that this parameter comes from.
    endpoint: usize,
}

/// Parameters by their names as written.
pub(super) type Params<'a> = Vec<(&'a str, &'a [u8])>;

// The keys come from the configuration: no attack is possible, and a fast hash is good enough.
type Hasher = FxBuildHasher;

impl Default for PathTree {
    fn default() -> Self {
        Self { nodes: vec![TreeNode::default()], plain: HashMap::default() }
    }
}

impl PathTree {
    /// Adds the path of an endpoint; refuses paths that KrakenD's router cannot tell apart.
    pub(super) fn insert(&mut self, path: &str, index: usize) -> Result<(), String> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (mut at, mut is_plain) = (0, true);
        for segment in path.split('/') {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return Ok(()) };
            if segment == WILDCARD {
                return known_once(node.below.replace(index));
            }
            at = match param_name(segment) {
                Some(name) => {
                    is_plain = false;
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
        known_once(self.nodes.get_mut(at).and_then(|node| node.endpoint.replace(index)))?;
        if is_plain {
            self.plain.insert(path.as_bytes().into(), index);
        }
        Ok(())
    }

    /// The endpoint at exactly this path, and its parameters. The value of a wildcard is the last parameter.
    pub(super) fn find<'a>(&'a self, path: &'a [u8]) -> Option<(usize, Params<'a>)> {
        if let Some(index) = self.plain.get(without_slash(path)) {
            return Some((*index, Vec::new()));
        }
        let segments = segments(path);
        let mut params = Vec::new();
        let index = self.walk(path, 0, &segments, &mut params)?;
        Some((index, params))
    }

    fn walk<'a>(&'a self, path: &'a [u8], at: usize, rest: &[&'a [u8]], params: &mut Params<'a>) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let found = self.walk_on(path, node, rest, params);
        if found.is_some() || node.below.is_none() || rest.is_empty() {
            return found;
        }
        let length = rest.iter().map(|segment| segment.len().saturating_add(1)).sum::<usize>().saturating_sub(1);
        params.push((WILDCARD, path.get(path.len().saturating_sub(length)..)?));
        node.below
    }

    fn walk_on<'a>(
        &'a self,
        path: &'a [u8],
        node: &'a TreeNode,
        rest: &[&'a [u8]],
        params: &mut Params<'a>,
    ) -> Option<usize> {
        let Some((segment, rest)) = rest.split_first() else { return node.endpoint };
        if let Some(variants) = node.children.get(&*fold(segment))
            && let Some(child) = variants.iter().find(|child| *child.written == **segment)
            && let Some(found) = self.walk(path, child.node, rest, params)
        {
            return Some(found);
        }
        let param = node.param.as_ref().filter(|_| fits_param(segment, rest))?;
        params.push((&param.name, segment));
        let found = self.walk(path, param.node, rest, params);
        if found.is_none() {
            params.pop();
        }
        found
    }

    /// The path of the endpoint that differs from this path at most by case.
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
        node.below?;
        found.push(segment);
        found.extend(rest);
        Some(())
    }
}

fn known_once(before: Option<usize>) -> Result<(), String> {
    match before {
        Some(other) => Err(format!("the method and path of $.endpoints[{other}] once more")),
        None => Ok(()),
    }
}

/// KrakenD: an inner parameter may be empty, the last one may not.
fn fits_param(segment: &[u8], rest: &[&[u8]]) -> bool {
    !(segment.is_empty() && rest.is_empty())
}

fn without_slash(path: &[u8]) -> &[u8] {
    path.strip_prefix(b"/").unwrap_or(path)
}

// A segment takes memory only from the ninth on.
fn segments(path: &[u8]) -> SmallVec<[&[u8]; 8]> {
    without_slash(path).split(|byte| *byte == b'/').collect()
}

/// The segment in lower case: paths that differ only by case then are the same.
fn fold(segment: &[u8]) -> Cow<'_, [u8]> {
    if segment.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(segment);
    }
    match std::str::from_utf8(segment) {
        Ok(text) => Cow::Owned(text.to_uppercase().to_lowercase().into_bytes()),
        Err(_) => Cow::Owned(segment.to_ascii_lowercase()),
    }
}
