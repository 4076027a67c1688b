//! Reason phrases.

/// The reason phrase of a status, in the words of Go's `http.StatusText`; empty for a status that is not in this list.
pub fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        404 => "Not Found",
        413 => "Request Entity Too Large",
        500 => "Internal Server Error",
        _ => "",
    }
}
