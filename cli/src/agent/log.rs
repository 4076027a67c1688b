//! Lines about an agent, in KrakenD's words, as far as they are wanted.

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

/// What writes the lines of one agent.
#[derive(Clone, Debug)]
pub(super) struct Log {
    prefix: String,
    least: Level,
}

impl Log {
    pub(super) fn new(agent: &str, least: Level) -> Self {
        Self { prefix: format!("[SERVICE: AsyncAgent][AMQP][{agent}]"), least }
    }

    /// Lines of this level are shown: where none is, it need not be made.
    pub(super) fn shows(&self, level: Level) -> bool {
        level >= self.least
    }

    pub(super) fn line(&self, level: Level, text: &str) {
        if self.shows(level) {
            terminal::logged(level.into(), &format!("{} {text}", self.prefix));
        }
    }
}
