//! Lua scripts as a tree, read by our own parser. Knows Lua, and nothing of KrakenD's objects, of files or of findings.

mod calls;
mod constants;
mod escapes;
mod expressions;
mod lower;
pub(crate) mod needs;
mod nesting;
pub(crate) mod tree;

pub(crate) use lower::Lowering;

/// Longer texts are not read: nobody has written them by hand.
const LONGEST: usize = 256 * 1024;

/// The parser's tree of a text; none if the parser gives up, which can also happen for a text that the module compiles.
pub(crate) fn parse(text: &str) -> Option<full_moon::ast::Ast> {
    let readable = text.len() <= LONGEST && !nesting::is_too_deep(text);
    readable.then(|| full_moon::parse(text).ok()).flatten()
}

/// The stack's size. Scripts may nest deeply, and expressions may be long: the code that walks through them needs room.
const STACK: usize = 256 << 20;

/// Does some work on a thread with enough room; none if no thread can be started, or if the work panics.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let work = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?;
        work.join().ok()
    })
}
