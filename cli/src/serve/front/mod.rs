//! `security/cors` and `security/http` in front of the module, as in an Envoy that `bundle` configured: answers some requests
//! here, and gives every response its headers. Uses only the configuration, and knows no script and no endpoint.

mod asked;
mod cors;
mod guard;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request;
use hyper::{Response, StatusCode};
use lua_modifier::config;

use crate::embedded::pipe::{Outlet, pipe};
use asked::Asked;

/// The checks that a document sets up in front of its endpoints.
#[derive(Default)]
pub(super) struct Front(config::Front);

/// The decision about a request.
pub(super) enum Verdict {
    /// The request goes no further: the answer, the length of its body, and the reason.
    Answer(Response<Outlet>, usize, &'static str),
    /// The request goes on, and its response gets these headers.
    Pass(Marks),
}

/// Headers of one response.
pub(super) type Marks = Vec<(&'static str, HeaderValue)>;

/// An answer without its connection.
struct Answer {
    status: StatusCode,
    headers: Marks,
    body: String,
    why: &'static str,
}

impl Front {
    pub(super) fn new(front: config::Front) -> Self {
        Self(front)
    }

    /// Decides about a request as the client sent it.
    pub(super) fn meet(&self, parts: &request::Parts) -> Verdict {
        let asked = Asked::new(parts);
        if !asked.has_plain_host() {
            let headers = vec![("content-type", HeaderValue::from_static("text/plain"))];
            let (status, body) = (StatusCode::BAD_REQUEST, "Bad Request".to_owned());
            return self.answer(Answer { status, headers, body, why: ": its host is none" }, &asked);
        }
        let mut marks = Marks::new();
        if let Some(cors) = &self.0.cors {
            match cors::preflight(cors, &asked) {
                Some(headers) if !cors.passes_preflights => {
                    let (status, body, why) = (StatusCode::NO_CONTENT, String::new(), ": a preflight");
                    return self.answer(Answer { status, headers, body, why }, &asked);
                }
                Some(headers) => marks = headers,
                None => marks = cors::actual(cors, &asked),
            }
        }
        let Some(guard) = &self.0.guard else { return Verdict::Pass(marks) };
        match guard::refusal(guard, &asked) {
            Some(mut answer) => {
                if self.0.cors.is_some() && !marks.iter().any(|(name, _)| *name == "vary") {
                    marks.push(("vary", HeaderValue::from_static("Origin")));
                }
                answer.headers.splice(0..0, marks);
                self.answer(answer, &asked)
            }
            None => {
                marks.extend(guard::sts(guard, &asked));
                Verdict::Pass(marks)
            }
        }
    }

    /// Gives a response its headers. They come before headers of the same names that a backend sent.
    pub(super) fn dress(&self, headers: &mut HeaderMap, marks: &Marks) {
        let of_cors = self.0.cors.iter().map(|_| ("vary", HeaderValue::from_static("Origin")));
        let own = self.0.guard.iter().flat_map(|guard| &guard.headers);
        let own = own.filter_map(|(name, value)| Some((*name, value.parse().ok()?)));
        let always = of_cors.chain(own).filter(|(name, _)| !marks.iter().any(|(marked, _)| marked == name));
        for (name, value) in always.chain(marks.iter().cloned()) {
            put(headers, name, value);
        }
    }

    fn answer(&self, answer: Answer, asked: &Asked<'_>) -> Verdict {
        let length = answer.body.len();
        let (inlet, outlet) = pipe();
        inlet.push(if asked.method == "HEAD" { Vec::new() } else { answer.body.into_bytes() });
        inlet.end();
        let mut response = Response::new(if length == 0 { Outlet::empty() } else { outlet });
        *response.status_mut() = answer.status;
        for (name, value) in answer.headers {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
        if length > 0 {
            response.headers_mut().append("content-length", HeaderValue::from(length));
        }
        Verdict::Answer(response, length, answer.why)
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: HeaderValue) {
    let name = HeaderName::from_static(name);
    let others: Vec<HeaderValue> = headers.get_all(&name).iter().filter(|other| **other != value).cloned().collect();
    headers.insert(&name, value);
    for other in others {
        headers.append(&name, other);
    }
}
