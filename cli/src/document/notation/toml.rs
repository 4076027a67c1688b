//! TOML as a tree. Dates and times become texts, because JSON has no such values.

use std::ops::Range;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Wrong;
use super::scalar::{self, Word};
use super::tree::{Key, Node, Style, Text, Value};

/// The tree of a text.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Wrong> {
    let table =
        DeTable::parse(text).map_err(|error| Wrong::new(error.span().unwrap_or(0..0), error.message().to_owned()))?;
    map(table.get_ref(), table.span(), text)
}

fn map(table: &DeTable<'_>, span: Range<usize>, source: &str) -> Result<Rc<Node>, Wrong> {
    // The entries are sorted by their places in the file.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut read = Vec::new();
    for (key, value) in entries {
        let key = Key { span: key.span(), text: text(key, source) };
        read.push((Rc::new(key), node(value, source)?));
    }
    Ok(Rc::new(Node { span, value: Value::Map(read) }))
}

fn node(value: &Spanned<DeValue<'_>>, source: &str) -> Result<Rc<Node>, Wrong> {
    let span = value.span();
    let as_text = |text: String| Value::Text(Text { text, style: Style::Plain });
    let read = match value.get_ref() {
        DeValue::String(string) => Value::Text(text(&Spanned::new(span.clone(), string.clone()), source)),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => as_text(time.to_string()),
        DeValue::Integer(number) => integer(number.as_str(), number.radix(), &span)?,
        DeValue::Float(number) => match scalar::read(number.as_str()) {
            Word::Value(value) => value,
            _ => return Err(Wrong::new(span, format!("JSON has no number for {}", number.as_str()))),
        },
        DeValue::Array(items) => {
            let items = items.iter().map(|item| node(item, source));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => return map(table, span, source),
    };
    Ok(Rc::new(Node { span, value: read }))
}

fn integer(digits: &str, radix: u32, span: &Range<usize>) -> Result<Value, Wrong> {
    if radix == 10 && scalar::is_json(digits) {
        return Ok(Value::Number(digits.to_owned()));
    }
    match i64::from_str_radix(digits, radix) {
        Ok(number) => Ok(Value::Number(number.to_string())),
        Err(_) => Err(Wrong::new(span.clone(), "this number is too large")),
    }
}

fn text(text: &Spanned<DeString<'_>>, source: &str) -> Text {
    let escaped = source.get(text.span()).is_some_and(|written| written.starts_with('"'));
    Text { text: text.get_ref().clone().into_owned(), style: if escaped { Style::Escaped } else { Style::Plain } }
}
