//! The rendered text, and the origin of each byte. Knows nothing of rendering.

use std::rc::Rc;

/// The result of an execution.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The names of the texts that the pieces came from.
    templates: Vec<Rc<str>>,
    pieces: Vec<Piece>,
}

/// The origin of a byte of the rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name under which the text of the template was parsed.
    pub template: Rc<str>,
    /// The offset in that text: of the very byte if `verbatim`, else of the first byte of the action that printed it.
    pub offset: usize,
    /// Was the byte copied from the template's text? Else an action printed it.
    pub verbatim: bool,
    /// Where the output of the same piece of text, or of the same action, begins in the rendered text.
    pub begins: usize,
}

/// A stretch of rendered text with one origin; it ends where the next one begins. Kept small: there may be millions.
#[derive(Clone, Copy, Debug)]
struct Piece {
    begins: u32,
    offset: u32,
    /// The index of the template's name.
    template: u32,
    verbatim: bool,
}

impl Rendered {
    /// The origin of a byte of the rendered text. An offset after the end gives the origin of the last byte; an empty text
    /// gives the beginning of a template without a name.
    pub fn origin(&self, offset: usize) -> Origin {
        let at = self.pieces.partition_point(|piece| piece.begins as usize <= offset);
        let Some(Piece { begins, offset: from, template, verbatim }) =
            at.checked_sub(1).and_then(|at| self.pieces.get(at)).copied()
        else {
            return Origin { template: "".into(), offset: 0, verbatim: false, begins: 0 };
        };
        let begins = begins as usize;
        let into = if verbatim { offset.min(self.text.len().saturating_sub(1)).saturating_sub(begins) } else { 0 };
        let template = self.templates.get(template as usize).cloned().unwrap_or_else(|| "".into());
        Origin { template, offset: from as usize + into, verbatim, begins }
    }

    /// Adds text that was printed at this place, or copied from it.
    pub(crate) fn push(&mut self, text: &str, template: &Rc<str>, offset: usize, verbatim: bool) {
        if text.is_empty() {
            return;
        }
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let known = self.templates.iter().rposition(|name| Rc::ptr_eq(name, template));
        let index = known.unwrap_or(self.templates.len());
        if known.is_none() {
            self.templates.push(template.clone());
        }
        let (begins, offset) = (small(self.text.len()), small(offset));
        self.pieces.push(Piece { begins, offset, template: small(index), verbatim });
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_text_has_its_own_place_and_a_printed_one_that_of_its_action() {
        let (mut rendered, name) = (Rendered::default(), Rc::from("t"));
        rendered.push("abc", &name, 10, true);
        rendered.push("value", &name, 20, false);
        rendered.push("", &name, 30, true);
        rendered.push("de", &name, 40, true);
        let places = [0, 2, 3, 7, 8, 9, 99].map(|offset| rendered.origin(offset)).map(|origin| origin.offset);
        assert_eq!(places, [10, 12, 20, 20, 40, 41, 41]);
        assert_eq!(rendered.origin(5), Origin { template: "t".into(), offset: 20, verbatim: false, begins: 3 });
    }

    #[test]
    fn an_empty_text_came_from_nowhere() {
        assert_eq!(Rendered::default().origin(0).template.as_ref(), "");
    }
}
