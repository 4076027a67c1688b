//! What stages have spent, shown as Envoy's metrics. Requests only add numbers up (`pipeline/ledger.rs`); they come here at
//! each tick of the root and when it ends, so what is lost when a VM dies is what one tick brings. A metric is defined when
//! it first has a value: most endpoints never fail, and a metric of Envoy's lives as long as Envoy does.

use super::hostcalls::{self, Metric, Refused};
use crate::pipeline::{ErrorKind, Program};
use std::collections::BTreeMap;

/// The metrics of one configuration in one worker.
#[derive(Default)]
pub(super) struct Metrics {
    stages: BTreeMap<usize, Stage>,
    failures: Shown,
    heap: Shown,
    // What this worker has put into the gauge, which is the sum over all workers.
    heap_told: i64,
}

// One metric. What Envoy refuses is said once, and then left alone.
#[derive(Clone, Copy, Default)]
enum Shown {
    #[default]
    NotYet,
    Defined(u32),
    Refused,
}

#[derive(Default)]
struct Stage {
    runs: Shown,
    errors: [Shown; 4],
    calls: Shown,
    instructions: Shown,
    duration: Shown,
}

impl Metrics {
    /// Hands on what was spent since the last time.
    pub(super) fn tell(&mut self, program: &Program) {
        let failures = program.take_failures();
        self.failures.count(failures, || "lua_modifier.failures".to_owned());
        for (number, spent) in program.take_spent() {
            let stage = self.stages.entry(number).or_default();
            let name = |what: &str| {
                let stage = program.stage_name(number).unwrap_or_default();
                format!("lua_modifier.{stage}.{what}")
            };
            stage.runs.count(spent.runs, || name("runs"));
            for ((shown, errors), kind) in stage.errors.iter_mut().zip(spent.errors).zip(ErrorKind::ALL) {
                shown.count(errors, || name(&format!("errors_{}", kind.word())));
            }
            stage.calls.count(spent.calls, || name("calls"));
            stage.instructions.count(spent.instructions, || name("instructions"));
            for micros in spent.durations {
                stage.duration.record(micros, || name("duration_us"));
            }
        }
        // A worker that ran no script, such as the VM of Envoy's main thread, has a heap that matters to nobody.
        if !self.stages.is_empty() {
            self.tell_heap(i64::try_from(program.heap_bytes()).unwrap_or(i64::MAX));
        }
    }

    /// The last of it: this worker's heap goes.
    pub(super) fn end(&mut self, program: &Program) {
        self.tell(program);
        self.tell_heap(0);
    }

    fn tell_heap(&mut self, bytes: i64) {
        let more = bytes.saturating_sub(self.heap_told);
        if more != 0 {
            let name = || "lua_modifier.heap_bytes".to_owned();
            self.heap.with(Metric::Gauge, name, |id| hostcalls::increment_metric(id, more));
            self.heap_told = bytes;
        }
    }
}

impl Shown {
    fn count(&mut self, more: u64, name: impl Fn() -> String) {
        // Envoy's counters refuse a nought.
        if more > 0 {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            self.with(Metric::Counter, name, |id| hostcalls::increment_metric(id, more));
        }
    }

    fn record(&mut self, value: u64, name: impl Fn() -> String) {
        self.with(Metric::Histogram, name, |id| hostcalls::record_metric(id, value));
    }

    fn with(&mut self, kind: Metric, name: impl Fn() -> String, tell: impl FnOnce(u32) -> Result<(), Refused>) {
        let told = match *self {
            Shown::Refused => return,
            Shown::Defined(id) => tell(id),
            Shown::NotYet => hostcalls::define_metric(kind, &name()).and_then(|id| {
                *self = Shown::Defined(id);
                tell(id)
            }),
        };
        if let Err(refused) = told {
            *self = Shown::Refused;
            log::error!("Envoy refused the metric {}: {refused}", name());
        }
    }
}
