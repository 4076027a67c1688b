//! Base64 and base32. Source: sprig's strings.go, Go's encoding/base64 and encoding/base32.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::functions::arguments::Arguments;
use crate::functions::signature::{Row, Type};
use crate::text::lossy;

const TEXT: &[Type] = &[Type::String];
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) const ROWS: &[Row] = &[
    Row::fixed("b32dec", TEXT, |_, arguments| Ok(base32_decoded(arguments.text(0)).into())),
    Row::fixed("b32enc", TEXT, |_, arguments| Ok(base32(arguments.text(0).as_bytes()).into())),
    Row::fixed("b64dec", TEXT, |_, arguments| Ok(base64_decoded(arguments.text(0)).into())),
    Row::fixed("b64enc", TEXT, |_, arguments| Ok(STANDARD.encode(arguments.text(0)).into())),
];

/// Decodes base64. If the text is no base64, the result is the error as a text, as in sprig.
fn base64_decoded(text: &str) -> String {
    let packed = text.replace(['\r', '\n'], "");
    match STANDARD.decode(&packed) {
        Ok(bytes) => lossy(&bytes),
        Err(_) => {
            let is_known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'\r' | b'\n');
            let known = text.bytes().take_while(is_known).count();
            let at = if known < text.len() { known } else { packed.len() / 4 * 4 };
            format!("illegal base64 data at input byte {at}")
        }
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group.iter_mut().skip(3).zip(chunk).for_each(|(to, from)| *to = *from);
        let bits = u64::from_be_bytes(group);
        let digits = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or_default();
            let known = BASE32.get(digit).copied().unwrap_or_default();
            text.push(if index < digits { char::from(known) } else { '=' });
        }
    }
    text
}

fn base32_decoded(text: &str) -> String {
    let packed = text.replace(['\r', '\n'], "");
    let digits = packed.trim_end_matches('=');
    let value = |byte: u8| BASE32.iter().position(|known| *known == byte);
    let wrong = |at: usize| format!("illegal base32 data at input byte {at}");
    if let Some(at) = digits.bytes().position(|byte| value(byte).is_none()) {
        return wrong(at);
    }
    if !packed.len().is_multiple_of(8) || matches!(digits.len() % 8, 1 | 3 | 6) || packed.len() - digits.len() > 6 {
        return wrong(packed.len() / 8 * 8);
    }
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for byte in digits.bytes() {
        bits = bits << 5 | u32::try_from(value(byte).unwrap_or_default()).unwrap_or_default();
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
            bits &= (1 << held) - 1;
        }
    }
    lossy(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_goes_there_and_back() {
        let cases = [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ];
        for (text, encoded) in cases {
            assert_eq!(base32(text.as_bytes()), encoded);
            assert_eq!(base32_decoded(encoded), text);
        }
        assert_eq!(base32_decoded("mz"), "illegal base32 data at input byte 0");
    }

    #[test]
    fn what_is_no_base64_is_told_in_the_text() {
        assert_eq!(base64_decoded("aGk="), "hi");
        assert_eq!(base64_decoded("a*k="), "illegal base64 data at input byte 1");
    }
}
