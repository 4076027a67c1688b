//! The dynamic metadata of a stream: data that Envoy's own filters have left for other filters, where no client can write.
//! Envoy gives all of it as one message, `envoy.config.core.v3.Metadata`. If a part is asked for by its path, Envoy gives the
//! part in a form of its own, and gives nothing if the part holds a null (seen in 1.36 and 1.40). Knows how such messages are
//! encoded, and nothing of their content.

/// The path of the attribute.
pub(super) const METADATA: [&str; 1] = ["metadata"];

/// The name of the Envoy filter that verifies tokens.
const JWT_AUTHN: &str = "envoy.filters.http.jwt_authn";

// Field numbers: of the map in a message, of key and value in a map's entry, and of a value that is a message itself.
const MAP: u64 = 1;
const KEY: u64 = 1;
const VALUE: u64 = 2;
const STRUCTURE: u64 = 5;

/// The payload that `jwt_authn` has verified under a name: the bytes of a `google.protobuf.Struct`. `None` if there is no
/// payload, or if any part of the message that is read is broken.
pub(super) fn verified<'m>(metadata: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let of_filter = entry(metadata, JWT_AUTHN)?;
    let value = entry(of_filter, name)?;
    let mut fields = fields(value)?.into_iter();
    let (number, payload) = fields.next()?;
    payload.filter(|_| number == STRUCTURE && fields.next().is_none())
}

/// The value of a key in a message's map.
fn entry<'m>(message: &'m [u8], key: &str) -> Option<&'m [u8]> {
    let mut found = None;
    for (_, entry) in fields(message)?.into_iter().filter(|(number, _)| *number == MAP) {
        let parts = fields(entry?)?;
        let part = |wanted| parts.iter().find(|(number, _)| *number == wanted).and_then(|(_, bytes)| *bytes);
        if part(KEY) == Some(key.as_bytes()) {
            // A map has each key only once.
            if found.is_some() {
                return None;
            }
            found = Some(part(VALUE)?);
        }
    }
    found
}

/// Number and bytes of a field; no bytes if the field is a number itself.
type Field<'m> = (u64, Option<&'m [u8]>);

/// The fields of a message; `None` if these bytes are not a message.
fn fields(mut bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes)?;
        let value = match tag & 7 {
            0 => {
                number(&mut bytes)?;
                None
            }
            1 => {
                bytes = bytes.get(8..)?;
                None
            }
            2 => {
                let length = usize::try_from(number(&mut bytes)?).ok()?;
                let (value, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Some(value)
            }
            5 => {
                bytes = bytes.get(4..)?;
                None
            }
            _ => return None,
        };
        fields.push((tag >> 3, value));
    }
    Some(fields)
}

/// Reads a varint: seven bits a byte, the lowest bits first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 127).checked_shl(shift)?;
        if byte & 128 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    // Envoy 1.40 gave these bytes for {"p0": {"sub": "u", "exp": 4102444800, "t": true, "list": ["a", 1], "n": null, "obj":
    // {"k": "v"}}}
    const SEEN: &str = "0a8b010a1c656e766f792e66696c746572732e687474702e6a77745f617574686e126b0a690a02703012632a610a0a0a03737562\
        12031a01750a100a03657870120911000000e0ca90ee410a070a0174120220010a1a0a046c697374121232100a031a01610a091100000000\
        0000f03f0a070a016e120208000a130a036f626a120c2a0a0a080a016b12031a0176";

    fn seen() -> Vec<u8> {
        let digits: Vec<char> = SEEN.chars().collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
    }

    #[test]
    fn a_payload_is_found_by_its_name() {
        let seen = seen();
        let payload = verified(&seen, "p0").unwrap();
        assert_eq!((payload.len(), payload.first()), (97, Some(&0x0a)));
        for name in ["p1", "p", "", "p00", "envoy.filters.http.jwt_authn"] {
            assert!(verified(&seen, name).is_none(), "{name}");
        }
    }

    #[test]
    fn broken_bytes_hold_no_payload() {
        let seen = seen();
        for end in 0..seen.len() {
            assert!(verified(&seen[..end], "p0").is_none(), "{end}");
        }
        let twice = [seen.as_slice(), seen.as_slice()].concat();
        assert!(verified(&twice, "p0").is_none());
        for bytes in [&b"\x0a\xff"[..], &[0x0a; 9], &[255; 20], b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"] {
            assert!(verified(bytes, "p0").is_none());
        }
    }
}
