//! Streams against an Envoy that is a value: what they hold, edit, answer and call, what they make of every refusal, and of a
//! host that calls back inside their calls.

mod answers;
mod bodies;
mod bodies_beside_calls;
mod calls;
mod fake_envoy;
mod fake_host;
mod fake_message;
mod fake_shared;
mod metrics;
mod paths;
mod rates;
mod reentry;
mod refusals;
mod shadows;
mod tokens;
mod upgrades;

use std::cell::RefCell;
use std::sync::Once;

use super::Worker;
use metrics::FakeMeter;

/// A worker with one endpoint.
fn program(endpoint: &str) -> Worker {
    hear_logs();
    let ours = r#"{"clusters": {"http://api": "api", "http://auth": "auth"}}"#;
    let document = format!(
        r#"{{"version": 3, "timeout": "2s", "endpoints": [{}],
            "extra_config": {{"router": {{"return_error_msg": true}}, "envoy/lua-modifier": {ours}}}}}"#,
        endpoint.replace('\n', " ")
    );
    let mut worker = Worker::new();
    worker.configure(document.as_bytes(), &|_| None, None, &FakeMeter::default()).unwrap();
    logged();
    worker
}

/// An endpoint of one backend, with a proxy's scripts.
fn scripted(pre: &str, post: &str) -> String {
    let proxy = format!(r#""modifier/lua-proxy": {{"allow_open_libs": true, "pre": "{pre}", "post": "{post}"}}"#);
    format!(r#"{{"endpoint": "/t", "method": "POST", {NO_OP}, "extra_config": {{{proxy}}}}}"#)
}

/// One backend whose responses stay as they are.
const NO_OP: &str = r#""output_encoding": "no-op",
    "backend": [{"host": ["http://api"], "url_pattern": "/b", "method": "POST", "encoding": "no-op"}]"#;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Ear;

impl log::Log for Ear {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.level() <= log::Level::Warn {
            LOG.with_borrow_mut(|lines| lines.push(record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

fn hear_logs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Ear).unwrap();
        log::set_max_level(log::LevelFilter::Info);
    });
}

/// Warnings and errors of this thread since this was last asked.
fn logged() -> Vec<String> {
    LOG.take()
}
