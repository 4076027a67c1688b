//! `hash`: checksums of bytes (FIPS 180-4, RFC 1321) and one with a key (RFC 2104), in hexadecimal digits or raw.

use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use mlua::Lua;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::price::{Pace, charge};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_text;
use crate::lua::Exceeded;

pub(super) const FUNCTIONS: [(&str, Method); 5] = [
    ("hash.md5", digest::<Md5>),
    ("hash.sha1", digest::<Sha1>),
    ("hash.sha256", digest::<Sha256>),
    ("hash.sha512", digest::<Sha512>),
    ("hash.hmac_sha256", hmac_sha256),
];

const FORMS: [&str; 2] = ["hex", "raw"];

/// The bytes that a checksum costs even of an empty text, because it works in blocks.
const BLOCK: usize = 128;

/// `hash.sha256(bytes, "raw")`
fn digest<D: Digest>(lua: &Lua, args: &Arguments) -> MethodResult {
    let sum = args.with_bytes(1, |bytes| {
        charge(lua, bytes.len().saturating_add(BLOCK), Pace::Sums, 0)?;
        Ok::<_, Exceeded>(D::digest(bytes))
    })??;
    given(lua, args, 2, &sum)
}

/// `hash.hmac_sha256(key, bytes, "raw")`
fn hmac_sha256(lua: &Lua, args: &Arguments) -> MethodResult {
    let keyed = args.with_bytes(1, |key| {
        charge(lua, key.len().saturating_add(BLOCK), Pace::Sums, 0)?;
        Hmac::<Sha256>::new_from_slice(key).map_err(|error| MethodError::of("hash.hmac_sha256", error))
    })??;
    let sum = args.with_bytes(2, |bytes| {
        charge(lua, bytes.len().saturating_add(BLOCK), Pace::Sums, 0)?;
        Ok::<_, Exceeded>(keyed.chain_update(bytes).finalize().into_bytes())
    })??;
    given(lua, args, 3, &sum)
}

fn given(lua: &Lua, args: &Arguments, form: usize, sum: &[u8]) -> MethodResult {
    if args.is_second(form, FORMS)? {
        return Ok(Some(to_text(lua, sum)?));
    }
    Ok(Some(to_text(lua, hexadecimal(sum).as_bytes())?))
}

/// Two digits for each byte, in small letters.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn hex<D: Digest>(text: &str) -> String {
        hexadecimal(&D::digest(text))
    }

    #[test]
    fn the_examples_of_fips_180_and_rfc_1321() {
        assert_eq!(hex::<Md5>(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex::<Md5>("abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex::<Sha1>("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex::<Sha1>(two_blocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
        assert_eq!(hex::<Sha256>("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex::<Sha256>(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        assert_eq!(
            hex::<Sha512>("abc"),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
    }

    #[test]
    fn the_vectors_of_rfc_4231() {
        let rows: [(&[u8], &[u8], &str); 4] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, bytes, sum) in rows {
            let keyed = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(bytes);
            assert_eq!(hexadecimal(&keyed.finalize().into_bytes()), sum);
        }
    }
}
