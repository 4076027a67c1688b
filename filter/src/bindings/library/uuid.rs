//! `uuid`: random identifiers (RFC 9562, version 4), from the host's random numbers: if the host is given a seed, they repeat.

use mlua::Lua;

use super::hash::hexadecimal;
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_text;
use crate::lua::work;

pub(super) const FUNCTIONS: [(&str, Method); 1] = [("uuid.v4", v4)];

/// The number of instructions that take as long as the host's random numbers.
const DRAWN: usize = 50;

/// `uuid.v4()`
fn v4(lua: &Lua, _: &Arguments) -> MethodResult {
    work(DRAWN)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| MethodError::of("uuid.v4", format_args!("the host gives no random numbers: {error}")))?;
    Ok(Some(to_text(lua, written(random).as_bytes())?))
}

fn written(random: [u8; 16]) -> String {
    let number = u128::from_be_bytes(random);
    // The version, 4, in four bits, and the variant, binary 10, in two.
    let number = number & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
    let mut text = String::with_capacity(36);
    for (place, digit) in hexadecimal(&number.to_be_bytes()).chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn version_and_variant_stand_in_their_places() {
        assert_eq!(written([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(written([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let counted = std::array::from_fn(|place| u8::try_from(place).unwrap_or(0));
        assert_eq!(written(counted), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }
}
