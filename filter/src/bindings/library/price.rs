//! The price of helpers: charged before the work is done, in proportion to the text that they work on, so that a limit ends the
//! work before the clock does. Knows no helper.

use mlua::Lua;

use crate::bindings::kept;
use crate::lua::{Exceeded, check_growth, work};

/// The length of text that takes as long as one instruction of Lua, as a power of two.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Text that is copied, escaped, or looked up in a table of letters: 8 bytes.
    Letters = 3,
    /// Text that is hashed, or read as JSON: 2 bytes.
    Sums = 1,
}

/// Charges for a helper that works on `bytes` bytes and gives `given` bytes back: these exist twice for a moment, as ours and
/// as Lua's own.
pub(super) fn charge(lua: &Lua, bytes: usize, pace: Pace, given: usize) -> Result<(), Exceeded> {
    work(bytes >> pace as u32)?;
    check_growth(lua, given.saturating_mul(2))
}

/// The bytes for an item of an array, the additional bytes for a field of an object, and the bytes for an array or object
/// itself.
const ITEM: usize = 24;
const FIELD: usize = 40;
const CONTAINER: usize = 64;

/// Charges for reading a text as JSON, into a tree that stays as long as the script holds it. Characters inside strings count
/// like those between strings, because the text has not been read yet.
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
