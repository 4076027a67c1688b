//! Checksums. Source: sprig's crypto.go.

use std::fmt::Write;

use sha1::Digest;
use sha1::Sha1;
use sha2::Sha256;

use crate::functions::arguments::Arguments;
use crate::functions::signature::{Row, Type};

const TEXT: &[Type] = &[Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("adler32sum", TEXT, |_, arguments| Ok(adler32(arguments.text(0).as_bytes()).to_string().into())),
    Row::fixed("sha1sum", TEXT, |_, arguments| Ok(hexadecimal(&Sha1::digest(arguments.text(0))).into())),
    Row::fixed("sha256sum", TEXT, |_, arguments| Ok(hexadecimal(&Sha256::digest(arguments.text(0))).into())),
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (one, two) = bytes.iter().fold((1, 0), |(one, two), byte| {
        let one = (one + u32::from(*byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_that_everybody_computes() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(hexadecimal(&Sha1::digest("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
