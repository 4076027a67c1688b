//! `custom_error(message, status, content type)`: an error that knows how it wants to be answered.

use super::arguments::{Arguments, Given, MethodError};
use crate::lua::raise;
use mlua::Lua;

/// What a script asked for. Kept beside the error's text, which a script may catch, read and throw again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomError {
    /// The text that a script which catches the error sees: `<string>:1: message || 418`.
    pub text: String,
    /// The message alone.
    pub message: String,
    /// `None` where the script named none.
    pub status: Option<i64>,
    /// The media type of the message.
    pub content_type: Option<String>,
}

/// What KrakenD writes between the parts of such an error.
pub const SEPARATOR: &str = " || ";

pub(super) fn custom_error(lua: &Lua, args: &Arguments) -> Given {
    if args.count() == 0 {
        return Err(MethodError::new("need arguments"));
    }
    let message = args.text(1)?;
    let status = if args.count() > 1 { Some(args.number(2)? as i64) } else { None };
    let content_type = if args.count() > 2 { Some(args.text(3)?) } else { None };
    let mut words = format!("{message}{SEPARATOR}{}", status.unwrap_or(-1));
    if let Some(content_type) = &content_type {
        words.extend([SEPARATOR, content_type]);
    }
    let error = raise(lua, words);
    let text = crate::lua::error_text(&error);
    super::scope::scope_of(lua)?.custom_error.replace(Some(CustomError { text, message, status, content_type }));
    Err(MethodError::Lua(error))
}
