//! The upstream of a case on a real socket: answers by the case's rules and notes the requests.

use std::sync::{Arc, Mutex};
use std::thread;

use super::{Asked, RawAnswer, Rule, Server, mock};
use crate::wire::http1;

/// A running upstream.
pub struct Upstream {
    server: Server,
    mock: Arc<Mock>,
}

#[derive(Default)]
struct Mock {
    rules: Mutex<Vec<Rule>>,
    asked: Mutex<Vec<Asked>>,
}

impl Upstream {
    /// Starts an upstream without rules: the rules may need its address.
    pub fn start() -> Self {
        let mock = Arc::new(Mock::default());
        let serving = Arc::clone(&mock);
        Self { server: Server::start(Box::new(move |asked| serving.answer(asked))), mock }
    }

    /// Answers by these rules from now on.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        *self.mock.rules.lock().unwrap() = rules;
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        self.server.authority()
    }

    /// The requests so far, in order. Each request is noted before it is answered.
    pub fn asked(&self) -> Vec<Asked> {
        self.mock.asked.lock().unwrap().clone()
    }
}

impl Mock {
    fn answer(&self, asked: &Asked) -> RawAnswer {
        self.asked.lock().unwrap().push(asked.clone());
        let answer = mock::answer(&self.rules.lock().unwrap(), asked);
        thread::sleep(answer.delay); // the case needs the delay
        if answer.close {
            return RawAnswer { bytes: answer.raw, last: true };
        }
        let start = format!("HTTP/1.1 {} ", answer.status);
        let bytes = http1::message(&start, &answer.headers, &answer.body, asked.method != "HEAD");
        RawAnswer { bytes, last: false }
    }
}
