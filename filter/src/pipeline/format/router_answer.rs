//! The answers that KrakenD's router gives by itself: for a path that is known only with other methods, for a path that is
//! almost right, for an unknown path, and for the gateway's health. Knows no endpoint; other code decides whether the router
//! answers.

use std::time::{Duration, SystemTime};

use crate::config::Router;
use crate::http::{Body, Headers, Response, names, reason};

/// The router's answer after the service's scripts have run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RouterAnswer {
    /// 404.
    NotFound,
    /// 405, with these methods.
    NotAllowed(String),
    /// 200, with these methods.
    Options(String),
    /// 200, with the gateway's health.
    Health,
}

const JSON: &str = "application/json; charset=utf-8";

impl RouterAnswer {
    /// The `Allow` header that is set before scripts run, and stays if they fail.
    pub(crate) fn allow(&self) -> Option<&str> {
        match self {
            Self::NotAllowed(allowed) => Some(allowed),
            Self::NotFound | Self::Options(_) | Self::Health => None,
        }
    }

    /// The response.
    pub(crate) fn response(&self, router: &Router) -> Response {
        let allow = |allowed: &str| Headers::from_iter([("allow", allowed)]);
        match self {
            Self::NotFound => refusal(404, "404 page not found", router.not_found.as_deref(), Headers::new()),
            Self::NotAllowed(allowed) => {
                refusal(405, "405 method not allowed", router.not_allowed.as_deref(), allow(allowed))
            }
            Self::Options(allowed) => Response { status: 200, headers: allow(allowed), body: Body::Absent },
            Self::Health => Response::with_body(200, JSON, health()),
        }
    }
}

fn refusal(status: u16, words: &str, body: Option<&str>, mut headers: Headers) -> Response {
    headers.set(names::CONTENT_TYPE, if body.is_some() { JSON } else { "text/plain" });
    headers.set(names::KRAKEND_COMPLETED, "false");
    Response { status, headers, body: Body::Bytes(body.unwrap_or(words).as_bytes().to_vec()) }
}

// `agents` are the consumers of queues; there are none here.
fn health() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!(r#"{{"agents":{{}},"now":"{}","status":"ok"}}"#, go_time(now))
}

// `2026-11-29 10:05:00.12 +0000 UTC`, as Go prints a time.
fn go_time(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let fraction = format!(".{:09}", since_1970.subsec_nanos());
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction} +0000 UTC")
}

fn date(mut days: u64) -> (u64, u64, u64) {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year: u64 = 1970;
    while let Some(rest) = days.checked_sub(if is_leap(year) { 366 } else { 365 }) {
        (days, year) = (rest, year.saturating_add(1));
    }
    let mut month: u64 = 1;
    for length in LENGTHS {
        let length = if month == 2 && is_leap(year) { 29 } else { length };
        let Some(rest) = days.checked_sub(length) else { break };
        (days, month) = (rest, month.saturating_add(1));
    }
    (year, month, days.saturating_add(1))
}

/// The redirect for a client whose path is almost right.
pub(crate) fn redirect(status: u16, path: &str, is_get: bool) -> Response {
    let mut headers = Headers::from_iter([("location", path)]);
    if !is_get {
        return Response { status, headers, body: Body::Absent };
    }
    headers.set(names::CONTENT_TYPE, "text/html; charset=utf-8");
    let escaped = path
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;");
    let body = format!("<a href=\"{escaped}\">{}</a>.\n\n", reason(status));
    Response { status, headers, body: Body::Bytes(body.into_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_go_prints_them() {
        let table = [
            (0, 0, "1970-01-01 00:00:00 +0000 UTC"),
            (951_782_399, 500_000_000, "2000-02-28 23:59:59.5 +0000 UTC"),
            (951_782_400, 0, "2000-02-29 00:00:00 +0000 UTC"),
            (1_767_225_599, 1, "2025-12-31 23:59:59.000000001 +0000 UTC"),
            (4_107_542_400, 120_000_000, "2100-03-01 00:00:00.12 +0000 UTC"),
        ];
        for (seconds, nanos, text) in table {
            assert_eq!(go_time(Duration::new(seconds, nanos)), text);
        }
    }
}
