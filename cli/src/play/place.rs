//! The place where a script failed, read from the module's message `attempt to … (decorator.lua:L3)`, and that line's text.

use serde::Serialize;

use super::json_path;
use crate::document::{Document, plain_name};

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// The name of a source as its block writes it, or the path of an inline script in the configuration.
    pub(crate) script: String,
    /// The number of the line, counted from 1.
    pub(crate) line: usize,
    /// The text of the line.
    pub(crate) text: String,
}

impl Place {
    /// The place at the end of a message, for a stage with this block.
    pub(crate) fn find(message: &str, block: &str, document: &Document) -> Option<Self> {
        let (_, place) = message.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        let (name, line) = place.rsplit_once(":L")?;
        let line: usize = line.parse().ok()?;
        let (script, source) = script(name, block, document)?;
        let text = source.lines().nth(line.checked_sub(1)?)?.trim().to_owned();
        Some(Self { script, line, text })
    }
}

fn script(name: &str, block: &str, document: &Document) -> Option<(String, String)> {
    let json = json_path::find(&document.json, block)?;
    if let Some(half) = name.strip_suffix("-script").filter(|half| ["pre", "post"].contains(half)) {
        return Some((format!("{block}.{half}"), json.get(half)?.as_str()?.to_owned()));
    }
    // The message names a file that a script loaded by its whole path.
    if let Some(text) = document.file(&plain_name(name)).filter(|_| name.contains('/') || !lists(json, name)) {
        return Some((name.to_owned(), text.to_owned()));
    }
    let mut sources = json.get("sources")?.as_array()?.iter().filter_map(serde_json::Value::as_str);
    let source = sources.find(|source| source.rsplit('/').next() == Some(name))?;
    Some((source.to_owned(), document.lua.sources.get(source)?.clone()))
}

fn lists(block: &serde_json::Value, name: &str) -> bool {
    let sources = block.get("sources").and_then(serde_json::Value::as_array);
    sources.into_iter().flatten().filter_map(serde_json::Value::as_str).any(|source| plain_name(source) == name)
}
