//! A document's text, converted to the JSON text that the module reads: rendered if templates are used, and converted from YAML
//! or TOML. Knows nothing of what the document says.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::made::Made;
use super::notation::{Notation, Wrong};
use super::{Page, RenderOptions, Unread};

/// A document's text.
#[derive(Debug)]
pub(crate) struct Written {
    /// The path of the file that was read.
    pub(crate) path: PathBuf,
    /// The text as JSON. If it is not JSON, it is kept unchanged: the module's own message is the best.
    pub(crate) text: String,
    /// The texts that it was made from.
    pub(crate) made: Made,
}

impl Written {
    /// The JSON of a text that was read from `path`.
    pub(super) fn of(path: &Path, text: String, options: &RenderOptions) -> Result<Self, Unread> {
        let Some(flexible) = options.flexible() else {
            return Self::plain(Self::json(path, text), Notation::of(path));
        };
        let (text, origins) = flexible.render(path, &text)?;
        // KrakenD names the rendered file as FC_OUT says, or gives it a name that ends in .json.
        let notation = flexible.rendered.as_deref().map_or(Notation::Json, Notation::of);
        let odd = notation == Notation::Json && Notation::of(path) != Notation::Json;
        Self::plain(Self { path: path.to_owned(), text, made: Made::rendered(origins, odd) }, notation)
    }

    /// The text as a page that findings point into.
    pub(crate) fn page(&self) -> Rc<Page> {
        Rc::new(Page { name: self.path.display().to_string(), text: self.text.clone() })
    }

    /// A text that is JSON already.
    pub(crate) fn json(path: &Path, text: String) -> Self {
        Self { path: path.to_owned(), text, made: Made::default() }
    }

    fn plain(self, notation: Notation) -> Result<Self, Unread> {
        let page = Page { name: self.path.display().to_string(), text: self.text };
        match notation.json(&page) {
            Ok(None) => Ok(Self { text: page.text, ..self }),
            Ok(Some((text, origins))) => Ok(Self { text, made: self.made.below(origins), ..self }),
            Err(Wrong { span, message }) => {
                let message = format!("this is not {}: {message}", notation.name());
                Err(self.made.fault(notation.rule(), page, span, message).into())
            }
        }
    }
}
