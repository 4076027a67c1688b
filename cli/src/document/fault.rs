//! A mistake of the user in a text that should be a document, and its place, so that a message can point at it. A file that
//! cannot be read at all is a [`Trouble`].

use std::ops::Range;

use super::{Page, Trouble};

/// A mistake in a text.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The kind of text with the mistake, in the names of `check`'s rules.
    pub(crate) rule: &'static str,
    pub(crate) page: Page,
    pub(crate) span: Option<Range<usize>>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Why there is no document.
#[derive(Debug)]
pub(crate) enum Unread {
    Trouble(Trouble),
    Fault(Box<Fault>),
}

impl From<Trouble> for Unread {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<Unread> for Trouble {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Trouble(trouble) => trouble,
            Unread::Fault(fault) => {
                let Fault { page, span, message, help, .. } = *fault;
                let place = span.map_or_else(|| page.name.clone(), |span| page.place(span.start));
                let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
                Self::new(format!("{place}: {message}{help}"))
            }
        }
    }
}
