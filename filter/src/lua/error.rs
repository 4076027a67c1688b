//! What goes wrong in Lua: a chunk that does not compile, and a script that fails. Text is made of it elsewhere.

use mlua::{Lua, Value};

use super::budget::Exceeded;
use super::frames::{FileChunks, Text, frames};
use super::source_map::{ScriptLine, SourceMap, base_name};

/// A chunk that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Lua's own words, without the place.
    pub message: String,
    /// Counted from 1, where Lua knows it.
    pub line: Option<usize>,
}

/// A run that ended with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The error as a script would see it: `<string>:3: what happened`.
    pub text: String,
    /// What stands behind the place.
    pub message: String,
    /// Where it happened, where the text says so.
    pub place: Option<ScriptLine>,
    /// The same where that is a file which a script loaded by its name: `place` is the file's line in the script's name then,
    /// as KrakenD tells it.
    pub file: Option<ScriptLine>,
    /// Where it was raised, where the text does not say: `error('no such user', 0)`.
    pub raised_at: Option<ScriptLine>,
    /// The limit that was met, if that is what happened.
    pub exceeded: Option<Exceeded>,
}

/// An error that a script sees as KrakenD's would look: text, with the line of the script that called the function.
pub fn raise(lua: &Lua, message: impl std::fmt::Display) -> mlua::Error {
    let (text, line) = frames(lua, 1).next().unwrap_or((Text::Script, 0));
    mlua::Error::RuntimeError(format!("{}:{line}: {message}", FileChunks::of(lua).shown(text)))
}

/// The line of the script that is calling a function of the host's. `map` leads to the files of its sources; `name` is that of
/// its other chunks.
pub fn calling_line(lua: &Lua, map: &SourceMap, name: &str) -> Option<ScriptLine> {
    let (text, line) = frames(lua, 1).next()?;
    match text {
        Text::Sources => map.place(line),
        Text::Script => Some(ScriptLine { script: name.to_owned(), line }),
        Text::File(number) => {
            let file = FileChunks::of(lua).file(number)?;
            Some(ScriptLine { script: base_name(&file).to_owned(), line })
        }
    }
}

/// Splits `<string>:3: what happened` into line and message. KrakenD names every chunk `<string>`, and scripts see it.
pub(super) fn split_place(text: &str) -> (Option<usize>, &str) {
    let split = || {
        let rest = text.strip_prefix('<')?.split_once(">:")?.1;
        let (line, message) = rest.split_once(':')?;
        Some((line.parse().ok()?, message.trim_matches(' ')))
    };
    match split() {
        Some((line, message)) => (Some(line), message),
        None => (None, text),
    }
}

/// The text of an error without what mlua adds to it.
pub fn error_text(error: &mlua::Error) -> String {
    match error {
        mlua::Error::CallbackError { cause, .. } => error_text(cause),
        mlua::Error::RuntimeError(text) => {
            let end = text.rfind("\nstack traceback:\n").unwrap_or(text.len());
            text.get(..end).unwrap_or(text).to_owned()
        }
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        mlua::Error::MemoryError(message) => message.clone(),
        other => other.to_string(),
    }
}

/// The text of an error value; `None` where it has none (a table, say).
pub(super) fn error_value_text(error: &Value) -> Option<String> {
    match error {
        Value::Error(error) => Some(error_text(error)),
        Value::String(text) => Some(text.to_string_lossy()),
        Value::Integer(_) | Value::Number(_) => error.to_string().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::split_place;

    #[test]
    fn the_place_in_front_of_an_error_is_split_off() {
        assert_eq!(split_place("<string>:3: third: part"), (Some(3), "third: part"));
        assert_eq!(split_place("no place"), (None, "no place"));
        assert_eq!(split_place("<x"), (None, "<x"));
    }
}
