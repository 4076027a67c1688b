//! Log lines about an agent, in KrakenD's words, from the wanted level on.

use host_sim::LogLevel;

use crate::embedded::terminal;

/// `--log-level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warning => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

/// The writer of one agent's lines.
#[derive(Clone, Debug)]
pub(super) struct Log {
    prefix: String,
    least: Level,
}

impl Log {
    pub(super) fn new(agent: &str, least: Level) -> Self {
        Self { prefix: format!("[SERVICE: AsyncAgent][AMQP][{agent}]"), least }
    }

    /// Whether lines of this level are shown. If not, the caller need not build the line.
    pub(super) fn shows(&self, level: Level) -> bool {
        level >= self.least
    }

    pub(super) fn line(&self, level: Level, text: &str) {
        if self.shows(level) {
            terminal::logged(level.into(), &format!("{} {text}", self.prefix));
        }
    }
}
