//! The words in a program's names, `HTTPStatus2xx`, and lines of a limited number of bytes. Source: huandu/xstrings 1.4 and
//! Masterminds/goutils.

use super::cases::lower;
use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::lossy;
use crate::value::Value;

pub(super) const ROWS: &[Row] = &[
    Row::fixed("wrap", &[Type::Int, Type::String], |host, arguments| {
        wrap(host, arguments.text(1), arguments.int(0), "\n", false)
    }),
    Row::fixed("wrapWith", &[Type::Int, Type::String, Type::String], |host, arguments| {
        wrap(host, arguments.text(2), arguments.int(0), arguments.text(1), true)
    }),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// Begins with a capital: `Status`, `HTTP`.
    Capital,
    Small,
    Connector,
    Punctuation,
    Other,
}

/// The words of a text, one after the other.
pub(super) struct Words<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Words<'t> {
    type Item = (Kind, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let found = kind(self.rest.chars().next()?);
        let length = match found {
            Kind::Capital => self.capital(),
            Kind::Small => self.run(is_small),
            Kind::Number => self.run(char::is_numeric),
            // Among others, `-` and `_` are punctuation.
            Kind::Punctuation => self.run(is_punctuation),
            _ => self.run(|next| kind(next) == found),
        };
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((found, word))
    }
}

impl<'t> Words<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    fn run(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.rest.find(|next| !belongs(next)).unwrap_or(self.rest.len())
    }

    fn capital(&self) -> usize {
        let capitals = self.run(char::is_uppercase);
        let behind = self.rest.get(capitals..).and_then(|rest| rest.chars().next());
        let last = self.rest.get(..capitals).and_then(|capitals| capitals.char_indices().next_back());
        match (behind, last) {
            // "HTTPStatus": the last capital belongs to the next word.
            (Some(next), Some((last @ 1.., _))) if next.is_alphabetic() => last,
            (Some(next), _) if is_small(next) => {
                let rest = self.rest.get(capitals..).unwrap_or_default();
                capitals + rest.find(|next| !is_small(next)).unwrap_or(rest.len())
            }
            _ => capitals,
        }
    }

    /// The words in small letters, with a connector between them. If possible, a number belongs to the word around it.
    pub(super) fn joined(mut self, connector: char) -> String {
        let mut text = String::new();
        let mut current = self.next();
        while let Some((before, word)) = current.filter(|_| !self.rest.is_empty()) {
            if before != Kind::Connector {
                push(&mut text, before, word, connector);
            }
            current = self.next();
            let kind_now = current.map(|(kind, _)| kind);
            let parts = |kind| !matches!(kind, None | Some(Kind::Connector | Kind::Punctuation));
            match before {
                Kind::Number => {
                    current = self.absorb(&mut text, current, connector);
                    if parts(current.map(|(kind, _)| kind)) {
                        text.push(connector);
                    }
                }
                Kind::Connector => push(&mut text, before, word, connector),
                Kind::Punctuation => {}
                _ if kind_now != Some(Kind::Number) => {
                    if parts(kind_now) {
                        text.push(connector);
                    }
                }
                _ if self.rest.is_empty() => {}
                _ => {
                    let number = current.map_or("", |(_, word)| word);
                    current = self.next();
                    if current.is_some_and(|(kind, _)| kind == Kind::Small) {
                        text.push(connector);
                        push(&mut text, Kind::Number, number, connector);
                        current = self.absorb(&mut text, current, connector);
                    } else {
                        push(&mut text, Kind::Number, number, connector);
                    }
                    if parts(current.map(|(kind, _)| kind)) {
                        text.push(connector);
                    }
                }
            }
        }
        if let Some((kind, word)) = current {
            push(&mut text, kind, word, connector);
        }
        text
    }

    /// Takes small words and numbers as they are.
    fn absorb(
        &mut self,
        text: &mut String,
        first: Option<(Kind, &'t str)>,
        connector: char,
    ) -> Option<(Kind, &'t str)> {
        let mut current = first;
        while let Some((kind @ (Kind::Small | Kind::Number), word)) = current {
            push(text, kind, word, connector);
            current = self.next();
        }
        current
    }
}

fn push(text: &mut String, kind: Kind, word: &str, connector: char) {
    match kind {
        Kind::Connector => text.extend(word.chars().map(|_| connector)),
        Kind::Capital => text.extend(word.chars().map(lower)),
        _ => text.push_str(word),
    }
}

fn kind(character: char) -> Kind {
    match character {
        _ if is_connector(character) => Kind::Connector,
        _ if is_punctuation(character) => Kind::Punctuation,
        _ if character.is_uppercase() => Kind::Capital,
        _ if is_small(character) => Kind::Small,
        _ if character.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

/// Go's category P, limited to ASCII; symbols like `$` and `+` do not belong to it.
fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation() && !matches!(character, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
}

/// A letter that is not a capital, of a script that has capitals.
fn is_small(character: char) -> bool {
    let east_asian = matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}');
    character.is_alphabetic() && !character.is_uppercase() && !east_asian
}

pub(super) fn is_connector(character: char) -> bool {
    matches!(character, '-' | '_') || character.is_whitespace()
}

/// Breaks lines at spaces. Words that are longer than a line are cut (`cut`), or make a longer line.
fn wrap(host: &Host<'_>, text: &str, width: i64, line_end: &str, cut: bool) -> Result<Value, String> {
    let (bytes, width) = (text.as_bytes(), usize::try_from(width).unwrap_or(1).max(1));
    let line_end = if line_end.is_empty() { "\n" } else { line_end };
    let (mut at, mut lines): (usize, Vec<u8>) = (0, Vec::new());
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    while bytes.len().saturating_sub(at) > width {
        if bytes.get(at) == Some(&b' ') {
            at += 1;
            continue;
        }
        host.budget.spend(1)?;
        host.budget.length(lines.len())?;
        let space = part(at, at + width + 1).iter().rposition(|byte| *byte == b' ');
        let (end, next) = match space {
            Some(space) => (at + space, at + space + 1),
            None if cut => (at + width, at + width),
            None => match part(at + width, bytes.len()).iter().position(|byte| *byte == b' ') {
                Some(space) => (at + width + space, at + width + space + 1),
                None => break,
            },
        };
        lines.extend(part(at, end));
        lines.extend(line_end.as_bytes());
        at = next;
    }
    lines.extend(part(at, bytes.len()));
    Ok(lossy(&lines).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_at_capitals_and_numbers() {
        let cases = [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("GO-PATH", "go_path"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("http2xx", "http_2xx"),
            ("http__server", "http__server"),
            ("a.b", "a.b"),
            ("Wi-Fi", "wi_fi"),
            ("", ""),
        ];
        cases.iter().for_each(|(name, wanted)| assert_eq!(Words::new(name).joined('_'), *wanted));
    }
}
