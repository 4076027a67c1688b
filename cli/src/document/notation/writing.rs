//! A tree as JSON, with the way back to the place where each value was written. A value with many aliases is written as many
//! times, up to a limit: a few lines of aliases of aliases would fill any memory.

use std::fmt::Write;
use std::ops::Range;

use super::alignment::aligned;
use super::tree::{DEEPEST, Node, Text, Value};
use super::{LONGEST, Origins, Page, Wrong};

/// The JSON of a tree that was read from a page.
pub(super) fn json(tree: &Node, page: &Page) -> Result<(String, Origins), Wrong> {
    let mut origins = Origins::default();
    let number = origins.page(Page { name: page.name.clone(), text: page.text.clone() });
    let mut writing = Writing { source: page, page: number, json: String::new(), origins };
    writing.node(tree, 0)?;
    Ok((writing.json, writing.origins))
}

struct Writing<'a> {
    source: &'a Page,
    page: usize,
    json: String,
    origins: Origins,
}

impl Writing<'_> {
    fn node(&mut self, node: &Node, depth: usize) -> Result<(), Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::new(first(self.source, &node.span), "this nests too deeply"));
        }
        if self.json.len() > LONGEST {
            let message = format!("with all that aliases stand for, this is more than {} MB of JSON", LONGEST >> 20);
            return Err(Wrong::new(first(self.source, &node.span), message));
        }
        let depth = depth.saturating_add(1);
        match &node.value {
            Value::Null => self.word("null", &node.span),
            Value::Bool(flag) => self.word(if *flag { "true" } else { "false" }, &node.span),
            Value::Number(number) => self.word(number, &node.span),
            Value::Text(text) => self.text(text, &node.span),
            Value::List(items) => {
                self.word("[", &first(self.source, &node.span));
                for (index, item) in items.iter().enumerate() {
                    self.comma(index, &item.span);
                    self.node(item, depth)?;
                }
                self.word("]", &first(self.source, &node.span));
            }
            Value::Map(entries) => {
                self.word("{", &first(self.source, &node.span));
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.comma(index, &key.span);
                    self.text(&key.text, &key.span);
                    self.json.push(':');
                    self.node(value, depth)?;
                }
                self.word("}", &first(self.source, &node.span));
            }
        }
        Ok(())
    }

    fn comma(&mut self, index: usize, before: &Range<usize>) {
        if index > 0 {
            self.word(",", &first(self.source, before));
        }
    }

    fn word(&mut self, word: &str, span: &Range<usize>) {
        let same = self.source.text.get(span.clone()) == Some(word);
        self.origins.push(self.json.len(), self.page, span.clone(), same);
        self.json.push_str(word);
    }

    // A finding points at the text without its quotes.
    fn text(&mut self, text: &Text, span: &Range<usize>) {
        let source = self.source.text.get(span.clone()).unwrap_or_default();
        self.word("\"", span);
        for (letter, at) in aligned(&text.text, source, text.style) {
            let from = self.json.len();
            self.letter(letter);
            let same = source.get(at.clone()) == self.json.get(from..);
            let at = span.start.saturating_add(at.start)..span.start.saturating_add(at.end);
            self.origins.push(from, self.page, at, same);
        }
        self.word("\"", &(span.end..span.end));
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '"' => self.json.push_str("\\\""),
            '\\' => self.json.push_str("\\\\"),
            '\n' => self.json.push_str("\\n"),
            '\t' => self.json.push_str("\\t"),
            '\r' => self.json.push_str("\\r"),
            letter if letter < ' ' => drop(write!(self.json, "\\u{:04x}", u32::from(letter))),
            letter => self.json.push(letter),
        }
    }
}

/// The first character of a large value, at which a finding points.
fn first(page: &Page, span: &Range<usize>) -> Range<usize> {
    span.start..page.after(span.start)
}
