//! `flatmap_filter` of the namespace `proxy`: operations on data, one after the other. Knows how they are written, and nothing
//! of what they do. A document at which KrakenD would panic, or would silently leave an operation out, is refused.

use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result, quoted};

/// One operation. A path lists keys from the outermost inwards; numbers are places in a list, `*` stands for all places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlatmapOp {
    /// Moves the value at the first path to the second path.
    Move(Vec<String>, Vec<String>),
    /// Adds the items of the list at the first path to the list at the second path.
    Append(Vec<String>, Vec<String>),
    /// Removes the values at these paths.
    Del(Vec<Vec<String>>),
}

pub(super) fn flatmap_at(node: &Node<'_>, notices: &mut Notices) -> Result<Vec<FlatmapOp>> {
    let Some(list) = node.get("flatmap_filter") else { return Ok(Vec::new()) };
    // An error tells what stands in the place of a list, or of an operation.
    list.items()?.map(|item| read(&item, notices)).collect()
}

fn read(node: &Node<'_>, notices: &mut Notices) -> Result<FlatmapOp> {
    notices.check_keys(node, migration::FLATMAP)?;
    let Some(kind) = node.get("type") else {
        return Err(node.error_at("type", "is missing: move, append or del"));
    };
    let args = node.texts_at("args")?;
    let paths: Vec<Vec<String>> = args.iter().map(|arg| arg.split('.').map(str::to_owned).collect()).collect();
    let operation = match kind.text()? {
        "del" => return Ok(FlatmapOp::Del(paths)),
        "move" => FlatmapOp::Move,
        "append" => FlatmapOp::Append,
        other => return Err(kind.error(format!("unknown operation {} (known: move, append, del)", quoted(other)))),
    };
    let mut paths = paths.into_iter();
    let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
        return Err(node.error_at("args", "needs two paths: from where, and where to"));
    };
    if paths.next().is_some() {
        notices.warn(node, "of args only the first two are looked at, as in KrakenD".to_owned());
    }
    Ok(operation(from, to))
}
