//! The names of status codes: IANA's registry of HTTP status codes, and the teapot, which the registry only reserves.

const REASONS: [(u16, &str); 62] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (102, "Processing"),
    (103, "Early Hints"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (208, "Already Reported"),
    (226, "IM Used"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (305, "Use Proxy"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (418, "I'm a teapot"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (506, "Variant Also Negotiates"),
    (507, "Insufficient Storage"),
    (508, "Loop Detected"),
    (510, "Not Extended"),
    (511, "Network Authentication Required"),
];

/// The name of a status, if it has one.
pub(super) fn reason(status: u16) -> Option<&'static str> {
    REASONS.iter().find(|(known, _)| *known == status).map(|(_, reason)| *reason)
}

/// A status with its name: `404 Not Found`.
pub(super) fn named(status: u16) -> String {
    reason(status).map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_is_registered_has_its_name_and_no_other() {
        assert!(REASONS.is_sorted_by_key(|(status, _)| *status));
        let (named_elsewhere, unnamed): (Vec<u16>, Vec<u16>) = (100..1000).partition(|status| {
            hyper::StatusCode::from_u16(*status).is_ok_and(|known| known.canonical_reason().is_some())
        });
        assert_eq!(named_elsewhere.iter().filter(|status| reason(**status).is_none()).count(), 0);
        let ours: Vec<u16> = unnamed.into_iter().filter(|status| reason(*status).is_some()).collect();
        assert!(ours.iter().all(|status| *status == 103), "{ours:?}");
        assert_eq!((named(422).as_str(), named(299).as_str()), ("422 Unprocessable Content", "299"));
    }
}
