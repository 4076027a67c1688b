//! The origin of each byte of a rendered text: text of a template, an action in it, or the partial that an action put there.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

use go_template::Rendered;

use super::Sheets;
use crate::document::notation::{Style, aligned};
use crate::document::{Origins, Page};

/// Traces a rendered text back to the texts that it was made from.
pub(super) fn origins(rendered: &Rendered, sheets: Sheets, partials: &[(PathBuf, Rc<str>)]) -> Origins {
    let mut origins = Origins::default();
    let mut pages: HashMap<String, usize> = HashMap::new();
    for (name, (path, text)) in sheets {
        pages.insert(name, origins.page(Page { name: path.display().to_string(), text }));
    }
    let mut included: HashMap<&str, usize> = HashMap::new();
    for (path, text) in partials.iter().filter(|(_, text)| !text.is_empty()) {
        let page = Page { name: path.display().to_string(), text: text.to_string() };
        included.insert(text, origins.page(page));
    }
    let mut at = 0;
    while at < rendered.text.len() {
        let piece = at..end_of(rendered, at);
        let origin = rendered.origin(at);
        at = piece.end;
        let text = rendered.text.get(piece.clone()).unwrap_or_default();
        let Some(page) = pages.get(&*origin.template).copied() else { continue };
        if origin.verbatim {
            let source = origin.offset..origin.offset.saturating_add(text.len());
            origins.push(piece.start, page, source, true);
        } else if let Some(partial) = included.get(text).copied() {
            origins.push(piece.start, partial, 0..text.len(), true);
        } else if let Some((partial, decoded)) = literal(text, &included) {
            origins.push(piece.start, partial, 0..decoded.len(), false);
            follow(&mut origins, piece.start, partial, text, &decoded);
            let quote = piece.end.saturating_sub(1);
            origins.push(quote, partial, decoded.len()..decoded.len(), false);
        } else {
            let action = origins.pages().get(page).map(|page| action(&page.text, origin.offset)).unwrap_or_default();
            origins.push(piece.start, page, action, false);
        }
    }
    origins
}

// The end of a piece. The engine tells for each byte where its piece begins: the next piece starts where the answer changes.
fn end_of(rendered: &Rendered, start: usize) -> usize {
    let same = |byte: usize| rendered.origin(byte).begins == rendered.origin(start).begins;
    let (mut inside, mut step) = (start, 1_usize);
    while same(inside.saturating_add(step)) && inside.saturating_add(step) < rendered.text.len() {
        inside = inside.saturating_add(step);
        step = step.saturating_mul(2);
    }
    let mut outside = inside.saturating_add(step).min(rendered.text.len());
    while inside.saturating_add(1) < outside {
        let middle = inside.midpoint(outside);
        if same(middle) { inside = middle } else { outside = middle }
    }
    outside
}

// `{{ marshal (include "script.lua") }}`: a whole partial as a JSON text.
fn literal(text: &str, included: &HashMap<&str, usize>) -> Option<(usize, String)> {
    let decoded: String = serde_json::from_str(text).ok().filter(|_| text.starts_with('"'))?;
    included.get(decoded.as_str()).map(|page| (*page, decoded))
}

fn follow(origins: &mut Origins, start: usize, page: usize, literal: &str, decoded: &str) {
    let mut from = 0_usize;
    for (letter, at) in aligned(decoded, literal, Style::Escaped) {
        let source = from..from.saturating_add(letter.len_utf8());
        let same = literal.get(at.clone()) == decoded.get(source.clone());
        origins.push(start.saturating_add(at.start), page, source.clone(), same);
        from = source.end;
    }
}

/// The whole action around a byte.
fn action(text: &str, offset: usize) -> Range<usize> {
    let start = text.get(..offset).and_then(|before| before.rfind("{{")).unwrap_or(offset);
    let length = text.get(offset..).and_then(|rest| rest.find("}}")).map_or(0, |end| end.saturating_add(2));
    start..offset.saturating_add(length)
}
