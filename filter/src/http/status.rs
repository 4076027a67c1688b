//! Reason phrases.

/// The reason phrase of a status as Go's `http.StatusText` words it; empty where it knows none.
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
