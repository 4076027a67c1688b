//! What is wrong with a text that should be a document, and where: a mistake of the user's, that can be pointed at. What
//! cannot be read at all is [`Trouble`].

use std::ops::Range;

use super::{Page, Trouble};

/// A mistake.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The kind of text that it is in, as `check` names its rules.
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
