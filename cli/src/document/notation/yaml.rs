//! YAML as a tree: anchors, aliases and merge keys are resolved, and a value that JSON cannot express is an error. Follows
//! yaml.v3, KrakenD's parser, where it has its own ways: only the first document of a file counts, and a key stands only once.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::Wrong;
use super::scalar::{self, Word};
use super::tree::{DEEPEST, Key, Node, Style, Text, Value};

/// The largest number of keys that merge keys may add.
const MOST_MERGED: usize = 1_000_000;

/// The tree of a text's first document.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Wrong> {
    let mut reading = Reading {
        parser: Parser::new_from_str(text),
        bytes: text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect(),
        anchors: HashMap::new(),
        merged: 0,
    };
    loop {
        let (event, span) = reading.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => return Ok(node(0..0, Value::Null)),
            event => return reading.node(event, &span, 0),
        }
    }
}

struct Reading<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The byte of each character.
    bytes: Vec<usize>,
    anchors: HashMap<usize, Rc<Node>>,
    merged: usize,
}

fn node(span: Range<usize>, value: Value) -> Rc<Node> {
    Rc::new(Node { span, value })
}

impl<'a> Reading<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Wrong> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                Err(Wrong::new(at..at, error.info()))
            }
            None => Ok((Event::StreamEnd, 0..0)),
        }
    }

    fn span(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }

    fn byte(&self, letter: usize) -> usize {
        self.bytes.get(letter).or(self.bytes.last()).copied().unwrap_or_default()
    }

    fn node(&mut self, event: Event<'a>, span: &Range<usize>, depth: usize) -> Result<Rc<Node>, Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::new(span.clone(), "this nests too deeply"));
        }
        let (anchor, read) = match event {
            Event::Alias(anchor) => {
                let unknown = || Wrong::new(span.clone(), "this alias is part of what it stands for");
                return self.anchors.get(&anchor).cloned().ok_or_else(unknown);
            }
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, node(span.clone(), value(&text, style, tag.as_deref(), span)?))
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(span, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(span, depth)?),
            _ => return Err(Wrong::new(span.clone(), "a value is missing here")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&read));
        }
        Ok(read)
    }

    fn list(&mut self, span: &Range<usize>, depth: usize) -> Result<Rc<Node>, Wrong> {
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::SequenceEnd => return Ok(node(span.clone(), Value::List(items))),
                event => items.push(self.node(event, &at, depth.saturating_add(1))?),
            }
        }
    }

    fn map(&mut self, span: &Range<usize>, depth: usize) -> Result<Rc<Node>, Wrong> {
        let mut map = Map::default();
        let mut merges = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let merges_in = match event {
                Event::MappingEnd => break,
                Event::Scalar(ref text, ScalarStyle::Plain, _, None) => text == "<<",
                _ => false,
            };
            let key = self.node(event, &at, depth.saturating_add(1))?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, &value_at, depth.saturating_add(1))?;
            if merges_in {
                merges.push((value, value_at));
                continue;
            }
            let key = key_of(&key, &at)?;
            if map.places.contains_key(&key.text.text) {
                return Err(Wrong::new(at, format!("the key \"{}\" stands here twice", key.text.text)));
            }
            map.add(Rc::new(key), value);
        }
        for (value, at) in merges {
            self.merge(&mut map, &value, &at, true)?;
        }
        Ok(node(span.clone(), Value::Map(map.entries)))
    }

    // A key of the map itself wins, then the key that was merged first.
    fn merge(&mut self, map: &mut Map, value: &Node, at: &Range<usize>, lists: bool) -> Result<(), Wrong> {
        match &value.value {
            Value::Map(entries) => {
                self.merged = self.merged.saturating_add(entries.len());
                if self.merged > MOST_MERGED {
                    return Err(Wrong::new(at.clone(), "too much is merged up to here"));
                }
                for (key, value) in entries {
                    if !map.places.contains_key(&key.text.text) {
                        map.add(Rc::clone(key), Rc::clone(value));
                    }
                }
                Ok(())
            }
            Value::List(items) if lists => items.iter().try_for_each(|item| self.merge(map, item, at, false)),
            _ => Err(Wrong::new(at.clone(), "<< takes a map, or a list of maps")),
        }
    }
}

#[derive(Default)]
struct Map {
    entries: Vec<(Rc<Key>, Rc<Node>)>,
    places: HashMap<String, usize>,
}

impl Map {
    fn add(&mut self, key: Rc<Key>, value: Rc<Node>) {
        self.places.insert(key.text.text.clone(), self.entries.len());
        self.entries.push((key, value));
    }
}

fn value(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Range<usize>) -> Result<Value, Wrong> {
    let style_of_text = match style {
        ScalarStyle::SingleQuoted => Style::Doubled,
        ScalarStyle::DoubleQuoted => Style::Escaped,
        _ => Style::Plain,
    };
    let as_text = || Ok(Value::Text(Text { text: text.to_owned(), style: style_of_text }));
    // `!` alone says that the value is a text; tags of other programs have no meaning here.
    let kind = match tag {
        Some(tag) if tag.is_yaml_core_schema() => Some(tag.suffix.as_str()),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Some("str"),
        _ => None,
    };
    match kind {
        Some("str") => return as_text(),
        Some("binary") => return Err(Wrong::new(span.clone(), "!!binary is no text that JSON could hold")),
        Some("int" | "float" | "bool" | "null") => {}
        _ if style != ScalarStyle::Plain => return as_text(),
        _ => {}
    }
    match scalar::read(text) {
        Word::Value(value) => Ok(value),
        Word::Endless => Err(Wrong::new(span.clone(), format!("JSON has no number for {text}"))),
        Word::Text => as_text(),
    }
}

// A key that is not a text becomes one, in the form in which it was written.
fn key_of(key: &Node, span: &Range<usize>) -> Result<Key, Wrong> {
    let text = match &key.value {
        Value::Text(Text { text, style }) => Text { text: text.clone(), style: *style },
        Value::Bool(flag) => Text { text: flag.to_string(), style: Style::Plain },
        Value::Number(number) => Text { text: number.clone(), style: Style::Plain },
        Value::Null | Value::List(_) | Value::Map(_) => {
            return Err(Wrong::new(span.clone(), "a key must be a text"));
        }
    };
    Ok(Key { span: span.clone(), text })
}
