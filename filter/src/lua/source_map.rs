//! The places of scripts: sources are joined into one chunk, and a line of it leads back to a file and a line in the file.

use std::fmt;

/// A line of a script, as a script's author counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptLine {
    /// `pre-script`, `post-script`, or the file name of a source without its folders.
    pub script: String,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for ScriptLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:L{}", self.script, self.line)
    }
}

/// The names and lengths of the files that were joined into one chunk.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<(String, usize)>,
}

impl SourceMap {
    /// Joins sources with newlines, as KrakenD does: one chunk, so that locals of one file are seen by the next.
    pub fn join<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> (String, Self) {
        let mut text = String::new();
        let mut files = Vec::new();
        for (name, source) in sources {
            if !files.is_empty() {
                text.push('\n');
            }
            text.push_str(source);
            files.push((
                base_name(name).to_owned(),
                source.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1),
            ));
        }
        (text, Self { files })
    }

    /// The file and line of a line of the joined text.
    pub fn place(&self, line: usize) -> Option<ScriptLine> {
        let (file, line) = self.position(line)?;
        self.files.get(file).map(|(name, _)| ScriptLine { script: name.clone(), line })
    }

    /// The number of the file, counted from 0, and the line in it.
    pub fn position(&self, line: usize) -> Option<(usize, usize)> {
        let mut before = 0_usize;
        for (file, (_, lines)) in self.files.iter().enumerate() {
            let end = before.saturating_add(*lines);
            if line > before && line <= end {
                return Some((file, line.saturating_sub(before)));
            }
            before = end;
        }
        None
    }
}

/// The name of a file without its folders.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_joined_sources_leads_back_to_its_file() {
        let (text, map) = SourceMap::join([("./lib/a.lua", "x = 1\ny = 2\n"), ("b.lua", "z = 3")]);
        assert_eq!(text, "x = 1\ny = 2\n\nz = 3");
        let place = |line| map.place(line).map(|place| place.to_string());
        assert_eq!(place(2).as_deref(), Some("a.lua:L2"));
        assert_eq!(place(4).as_deref(), Some("b.lua:L1"));
        assert_eq!(place(5), None);
        assert_eq!(place(0), None);
    }
}
