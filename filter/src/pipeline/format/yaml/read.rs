//! From YAML to data: the first document, with its anchors and merge keys resolved. As in Go, an alias is a copy, and each copy
//! is charged: a few lines can stand for more data than fits into memory. Only copying is recursive.

use std::collections::BTreeMap;
use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::scalar::plain;
use crate::data::{List, MAX_DEPTH, Str, Table, Value};

/// Why a body has no data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YamlError {
    /// The body is not YAML, or has something that JSON cannot express.
    Broken { what: String, line: usize },
    /// The body nests too deeply.
    TooDeep,
    /// The aliases stand for more bytes than a body may have.
    TooLarge,
}

/// The charge for each value that an alias copies, in addition to its text.
const VALUE: u64 = 16;

/// A list or a map that has not ended.
enum Open {
    List(Vec<Value>),
    Map(Map),
}

#[derive(Default)]
struct Map {
    fields: BTreeMap<Str, Value>,
    key: Option<Key>,
    merged: Vec<Value>,
}

enum Key {
    Of(Str),
    Merge,
}

struct Reading {
    open: Vec<(Open, usize)>,
    anchors: BTreeMap<usize, Value>,
    left: u64,
}

/// Reads the first document; an empty body is null. Aliases may stand for `max_bytes` of data.
///
/// # Errors
/// [`YamlError`].
pub(crate) fn read(body: &[u8], max_bytes: u64) -> Result<Value, YamlError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let before = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        YamlError::Broken { what: "there is invalid UTF-8".to_owned(), line }
    })?;
    let mut reading = Reading { open: Vec::new(), anchors: BTreeMap::new(), left: max_bytes };
    for event in Parser::new_from_str(text) {
        let (event, line) = match event {
            Ok((event, span)) => (event, span.start.line()),
            Err(error) => {
                return Err(YamlError::Broken { what: error.info().to_owned(), line: error.marker().line() });
            }
        };
        let whole = reading.take(event).map_err(|error| error.or_at(line))?;
        if let Some(whole) = whole {
            return Ok(whole);
        }
    }
    Ok(Value::Null)
}

impl Reading {
    /// Takes the next event; gives the document when it is complete.
    fn take(&mut self, event: Event<'_>) -> Result<Option<Value>, YamlError> {
        let (value, anchor) = match event {
            Event::SequenceStart(anchor, _) => return self.begin(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => return self.begin(Open::Map(Map::default()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(items), anchor)) => (Value::List(List::from(items)), anchor),
                Some((Open::Map(map), anchor)) => (map.finish()?, anchor),
                None => return Ok(None),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let is_merge = style == ScalarStyle::Plain && text == "<<" && tag.is_none();
                if is_merge
                    && let Some((Open::Map(map), _)) = self.open.last_mut()
                    && map.key.is_none()
                {
                    map.key = Some(Key::Merge);
                    return Ok(None);
                }
                (scalar(&text, style, tag.as_deref())?, anchor)
            }
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return Err(YamlError::broken("an alias is part of what it stands for"));
                };
                (copy(&value, self.open.len(), &mut self.left)?, 0)
            }
            Event::DocumentEnd | Event::StreamEnd => return Ok(Some(Value::Null)),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => return Ok(None),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            Some((Open::List(items), _)) => items.push(value),
            Some((Open::Map(map), _)) => map.add(value)?,
            None => return Ok(Some(value)),
        }
        Ok(None)
    }

    fn begin(&mut self, open: Open, anchor: usize) -> Result<Option<Value>, YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::TooDeep);
        }
        self.open.push((open, anchor));
        Ok(None)
    }
}

impl Map {
    fn add(&mut self, value: Value) -> Result<(), YamlError> {
        match self.key.take() {
            None => {
                self.key = Some(Key::Of(key(value)?));
                return Ok(());
            }
            Some(Key::Merge) => self.merged.push(value),
            Some(Key::Of(key)) => {
                if self.fields.contains_key(key.as_bytes()) {
                    let shown: String = key.to_text().chars().take(40).collect();
                    return Err(YamlError::broken(format!("the key \"{}\" stands twice", shown.escape_debug())));
                }
                self.fields.insert(key, value);
            }
        }
        Ok(())
    }

    // The fields of the map itself win, then those that were merged first.
    fn finish(mut self) -> Result<Value, YamlError> {
        for merged in std::mem::take(&mut self.merged) {
            match merged {
                Value::Table(table) => self.merge(&table),
                Value::List(list) => {
                    for item in list.items() {
                        let Value::Table(table) = item else { return Err(no_merge()) };
                        self.merge(&table);
                    }
                }
                _ => return Err(no_merge()),
            }
        }
        Ok(Value::Table(self.fields.into_iter().collect()))
    }

    fn merge(&mut self, table: &Table) {
        for (key, value) in table.entries() {
            self.fields.entry(key).or_insert(value);
        }
    }
}

fn no_merge() -> YamlError {
    YamlError::broken("<< takes a map, or a list of maps")
}

fn key(value: Value) -> Result<Str, YamlError> {
    Ok(match value {
        Value::String(text) => text,
        Value::Null => Str::from("null"),
        Value::Bool(flag) => Str::from(if flag { "true" } else { "false" }),
        Value::Number(number) => {
            let mut text = Vec::new();
            number.write(&mut text);
            Str::from(text)
        }
        Value::List(_) | Value::Table(_) => return Err(YamlError::broken("a key is a list or a map")),
    })
}

// The tag of `! 3`: the value is text, whatever it looks like.
fn is_non_specific(tag: &Tag) -> bool {
    matches!((tag.handle.as_str(), tag.suffix.as_str()), ("", "!") | ("!", ""))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, YamlError> {
    let core = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_str());
    Ok(match core {
        Some("str" | "binary" | "timestamp") => Value::from(text),
        Some(kind @ ("int" | "float" | "bool" | "null")) => {
            let value = plain(text);
            let fits = matches!(
                (&value, kind),
                (Value::Number(_), "int" | "float") | (Value::Bool(_), "bool") | (Value::Null, "null")
            );
            if !fits {
                return Err(YamlError::broken(format!("this is no !!{kind}")));
            }
            value
        }
        // Application tags have no meaning for a gateway.
        _ if style == ScalarStyle::Plain && !tag.is_some_and(is_non_specific) => plain(text),
        _ => Value::from(text),
    })
}

fn copy(value: &Value, depth: usize, left: &mut u64) -> Result<Value, YamlError> {
    if depth > MAX_DEPTH {
        return Err(YamlError::TooDeep);
    }
    let length = match value {
        Value::String(text) => text.len(),
        Value::Table(table) => table.keys().iter().map(Str::len).sum(),
        _ => 0,
    };
    let cost = VALUE.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    *left = left.checked_sub(cost).ok_or(YamlError::TooLarge)?;
    let deeper = depth.saturating_add(1);
    Ok(match value {
        Value::List(list) => {
            let items = list.items();
            Value::List(items.iter().map(|item| copy(item, deeper, left)).collect::<Result<Vec<_>, _>>()?.into())
        }
        Value::Table(table) => {
            let entries = table.entries().into_iter();
            let entries = entries.map(|(key, value)| Ok((key, copy(&value, deeper, left)?)));
            Value::Table(entries.collect::<Result<Table, _>>()?)
        }
        other => other.clone(),
    })
}

impl YamlError {
    fn broken(what: impl Into<String>) -> Self {
        Self::Broken { what: what.into(), line: 0 }
    }

    fn or_at(self, at: usize) -> Self {
        match self {
            Self::Broken { what, line: 0 } => Self::Broken { what, line: at },
            other => other,
        }
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { what, line } => write!(f, "the body is not YAML: line {line}: {what}"),
            Self::TooDeep => write!(f, "the YAML is nested deeper than {MAX_DEPTH} levels"),
            Self::TooLarge => f.write_str("the aliases of the YAML stand for too much (limits.body_bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::write as json;

    fn shown(text: &str) -> String {
        match read(text.as_bytes(), 100_000) {
            Ok(value) => String::from_utf8(json(&value, 1 << 20).unwrap()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn yaml_becomes_the_json_that_it_means() {
        let rows = [
            ("", "null"),
            (
                "a: 1\nb: [x, 'y', \"z\", ~, true, 1.50, 0x1F, 1e3, 007, +5, yes]",
                r#"{"a":1,"b":["x","y","z",null,true,1.50,31,1e3,7,5,"yes"]}"#,
            ),
            ("a: |\n  x\n  y\n", r#"{"a":"x\ny\n"}"#),
            ("- a\n- {b: c}\n", r#"["a",{"b":"c"}]"#),
            (
                "a: &x {p: 1}\nb: *x\nc: {<<: *x, q: 2}\nd: {<<: [*x], p: 3}",
                r#"{"a":{"p":1},"b":{"p":1},"c":{"p":1,"q":2},"d":{"p":3}}"#,
            ),
            ("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#),
            ("a: !!str 1\nb: !!int '2'\nc: ! 3", r#"{"a":"1","b":2,"c":"3"}"#),
            ("a: 1\n---\nb: 2\n", r#"{"a":1}"#),
            ("2024-05-01", r#""2024-05-01""#),
        ];
        for (text, data) in rows {
            assert_eq!(shown(text), data, "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_an_error_that_says_where() {
        let rows = [
            ("a: 1\nb: [", "line"),
            ("a: 1\na: 2", "line 2: the key \"a\" stands twice"),
            ("a: &x [*x]", "an alias is part of what it stands for"),
            ("? [a]\n: b", "a key is a list"),
            ("<<: 1", "<< takes a map"),
            ("a: *none", "line 1"),
            ("a: !!int x", "no !!int"),
        ];
        for (text, words) in rows {
            let told = shown(text);
            assert!(told.starts_with("the body is not YAML") && told.contains(words), "{text}: {told}");
        }
        assert!(read(b"a: b\nc: \xff", 10).unwrap_err().to_string().contains("line 2: there is invalid UTF-8"));
    }

    #[test]
    fn aliases_that_explode_meet_the_limit() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let before = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", [before.as_str(); 9].join(", "));
        }
        assert_eq!(read(bomb.as_bytes(), 1 << 20).unwrap_err(), YamlError::TooLarge);
    }

    #[test]
    fn nesting_is_bounded() {
        assert_eq!(shown(&"- ".repeat(2_000)), "the YAML is nested deeper than 1000 levels");
        assert!(shown(&"[".repeat(2_000)).contains("YAML"));
        let mut chain = String::from("a0: &a0 [x]\n");
        for level in 1..1_200 {
            chain += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
        }
        assert!(read(chain.as_bytes(), u64::MAX).is_err());
    }
}
