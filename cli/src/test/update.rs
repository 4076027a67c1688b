//! `--update`: writes the actual results into the expectations that differ, and leaves every other byte of the file alone.

use std::fmt::Display;

use serde_json::Value;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike};

use super::file::TestFile;
use super::judge::{How, Mismatch, Step};
use crate::Trouble;

impl Mismatch {
    /// Whether the actual value can be written in place of the expectation.
    pub(super) fn can_be_recorded(&self) -> bool {
        self.how != How::Contains && self.actual.as_ref().is_none_or(|actual| self.written(actual).is_some())
    }

    fn written(&self, actual: &Value) -> Option<Item> {
        let requests = matches!(self.at.as_slice(), [Step::Key(key)] if key == "backend" || key == "side");
        match actual {
            Value::Array(sent) if requests && !sent.is_empty() => {
                let tables: Option<ArrayOfTables> = sent.iter().map(table).collect();
                tables.map(Item::ArrayOfTables)
            }
            actual => match (value(actual), self.at.last()) {
                (Some(value), _) => Some(Item::Value(value)),
                // TOML has no null, but `json` may be JSON in a text.
                (None, Some(Step::Key(key))) if key == "json" => Some(Item::Value(actual.to_string().into())),
                _ => None,
            },
        }
    }
}

/// Rewrites the expectations of these cases, which are named by their place in the file.
pub(super) fn update(file: &TestFile, found: &[(usize, &[Mismatch])]) -> Result<(), Trouble> {
    let wrong = |why: &dyn Display| Trouble::new(format!("{}: {why}", file.path.display()));
    let mut document: DocumentMut = file.text.parse().map_err(|error| wrong(&error))?;
    let cases = document.get_mut("case").ok_or_else(|| wrong(&"its cases are gone"))?;
    for (index, mismatches) in found {
        for mismatch in mismatches.iter().filter(|mismatch| mismatch.can_be_recorded()) {
            let written = mismatch.actual.as_ref().and_then(|actual| mismatch.written(actual));
            let case = element(cases, *index).ok_or_else(|| wrong(&"its cases are gone"))?;
            let mut at = vec![Step::Key("expect".to_owned())];
            at.extend(mismatch.at.iter().cloned());
            put(case, &at, written);
        }
    }
    std::fs::write(&file.path, document.to_string()).map_err(|error| Trouble::file(&file.path, "written", &error))
}

fn element(item: &mut Item, index: usize) -> Option<&mut dyn TableLike> {
    match item {
        Item::ArrayOfTables(tables) => tables.get_mut(index).map(|table| table as &mut dyn TableLike),
        Item::Value(value) => {
            value.as_array_mut()?.get_mut(index)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

/// Sets the value at these steps; `None` writes `false`, which means that the value must not be there.
fn put(table: &mut dyn TableLike, at: &[Step], written: Option<Item>) -> Option<()> {
    match at {
        [Step::Key(key)] => {
            set(table, key, written.unwrap_or_else(|| Item::Value(false.into())));
            Some(())
        }
        [Step::Key(key), Step::Index(index), rest @ ..] => put(element(table.get_mut(key)?, *index)?, rest, written),
        [Step::Key(key), rest @ ..] => {
            let inner = table.entry(key).or_insert_with(|| Item::Table(Table::new()));
            put(inner.as_table_like_mut()?, rest, written)
        }
        _ => None,
    }
}

fn set(table: &mut dyn TableLike, key: &str, mut written: Item) {
    match table.get_mut(key) {
        Some(old) => {
            if let (Some(old), Some(new)) = (old.as_value(), written.as_value_mut()) {
                *new.decor_mut() = old.decor().clone();
            }
            *old = written;
        }
        None => drop(table.insert(key, written)),
    }
}

fn table(value: &Value) -> Option<Table> {
    let mut table = Table::new();
    for (key, inner) in value.as_object()? {
        table.insert(key, Item::Value(self::value(inner)?));
    }
    Some(table)
}

/// JSON as TOML; none for nulls and for numbers outside TOML's range.
fn value(json: &Value) -> Option<toml_edit::Value> {
    Some(match json {
        Value::Null => return None,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().filter(|float| float.is_finite())?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(value).collect::<Option<Array>>()?.into(),
        Value::Object(fields) => {
            let mut table = InlineTable::new();
            for (key, inner) in fields {
                table.insert(key, value(inner)?);
            }
            table.into()
        }
    })
}
