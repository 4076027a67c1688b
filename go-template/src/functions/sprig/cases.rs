//! Upper and lower case, of letters and of the words in programs' names. Source: sprig's functions.go, Masterminds/goutils and
//! huandu/xstrings 1.4.

use super::words::{Words, is_connector};
use crate::functions::arguments::Arguments;
use crate::functions::signature::{Row, Type};
use crate::value::Value;

const TEXT: &[Type] = &[Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("camelcase", TEXT, |_, arguments| Ok(camel(arguments.text(0)).into())),
    Row::fixed("initials", TEXT, |_, arguments| Ok(initials(arguments.text(0)).into())),
    Row::fixed("kebabcase", TEXT, |_, arguments| Ok(Words::new(arguments.text(0)).joined('-').into())),
    Row::fixed("lower", TEXT, |_, arguments| Ok(map(arguments.text(0), lower))),
    Row::fixed("snakecase", TEXT, |_, arguments| Ok(Words::new(arguments.text(0)).joined('_').into())),
    Row::fixed("swapcase", TEXT, |_, arguments| Ok(swap(arguments.text(0)).into())),
    Row::fixed("title", TEXT, |_, arguments| Ok(title(arguments.text(0)).into())),
    Row::fixed("untitle", TEXT, |_, arguments| Ok(untitle(arguments.text(0)).into())),
    Row::fixed("upper", TEXT, |_, arguments| Ok(map(arguments.text(0), upper))),
];

fn map(text: &str, change: fn(char) -> char) -> Value {
    text.chars().map(change).collect::<String>().into()
}

/// The lower case of a character, as in Go: a letter stays as it is if its other case has several characters.
pub(super) fn lower(character: char) -> char {
    let mut changed = character.to_lowercase();
    match (changed.next(), changed.next()) {
        (Some(only), None) => only,
        // The capital I with a dot.
        (Some(first), Some('\u{307}')) => first,
        _ => character,
    }
}

/// The upper case of a character, with the same rule as `lower`.
pub(super) fn upper(character: char) -> char {
    let mut changed = character.to_uppercase();
    match (changed.next(), changed.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

/// Capitalizes words. A word begins after white space, or after an ASCII character that is no letter, no digit and no `_`.
fn title(text: &str) -> String {
    let mut before = ' ';
    let begins = |before: char| match before {
        '_' => false,
        _ if before.is_alphanumeric() => false,
        _ => before.is_ascii() || before.is_whitespace(),
    };
    let change = |next: char| {
        let changed = if begins(before) { upper(next) } else { next };
        before = next;
        changed
    };
    text.chars().map(change).collect()
}

fn untitle(text: &str) -> String {
    let mut begins = true;
    let change = |next: char| {
        let changed = if begins { lower(next) } else { next };
        begins = next.is_whitespace();
        changed
    };
    text.chars().map(change).collect()
}

/// Sprig treats each byte as a character.
fn initials(text: &str) -> String {
    let mut space = true;
    let begins = |next: &char| std::mem::replace(&mut space, next.is_whitespace()) && !next.is_whitespace();
    text.bytes().map(char::from).filter(begins).collect()
}

fn swap(text: &str) -> String {
    let change = |next: char| {
        if next.is_uppercase() {
            lower(next)
        } else if next.is_lowercase() {
            upper(next)
        } else {
            next
        }
    };
    text.chars().map(change).collect()
}

fn camel(text: &str) -> String {
    let leading = text.len() - text.trim_start_matches(is_connector).len();
    let (head, rest) = text.split_at(leading);
    let mut camel = head.to_owned();
    let mut characters = rest.chars();
    let Some(first) = characters.next() else {
        // The last connector appears twice, as in the original.
        camel.extend(text.chars().next_back());
        return camel;
    };
    let mut before = upper(first);
    for mut now in characters {
        if is_connector(now) && is_connector(before) {
            camel.push(before);
            before = now;
            continue;
        }
        if is_connector(before) {
            now = upper(now);
        } else {
            now = lower(now);
            camel.push(before);
        }
        before = now;
    }
    camel.push(before);
    camel
}
