//! `base64`: RFC 4648, with the standard alphabet or the one for URLs. Knows only bytes.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, DecodeSliceError, Engine, alphabet};
use mlua::Lua;

use super::price::{Pace, charge};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_text;
use crate::lua::Exceeded;

pub(super) const FUNCTIONS: [(&str, Method); 2] = [("base64.encode", encode), ("base64.decode", decode)];

/// Decoding accepts texts with and without `=` at the end, and any value of the unused bits of the last letter.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT.with_encode_padding(false));

const ALPHABETS: [&str; 2] = ["standard", "url"];

fn engine(args: &Arguments) -> Result<&'static GeneralPurpose, MethodError> {
    Ok(if args.is_second(2, ALPHABETS)? { &URL } else { &STANDARD })
}

/// `base64.encode(bytes, "url")`
fn encode(lua: &Lua, args: &Arguments) -> MethodResult {
    let engine = engine(args)?;
    let encoded = args.with_bytes(1, |bytes| {
        charge(lua, bytes.len(), Pace::Letters, bytes.len().saturating_mul(2))?;
        Ok::<_, Exceeded>(engine.encode(bytes))
    })??;
    Ok(Some(to_text(lua, encoded.as_bytes())?))
}

/// `base64.decode(text, "url")`
fn decode(lua: &Lua, args: &Arguments) -> MethodResult {
    let engine = engine(args)?;
    let decoded = args.with_bytes(1, |text| {
        charge(lua, text.len(), Pace::Letters, text.len())?;
        decoded(engine, text).map_err(|why| MethodError::of("base64.decode", why))
    })??;
    Ok(Some(to_text(lua, &decoded)?))
}

/// The bytes of a text in the alphabet for URLs; its length is charged already.
pub(super) fn decode_url(text: &[u8]) -> Result<Vec<u8>, String> {
    decoded(&URL, text)
}

fn decoded(engine: &GeneralPurpose, text: &[u8]) -> Result<Vec<u8>, String> {
    // A buffer that is long enough for any text: three bytes for four letters.
    let mut bytes = vec![0; text.len().div_ceil(4).saturating_mul(3)];
    let length = engine.decode_slice(text, &mut bytes).map_err(|error| match error {
        DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, byte)) => {
            format!("'{}' at byte {at} is no letter of this alphabet", char::from(byte).escape_default())
        }
        _ => {
            format!("the text of {} bytes breaks off within a group of four letters, or is padded wrongly", text.len())
        }
    })?;
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        let rows = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in rows {
            assert_eq!(STANDARD.encode(bytes), text);
            assert_eq!(decoded(&STANDARD, text.as_bytes()).unwrap(), bytes.as_bytes());
            let bare = text.trim_end_matches('=');
            assert_eq!(URL.encode(bytes), bare);
            assert_eq!(decoded(&STANDARD, bare.as_bytes()).unwrap(), bytes.as_bytes());
            assert_eq!(decode_url(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
        assert_eq!(STANDARD.encode(b"\xfb\xef\xff"), "++//");
        assert_eq!(URL.encode(b"\xfb\xef\xff"), "--__");
    }

    #[test]
    fn what_is_no_base64_is_told() {
        let rows = [
            ("Z", "breaks off"),
            ("Zm9v!", "'!' at byte 4"),
            ("--__", "'-' at byte 0"),
            ("Zg==Zg==", "'=' at byte 2"),
            ("Z m8", "' ' at byte 1"),
            ("\u{e9}A==", "byte 0"),
        ];
        for (text, words) in rows {
            let said = decoded(&STANDARD, text.as_bytes()).err();
            assert!(said.as_ref().is_some_and(|said| said.contains(words)), "{text}: {said:?}");
        }
        assert_eq!(decoded(&STANDARD, b"Zh==").unwrap(), b"f", "what is left over of the last letter");
    }
}
