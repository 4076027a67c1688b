//! Quoted constants. Source: Go's strconv/quote.go (Unquote, UnquoteChar).

use crate::text::lossy;

/// The contents of a string in quotes or backquotes; `None` if Go would call its syntax invalid.
pub(super) fn unquote(quoted: &str) -> Option<String> {
    if let Some(raw) = quoted.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let mut rest = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let (unit, tail) = unit(rest, '"')?;
        match unit {
            Unit::Character(character) => bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(byte),
        }
        rest = tail;
    }
    Some(lossy(&bytes))
}

/// The character of a constant in single quotes.
pub(super) fn character(quoted: &str) -> Result<u32, String> {
    let invalid = || "invalid syntax".to_owned();
    let (unit, tail) = quoted.strip_prefix('\'').and_then(|rest| unit(rest, '\'')).ok_or_else(invalid)?;
    if tail != "'" {
        return Err(format!("malformed character constant: {quoted}"));
    }
    Ok(match unit {
        Unit::Character(character) => character.into(),
        Unit::Byte(byte) => byte.into(),
    })
}

enum Unit {
    Character(char),
    Byte(u8),
}

/// The first character or escape of a text, and the text after it.
fn unit(text: &str, quote: char) -> Option<(Unit, &str)> {
    let mut characters = text.chars();
    let first = characters.next()?;
    if first == quote {
        return None;
    }
    if first != '\\' {
        return Some((Unit::Character(first), characters.as_str()));
    }
    let escape = characters.next()?;
    let tail = characters.as_str();
    let simple = |character| Some((Unit::Character(character), tail));
    match escape {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '\'' | '"' if escape == quote => simple(escape),
        'x' => {
            let (number, tail) = digits(tail, 2, 16)?;
            Some((Unit::Byte(u8::try_from(number).ok()?), tail))
        }
        'u' | 'U' => {
            let (number, tail) = digits(tail, if escape == 'u' { 4 } else { 8 }, 16)?;
            Some((Unit::Character(char::from_u32(number)?), tail))
        }
        '0'..='7' => {
            let (number, tail) = digits(text.get(1..)?, 3, 8)?;
            Some((Unit::Byte(u8::try_from(number).ok()?), tail))
        }
        _ => None,
    }
}

fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let (number, tail) = text.split_at_checked(count)?;
    if !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some((u32::from_str_radix(number, radix).ok()?, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        let cases = [
            (r#""a\tb\u00e9\x41\101\U0001F600\"""#, Some("a\tbéAA😀\"")),
            ("`raw\\n\r`", Some("raw\\n")),
            (r#""\xc3\xa9""#, Some("é")),
            (r#""\q""#, None),
            (r#""\'""#, None),
            (r#""\ud800""#, None),
            (r#""\x+1""#, None),
            (r#""\400""#, None),
        ];
        cases.iter().for_each(|(quoted, wanted)| assert_eq!(unquote(quoted).as_deref(), *wanted, "{quoted}"));
    }

    #[test]
    fn a_character_constant_is_one_character() {
        assert_eq!(character("'a'"), Ok(97));
        assert_eq!(character(r"'\''"), Ok(39));
        assert_eq!(character("'ab'"), Err("malformed character constant: 'ab'".to_owned()));
        assert_eq!(character("''"), Err("invalid syntax".to_owned()));
    }
}
