//! The data that the host keeps for scripts. Bytes that a script chose, or that it can make the host copy, are copied only
//! here, and each copy is charged to the script's memory limit before it is made. Knows no arguments and no objects.

use crate::data::{List, Str, Table, Value};
use crate::lua::{Exceeded, keep};

/// Texts up to this length are free: most of them are names that are freed in a moment.
const FREE_BYTES: usize = 256;

/// The bytes that one field of a table, or one header, takes, roughly, without its texts.
const FIELD_BYTES: usize = 64;

/// The bytes that one item of a list takes.
const ITEM_BYTES: usize = size_of::<Value>();

/// An argument as owned bytes.
pub(super) fn argument(bytes: &[u8]) -> Result<Vec<u8>, Exceeded> {
    charge_argument(bytes)?;
    Ok(bytes.to_vec())
}

/// An argument as owned text; invalid UTF-8 in it is replaced.
pub(super) fn argument_text(bytes: &[u8]) -> Result<String, Exceeded> {
    charge_argument(bytes)?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// An argument that stays: the value of a header, the key of a table.
pub(super) fn argument_field(bytes: &[u8]) -> Result<Vec<u8>, Exceeded> {
    charge_argument(bytes)?;
    field(bytes)
}

fn charge_argument(bytes: &[u8]) -> Result<(), Exceeded> {
    if is_free(bytes.len()) { Ok(()) } else { keep(bytes.len()) }
}

/// Whether an argument of this many bytes is free.
pub(super) fn is_free(bytes: usize) -> bool {
    bytes <= FREE_BYTES
}

/// The text of a field that stays.
pub(super) fn field(bytes: &[u8]) -> Result<Vec<u8>, Exceeded> {
    keep(FIELD_BYTES.saturating_add(bytes.len()))?;
    Ok(bytes.to_vec())
}

/// A text whose place is charged already.
pub(super) fn string(bytes: &[u8]) -> Result<Str, Exceeded> {
    keep(bytes.len())?;
    Ok(Str::from(bytes))
}

/// Charges the place of one field, whatever its value.
pub(super) fn place_of_field() -> Result<(), Exceeded> {
    keep(FIELD_BYTES)
}

/// Charges the places of this many fields, with this many bytes of texts.
pub(super) fn fields(count: usize, texts: usize) -> Result<(), Exceeded> {
    keep(count.saturating_mul(FIELD_BYTES).saturating_add(texts))
}

/// Charges the places of this many items.
pub(super) fn places_of_items(count: usize) -> Result<(), Exceeded> {
    keep(count.saturating_mul(ITEM_BYTES))
}

/// A list of texts: a copy that lives as long as the script holds it.
pub(super) fn list<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Result<List, Exceeded> {
    let items = texts.map(|text| Ok(Value::String(Str::from(field(text)?))));
    Ok(items.collect::<Result<Vec<_>, Exceeded>>()?.into())
}

/// A table of texts: a copy, as [`list`] makes it.
pub(super) fn table<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])> + Clone) -> Result<Table, Exceeded> {
    let size = |(name, text): (&str, &[u8])| FIELD_BYTES.saturating_add(name.len()).saturating_add(text.len());
    keep(fields.clone().map(size).fold(0, usize::saturating_add))?;
    Ok(fields.collect())
}

/// Charges a tree of roughly this many bytes, which is about to be read from a text.
pub(super) fn tree(bytes: usize) -> Result<(), Exceeded> {
    keep(bytes)
}
