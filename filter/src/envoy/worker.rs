//! The plugin in one worker: reads the configuration, makes streams, watches the streams that are held, and hands on the
//! metrics. The edge has the clock, the timer and the table of streams.

use std::rc::Rc;
use std::time::Duration;

use super::body_watch::{BodyWatch, Late};
use super::host::{Host, Meter};
use super::metrics::Metrics;
use super::shadows::Shadows;
use super::stream::Stream;
use crate::pipeline::{Environment, LoadError, Observer, Program};

/// One configuration of the plugin in one worker.
#[derive(Default)]
pub struct Worker {
    program: Option<Rc<Program>>,
    watch: Rc<BodyWatch>,
    shadows: Rc<Shadows>,
    metrics: Metrics,
}

impl Worker {
    /// A worker without a configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a configuration. Logs its warnings and, at a fine enough level, its remarks. Gives the lowest log level that
    /// should be shown. If the configuration is refused, the one before it stays.
    pub fn configure(
        &mut self,
        document: &[u8],
        variable: Environment<'_>,
        observer: Option<Rc<dyn Observer>>,
        meter: &impl Meter,
    ) -> Result<log::LevelFilter, LoadError> {
        let program = Program::load_in(document, variable, observer)?;
        for warning in program.warnings() {
            log::warn!("{warning}");
        }
        if program.log_level() >= log::LevelFilter::Info {
            program.remarks().iter().for_each(|remark| log::info!("{remark}"));
        }
        self.end(meter);
        let level = program.log_level();
        self.program = Some(Rc::new(program));
        Ok(level)
    }

    /// A new stream; `None` as long as there is no configuration. The edge chooses the number, which names the stream in
    /// [`Worker::tick`].
    pub fn stream<H: Host>(&self, number: u64, host: H) -> Option<Stream<H>> {
        Some(Stream::new(host, number, self.program.as_ref()?, &self.watch, &self.shadows))
    }

    /// The shadows of all streams of this worker; they outlive the streams. At the end of each callback of a stream, the edge
    /// must play them with [`Shadows::play`].
    pub fn shadows(&self) -> Rc<Shadows> {
        Rc::clone(&self.shadows)
    }

    /// Hands on the metrics, and names the streams whose body is late. The edge calls it from time to time, and must tell each
    /// named stream with [`Stream::body_is_late`].
    #[must_use]
    pub fn tick(&mut self, now: Duration, meter: &impl Meter) -> Vec<u64> {
        if let Some(program) = &self.program {
            self.metrics.tell(meter, program);
        }
        self.shadows.tick(now);
        let named = |(stream, Late { whose, came })| {
            if came == 0 {
                log::error!(
                    "{whose} a body was asked for and did not come within the endpoint's timeout: is \
                     allow_on_headers_stop_iteration set to true in Envoy's PluginConfig?"
                );
            } else {
                log::error!(
                    "{whose} a body was asked for, and after {came} bytes no more came within the endpoint's timeout: does \
                     Envoy's per_connection_buffer_limit_bytes allow as much as limits.body_bytes?"
                );
            }
            stream
        };
        self.watch.take_late(now).into_iter().map(named).collect()
    }

    /// The streams whose body can be had whole now. The edge must tell each of them with [`Stream::body_is_whole`].
    #[must_use]
    pub fn take_whole(&self) -> Vec<u64> {
        self.watch.take_whole()
    }

    /// The configuration is dropped; its streams may outlive it.
    pub fn end(&mut self, meter: &impl Meter) {
        if let Some(program) = &self.program {
            std::mem::take(&mut self.metrics).end(meter, program);
        }
    }
}
