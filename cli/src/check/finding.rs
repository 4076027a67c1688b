//! One finding: what, where, how bad, how to mend it. Knows nothing of how findings are made or printed.

use std::ops::Range;
use std::rc::Rc;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The module refuses it, or the script fails when it comes to that line.
    Error,
    /// It does not do what it looks like.
    Warning,
    /// Good to know. Changes no exit code.
    Note,
}

impl Level {
    /// Its name in every format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A file as it was read.
#[derive(Debug)]
pub(crate) struct Page {
    /// As the user named it, or the configuration did.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Line and column, counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Page {
    /// Where a byte of the text stands.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count();
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let column = before.get(start..).unwrap_or_default().chars().count();
        Position { line: line.saturating_add(1), column: column.saturating_add(1) }
    }

    /// Where a line begins, and the line without its end.
    pub(crate) fn line(&self, number: usize) -> Option<(usize, &str)> {
        line(&self.text, number)
    }
}

/// The start of a line of a text, counted from 1, and the line without its end.
pub(crate) fn line(text: &str, number: usize) -> Option<(usize, &str)> {
    let mut start = 0_usize;
    for (index, line) in text.split('\n').enumerate() {
        if index.saturating_add(1) == number {
            return Some((start, line.trim_end_matches('\r')));
        }
        start = start.saturating_add(line.len()).saturating_add(1);
    }
    None
}

/// A finding.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) page: Rc<Page>,
    /// Bytes of the page's text; none where it concerns the whole file.
    pub(crate) span: Option<Range<usize>>,
}

impl Finding {
    /// Whether it says the same of the same place.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let place = |finding: &Self| (finding.rule, finding.span.clone());
        place(self) == place(other) && self.page.name == other.page.name && self.message == other.message
    }
}
