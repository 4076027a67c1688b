//! The frames of the scripts' own functions on Lua's stack: the text from which each was compiled, and its current line. Knows
//! the names of chunks, and nothing of how they are compiled or run.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use mlua::Lua;

/// The text from which a chunk was compiled. Scripts see the first two as `<string>`, as in KrakenD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The joined sources.
    Sources,
    /// A `pre` or a `post`.
    Script,
    /// A file that a script loaded by its name: its number among the state's [`FileChunks`].
    File(usize),
}

// Both names print as `<string>`; the first character, which is never shown, tells them apart. Any other name with `@` in front
// is a file's.
const SOURCES_NAME: &str = "@<string>";
const SCRIPT_NAME: &str = "=<string>";

impl Text {
    /// The name of a chunk of the sources, or of a script.
    pub(super) fn chunk_name(self) -> &'static str {
        match self {
            Self::Sources => SOURCES_NAME,
            Self::Script | Self::File(_) => SCRIPT_NAME,
        }
    }
}

/// The files that scripts of a state have loaded, with the names of their chunks.
#[derive(Clone, Default)]
pub(super) struct FileChunks(Rc<RefCell<Vec<FileChunk>>>);

struct FileChunk {
    /// The name as the script wrote it.
    written: Rc<str>,
    /// The file's cleaned name.
    file: Rc<str>,
}

impl FileChunks {
    /// The files of a state.
    pub(super) fn of(lua: &Lua) -> Self {
        lua.app_data_ref::<Self>().map(|chunks| chunks.clone()).unwrap_or_default()
    }

    /// The name of a file's chunk.
    pub(super) fn chunk_name(written: &str) -> String {
        format!("@{written}")
    }

    /// Notes a file under the name that a script wrote. Numbers count from 0.
    pub(super) fn add(&self, written: &str, file: &str) {
        self.0.borrow_mut().push(FileChunk { written: written.into(), file: file.into() });
    }

    /// The number of names under which a file is noted.
    pub(super) fn spellings(&self, file: &str) -> usize {
        self.0.borrow().iter().filter(|chunk| &*chunk.file == file).count()
    }

    /// The number of the file under the name that a script wrote.
    pub(super) fn number(&self, written: &str) -> Option<usize> {
        self.0.borrow().iter().position(|chunk| &*chunk.written == written)
    }

    /// The text of the chunk with this name; `None` if the chunk is not a script's.
    pub(super) fn text(&self, chunk: Option<&str>) -> Option<Text> {
        match chunk? {
            SOURCES_NAME => Some(Text::Sources),
            SCRIPT_NAME => Some(Text::Script),
            other => self.number(other.strip_prefix('@')?).map(Text::File),
        }
    }

    /// The name in front of the line in an error of this text.
    pub(super) fn shown(&self, text: Text) -> Rc<str> {
        match text {
            Text::File(number) => self.0.borrow().get(number).map(|chunk| Rc::clone(&chunk.written)),
            _ => None,
        }
        .unwrap_or_else(|| "<string>".into())
    }

    /// The cleaned name of the file with this number.
    pub(super) fn file(&self, number: usize) -> Option<Rc<str>> {
        self.0.borrow().get(number).map(|chunk| Rc::clone(&chunk.file))
    }

    /// Splits `lua/x.lua:3: what happened` into the file's number, the line and the rest.
    pub(super) fn split<'t>(&self, error: &'t str) -> Option<(usize, usize, &'t str)> {
        let split = |chunk: &FileChunk| {
            // In its own errors Lua cuts long names.
            let name =
                [&*chunk.written, &shown(&chunk.written)].into_iter().find(|name| error.starts_with(*name))?.len();
            let (line, message) = error.get(name..)?.strip_prefix(':')?.split_once(':')?;
            Some((line.parse().ok()?, message.trim_matches(' ')))
        };
        let chunks = self.0.borrow();
        chunks.iter().enumerate().find_map(|(number, chunk)| split(chunk).map(|(line, rest)| (number, line, rest)))
    }
}

/// A name as Lua shows it in its own errors: the end of a long one (`luaO_chunkid`).
pub(super) fn shown(written: &str) -> Cow<'_, str> {
    const LONGEST: usize = 59;
    const END: usize = 56;
    if written.len() <= LONGEST {
        return Cow::Borrowed(written);
    }
    let end = written.as_bytes().get(written.len().saturating_sub(END)..).unwrap_or_default();
    Cow::Owned(format!("...{}", String::from_utf8_lossy(end)))
}

/// The current lines of the script's own functions, from a level outwards.
pub(super) fn frames(lua: &Lua, level: usize) -> impl Iterator<Item = (Text, usize)> {
    let chunks = FileChunks::of(lua);
    (level..MAX_FRAMES)
        .map_while(move |level| {
            lua.inspect_stack(level, |frame| (chunks.text(frame.source().source.as_deref()), frame.current_line()))
        })
        .filter_map(|(text, line)| Some((text?, line?)))
}

const MAX_FRAMES: usize = 256;
