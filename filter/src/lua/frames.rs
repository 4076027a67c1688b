//! The frames of the scripts' own functions on Lua's stack: which text each was made of, and the line at which it stands.
//! Knows the names of chunks, and nothing of how they are compiled or run.

use mlua::Lua;

/// Which text a chunk was made of. Scripts see all of them as `<string>`, as in KrakenD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The joined sources.
    Sources,
    /// A `pre` or a `post`.
    Script,
}

// Both names print as `<string>`; the mark in front, which nobody sees, tells them apart.
const SOURCES_NAME: &str = "@<string>";
const SCRIPT_NAME: &str = "=<string>";

impl Text {
    /// What a chunk of this text is called.
    pub(super) fn chunk_name(self) -> &'static str {
        match self {
            Self::Sources => SOURCES_NAME,
            Self::Script => SCRIPT_NAME,
        }
    }

    /// The text of the chunk with this name; none if it is no script's.
    pub(super) fn of_chunk(name: Option<&str>) -> Option<Self> {
        match name {
            Some(SOURCES_NAME) => Some(Self::Sources),
            Some(SCRIPT_NAME) => Some(Self::Script),
            _ => None,
        }
    }
}

/// The lines that the script's own functions stand at, from a level outwards.
pub(super) fn frames(lua: &Lua, level: usize) -> impl Iterator<Item = (Text, usize)> {
    (level..MAX_FRAMES)
        .map_while(|level| {
            lua.inspect_stack(level, |frame| (Text::of_chunk(frame.source().source.as_deref()), frame.current_line()))
        })
        .filter_map(|(text, line)| Some((text?, line?)))
}

const MAX_FRAMES: usize = 256;
