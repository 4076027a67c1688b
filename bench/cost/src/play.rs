//! One exchange through the engine: a request with six headers, a response of status 200 with five. Uses the engine's
//! door alone, `pipeline::Exchange`, and does not know that anything is counted.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use cost::jobs::Job;
use lua_modifier::http::{Body, Headers, Request, Response};
use lua_modifier::pipeline::{Exchange, Input, Output, Program};

use crate::Result;

/// A job whose configuration is loaded.
pub(crate) struct Player {
    program: Rc<Program>,
    body: String,
}

impl Player {
    /// Loads a job, and plays some exchanges, so that one-time work is done before the measured ones.
    pub(crate) fn new(job: &Job) -> Result<Self> {
        let program = Program::load(job.document().as_bytes()).map_err(|refusal| refusal.to_string())?;
        let player = Self { program: Rc::new(program), body: (job.body)() };
        player.play(20)?;
        Ok(player)
    }

    /// Plays `count` exchanges, each a millisecond after the last.
    pub(crate) fn play(&self, count: u64) -> Result<()> {
        (0..count).map(Duration::from_millis).try_for_each(|now| self.exchange(now))
    }

    fn exchange(&self, now: Duration) -> Result<()> {
        let mut exchange = Exchange::new(&self.program);
        let mut input = Input::Request(request());
        loop {
            input = match exchange.handle(now, input) {
                Output::Send(_) => Input::Response(Ok(response())),
                Output::ReadBody => Input::Body(self.body.as_bytes().to_vec()),
                Output::Deliver(response) if response.status == 200 => {
                    black_box(&response);
                    return Ok(());
                }
                other => return Err(format!("this belongs to no job: {other:?}").into()),
            };
        }
    }
}

fn request() -> Request {
    Request {
        method: "GET".into(),
        authority: "gateway.test".into(),
        path: "/t".into(),
        body: Body::Absent,
        peer: "127.0.0.1".into(),
        headers: headers(&[
            ("accept", "*/*"),
            ("user-agent", "curl/8"),
            ("x-request-id", "4ca1a1d8-37a9-4257-bed7-60fb81bb7ad2"),
            ("accept-language", "en"),
            ("authorization", "Bearer abcdefghijklmnop"),
            ("x-forwarded-proto", "http"),
        ]),
    }
}

fn response() -> Response {
    Response {
        status: 200,
        body: Body::Unread,
        headers: headers(&[
            ("content-type", "application/json"),
            ("content-length", "700"),
            ("date", "Mon, 23 Nov 2026 02:23:11 GMT"),
            ("server", "nginx"),
            ("etag", "abc"),
        ]),
    }
}

fn headers(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use cost::jobs::JOBS;

    use super::*;

    #[test]
    fn every_job_ends_with_the_delivered_response() {
        JOBS.iter().for_each(|job| Player::new(job).and_then(|player| player.play(1)).unwrap());
    }
}
