//! The way from a document's JSON text back to the files that it was made from: a template, its sub-templates and partials,
//! YAML, TOML.

use std::ops::Range;
use std::rc::Rc;

use super::finding::{Finding, Level};
use crate::document::{Fault, Made, Origins, Page};

/// The files of one document.
pub(crate) struct Origin<'a> {
    text: Rc<Page>,
    origins: Option<&'a Origins>,
    pages: Vec<Rc<Page>>,
}

impl<'a> Origin<'a> {
    /// The files that a text was made from.
    pub(crate) fn of(text: &Rc<Page>, made: &'a Made) -> Self {
        let origins = made.origins();
        let page = |page: &Page| Rc::new(Page { name: page.name.clone(), text: page.text.clone() });
        let pages = origins.map_or_else(Vec::new, |origins| origins.pages().iter().map(page).collect());
        Self { text: Rc::clone(text), origins, pages }
    }

    /// The finding, with its place in the file that this place was made from. A finding in a separate file stays there.
    pub(crate) fn back(&self, finding: Finding) -> Finding {
        let (page, span) = self.find(&finding.page, finding.span.clone());
        Finding { page, span, ..finding }
    }

    /// The file that a place was made from, and the place there.
    pub(crate) fn find(&self, page: &Rc<Page>, span: Option<Range<usize>>) -> (Rc<Page>, Option<Range<usize>>) {
        let (Some(origins), Some(span)) = (self.origins, &span) else { return (Rc::clone(page), span) };
        if !Rc::ptr_eq(page, &self.text) {
            return (Rc::clone(page), Some(span.clone()));
        }
        let found = origins.find(span).and_then(|(page, span)| Some((Rc::clone(self.pages.get(page)?), span)));
        found.map_or_else(|| (Rc::clone(page), None), |(page, span)| (page, Some(span)))
    }
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        let Fault { rule, page, span, message, help } = fault;
        Self { rule, level: Level::Error, message, help, page: Rc::new(page), span }
    }
}
