//! Where a script failed, out of what the module says: `attempt to … (decorator.lua:L3)`, and that line itself.

use serde::Serialize;

use super::json_path;
use crate::document::Document;

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// A source by the string that its block uses, or the path of an inline script in the configuration.
    pub(crate) script: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// What stands there.
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
    let mut sources = json.get("sources")?.as_array()?.iter().filter_map(serde_json::Value::as_str);
    let source = sources.find(|source| source.rsplit('/').next() == Some(name))?;
    Some((source.to_owned(), document.lua.sources.get(source)?.clone()))
}
