//! One line of the report: a namespace or a key of the document, its place, and what becomes of it. Knows no table.

use std::ops::Range;
use std::rc::Rc;

use lua_modifier::config::migration::State;

use crate::check::origin::Origin;
use crate::document::Step;
use crate::document::{Page, Position};

/// What becomes of a part of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// The state that the table gives.
    Is(State),
    /// The user has named the part in `ignore`: the user's own statement replaces the table's.
    Ignored,
}

impl Fate {
    /// All fates, from the best to the worst.
    pub(super) fn all() -> impl DoubleEndedIterator<Item = Self> {
        State::ALL.into_iter().map(Self::Is).chain([Self::Ignored])
    }

    /// The name of the fate in the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Is(state) => state.name(),
            Self::Ignored => "ignored",
        }
    }

    /// The name of the fate in JSON.
    pub(super) fn key(self) -> String {
        self.name().replace(' ', "_").to_lowercase()
    }

    /// The meaning of the fate, for the head of the report.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Is(State::Exact) => "done here as in KrakenD",
            Self::Is(State::ByEnvoy) => "`lua-modifier bundle` writes it into Envoy's configuration",
            Self::Is(State::Approximate) => "done, with a difference",
            Self::Is(State::NotNeeded) => "no client and no backend notices that it is not there",
            Self::Is(State::ByHand) => "done when you have done what stands below",
            Self::Is(State::Lost) => "not done here",
            Self::Ignored => "named in your \"ignore\": by your own statement done elsewhere, or not missed",
        }
    }

    /// Whether the user has to act.
    pub(super) fn needs_work(self) -> bool {
        matches!(self, Self::Is(State::ByHand | State::Lost))
    }
}

/// The part of the document that an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Service,
    /// An endpoint or an agent, by its number (agents come after all endpoints), and perhaps one of its backends.
    Pipeline(usize, Option<usize>),
    /// A Lua file, which several blocks may share.
    Script,
}

/// The place of an entry.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) page: Rc<Page>,
    /// The part to point at.
    pub(super) span: Option<Range<usize>>,
    /// The whole part, including its value.
    pub(super) whole: Range<usize>,
    pub(super) position: Option<Position>,
}

impl Place {
    /// Moves the place to the file that the document was made from.
    pub(super) fn back(&mut self, origin: &Origin<'_>) {
        let (page, span) = origin.find(&self.page, self.span.take());
        if !Rc::ptr_eq(&page, &self.page) || span.is_none() {
            self.position = span.as_ref().map(|span| page.position(span.start));
        }
        (self.page, self.span) = (page, span);
    }
}

/// A key inside a part, which shares the part's fate.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) path: Vec<Step>,
    pub(super) place: Place,
}

/// The change to a copy of the document after which the module judges only what the table does not know.
#[derive(Clone, Debug)]
pub(super) enum Mend {
    Remove,
    Rename(&'static str),
    Ignore(String),
}

/// A line of the report.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) owner: Owner,
    pub(super) name: String,
    /// The names that the part gives itself: those of plugins and agents.
    pub(super) called: Vec<String>,
    pub(super) fate: Fate,
    pub(super) words: String,
    pub(super) path: Vec<Step>,
    pub(super) place: Place,
    pub(super) keys: Vec<Detail>,
    pub(super) mend: Option<Mend>,
}

impl Entry {
    /// Moves the places to the files that the document was made from.
    pub(super) fn back(&mut self, origin: &Origin<'_>) {
        self.place.back(origin);
        self.keys.iter_mut().for_each(|detail| detail.place.back(origin));
    }

    /// The name of the entry, with the names that the part gives itself.
    pub(super) fn title(&self) -> String {
        match self.called.as_slice() {
            [] => self.name.clone(),
            called => format!("{} ({})", self.name, called.join(", ")),
        }
    }
}

/// The line starts of a text: a long document has many places.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at.saturating_add(1))).collect() }
    }

    /// The line and column of a byte, as [`Page::position`] counts them.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).unwrap_or_default().chars().count().saturating_add(1);
        Position { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_agree_with_the_page() {
        let text = "a\né b\n\nc";
        let (lines, page) = (Lines::of(text), Page { name: String::new(), text: text.to_owned() });
        for offset in (0..=text.len()).filter(|offset| text.is_char_boundary(*offset)) {
            assert_eq!(lines.position(offset), page.position(offset), "{offset}");
        }
    }
}
