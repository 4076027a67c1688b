//! One line of the report: a namespace or a key of the document, where it stands, and what becomes of it. Knows no table.

use std::ops::Range;
use std::rc::Rc;

use lua_modifier::config::migration::State;

use crate::check::origin::Origin;
use crate::document::Step;
use crate::document::{Page, Position};

/// What becomes of a thing of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// What the table says of it.
    Is(State),
    /// The user has named it in `ignore`: the user's own statement stands in the place of the table's.
    Ignored,
}

impl Fate {
    /// All fates, from the best to the worst.
    pub(super) fn all() -> impl DoubleEndedIterator<Item = Self> {
        State::ALL.into_iter().map(Self::Is).chain([Self::Ignored])
    }

    /// Its name in the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Is(state) => state.name(),
            Self::Ignored => "ignored",
        }
    }

    /// Its name in JSON.
    pub(super) fn key(self) -> String {
        self.name().replace(' ', "_").to_lowercase()
    }

    /// What it means, for the head of the report.
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

    /// Whether somebody has to act.
    pub(super) fn needs_work(self) -> bool {
        matches!(self, Self::Is(State::ByHand | State::Lost))
    }
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Service,
    /// An endpoint or an agent by its number, agents behind all endpoints, and one of its backends.
    Pipeline(usize, Option<usize>),
    /// A Lua file, which several blocks may share.
    Script,
}

/// Where something stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) page: Rc<Page>,
    /// What to point at.
    pub(super) span: Option<Range<usize>>,
    /// All of it, value included.
    pub(super) whole: Range<usize>,
    pub(super) position: Option<Position>,
}

impl Place {
    /// The same in the file that the document was made of.
    pub(super) fn back(&mut self, origin: &Origin<'_>) {
        let (page, span) = origin.find(&self.page, self.span.take());
        if !Rc::ptr_eq(&page, &self.page) || span.is_none() {
            self.position = span.as_ref().map(|span| page.position(span.start));
        }
        (self.page, self.span) = (page, span);
    }
}

/// A key inside of a thing that shares its fate.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) path: Vec<Step>,
    pub(super) place: Place,
}

/// What must be done to a copy of the document, so that the module judges what the table does not know.
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
    /// What it names itself: plugins, agents.
    pub(super) called: Vec<String>,
    pub(super) fate: Fate,
    pub(super) words: String,
    pub(super) path: Vec<Step>,
    pub(super) place: Place,
    pub(super) keys: Vec<Detail>,
    pub(super) mend: Option<Mend>,
}

impl Entry {
    /// Its places in the files that the document was made of.
    pub(super) fn back(&mut self, origin: &Origin<'_>) {
        self.place.back(origin);
        self.keys.iter_mut().for_each(|detail| detail.place.back(origin));
    }

    /// Its name, with the names that it says itself.
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

    /// Line and column of a byte, as [`Page::position`] has them.
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
