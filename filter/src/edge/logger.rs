//! Writes `log::` lines into Envoy's log, and a message before a panic ends the VM.

use super::hostcalls;

struct EnvoyLog;

impl log::Log for EnvoyLog {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.level() <= log::max_level() {
            hostcalls::log(record.level(), &record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Sends all log lines to Envoy.
pub(super) fn install() {
    // A second logger in the same VM is refused; the first one is ours.
    let _ = log::set_logger(&EnvoyLog);
    log::set_max_level(log::LevelFilter::Info);
    std::panic::set_hook(Box::new(|panic| hostcalls::log(log::Level::Error, &format!("lua-modifier: {panic}"))));
}
