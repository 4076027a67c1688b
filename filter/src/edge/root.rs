//! The plugin in one worker, as Envoy's root context tells it: its configuration, its clock and its timer.

use std::rc::Rc;
use std::time::Instant;

use super::hostcalls::{self, Buffer};
use super::observer;
use super::wasm_host::{WasmHost, WasmMeter};
use crate::envoy::{Shadows, Stream, Worker};

/// A root context.
pub(super) struct Root {
    epoch: Instant,
    worker: Worker,
}

const TICK_MS: u32 = 200;

impl Default for Root {
    fn default() -> Self {
        Self { epoch: Instant::now(), worker: Worker::new() }
    }
}

impl Root {
    /// The configuration has come. `false` refuses it.
    pub(super) fn configure(&mut self) -> bool {
        let configuration = match hostcalls::buffer(Buffer::PluginConfiguration) {
            Ok(configuration) => configuration,
            Err(refusal) => {
                log::error!("configuration: Envoy did not hand it over: {refusal}");
                return false;
            }
        };
        // Of the VM, not of Envoy: it has what vm_config.environment_variables lists.
        let variable = |name: &str| std::env::var_os(name).map(|value| value.into_encoded_bytes());
        match self.worker.configure(&configuration, &variable, observer::ask(), &WasmMeter) {
            Ok(level) => log::set_max_level(level),
            Err(error) => {
                log::error!("{error}");
                return false;
            }
        }
        if let Err(refusal) = hostcalls::tick_every(TICK_MS) {
            log::error!("Envoy refused a timer: {refusal}");
        }
        true
    }

    /// A new stream; none without an accepted configuration, where Envoy makes none.
    pub(super) fn stream(&self, context: u32) -> Option<Stream<WasmHost>> {
        self.worker.stream(context.into(), WasmHost { context, epoch: self.epoch })
    }

    /// The timer's time has come. Gives the streams that are to be told that a body is late.
    pub(super) fn tick(&mut self) -> Vec<u32> {
        contexts(self.worker.tick(self.epoch.elapsed(), &WasmMeter))
    }

    /// Gives the streams that are to be told that a body can be had whole.
    pub(super) fn take_whole(&self) -> Vec<u32> {
        contexts(self.worker.take_whole())
    }

    /// The copies of requests that go to backends for which nobody waits, and what sends their calls.
    pub(super) fn shadows(&self, context: u32) -> (Rc<Shadows>, WasmHost) {
        (self.worker.shadows(), WasmHost { context, epoch: self.epoch })
    }

    /// The plugin goes.
    pub(super) fn end(&mut self) {
        self.worker.end(&WasmMeter);
    }
}

// Streams are numbered by their contexts.
fn contexts(streams: Vec<u64>) -> Vec<u32> {
    streams.into_iter().filter_map(|number| u32::try_from(number).ok()).collect()
}
