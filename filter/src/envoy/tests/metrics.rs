//! What stages have spent, and how it reaches a host's metrics.

use std::cell::RefCell;
use std::time::Duration;

use super::super::{Meter, MetricKind, Refusal};
use super::fake_envoy::FakeEnvoy;
use super::{logged, program};

/// A host's metrics: by name, what was told.
#[derive(Default)]
pub(super) struct FakeMeter {
    names: RefCell<Vec<String>>,
    told: RefCell<Vec<(String, i64)>>,
    refuses: bool,
}

impl FakeMeter {
    pub(super) fn take_told(&self) -> Vec<(String, i64)> {
        self.told.take()
    }

    fn tell(&self, metric: u32, value: i64) -> Result<(), Refusal> {
        let name = self.names.borrow()[metric as usize].clone();
        self.told.borrow_mut().push((name, value));
        Ok(())
    }
}

impl Meter for FakeMeter {
    fn define(&self, _: MetricKind, name: &str) -> Result<u32, Refusal> {
        if self.refuses {
            return Err(Refusal::BadArgument);
        }
        self.names.borrow_mut().push(name.to_owned());
        Ok(u32::try_from(self.names.borrow().len() - 1).unwrap())
    }

    fn add(&self, metric: u32, more: i64) -> Result<(), Refusal> {
        self.tell(metric, more)
    }

    fn record(&self, metric: u32, value: u64) -> Result<(), Refusal> {
        self.tell(metric, i64::try_from(value).unwrap())
    }
}

const FAILS: &str = r#"{"endpoint": "/m", "backend": [{"host": ["http://api"], "url_pattern": "/b"}],
    "extra_config": {"modifier/lua-proxy": {"pre": "custom_error('no', 403)"}}}"#;

fn ticked(meter: &FakeMeter) -> Vec<(String, i64)> {
    let mut worker = program(FAILS);
    for _ in 0..2 {
        FakeEnvoy::new("GET", "/m", &[]).play(&worker);
        assert!(worker.tick(Duration::ZERO, meter).is_empty());
    }
    worker.end(meter);
    meter.told.take()
}

#[test]
fn each_tick_hands_on_what_came_since_the_last_one() {
    let meter = FakeMeter::default();
    let told = ticked(&meter);
    let of = |what: &str| -> Vec<i64> {
        told.iter().filter(|(name, _)| name == &format!("lua_modifier.{what}")).map(|(_, value)| *value).collect()
    };
    assert_eq!(of("failures"), [1, 1]);
    assert_eq!(of("GET_/m.proxy.runs"), [1, 1]);
    assert_eq!(of("GET_/m.proxy.errors_custom"), [1, 1]);
    assert!(of("GET_/m.proxy.calls").is_empty()); // a counter refuses a nought
    assert_eq!(of("GET_/m.proxy.duration_us").len(), 2);
    assert_eq!(of("heap_bytes").iter().sum::<i64>(), 0, "the heap goes with the worker");
    assert!(of("heap_bytes")[0] > 0);
    let mut names = meter.names.take();
    names.sort();
    let known = names.len();
    names.dedup();
    assert_eq!(names.len(), known, "each metric is defined once");
}

#[test]
fn bots_are_counted() {
    let meter = FakeMeter::default();
    let bots = r#"{"endpoint": "/m", "backend": [{"host": ["http://api"], "url_pattern": "/b"}],
        "extra_config": {"security/bot-detector": {"empty_user_agent_is_bot": true}}}"#;
    let mut worker = program(bots);
    FakeEnvoy::new("GET", "/m", &[]).play(&worker);
    assert!(worker.tick(Duration::ZERO, &meter).is_empty());
    assert_eq!(meter.take_told(), [("lua_modifier.refused_by_bot".to_owned(), 1)]);
}

#[test]
fn a_metric_that_is_refused_is_said_once_and_left_alone() {
    let meter = FakeMeter { refuses: true, ..FakeMeter::default() };
    assert_eq!(ticked(&meter), []);
    let lines = logged();
    let of = |name: &str| lines.iter().filter(|line| line.contains(&format!("metric lua_modifier.{name}:"))).count();
    assert_eq!((of("failures"), of("GET_/m.proxy.runs"), of("heap_bytes")), (1, 1, 1), "{lines:?}");
}
