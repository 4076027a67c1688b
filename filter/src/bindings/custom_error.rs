//! `custom_error(message, status, content type)`: an error that says which status and media type its answer has.

/// The answer that a script asked for. Kept beside the error's text, which a script may catch, read and throw again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomError {
    /// The text that a script which catches the error sees: `<string>:1: message || 418`.
    pub text: String,
    /// The message alone.
    pub message: String,
    /// `None` if the script gave no status.
    pub status: Option<i64>,
    /// The media type of the message.
    pub content_type: Option<String>,
}

/// The text that KrakenD writes between the parts of such an error.
pub const SEPARATOR: &str = " || ";
