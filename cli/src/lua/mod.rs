//! Lua scripts as a tree, read by a parser of our own. Knows Lua, and nothing of KrakenD's objects, of files or of findings.

mod calls;
mod constants;
mod escapes;
mod expressions;
mod lower;
pub(crate) mod needs;
mod nesting;
pub(crate) mod tree;

pub(crate) use lower::Lowering;

/// Longer texts are left alone: no hand has written them.
const LONGEST: usize = 256 * 1024;

/// The parser's tree of a text; none where it gives up, as it may on what the module compiles.
pub(crate) fn parse(text: &str) -> Option<full_moon::ast::Ast> {
    let readable = text.len() <= LONGEST && !nesting::is_too_deep(text);
    readable.then(|| full_moon::parse(text).ok()).flatten()
}

/// Scripts may nest deeply, and expressions be long: what walks through them needs room.
const STACK: usize = 256 << 20;

/// Does some work on a thread with room for it; none where no thread can be started, or the work fails where it should not.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let work = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?;
        work.join().ok()
    })
}
