//! Copies of requests that outlive the stream that they began with: their calls are the worker's own.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use super::super::{Caller, Refusal, Shadows, SharedData, Unshared, Worker};
use super::fake_envoy::FakeEnvoy;
use super::fake_message::raw_reply;
use super::fake_shared::FakeShared;
use super::metrics::FakeMeter;
use super::{logged, program};

const MIRRORED: &str = r#"{"endpoint": "/t", "method": "POST", "backend": [
    {"host": ["http://api"], "url_pattern": "/b"},
    {"host": ["http://api"], "url_pattern": "/shadow", "extra_config": {"proxy": {"shadow": true}}}]}"#;

/// A worker's own calls.
#[derive(Default)]
struct Root<'s> {
    sent: RefCell<VecDeque<(u32, String, String)>>,
    last_token: Cell<u32>,
    refuses: bool,
    shared: FakeShared,
    /// The host replies inside the call.
    replies_to: Option<&'s Shadows>,
}

impl Caller for Root<'_> {
    fn dispatch(&self, _: &str, headers: &[(&str, &[u8])], body: &[u8], _: Duration) -> Result<u32, Refusal> {
        if self.refuses {
            return Err(Refusal::BadArgument);
        }
        let token = self.last_token.get() + 1;
        self.last_token.set(token);
        let path = headers.iter().find(|(name, _)| *name == ":path").unwrap().1;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        self.sent.borrow_mut().push_back((token, text(path), text(body)));
        if let Some(shadows) = self.replies_to {
            reply(shadows, token, "200");
            shadows.play(self, Duration::ZERO);
        }
        Ok(token)
    }
}

impl SharedData for Root<'_> {
    fn shared_now(&self) -> Result<u64, Unshared> {
        Ok(0)
    }

    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        Ok(self.shared.get(name))
    }

    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        self.shared.set(name, value, mark)
    }
}

fn reply(shadows: &Shadows, token: u32, status: &str) {
    shadows.reply(token, || Ok(Some(raw_reply(&[(":status", status), ("date", "now")], "{}"))));
}

fn played(worker: &Worker) {
    let (outcome, _) = FakeEnvoy::new("POST", "/t", &["{\"x\":", "1}"]).play(worker);
    drop(outcome);
    assert!(worker.shadows().has_news());
}

fn told(worker: &mut Worker, meter: &FakeMeter) -> Vec<(String, i64)> {
    assert!(worker.tick(Duration::ZERO, meter).is_empty());
    meter.take_told()
}

fn counts(begun: i64, failures: i64) -> Vec<(String, i64)> {
    let named = [("shadows", begun), ("shadow_failures", failures)];
    named.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| (format!("lua_modifier.{what}"), n)).collect()
}

#[test]
fn a_shadow_has_its_own_copy_and_outlives_the_stream() {
    let meter = FakeMeter::default();
    let mut worker = program(MIRRORED);
    played(&worker);
    let (shadows, root) = (worker.shadows(), Root::default());
    shadows.play(&root, Duration::ZERO);
    let sent = root.sent.borrow_mut().pop_front().unwrap();
    assert_eq!((sent.1.as_str(), sent.2.as_str()), ("/shadow", "{\"x\":1}"));
    reply(&shadows, sent.0, "200");
    shadows.play(&root, Duration::ZERO);
    // Once: it is over.
    reply(&shadows, sent.0, "200");
    assert!(!shadows.has_news() && root.sent.borrow().is_empty());
    assert_eq!(told(&mut worker, &meter), counts(1, 0));
    assert!(logged().is_empty());
}

#[test]
fn a_shadow_that_fails_is_logged_and_counted_apart() {
    let meter = FakeMeter::default();
    for refuses in [false, true] {
        let mut worker = program(MIRRORED);
        played(&worker);
        let (shadows, root) = (worker.shadows(), Root { refuses, ..Root::default() });
        shadows.play(&root, Duration::ZERO);
        if let Some((token, ..)) = root.sent.borrow_mut().pop_front() {
            reply(&shadows, token, "500");
        }
        shadows.play(&root, Duration::ZERO);
        assert_eq!(told(&mut worker, &meter), counts(1, 1));
        let lines = logged();
        assert!(lines.len() == 1 && lines[0].contains("stage=backend_1 shadow=true"), "{lines:?}");
    }
}

#[test]
fn a_host_may_reply_inside_the_call() {
    let worker = program(MIRRORED);
    played(&worker);
    played(&worker);
    let shadows = worker.shadows();
    let root = Root { replies_to: Some(&shadows), ..Root::default() };
    shadows.play(&root, Duration::ZERO);
    assert_eq!(root.sent.borrow().len(), 2);
    assert!(!shadows.has_news());
}

#[test]
fn thousands_of_shadows_are_not_alive_at_a_time() {
    let meter = FakeMeter::default();
    let mut worker = program(MIRRORED);
    (0..1_200).for_each(|_| played(&worker));
    let (shadows, root) = (worker.shadows(), Root::default());
    shadows.play(&root, Duration::ZERO);
    assert_eq!(root.sent.borrow().len(), 1_000);
    let dropped = ("lua_modifier.shadows_dropped".to_owned(), 200);
    assert_eq!(told(&mut worker, &meter), [counts(1_000, 0), vec![dropped]].concat());
    let lines = logged();
    assert!(lines.len() == 1 && lines[0].contains("200 requests were not copied"), "{lines:?}");
    // Those that are over make room.
    while let Some((token, ..)) = { root.sent.borrow_mut().pop_front() } {
        reply(&shadows, token, "200");
    }
    shadows.play(&root, Duration::ZERO);
    played(&worker);
    shadows.play(&root, Duration::ZERO);
    assert_eq!(root.sent.borrow().len(), 1);
    // And so do those for which nothing comes.
    assert!(worker.tick(Duration::from_secs(60), &meter).is_empty());
    assert!(logged().concat().contains("1 shadows ended without the replies"));
}
