//! What helpers cost a script: charged before the work is done, in proportion to the text that it is done on, so that a limit
//! ends it before the clock does. Knows no helper.

use mlua::Lua;

use crate::bindings::kept;
use crate::lua::{Exceeded, check_growth, work};

/// How much of a text takes as long as one instruction of Lua, as a power of two.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Copied, escaped, looked up in a table of letters: 8 bytes.
    Letters = 3,
    /// Hashed, or read as JSON: 2 bytes.
    Sums = 1,
}

/// A helper is to work on so many bytes, and to give so many back: these are there twice for a moment, ours and Lua's own.
pub(super) fn charge(lua: &Lua, bytes: usize, pace: Pace, given: usize) -> Result<(), Exceeded> {
    work(bytes >> pace as u32)?;
    check_growth(lua, given.saturating_mul(2))
}

/// What an item of an array takes, a field of an object beyond that, and either of these itself.
const ITEM: usize = 24;
const FIELD: usize = 40;
const CONTAINER: usize = 64;

/// A text is to be read as JSON, into a tree that stays as long as the script holds it. What stands in its strings counts like
/// what stands between them: nobody has read it yet.
pub(super) fn charge_tree(lua: &Lua, text: &[u8]) -> Result<(), Exceeded> {
    charge(lua, text.len(), Pace::Sums, 0)?;
    let size = |byte: &u8| match byte {
        b',' => ITEM,
        b':' => FIELD,
        b'[' | b'{' => CONTAINER,
        _ => 0,
    };
    let tree = text.iter().map(size).fold(0, usize::saturating_add);
    work(tree / ITEM)?;
    kept::tree(text.len().saturating_add(tree))
}
