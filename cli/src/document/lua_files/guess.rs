//! The folder of this machine that replaces an absolute path if no `--root` names one: the folder that fits all names.

use std::path::Path;

use super::names::below;
use super::roots::{Root, Roots};

/// The root that meets all needs; each need is a list of absolute names, of which one must exist. None if no root meets them
/// all, or if two roots do.
pub(super) fn root(needs: &[Vec<String>], roots: &Roots) -> Option<Root> {
    let first = needs.first()?;
    let mut prefixes: Vec<&str> = first.iter().flat_map(|name| ancestors(name)).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    for folder in roots.candidates() {
        let fits = |prefix: &str| needs.iter().all(|need| need.iter().any(|name| is_there(name, prefix, folder)));
        let mut fitting = prefixes.iter().filter(|prefix| fits(prefix));
        match (fitting.next(), fitting.next()) {
            (Some(prefix), None) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                return Some(Root { prefix: (*prefix).to_owned(), folder: folder.to_owned() });
            }
            (Some(_), Some(_)) => return None,
            (None, _) => {}
        }
    }
    None
}

fn is_there(name: &str, prefix: &str, folder: &Path) -> bool {
    below(name, prefix).is_some_and(|rest| !rest.is_empty() && folder.join(rest).is_file())
}

// For `/etc/krakend/a.lua` these are `/etc/krakend`, `/etc` and `/`.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    let cuts = name.match_indices('/').map(|(at, _)| at);
    cuts.filter_map(|at| if at == 0 { Some("/") } else { name.get(..at) })
}
