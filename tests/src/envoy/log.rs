//! Envoy's log, read from the process while it is written: waits for lines, and finds the lines of each plugin.

use std::io::Read;
use std::time::Duration;

use crate::cases::LogLine;
use crate::machine::Lines;

/// The lines so far.
pub(crate) struct Log {
    lines: Lines,
}

impl Log {
    /// Reads a process' output on a thread of its own.
    pub(crate) fn follow(output: impl Read + Send + 'static) -> Self {
        Self { lines: Lines::follow(output) }
    }

    /// Waits for a line that has these words; `None` if the output ends or the time runs out before.
    pub(crate) fn wait_for(&self, words: &str, limit: Duration) -> Option<String> {
        self.lines.wait_for(words, limit)
    }

    /// Waits until the output has ended.
    pub(crate) fn wait_for_end(&self, limit: Duration) -> bool {
        self.lines.wait_for_end(limit)
    }

    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.so_far()
    }

    /// The last lines, for a report.
    pub(crate) fn tail(&self) -> String {
        let lines = self.lines.so_far();
        let telling: Vec<&str> =
            lines.iter().map(String::as_str).filter(|line| !line.contains("][info][config]")).collect();
        telling[telling.len().saturating_sub(12)..].join("\n")
    }

    /// The reason why a listener was refused: the last message of its plugin, else Envoy's own.
    pub(crate) fn refusal(&self, listener: &str) -> Option<String> {
        let mark = format!("listener '{listener}' config rejected: ");
        // Envoy 1.36 has only the first of these lines.
        let failed = self.wait_for(&format!("Plugin {listener} failed to load"), Duration::ZERO);
        let reason = self.wait_for(&mark, Duration::ZERO).or(failed)?;
        let own = || reason.split(mark.as_str()).nth(1).unwrap_or_default().to_owned();
        Some(self.said(listener).pop().map_or_else(own, |line| line.text))
    }

    /// The lines that one plugin logged, in order.
    pub(crate) fn said(&self, plugin: &str) -> Vec<LogLine> {
        records(&self.lines.so_far()).filter_map(|record| said(&record, plugin)).collect()
    }
}

/// Joins lines to records: each record begins with a time in brackets, and may have further lines without one.
fn records(lines: &[String]) -> impl Iterator<Item = String> {
    let begins = |line: &String| line.starts_with("[2") && line.as_bytes().get(5) == Some(&b'-');
    lines.chunk_by(move |_, next| !begins(next)).map(|record| record.join("\n"))
}

/// `[time][thread][level][wasm] [place] wasm log PLUGIN [VM ...]: text`
fn said(record: &str, plugin: &str) -> Option<LogLine> {
    let (head, rest) = record.split_once(&format!("] wasm log {plugin}"))?;
    let (names, text) = rest.split_once(": ")?;
    if !(names.is_empty() || names.starts_with(' ')) || names.contains('\n') {
        return None;
    }
    let level = head.split("][").nth(2)?;
    Some(LogLine { level: level.to_owned(), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_heard_line_by_line_and_apart_from_others() {
        let text = "[2026-01-01 00:00:00.000][12][info][wasm] [source/context.cc:1] wasm log case_1 case_1: [SERVICE][Lua] a\nb: c\n\
                    [2026-01-01 00:00:00.000][12][warning][wasm] [source/context.cc:1] wasm log case_12: other\n\
                    [2026-01-01 00:00:00.000][1][error][wasm] [source/context.cc:1] wasm log case_1: bad\n\
                    [2026-01-01 00:00:00.000][1][warning][x] listener 'case_1' config rejected: no\n";
        let log = Log::follow(text.as_bytes());
        assert!(log.wait_for_end(Duration::from_secs(5)));
        let line = |level: &str, text: &str| LogLine { level: level.into(), text: text.into() };
        assert_eq!(log.said("case_1"), [line("info", "[SERVICE][Lua] a\nb: c"), line("error", "bad")]);
        assert_eq!(log.said("case_12"), [line("warning", "other")]);
        assert_eq!(log.refusal("case_1").as_deref(), Some("bad"));
        assert_eq!(log.refusal("case_12"), None);
    }
}
