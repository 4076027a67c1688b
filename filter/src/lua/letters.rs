//! Upper and lower case beyond ASCII, as in Go: letter by letter, and a letter whose other case has several letters stays as it
//! is (`ß`). Lua's `string.upper` and `string.lower` use these functions (`lua_library.h`).

use mlua::{Lua, LuaString, Result};

/// Puts the two functions where `lua_library.h` looks for them. Scripts cannot see the registry.
pub(super) fn install(lua: &Lua) -> Result<()> {
    let upper = lua.create_function(|lua, text: LuaString| {
        lua.create_string(change(&text.as_bytes(), |letter| single(letter.to_uppercase(), letter)))
    })?;
    let lower = lua.create_function(|lua, text: LuaString| {
        lua.create_string(change(&text.as_bytes(), |letter| single(letter.to_lowercase(), letter)))
    })?;
    lua.set_named_registry_value("string.upper", upper)?;
    lua.set_named_registry_value("string.lower", lower)
}

fn single(mut cases: impl Iterator<Item = char>, letter: char) -> char {
    match (cases.next(), cases.next()) {
        (Some(case), None) => case,
        _ => letter,
    }
}

fn change(text: &[u8], case: impl Fn(char) -> char) -> Vec<u8> {
    let mut changed = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let mut buffer = [0; 4];
        for letter in chunk.valid().chars() {
            changed.extend_from_slice(case(letter).encode_utf8(&mut buffer).as_bytes());
        }
        changed.extend_from_slice(chunk.invalid());
    }
    changed
}
