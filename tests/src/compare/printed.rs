//! Compares the texts that scripts printed with the module's log: it must have the same lines, each once. Knows how the module
//! logs a printed text: at info, after the stage's prefix.

use std::sync::LazyLock;

use fancy_regex::Regex;

use super::text::settled;
use super::{Comparison, Scope};
use crate::cases::LogLine;

static PREFIX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)\A\[(?:SERVICE|(?:ENDPOINT|BACKEND): [^\]]*)\]\[Lua\] (.*)\z").unwrap());

impl Comparison<'_> {
    pub(super) fn printed(&mut self, recorded: &str, log: &[LogLine], unordered: bool) {
        let mut recorded: Vec<String> = settled(recorded).lines().map(|line| line.trim_end().to_owned()).collect();
        let mut actual = lines(log);
        if unordered {
            recorded.sort();
            actual.sort();
        }
        let scope = Scope::new("printed");
        if recorded.len() != actual.len() {
            self.differ("printed lines", format!("{recorded:?}"), format!("{actual:?}"), &scope);
            return;
        }
        for (i, (one, two)) in recorded.iter().zip(&actual).enumerate() {
            self.text(&format!("printed line {}", i + 1), one, two, &scope);
        }
    }
}

impl Comparison<'_> {
    /// Checks that each of the lines is in the log, letter by letter, after the line before it.
    pub(super) fn logged(&mut self, wanted: &[String], log: &[LogLine]) {
        let mut rest = log.iter();
        for line in wanted {
            if !rest.any(|said| said.text.trim_end() == line) {
                let said: Vec<&str> = log.iter().map(|line| line.text.as_str()).collect();
                self.count("log", line, &format!("{said:?}"));
                return;
            }
        }
    }
}

/// The lines that scripts printed. Envoy may keep or drop white space at their ends, so it does not count.
fn lines(log: &[LogLine]) -> Vec<String> {
    let mut lines = Vec::new();
    for line in log.iter().filter(|line| line.level == "info") {
        if let Ok(Some(found)) = PREFIX.captures(&line.text) {
            let text = settled(found.get(1).map_or("", |text| text.as_str()));
            lines.extend(text.split('\n').map(|line| line.trim_end().to_owned()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_scripts_printed_is_taken_from_the_log() {
        let line = |level: &str, text: &str| LogLine { level: level.into(), text: text.into() };
        let log = [
            line("info", "[ENDPOINT: /t/{id}][Lua] a\nb \n"),
            line("warning", "[ENDPOINT: /t][Lua] no"),
            line("info", "ready"),
            line("info", "[SERVICE][Lua] "),
        ];
        assert_eq!(lines(&log), ["a", "b", "", ""]);
    }
}
