//! The errors of Lua: a chunk that does not compile, and a script that fails. Other code makes text of them.

use mlua::{Lua, Value};

use super::budget::Exceeded;
use super::frames::{FileChunks, Text, frames};
use super::source_map::{ScriptLine, SourceMap, base_name};

/// A chunk that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Lua's own words, without the place.
    pub message: String,
    /// The line, counted from 1, if Lua knows it.
    pub line: Option<usize>,
}

/// A run that ended with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The error as a script would see it: `<string>:3: what happened`.
    pub text: String,
    /// The part of the text behind the place.
    pub message: String,
    /// The place of the error, if the text names it.
    pub place: Option<ScriptLine>,
    /// The line in a file that a script loaded by its name, if the error is there: `place` then has the file's line under the
    /// script's name, as KrakenD shows it.
    pub file: Option<ScriptLine>,
    /// The line where the error was raised, if the text does not name it: `error('no such user', 0)`.
    pub raised_at: Option<ScriptLine>,
    /// The limit that was met, if that was the error.
    pub exceeded: Option<Exceeded>,
}

/// An error that looks to a script like KrakenD's: text, with the line of the script that called the function.
pub fn raise(lua: &Lua, message: impl std::fmt::Display) -> mlua::Error {
    let (text, line) = frames(lua, 1).next().unwrap_or((Text::Script, 0));
    mlua::Error::RuntimeError(format!("{}:{line}: {message}", FileChunks::of(lua).shown(text)))
}

/// The script's line that calls a function of the host. `map` leads to the files of the sources; `name` is the name of the
/// other chunks.
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

/// The text of an error without mlua's additions.
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

/// The text of an error value; `None` if it has no text (for example a table).
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
