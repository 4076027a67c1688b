//! Classes of header names: a gateway passes some names on, or keeps them back, because of what they are for. Headers that came with a
//! message know the classes of their names, so that a class is found among them without looking at a name. Knows no headers.

/// The class of a name. A name has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum NameClass {
    /// `content-length` and `transfer-encoding`.
    Framing,
    /// `host`.
    Host,
    /// `accept-encoding`.
    AcceptEncoding,
    /// `x-request-id`.
    RequestId,
    /// `x-forwarded-proto`.
    Scheme,
    /// `x-envoy-…`.
    Envoy,
    /// `x-lua-modifier-…`.
    Ours,
    /// All other names.
    Usual,
}

/// The number of classes besides [`NameClass::Usual`].
pub(super) const SPECIAL: usize = NameClass::Usual as usize;

impl NameClass {
    /// The class of a name in lower case.
    pub(super) const fn of(name: &[u8]) -> Self {
        match name {
            b"content-length" | b"transfer-encoding" => Self::Framing,
            b"host" => Self::Host,
            b"accept-encoding" => Self::AcceptEncoding,
            [b'x', b'-', rest @ ..] => Self::of_extension(rest),
            _ => Self::Usual,
        }
    }

    const fn of_extension(rest: &[u8]) -> Self {
        match rest {
            b"request-id" => Self::RequestId,
            b"forwarded-proto" => Self::Scheme,
            [b'e', b'n', b'v', b'o', b'y', b'-', ..] => Self::Envoy,
            [b'l', b'u', b'a', b'-', b'm', b'o', b'd', b'i', b'f', b'i', b'e', b'r', b'-', ..] => Self::Ours,
            _ => Self::Usual,
        }
    }
}

/// Some classes of header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameClasses(u8);

impl NameClasses {
    /// All names.
    pub const ALL: Self = Self(u8::MAX);
    /// Names that say how the body is framed.
    pub const FRAMING: Self = Self::only(NameClass::Framing);
    /// `host`.
    pub const HOST: Self = Self::only(NameClass::Host);
    /// `accept-encoding`.
    pub const ACCEPT_ENCODING: Self = Self::only(NameClass::AcceptEncoding);
    /// `x-request-id`.
    pub const REQUEST_ID: Self = Self::only(NameClass::RequestId);
    /// `x-forwarded-proto`.
    pub const SCHEME: Self = Self::only(NameClass::Scheme);
    /// Names that begin with `x-envoy-`.
    pub const ENVOY: Self = Self::only(NameClass::Envoy);
    /// Names that begin with `x-lua-modifier-`.
    pub const OURS: Self = Self::only(NameClass::Ours);

    const fn only(class: NameClass) -> Self {
        Self(1 << class as u8)
    }

    /// The names of both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// All names but those of the other.
    pub const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Are the names of this class among them?
    #[inline]
    pub(super) fn have(self, class: NameClass) -> bool {
        self.0 & Self::only(class).0 != 0
    }

    /// Takes the first of the classes out, and gives its number.
    #[inline]
    pub(super) fn take_first(&mut self) -> Option<usize> {
        let first = self.0.trailing_zeros();
        self.0 &= self.0.checked_sub(1)?;
        Some(first as usize)
    }

    /// Is the name, in lower case, among them?
    pub fn have_name(self, name: &str) -> bool {
        self.have(NameClass::of(name.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_class() {
        let table = [
            (NameClasses::FRAMING, ["content-length", "transfer-encoding"].as_slice()),
            (NameClasses::HOST, &["host"]),
            (NameClasses::ACCEPT_ENCODING, &["accept-encoding"]),
            (NameClasses::REQUEST_ID, &["x-request-id"]),
            (NameClasses::SCHEME, &["x-forwarded-proto"]),
            (NameClasses::ENVOY, &["x-envoy-", "x-envoy-a", "x-envoy-original-path"]),
            (NameClasses::OURS, &["x-lua-modifier-", "x-lua-modifier-cluster"]),
        ];
        for (classes, names) in table {
            for name in names {
                let among = table.iter().filter(|(classes, _)| classes.have_name(name)).count();
                assert!(classes.have_name(name) && among == 1, "{name}");
            }
        }
        for name in ["", "x", "x-", "x-envoy", "x-lua-modifier", "x-request-id-", "hosts", "x-forwarded-protos"] {
            assert!(!table.iter().any(|(classes, _)| classes.have_name(name)), "{name}");
            assert!(NameClasses::ALL.have_name(name), "{name}");
        }
    }
}
