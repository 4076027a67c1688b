//! Random messages: requests, and replies of upstreams, most of them almost right. Knows nothing of their use.

use arbitrary::{Result, Unstructured};
use lua_modifier::http::{Body, CallError, Headers, Request, Response};

use crate::script::script;

const PATHS: [&str; 8] = ["/a/7", "/a/%41b?x=1&y=%zz", "/b", "/b/", "/B", "/none", "/a/%", "*"];

pub(crate) fn request(bytes: &mut Unstructured<'_>) -> Result<Request> {
    Ok(Request {
        method: (*bytes.choose(&["GET", "GET", "GET", "POST", "HEAD", "BREW"])?).into(),
        authority: "gateway".into(),
        path: (*bytes.choose(&PATHS)?).into(),
        headers: headers(bytes)?,
        body: if bytes.arbitrary()? { Body::Unread } else { Body::Absent },
        peer: "127.0.0.1".into(),
    })
}

const NAMES: [&str; 9] = [
    "content-type",
    "content-encoding",
    "content-length",
    "location",
    "x-lua",
    "x-lua-modifier-cluster",
    "accept",
    "cookie",
    "etag",
];
const FIELDS: [&str; 9] =
    ["application/json", "gzip", "5", "http://a/x", "/x", "text/plain", "*/*", "a=1; b=2", "\u{fc}"];

fn headers(bytes: &mut Unstructured<'_>) -> Result<Headers> {
    let count = bytes.int_in_range(0..=3)?;
    (0..count).map(|_| Ok((*bytes.choose(&NAMES)?, *bytes.choose(&FIELDS)?))).collect()
}

const BODIES: [&str; 9] = [
    r#"{"id": 7, "a": {"b": [1, 2.5, null]}}"#,
    r#"[{"id": 1}, 2]"#,
    "{}",
    "[]",
    "null",
    "\"text\"",
    "{\"half\"",
    "text",
    "\u{1f}",
];

pub(crate) fn body(bytes: &mut Unstructured<'_>) -> Result<Body> {
    Ok(match bytes.int_in_range(0..=4)? {
        0 => Body::Absent,
        1 => Body::Bytes(b"x".repeat(bytes.int_in_range(0..=5000)?)),
        _ => Body::Bytes(bytes.choose(&BODIES)?.as_bytes().to_vec()),
    })
}

pub(crate) fn reply(bytes: &mut Unstructured<'_>, whole: bool) -> Result<std::result::Result<Response, CallError>> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => Err(CallError::Timeout),
        1 if bytes.ratio(1, 2)? => Err(CallError::Lost),
        1 => Err(CallError::Failed("EOF".into())),
        2 => Err(CallError::Refused("no such cluster".into())),
        _ => {
            let status = *bytes.choose(&[200, 200, 200, 201, 204, 301, 307, 404, 500, 0, 999])?;
            let body = match body(bytes)? {
                Body::Bytes(_) if !whole => Body::Unread,
                body => body,
            };
            Ok(Response { status, headers: headers(bytes)?, body })
        }
    })
}

/// A live source: it acts itself, or has functions for `pre` and `post`.
pub(crate) fn source(bytes: &mut Unstructured<'_>) -> Result<Response> {
    let text = if bytes.arbitrary()? {
        script(bytes)?
    } else {
        format!("function pre(...)\n{}\nend\nfunction post(...)\n{}\nend", script(bytes)?, script(bytes)?)
    };
    Ok(Response { status: 200, headers: Headers::new(), body: Body::Bytes(text.into_bytes()) })
}
