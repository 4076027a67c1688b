//! The plugin in one worker: reads the configuration, makes streams, and looks after those that are held.

use super::hostcalls::{self, Buffer};
use super::metrics::Metrics;
use super::observer;
use super::stream::Stream;
use super::watch::Watch;
use crate::pipeline::Program;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;
use std::rc::Rc;
use std::time::Instant;

/// One configuration of the plugin in one worker.
pub(super) struct Root {
    epoch: Instant,
    program: Option<Rc<Program>>,
    watch: Rc<Watch>,
    metrics: Metrics,
}

const TICK_MS: u32 = 200;

impl Root {
    pub(super) fn new() -> Root {
        Root { epoch: Instant::now(), program: None, watch: Rc::default(), metrics: Metrics::default() }
    }
}

impl Context for Root {
    fn on_done(&mut self) -> bool {
        if let Some(program) = &self.program {
            self.metrics.end(program);
        }
        true
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        let configuration = match hostcalls::buffer(Buffer::PluginConfiguration) {
            Ok(configuration) => configuration,
            Err(refused) => {
                log::error!("configuration: Envoy did not hand it over: {refused}");
                return false;
            }
        };
        let program = match Program::load_watched(&configuration, observer::ask()) {
            Ok(program) => program,
            Err(error) => {
                log::error!("{error}");
                return false;
            }
        };
        for warning in program.warnings() {
            log::warn!("{warning}");
        }
        log::set_max_level(program.log_level());
        if let Err(refused) = hostcalls::tick_every(TICK_MS) {
            log::error!("Envoy refused a timer: {refused}");
        }
        if let Some(before) = &self.program {
            std::mem::take(&mut self.metrics).end(before);
        }
        self.program = Some(Rc::new(program));
        true
    }

    fn on_tick(&mut self) {
        self.watch.look(self.epoch.elapsed());
        if let Some(program) = &self.program {
            self.metrics.tell(program);
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, context: u32) -> Option<Box<dyn HttpContext>> {
        // Without an accepted configuration Envoy makes no streams.
        let program = self.program.as_ref()?;
        Some(Box::new(Stream::new(context, program, self.epoch, &self.watch)))
    }
}
