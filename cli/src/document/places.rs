//! Places in a JSON text: of a value, by its path, and of each byte of a string, through its escapes. Only used on text that is
//! JSON; other code decides whether it is.

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::path::Step;

/// A text with the places in it.
pub(crate) struct Places<'a> {
    text: &'a str,
    root: Option<Value<'a>>,
}

/// The place to which a path leads.
pub(crate) struct Found {
    /// The key, or the value if it is an item of a list.
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    /// The value is neither object nor list.
    pub(crate) simple: bool,
}

impl Found {
    /// The part to point at.
    pub(crate) fn pointer(&self) -> Range<usize> {
        if self.simple { self.value.clone() } else { self.name.clone() }
    }
}

impl<'a> Places<'a> {
    /// The places of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let root = parse_to_ast(text, &CollectOptions::default(), &strict).ok().and_then(|parsed| parsed.value);
        Places { text, root }
    }

    /// The place of a path, or of its longest part that exists.
    pub(crate) fn find(&self, path: &[Step]) -> Option<Found> {
        let mut value = self.root.as_ref()?;
        let root = value.range();
        let mut found =
            Found { name: root.start..root.start.saturating_add(1), value: root.start..root.end, simple: false };
        for step in path {
            let (name, next) = match (step, value) {
                (Step::Key(key), Value::Object(object)) => {
                    // If a key stands there twice, the last one counts.
                    let named = |property: &&ObjectProp<'a>| property.name.as_str() == key;
                    let Some(property) = object.properties.iter().rev().find(named) else { return Some(found) };
                    (property.name.range(), &property.value)
                }
                (Step::Index(index), Value::Array(list)) => {
                    let Some(item) = list.elements.get(*index) else { return Some(found) };
                    let range = item.range();
                    // For a large item, the finding points at its beginning.
                    let name = match item {
                        Value::Object(_) | Value::Array(_) => {
                            jsonc_parser::common::Range::new(range.start, range.start.saturating_add(1))
                        }
                        _ => range,
                    };
                    (name, item)
                }
                _ => return Some(found),
            };
            let simple = !matches!(next, Value::Object(_) | Value::Array(_));
            let range = next.range();
            found = Found { name: name.start..name.end, value: range.start..range.end, simple };
            value = next;
        }
        Some(found)
    }

    /// The byte of the text where a byte of a string stands; `literal` is the string with its quotes.
    pub(crate) fn inside(&self, literal: &Range<usize>, offset: usize) -> usize {
        let start = literal.start.saturating_add(1);
        let raw = self.text.get(start..literal.end.saturating_sub(1)).unwrap_or_default();
        start.saturating_add(raw_offset(raw, offset))
    }
}

// Each character of the string is either itself in the text, or an escape.
fn raw_offset(raw: &str, wanted: usize) -> usize {
    let (mut at, mut decoded) = (0_usize, 0_usize);
    while let Some(letter) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        let (written, meant) = if letter == '\\' {
            escape(raw.get(at..).unwrap_or_default())
        } else {
            (letter.len_utf8(), letter.len_utf8())
        };
        if decoded.saturating_add(meant) > wanted {
            return at;
        }
        at = at.saturating_add(written);
        decoded = decoded.saturating_add(meant);
    }
    at
}

// The length of an escape, and the length of the character that it means.
fn escape(text: &str) -> (usize, usize) {
    let unit = |from: usize| u16::from_str_radix(text.get(from..from.saturating_add(4))?, 16).ok();
    if !text.starts_with("\\u") {
        return (2, 1);
    }
    let Some(first) = unit(2) else { return (2, 1) };
    let second = text.get(6..8).filter(|start| *start == "\\u").and_then(|_| unit(8));
    let units: Vec<u16> = std::iter::once(first).chain(second).collect();
    match char::decode_utf16(units).next() {
        Some(Ok(letter)) if letter.len_utf16() == 2 => (12, letter.len_utf8()),
        Some(Ok(letter)) => (6, letter.len_utf8()),
        _ => (6, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_strings_are_found_through_escapes() {
        let text = r#"{"a": ["x\n\u00e9y\ud83d\ude00z\"é!"]}"#;
        let places = Places::of(text);
        let found = places.find(&[Step::Key("a".into()), Step::Index(0)]).unwrap();
        let decoded: String = serde_json::from_str(text.get(found.value.clone()).unwrap()).unwrap();
        assert_eq!(decoded, "x\néy😀z\"é!");
        for (letter, written) in
            [('x', "x"), ('y', "y"), ('z', "z"), ('!', "!"), ('"', "\\\""), ('\n', "\\n"), ('😀', "\\ud83d")]
        {
            let place = places.inside(&found.value, decoded.find(letter).unwrap());
            assert!(text.get(place..).unwrap().starts_with(written), "{letter:?}");
        }
        assert_eq!(places.inside(&found.value, decoded.len()), found.value.end - 1);
    }

    #[test]
    fn a_path_that_ends_nowhere_leads_to_what_should_hold_it() {
        let text = r#"{"a": {"b": [{"c": 1}]}, "a": {"d": 2}}"#;
        let find = |path: &[Step]| text.get(Places::of(text).find(path).unwrap().pointer()).unwrap();
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(find(&[key("a"), key("d")]), "2");
        assert_eq!(find(&[key("a"), key("b")]), "\"a\"");
        assert_eq!(find(&[key("z")]), "{");
        assert!(Places::of("{a: 1,}").find(&[]).is_none());
    }
}
