//! The texts that a document's text was made from, and the messages about a fault in it: the line that was made, and the place
//! that it was made from.

use std::ops::Range;

use super::{Fault, Origins, Page};

/// How a text was made.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// The origins; none if the text is the file's own.
    origins: Option<Origins>,
    rendered: bool,
    /// The template's name says that it is YAML or TOML, but it is read as JSON.
    odd: bool,
}

impl Made {
    pub(super) fn rendered(origins: Origins, odd: bool) -> Self {
        Self { origins: Some(origins), rendered: true, odd }
    }

    /// The way back from a text that was made from the rendered text.
    pub(super) fn below(self, origins: Origins) -> Self {
        let origins = match self.origins {
            Some(below) => origins.over(below),
            None => origins,
        };
        Self { origins: Some(origins), ..self }
    }

    /// The texts that it was made from; none if it is the file's own text.
    pub(crate) fn origins(&self) -> Option<&Origins> {
        self.origins.as_ref()
    }

    /// A mistake in the text, at the place that this place was made from.
    pub(crate) fn fault(&self, rule: &'static str, made: Page, span: Range<usize>, message: String) -> Fault {
        let help = self.hint(&made, &span);
        let found = self.origins.as_ref().and_then(|origins| {
            let (page, span) = origins.find(&span)?;
            let Page { name, text } = origins.pages().get(page)?;
            Some((Page { name: name.clone(), text: text.clone() }, span))
        });
        let (page, span) = found.unwrap_or((made, span));
        Fault { rule, page, span: Some(span), message, help }
    }

    fn hint(&self, made: &Page, span: &Range<usize>) -> Option<String> {
        const TEMPLATE: &str = "`{{` is of a template: to have it rendered, name its folders with --settings, --partials and \
            --templates, or set FC_ENABLE=1 as for KrakenD";
        const ODD: &str = "what was rendered is read as JSON, as in KrakenD, unless --rendered (or FC_OUT) names a .yaml, .yml or \
            .toml file";
        match (self.rendered, self.odd) {
            (true, true) => Some(format!("{}\n{ODD}", excerpt(made, span))),
            (true, false) => Some(excerpt(made, span)),
            (false, _) => made.text.contains("{{").then(|| TEMPLATE.to_owned()),
        }
    }
}

/// The rendered line, with a mark below the place.
fn excerpt(made: &Page, span: &Range<usize>) -> String {
    const AROUND: usize = 50;
    let at = made.position(span.start);
    let line = made.line(at.line).map(|(_, line)| line).unwrap_or_default();
    let before = at.column.saturating_sub(1);
    let skipped = before.saturating_sub(AROUND);
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let shown: String = line.chars().skip(skipped).take(AROUND.saturating_mul(2)).map(plain).collect();
    let mark = " ".repeat(before.saturating_sub(skipped));
    format!("line {} of the rendered text is\n  {}\n  {mark}^", at.line, shown.trim_end())
}
