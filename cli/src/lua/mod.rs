//! Lua scripts as a tree, read by a parser of our own. Knows Lua, and nothing of KrakenD's objects, of files or of findings.

mod calls;
mod constants;
mod escapes;
mod expressions;
mod lower;
pub(crate) mod needs;
pub(crate) mod tree;

pub(crate) use lower::Lowering;

/// Longer texts are left alone: no hand has written them.
const LONGEST: usize = 256 * 1024;

/// The parser's tree of a text; none where it gives up, as it may on what the module compiles.
pub(crate) fn parse(text: &str) -> Option<full_moon::ast::Ast> {
    (text.len() <= LONGEST).then(|| full_moon::parse(text).ok()).flatten()
}
