//! The reason why a VM could not be started, in the module's own words.

use host_sim::{LogLevel, StartError};

/// The module's error lines about the configuration, each changed by `placed`. If the module trapped, the text of the trap.
pub(crate) fn words(error: &StartError, placed: impl Fn(&str) -> String) -> Vec<String> {
    if matches!(error, StartError::Trapped(..)) {
        return vec![error.to_string()];
    }
    let errors = error.trace().logs().into_iter().filter(|(level, _)| *level >= LogLevel::Error);
    errors.map(|(_, text)| placed(text)).collect()
}
