//! Searching, cutting and replacing in texts. Source: sprig's strings.go and Go's strings.
//!
//! Sprig counts bytes. A text that is cut inside a character ends with U+FFFD here, while Go keeps the loose bytes.

use std::collections::BTreeMap;

use super::texts::strings;
use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::lossy;
use crate::value::{List, ListOf, Map, MapOf, Value};

const TEXT: &[Type] = &[Type::String];
const TWO: &[Type] = &[Type::String, Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("abbrev", &[Type::Int, Type::String], |_, arguments| {
        Ok(abbreviate(arguments.text(1), 0, arguments.int(0)))
    }),
    Row::fixed("abbrevboth", &[Type::Int, Type::Int, Type::String], |_, arguments| Ok(abbreviate_both(arguments))),
    Row::fixed("contains", TWO, |_, arguments| Ok(Value::Bool(arguments.text(1).contains(arguments.text(0))))),
    Row::fixed("hasPrefix", TWO, |_, arguments| Ok(Value::Bool(arguments.text(1).starts_with(arguments.text(0))))),
    Row::fixed("hasSuffix", TWO, |_, arguments| Ok(Value::Bool(arguments.text(1).ends_with(arguments.text(0))))),
    Row::fixed("nospace", TEXT, |_, arguments| Ok(without_space(arguments.text(0)).into())),
    Row::fixed("repeat", &[Type::Int, Type::String], repeat),
    Row::fixed("replace", &[Type::String, Type::String, Type::String], replace),
    Row::fixed("split", TWO, |_, arguments| {
        Ok(numbered(split(arguments.text(1), arguments.text(0), None).iter().map(String::as_str)))
    }),
    Row::fixed("splitList", TWO, |_, arguments| Ok(strings(split(arguments.text(1), arguments.text(0), None)))),
    Row::fixed("splitn", &[Type::String, Type::Int, Type::String], |_, arguments| {
        let most = usize::try_from(arguments.int(1)).ok();
        Ok(numbered(split(arguments.text(2), arguments.text(0), most).iter().map(String::as_str)))
    }),
    Row::fixed("substr", &[Type::Int, Type::Int, Type::String], |_, arguments| {
        substring(arguments.int(0), arguments.int(1), arguments.text(2))
    }),
    Row::fixed("trim", TEXT, |_, arguments| Ok(arguments.text(0).trim().into())),
    Row::fixed("trimAll", TWO, trim_all),
    Row::fixed("trimall", TWO, trim_all),
    Row::fixed("trimPrefix", TWO, |_, arguments| {
        Ok(arguments.text(1).strip_prefix(arguments.text(0)).unwrap_or(arguments.text(1)).into())
    }),
    Row::fixed("trimSuffix", TWO, |_, arguments| {
        Ok(arguments.text(1).strip_suffix(arguments.text(0)).unwrap_or(arguments.text(1)).into())
    }),
    Row::fixed("trunc", &[Type::Int, Type::String], |_, arguments| Ok(truncate(arguments.int(0), arguments.text(1)))),
];

fn trim_all(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    Ok(arguments.text(1).trim_matches(|next| arguments.text(0).contains(next)).into())
}

fn repeat(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let text = arguments.text(1);
    let count = usize::try_from(arguments.int(0)).map_err(|_| "strings: negative Repeat count".to_owned())?;
    host.budget.spend_text(text.len().saturating_mul(count))?;
    Ok(text.repeat(count).into())
}

fn replace(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let (old, new, text) = (arguments.text(0), arguments.text(1), arguments.text(2));
    let most = if old.is_empty() { text.chars().count() + 1 } else { text.len() / old.len() };
    host.budget.spend_text(text.len().saturating_add(most.saturating_mul(new.len())))?;
    Ok(text.replace(old, new).into())
}

/// The parts between separators, at most `most`; without a separator the characters.
pub(super) fn split(text: &str, separator: &str, most: Option<usize>) -> Vec<String> {
    let most = most.unwrap_or(usize::MAX);
    if separator.is_empty() {
        let mut rest = text;
        let mut parts = Vec::new();
        while let Some(next) = rest.chars().next().filter(|_| parts.len() < most) {
            let length = if parts.len() + 1 == most { rest.len() } else { next.len_utf8() };
            let (part, behind) = rest.split_at(length);
            parts.push(part.to_owned());
            rest = behind;
        }
        return parts;
    }
    text.splitn(most, separator).map(str::to_owned).collect()
}

/// The parts under the names `_0`, `_1` and so on.
fn numbered<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    let named = parts.enumerate().map(|(index, part)| (format!("_{index}").into(), part.into()));
    Value::Map(Map::typed(MapOf::Strings, named.collect::<BTreeMap<_, _>>()))
}

fn truncate(count: i64, text: &str) -> Value {
    let (bytes, size) = (text.as_bytes(), usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX));
    match bytes.len().checked_sub(size) {
        Some(from @ 1..) if count < 0 => lossy(bytes.get(from..).unwrap_or_default()).into(),
        Some(1..) if count >= 0 => lossy(bytes.get(..size).unwrap_or_default()).into(),
        _ => text.into(),
    }
}

fn substring(start: i64, end: i64, text: &str) -> Result<Value, String> {
    let (bytes, length) = (text.as_bytes(), text.len());
    let from = usize::try_from(start).unwrap_or_default();
    let out_of_range = |what: String| format!("runtime error: slice bounds out of range [{what}");
    let to = match usize::try_from(end) {
        Err(_) if start < 0 => return Err(out_of_range(format!(":{end}]"))),
        Ok(to) if start < 0 && to > length => return Err(out_of_range(format!(":{to}] with length {length}"))),
        Ok(to) if to <= length => to,
        _ => length,
    };
    let cut = bytes.get(from..to).ok_or_else(|| out_of_range(format!("{from}:{to}]")))?;
    Ok(lossy(cut).into())
}

/// At most `width` bytes from about `offset` on, with dots for missing text. Source: Masterminds/goutils.
fn abbreviate(text: &str, offset: i64, width: i64) -> Value {
    let (bytes, length) = (text.as_bytes(), i64::try_from(text.len()).unwrap_or(i64::MAX));
    if width < 4 || length <= width {
        return text.into();
    }
    let part = |from: i64, to: i64| {
        let range = usize::try_from(from).unwrap_or_default()..usize::try_from(to).unwrap_or_default();
        lossy(bytes.get(range).unwrap_or_default())
    };
    let mut offset = offset.clamp(0, length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    if offset <= 4 {
        return format!("{}...", part(0, width - 3)).into();
    }
    if width < 7 {
        return "".into();
    }
    if offset + width - 3 < length {
        // The rest is longer than its width, so it ends with dots, too.
        return format!("...{}...", part(offset, offset + width - 6)).into();
    }
    format!("...{}", part(length - (width - 3), length)).into()
}

fn abbreviate_both(arguments: &[Value]) -> Value {
    let (left, right, text) = (arguments.int(0), arguments.int(1), arguments.text(2));
    if right < 4 || left > 0 && right < 7 { text.into() } else { abbreviate(text, left, right) }
}

/// The text without white space. If there was any, Go treats each byte as a character.
fn without_space(text: &str) -> String {
    let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0);
    if !text.bytes().any(is_space) {
        return text.to_owned();
    }
    text.bytes().filter(|byte| !is_space(*byte)).map(char::from).collect()
}

/// An empty list of texts, which is nil to Go.
pub(super) fn no_strings() -> Value {
    Value::List(List::nil(ListOf::Strings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_count_bytes_as_go_does() {
        let text = |value: Value| value.as_str().unwrap().to_owned();
        assert_eq!(text(truncate(3, "hello")), "hel");
        assert_eq!(text(truncate(-3, "hello")), "llo");
        assert_eq!(text(truncate(-9, "hello")), "hello");
        assert_eq!(text(truncate(1, "é")), "\u{fffd}");
        assert_eq!(text(substring(1, 3, "hello").unwrap()), "el");
        assert_eq!(text(substring(-1, 2, "hello").unwrap()), "he");
        assert_eq!(text(substring(2, -1, "hello").unwrap()), "llo");
        let wrong = "runtime error: slice bounds out of range [";
        assert_eq!(substring(3, 1, "hello").unwrap_err(), format!("{wrong}3:1]"));
        assert_eq!(substring(9, -1, "hello").unwrap_err(), format!("{wrong}9:5]"));
        assert_eq!(substring(-1, 9, "hello").unwrap_err(), format!("{wrong}:9] with length 5"));
    }

    #[test]
    fn no_width_breaks_an_abbreviation() {
        for (offset, width) in [(i64::MAX, i64::MAX), (i64::MIN, 5), (3, i64::MIN), (20, 8), (6, 10)] {
            assert!(abbreviate("hello world, how are you?", offset, width).as_str().is_some());
        }
    }
}
