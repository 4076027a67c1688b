//! One finding: its message, its place, its level, and how to mend it. Knows nothing of how findings are made or printed.

use std::ops::Range;
use std::rc::Rc;

use crate::document::Page;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The module refuses this part, or the script fails when it comes to that line.
    Error,
    /// The code does not do what it seems to do.
    Warning,
    /// Good to know. Changes no exit code.
    Note,
}

impl Level {
    /// The name of the level in every format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A finding.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) page: Rc<Page>,
    /// The bytes of the page's text; none if the finding concerns the whole file.
    pub(crate) span: Option<Range<usize>>,
}

impl Finding {
    /// Whether both findings have the same message and the same place.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let place = |finding: &Self| (finding.rule, finding.span.clone());
        place(self) == place(other) && self.page.name == other.page.name && self.message == other.message
    }
}
