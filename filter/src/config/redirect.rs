//! The redirect of a client whose path meets no endpoint, but would with other slashes, without dots, or in another case.
//!
//! Works as gin does: first the slash at the end, then the cleaned path in any case. Knows only the tree's two searches.

use super::path_tree::PathTree;
use super::router::Router;
use crate::http::encode_path;

/// The right path, percent-encoded, if the router redirects clients there. `sought` is the path that met no endpoint, perhaps
/// cleaned; `path` is the client's.
pub(super) fn right_path(tree: &PathTree, router: &Router, path: &[u8], sought: &[u8]) -> Option<String> {
    if sought == b"/" {
        return None;
    }
    if router.redirects_slashes && other_slash(sought).is_some_and(|other| tree.find(&other).is_some()) {
        // Go's http.Redirect cleans its path; and "//x" would name another host.
        return other_slash(path).map(|other| encode_path(&clean(&other)));
    }
    if !router.redirects_spellings {
        return None;
    }
    let cleaned = clean(path);
    let found = tree.find_any_case(&cleaned).or_else(|| tree.find_any_case(&other_slash(&cleaned)?))?;
    (found != path).then(|| encode_path(&found))
}

/// The path with a slash at its end, or without it if it has one.
fn other_slash(path: &[u8]) -> Option<Vec<u8>> {
    match path.strip_suffix(b"/") {
        Some(b"") => None,
        Some(without) => Some(without.to_vec()),
        None => Some([path, b"/"].concat()),
    }
}

/// The path without empty, `.` and `..` segments; a slash at the end stays, and a last `.` leaves one.
pub(super) fn clean(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            name => kept.push(name),
        }
    }
    let mut cleaned: Vec<u8> = kept.iter().flat_map(|segment| [b"/", *segment]).flatten().copied().collect();
    if cleaned.is_empty() || path.ends_with(b"/") || path.ends_with(b"/.") {
        cleaned.push(b'/');
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        let table = [
            ("/", "/"),
            ("/t", "/t"),
            ("//t", "/t"),
            ("/t/", "/t/"),
            ("/a//b///c//", "/a/b/c/"),
            ("/./t", "/t"),
            ("/t/.", "/t/"),
            ("/a/../t", "/t"),
            ("/a/..", "/"),
            ("/a/b/..", "/a"),
            ("/../../t", "/t"),
            ("/...", "/..."),
            ("/a/../", "/"),
            ("//", "/"),
        ];
        for (path, wanted) in table {
            assert_eq!(String::from_utf8(clean(path.as_bytes())).unwrap(), wanted, "{path}");
        }
    }
}
