//! Percent-encoding, byte by byte. The caller decides which parts of a text need it.

use std::borrow::Cow;

/// Percent-encodes all but letters, digits and `-_.~` (RFC 3986, "unreserved"): fit for any part of a URL.
pub fn encode_component(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(*byte)),
            other => push_escaped(*other, &mut out),
        }
    }
    out
}

/// Decodes a part of a query: `+` is a space. `None` for a `%` without two hexadecimal digits behind it.
pub fn decode_component(text: &[u8]) -> Option<Vec<u8>> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).map(Cow::into_owned)
}

pub(super) fn push_escaped(byte: u8, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or('0');
    out.extend(['%', digit(byte >> 4), digit(byte)]);
}

pub(super) fn percent_decode(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    // Most texts have no escape at all.
    if !text.contains(&b'%') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    Some(Cow::Owned(out))
}
