//! Turns the inside of a JSON string into bytes. The escapes must have been checked. Other errors are mended as Go does: half a
//! surrogate pair and each byte of invalid UTF-8 become U+FFFD.

/// Appends the text between the quotes, with its escapes replaced.
pub(super) fn unescape(inside: &[u8], out: &mut Vec<u8>) {
    out.reserve(inside.len());
    let mut rest = inside;
    loop {
        let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
        let (before, escape) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        push_mended(before, out);
        match escape {
            [] => return,
            [_, b'u', digits @ ..] => rest = push_code(digits, out),
            [_, letter, behind @ ..] => {
                out.push(short(*letter));
                rest = behind;
            }
            [_] => return,
        }
    }
}

/// Appends a text with its invalid UTF-8 mended. Go decodes byte by byte, so every byte of a broken sequence counts.
fn push_mended(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
    }
}

/// Appends the character of a `\u` escape, which starts at its digits; gives the text behind the escape.
fn push_code<'a>(digits: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (code, behind) = hex4(digits);
    if let Some(plain) = char::from_u32(code) {
        push_char(plain, out);
        return behind;
    }
    if let (0xd800..0xdc00, [b'\\', b'u', low @ ..]) = (code, behind) {
        let (low, behind_both) = hex4(low);
        if (0xdc00..0xe000).contains(&low) {
            let pair = 0x1_0000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            push_char(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), out);
            return behind_both;
        }
    }
    push_char(char::REPLACEMENT_CHARACTER, out);
    behind
}

fn hex4(digits: &[u8]) -> (u32, &[u8]) {
    let (four, behind) = digits.split_at_checked(4).unwrap_or((digits, &[]));
    let code = four.iter().fold(0, |code, &digit| (code << 4) | char::from(digit).to_digit(16).unwrap_or(0));
    (code, behind)
}

fn short(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        itself => itself,
    }
}

fn push_char(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}
