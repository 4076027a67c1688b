//! The module's own judgement of a configuration, as Envoy would get it. Knows how to ask the module, and none of its reasons.

use host_sim::{LogLevel, Module, Settings, Sim, StartError};

use super::super::Trouble;

/// The module's judgement of a configuration.
pub(super) enum Judgement {
    /// The module serves the configuration, perhaps with warnings.
    Served(Vec<String>),
    /// The module refuses the configuration, for these reasons.
    Refused(Vec<String>),
}

/// Has a worker load the configuration.
pub(super) fn ask(module: &Module, configuration: &str) -> Result<Judgement, Trouble> {
    let lines = |trace: &host_sim::Trace, least: LogLevel| {
        let loud = trace.logs().into_iter().filter(|(level, _)| *level >= least);
        loud.map(|(_, line)| line.to_owned()).collect::<Vec<String>>()
    };
    match Sim::start(module, Settings::new(configuration).allow_on_headers_stop_iteration(true)) {
        Ok(mut sim) => Ok(Judgement::Served(lines(&sim.take_trace(), LogLevel::Warn))),
        Err(StartError::Refused(_, trace)) => Ok(Judgement::Refused(lines(&trace, LogLevel::Warn))),
        Err(trapped @ StartError::Trapped(..)) => Err(Trouble::new(format!("the module died of it: {trapped}"))),
    }
}
