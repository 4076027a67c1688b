//! The value of a text literal: its escapes are resolved as KrakenD's Lua resolves them.

/// The text that the literal means; none if it is not UTF-8.
pub(super) fn decoded(written: &str) -> Option<String> {
    if !written.contains('\\') {
        return Some(written.to_owned());
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut letters = written.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = if letter == '\\' { letters.next() } else { None };
        match escaped {
            None => push(&mut bytes, letter),
            Some(digit) if digit.is_ascii_digit() => {
                let mut value = digit.to_digit(10).unwrap_or_default();
                for _ in 0..2 {
                    let Some(next) = letters.peek().and_then(|next| next.to_digit(10)) else { break };
                    value = value.saturating_mul(10).saturating_add(next);
                    letters.next();
                }
                bytes.push(u8::try_from(value).ok()?);
            }
            Some(other) => push(&mut bytes, meant(other)),
        }
    }
    String::from_utf8(bytes).ok()
}

fn push(bytes: &mut Vec<u8>, letter: char) {
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

// As in gopher-lua, a letter that means nothing stands for itself (parse/lexer.go, scanEscape).
fn meant(letter: char) -> char {
    match letter {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_are_what_they_mean() {
        let meant = |written| decoded(written).unwrap();
        assert_eq!(meant(r#"it\'s \"so\" \\ \n\65\066x\q"#), "it's \"so\" \\ \nABxq");
        assert_eq!(meant(r"caf\195\169"), "café");
        assert_eq!(decoded(r"\255"), None);
        assert_eq!(decoded(r"\999"), None);
        assert_eq!(meant("\\"), "\\");
    }
}
