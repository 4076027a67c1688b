//! One finding: what, where, how bad, how to mend it. Knows nothing of how findings are made or printed.

use std::ops::Range;
use std::rc::Rc;

use crate::document::Page;

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
    /// Whether both findings have the same message and the same place.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let place = |finding: &Self| (finding.rule, finding.span.clone());
        place(self) == place(other) && self.page.name == other.page.name && self.message == other.message
    }
}
