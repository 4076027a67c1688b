//! The costs of stages, shown as Envoy's metrics. Requests only add numbers up (`pipeline/watch/ledger.rs`). The sums come here
//! at each tick of the worker and when it ends, so a worker that dies loses at most the numbers of one tick. A metric is
//! defined when it first has a value: most endpoints never fail, and Envoy keeps a metric as long as it runs.

use std::collections::BTreeMap;

use super::host::{Meter, MetricKind, Refusal};
use crate::pipeline::{ErrorKind, Program, RefusedBy};

/// The metrics of one configuration in one worker.
#[derive(Default)]
pub(super) struct Metrics {
    stages: BTreeMap<usize, StageMetrics>,
    failures: Shown,
    shadows: [Shown; 3],
    refused: [Shown; RefusedBy::ALL.len()],
    heap: Shown,
    // This worker's part of the gauge; the gauge is the sum of all workers.
    heap_told: i64,
}

// One metric. If Envoy refuses it, that is logged once, and the metric is not tried again.
#[derive(Clone, Copy, Default)]
enum Shown {
    #[default]
    NotYet,
    Defined(u32),
    Refused,
}

#[derive(Default)]
struct StageMetrics {
    runs: Shown,
    errors: [Shown; 4],
    calls: Shown,
    instructions: Shown,
    duration: Shown,
}

impl Metrics {
    /// Hands on the numbers since the last call.
    pub(super) fn tell(&mut self, meter: &impl Meter, program: &Program) {
        let failures = program.take_failures();
        self.failures.count(meter, failures, || "lua_modifier.failures".to_owned());
        let shadows = program.take_shadows();
        let counts =
            [("shadows", shadows.begun), ("shadow_failures", shadows.failures), ("shadows_dropped", shadows.dropped)];
        for (shown, (what, count)) in self.shadows.iter_mut().zip(counts) {
            shown.count(meter, count, || format!("lua_modifier.{what}"));
        }
        for ((shown, count), by) in self.refused.iter_mut().zip(program.take_refused()).zip(RefusedBy::ALL) {
            shown.count(meter, count, || format!("lua_modifier.refused_by_{}", by.word()));
        }
        for (number, spent) in program.take_spent() {
            let stage = self.stages.entry(number).or_default();
            let name = |what: &str| {
                let stage = program.stage_name(number).unwrap_or_default();
                format!("lua_modifier.{stage}.{what}")
            };
            stage.runs.count(meter, spent.runs, || name("runs"));
            for ((shown, errors), kind) in stage.errors.iter_mut().zip(spent.errors).zip(ErrorKind::ALL) {
                shown.count(meter, errors, || name(&format!("errors_{}", kind.word())));
            }
            stage.calls.count(meter, spent.calls, || name("calls"));
            stage.instructions.count(meter, spent.instructions, || name("instructions"));
            for micros in spent.durations {
                stage.duration.record(meter, micros, || name("duration_us"));
            }
        }
        // A worker that ran no script, such as the VM of Envoy's main thread, has a heap that does not interest anybody.
        if !self.stages.is_empty() {
            self.tell_heap(meter, i64::try_from(program.heap_bytes()).unwrap_or(i64::MAX));
        }
    }

    /// Hands on the last numbers, and takes this worker's heap out of the gauge.
    pub(super) fn end(&mut self, meter: &impl Meter, program: &Program) {
        self.tell(meter, program);
        self.tell_heap(meter, 0);
    }

    fn tell_heap(&mut self, meter: &impl Meter, bytes: i64) {
        let more = bytes.saturating_sub(self.heap_told);
        if more != 0 {
            let name = || "lua_modifier.heap_bytes".to_owned();
            self.heap.with(meter, MetricKind::Gauge, name, |id| meter.add(id, more));
            self.heap_told = bytes;
        }
    }
}

impl Shown {
    fn count(&mut self, meter: &impl Meter, more: u64, name: impl Fn() -> String) {
        // Envoy's counters refuse the value 0.
        if more > 0 {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            self.with(meter, MetricKind::Counter, name, |id| meter.add(id, more));
        }
    }

    fn record(&mut self, meter: &impl Meter, value: u64, name: impl Fn() -> String) {
        self.with(meter, MetricKind::Histogram, name, |id| meter.record(id, value));
    }

    fn with(
        &mut self,
        meter: &impl Meter,
        kind: MetricKind,
        name: impl Fn() -> String,
        tell: impl FnOnce(u32) -> Result<(), Refusal>,
    ) {
        let told = match *self {
            Self::Refused => return,
            Self::Defined(id) => tell(id),
            Self::NotYet => meter.define(kind, &name()).and_then(|id| {
                *self = Self::Defined(id);
                tell(id)
            }),
        };
        if let Err(refusal) = told {
            *self = Self::Refused;
            log::error!("Envoy refused the metric {}: {refusal}", name());
        }
    }
}
