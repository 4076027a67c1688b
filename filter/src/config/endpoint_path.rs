//! The path of an endpoint as the document writes it: `/users/{user}`. Knows what KrakenD's router accepts as a path and as a
//! parameter, and nothing of other endpoints.

use super::reader::{Node, Result, quoted};

/// The name of the parameter that a last segment `*` stands for.
pub(super) const WILDCARD: &str = "*";

const MOST_SEGMENTS: usize = 200; // the tree is walked recursively
const RESERVED: [&str; 3] = ["__debug", "__echo", "__health"];

/// Checks the path of an endpoint; returns the names of its parameters, with [`WILDCARD`] if the path ends with `/*`.
pub(super) fn path_params(node: &Node<'_>) -> Result<Vec<String>> {
    let path = node.text()?;
    let wrong = |what: &str| Err(node.error(format!("{} {what}", quoted(path))));
    let Some(relative) = path.strip_prefix('/') else { return wrong("must begin with \"/\"") };
    // KrakenD's Enterprise Edition allows one wildcard, at the end, and not for all paths.
    let fixed = relative.strip_suffix(WILDCARD).filter(|fixed| fixed.ends_with('/')).unwrap_or(relative);
    if fixed.contains('*') || fixed.trim_matches('/').is_empty() && fixed != relative {
        return wrong(
            "has a wildcard that is not its last segment, like /files/*: write other parts as parameters ({name})",
        );
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
            None if segment == WILDCARD => params.push(WILDCARD.to_owned()),
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

/// The name of a segment that is a parameter: `{user}`.
pub(super) fn param_name(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    let fine = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    fine.then_some(name)
}
