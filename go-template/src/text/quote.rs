//! Text in quotes, as Go writes it. Source: strconv/quote.go.

use std::fmt::Write;

/// A text in double quotes, with escapes for characters that cannot be printed: Go's `%q`.
pub(crate) fn quote(text: &str) -> String {
    quote_with(text, '"', false)
}

/// The same in any quotes; if `ascii`, all characters outside ASCII are escaped, as in `%+q`.
pub(crate) fn quote_with(text: &str, quote: char, ascii: bool) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for character in text.chars() {
        push_escaped(&mut quoted, character, quote, ascii);
    }
    quoted.push(quote);
    quoted
}

fn push_escaped(quoted: &mut String, character: char, quote: char, ascii: bool) {
    let simple = match character {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        '\\' => '\\',
        _ if character == quote => character,
        _ => {
            let code = u32::from(character);
            // Writing into a text does not fail.
            let _ = match code {
                _ if is_printable(character) && (code < 0x80 || !ascii) => write!(quoted, "{character}"),
                0..0x80 if code < 0x20 || code == 0x7f => write!(quoted, "\\x{code:02x}"),
                0..0x10000 => write!(quoted, "\\u{code:04x}"),
                _ => write!(quoted, "\\U{code:08x}"),
            };
            return;
        }
    };
    quoted.push('\\');
    quoted.push(simple);
}

/// Bytes as text. Each byte that is not UTF-8 becomes a U+FFFD of its own, as when Go writes JSON.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (String::with_capacity(bytes.len()), bytes);
    loop {
        let error = match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return text;
            }
            Err(error) => error,
        };
        let (valid, behind) = rest.split_at(error.valid_up_to());
        text.push_str(&String::from_utf8_lossy(valid));
        text.push('\u{fffd}');
        rest = behind.get(1..).unwrap_or_default();
    }
}

/// Can the character be printed? In Go: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(crate) fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    // The standard library escapes what cannot be printed; it escapes a mark only at the beginning, so a letter stands before
    // it.
    let mut escaped = ['a', character].iter().collect::<String>();
    let plain = escaped.len();
    escaped = escaped.escape_debug().to_string();
    escaped.len() == plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_that_is_no_text_is_replaced() {
        assert_eq!(lossy(b"a\xe2\x82b\xc3\xa9\xff"), "a\u{fffd}\u{fffd}bé\u{fffd}");
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(
            quote("a\"b\\\n\x01\x7fé\u{a0}\u{301}\u{200b}😀"),
            "\"a\\\"b\\\\\\n\\x01\\x7fé\\u00a0\u{301}\\u200b😀\""
        );
        assert_eq!(quote_with("é'😀", '\'', true), "'\\u00e9\\'\\U0001f600'");
    }
}
