//! A key as it is kept: a sum of it, which neither the log nor a debugger's line shows. The sums are those that `hash` of the document
//! names; a plain key is kept as a sum, too.

use std::fmt;
use std::hint::black_box;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, quoted};

/// The sum of a key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Is it the same as one of these? All bytes of all of them are compared.
    pub(super) fn is_one_of(&self, sums: &[Self]) -> bool {
        sums.iter().fold(false, |is_one, sum| is_one | self.equals(sum))
    }

    fn equals(&self, other: &Self) -> bool {
        let differing = self.0.iter().zip(&other.0).fold(0, |differing, (one, other)| differing | (one ^ other));
        self.0.len() == other.0.len() && black_box(differing) == 0
    }
}

/// How keys stand in the document.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Form {
    hash: Hash,
    salt: String,
}

// A salt is as little for others as a key.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.hash, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Plain,
    Fnv128,
    Sha1,
    Sha256,
}

const HASHES: [(&str, Hash); 4] =
    [("plain", Hash::Plain), ("fnv128", Hash::Fnv128), ("sha1", Hash::Sha1), ("sha256", Hash::Sha256)];

/// No key is longer, in bytes.
const LONGEST: usize = 8192;

impl Form {
    pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Self> {
        let hash = match node.get("hash") {
            None => Hash::Plain,
            Some(hash) => {
                let name = hash.text()?;
                let found = HASHES.iter().find(|(known, _)| *known == name).map(|(_, hash)| *hash);
                let known = "known: plain, fnv128, sha1, sha256";
                found.ok_or_else(|| hash.error(format!("unknown hash {} ({known})", quoted(name))))?
            }
        };
        let salt = node.get("salt").filter(|salt| !salt.is_idle());
        if let (Hash::Plain, Some(salt)) = (hash, &salt) {
            notices.remark(salt, "a salt means nothing to plain keys: name a hash beside it".to_owned());
        }
        if let (Hash::Fnv128, Some(place)) = (hash, node.get("hash")) {
            notices.remark(
                &place,
                "fnv128 protects no key: whoever sees its sum can make one that fits (sha256 does)".to_owned(),
            );
        }
        // Whatever is wrong with a salt is told without it.
        let text =
            |salt: Node<'_>| salt.value().as_str().map(str::to_owned).ok_or_else(|| salt.error("must be a string"));
        Ok(Self { hash, salt: salt.map_or(Ok(String::new()), text)? })
    }

    /// What is kept of a key as the document has it, or what is wrong with it.
    pub(super) fn secret(&self, written: &str) -> std::result::Result<Secret, String> {
        let length = match self.hash {
            Hash::Plain if written.is_empty() => {
                return Err("is empty: whoever shows nothing would be let in".to_owned());
            }
            Hash::Plain if written.len() > LONGEST => return Err(format!("is longer than {LONGEST} bytes")),
            Hash::Plain => return Ok(Secret(Sha256::digest(written).to_vec())),
            Hash::Fnv128 => 16,
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
        };
        let digits = || format!("must be the sum of a key, in {} hexadecimal digits", 2_usize.saturating_mul(length));
        from_hexadecimal(written).filter(|bytes| bytes.len() == length).map(Secret).ok_or_else(digits)
    }

    /// What a key that was shown may be kept as; `None` for what is no key in any case.
    pub(super) fn sums(&self, shown: &[u8]) -> Option<Vec<Secret>> {
        if shown.is_empty() || shown.len() > LONGEST {
            return None;
        }
        let salted = [self.salt.as_bytes(), shown].concat();
        Some(match self.hash {
            Hash::Plain => vec![Secret(Sha256::digest(shown).to_vec())],
            Hash::Sha1 => vec![Secret(Sha1::digest(salted).to_vec())],
            Hash::Sha256 => vec![Secret(Sha256::digest(salted).to_vec())],
            // Nothing says which of the two is meant; the sums of a key differ.
            Hash::Fnv128 => {
                [fnv(&salted, true), fnv(&salted, false)].map(|sum| Secret(sum.to_be_bytes().to_vec())).into()
            }
        })
    }
}

// FNV-1a mixes a byte in and multiplies, FNV-1 the other way round (draft-eastlake-fnv).
fn fnv(bytes: &[u8], mixes_first: bool) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |sum, byte| {
        if mixes_first {
            (sum ^ u128::from(*byte)).wrapping_mul(PRIME)
        } else {
            sum.wrapping_mul(PRIME) ^ u128::from(*byte)
        }
    })
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(hash: Hash, salt: &str) -> Form {
        Form { hash, salt: salt.to_owned() }
    }

    fn fits(form: &Form, written: &str, shown: &str) -> bool {
        form.secret(written).unwrap().is_one_of(&form.sums(shown.as_bytes()).unwrap())
    }

    #[test]
    fn a_key_fits_its_sum_and_no_other() {
        let table = [
            (Hash::Plain, "", "secret", "secret"),
            (Hash::Sha1, "", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "secret"),
            (Hash::Sha256, "", "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B", "secret"),
            // printf mySaltsecret | sha256sum
            (Hash::Sha256, "mySalt", "cc1911674e148804f7213a02bf170757789c0d4d135dfc91e8a6392552aceb39", "secret"),
            // FNV-1a and FNV-1 of "a", as the draft has them
            (Hash::Fnv128, "", "d228cb696f1a8caf78912b704e4a8964", "a"),
            (Hash::Fnv128, "", "d228cb69101a8caf78912b704e4a141e", "a"),
        ];
        for (hash, salt, written, shown) in table {
            let form = form(hash, salt);
            assert!(fits(&form, written, shown), "{hash:?} {salt}");
            for other in ["Secret", "secre", "secrets", "secret ", written.to_uppercase().as_str()] {
                assert!(!fits(&form, written, other), "{hash:?} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_sum_and_what_is_no_key_is_known() {
        for (hash, written) in [
            (Hash::Plain, ""),
            (Hash::Sha256, ""),
            (Hash::Sha256, "secret"),
            (Hash::Sha1, "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f"),
            (Hash::Sha1, "\u{e9}5e9fa1ba31ecd1ae84f75caaa474f3a663f05f"),
            (Hash::Fnv128, "0x28cb696f1a8caf78912b704e4a8964"),
        ] {
            let what = form(hash, "").secret(written).unwrap_err();
            assert!(written.is_empty() || !what.contains(written), "{what}");
        }
        let plain = form(Hash::Plain, "");
        assert!(plain.sums(b"").is_none() && plain.sums(&[b'a'; LONGEST + 1]).is_none());
        assert!(plain.sums(&[b'a'; LONGEST]).is_some());
    }

    #[test]
    fn nothing_shows_a_key() {
        let shown = format!("{:?}{:?}", form(Hash::Plain, "pepper"), form(Hash::Plain, "").secret("secret").unwrap());
        assert_eq!(shown, "PlainSecret");
    }
}
