//! Lines on the terminal: one for each request on standard output, all other lines on standard error.

use std::io::Write;
use std::time::Duration;

use host_sim::LogLevel;

/// Writes a line about the gateway itself.
pub(crate) fn tell(text: &str) {
    error_line("lua-modifier", text);
}

/// Writes a warning about something odd that stops nothing.
pub(crate) fn warn(text: &str) {
    error_line("[warning]", text);
}

/// Writes a line that the module logged, with Envoy's name for its level.
pub(crate) fn logged(level: LogLevel, text: &str) {
    let name = match level {
        LogLevel::Warn => "warning".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    error_line(&format!("[{name}]"), text);
}

/// Writes the line of a request that has been served. Without a status, the connection broke.
pub(crate) fn served(asked: &str, status: Option<u16>, note: &str, bytes: usize, took: Duration) {
    let status = status.map_or("-".to_owned(), |status| status.to_string());
    let line = format!("{asked} {status} {bytes} bytes in {} ms{note}\n", took.as_millis());
    // If the terminal is gone, the program goes on.
    let _ = std::io::stdout().write_all(line.as_bytes());
}

fn error_line(from: &str, text: &str) {
    let from = from.strip_suffix(']').map_or(format!("{from}: "), |_| format!("{from} "));
    let _ = std::io::stderr().write_all(format!("{from}{text}\n").as_bytes());
}
