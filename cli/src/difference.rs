//! The difference of two texts, as lines with `-` and `+`, and a few lines around them.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::paint;

const AROUND: usize = 2;

/// The changes from one text to the other; every line begins with the indent.
pub(crate) fn of_texts(before: &str, after: &str, indent: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut out = String::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            out += &format!("{indent}{}\n", paint::dim("  ..."));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches(['\n', '\r']);
            let line = match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paint::red(format!("- {line}")),
                ChangeTag::Insert => paint::green(format!("+ {line}")),
            };
            out += &format!("{indent}{}\n", line.trim_end());
        }
    }
    out
}

/// A value as JSON with a line for each field; a text without quotes.
pub(crate) fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => format!("{value:#}"),
    }
}
