//! The plugin in one worker as Envoy's root context: its configuration, its clock and its timer.

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
    /// Reads the configuration that has come. `false` refuses it.
    pub(super) fn configure(&mut self) -> bool {
        let configuration = match hostcalls::buffer(Buffer::PluginConfiguration) {
            Ok(configuration) => configuration,
            Err(refusal) => {
                log::error!("configuration: Envoy did not hand it over: {refusal}");
                return false;
            }
        };
        // The VM's environment, not Envoy's: it has the variables that vm_config.environment_variables lists.
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

    /// A new stream; `None` without an accepted configuration, but Envoy makes no stream then.
    pub(super) fn stream(&self, context: u32) -> Option<Stream<WasmHost>> {
        self.worker.stream(context.into(), WasmHost { context, epoch: self.epoch })
    }

    /// Handles a tick of the timer. Gives the streams that must be told that a body is late.
    pub(super) fn tick(&mut self) -> Vec<u32> {
        contexts(self.worker.tick(self.epoch.elapsed(), &WasmMeter))
    }

    /// Gives the streams that must be told that a body can be had whole.
    pub(super) fn take_whole(&self) -> Vec<u32> {
        contexts(self.worker.take_whole())
    }

    /// The worker's shadows (copies of requests whose responses no client waits for), and the host that sends their calls.
    pub(super) fn shadows(&self, context: u32) -> (Rc<Shadows>, WasmHost) {
        (self.worker.shadows(), WasmHost { context, epoch: self.epoch })
    }

    /// Ends the plugin in this worker.
    pub(super) fn end(&mut self) {
        self.worker.end(&WasmMeter);
    }
}

// The context numbers of streams; a stream's number is its context's.
fn contexts(streams: Vec<u64>) -> Vec<u32> {
    streams.into_iter().filter_map(|number| u32::try_from(number).ok()).collect()
}
