//! Keys of a flattened tree: the keys of objects, and the numbers of places in lists, which are ordinary keys there.

use crate::data::Str;

/// A key. The number of a place in a list is the same key as its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    Place(u32),
    Key(Str),
}

/// One part of a path.
pub(super) struct Step {
    pub(super) label: Label,
    /// The part is written `*`: it stands for all keys if an operation supports that; else it is an ordinary key.
    pub(super) is_any: bool,
}

/// A path from the top inwards.
pub(super) type Path = Vec<Step>;

/// The path with these keys.
pub(super) fn path(keys: &[String]) -> Path {
    keys.iter().map(|key| Step { label: Label::of(key.as_bytes()), is_any: key == "*" }).collect()
}

impl Label {
    /// The key for a text.
    pub(super) fn of(text: &[u8]) -> Self {
        let is_number = matches!(text, [b'0']) || matches!(text, [b'1'..=b'9', ..]);
        let number = || std::str::from_utf8(text).ok()?.parse().ok();
        match is_number.then(number).flatten() {
            Some(place) => Self::Place(place),
            None => Self::Key(Str::from(text)),
        }
    }

    /// The key for a place in a list.
    pub(super) fn at(place: usize) -> Self {
        u32::try_from(place).map_or_else(|_| Self::Key(Str::from(place.to_string())), Self::Place)
    }

    /// The key as text, as an object has it.
    pub(super) fn text(&self) -> Str {
        match self {
            Self::Place(place) => Str::from(place.to_string()),
            Self::Key(text) => text.clone(),
        }
    }

    /// The weight of the key in bytes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Place(_) => 1,
            Self::Key(text) => text.len().saturating_add(4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_place_only_where_go_would_write_that_place_so() {
        for (text, place) in [("0", true), ("12", true), ("4294967295", true), ("4294967296", false)] {
            assert_eq!(matches!(Label::of(text.as_bytes()), Label::Place(_)), place, "{text}");
        }
        for text in ["", "00", "01", "-1", "+1", "1a", "x", "*", "\u{663}"] {
            assert!(matches!(Label::of(text.as_bytes()), Label::Key(_)), "{text}");
        }
        assert_eq!(Label::of(b"7"), Label::at(7));
    }
}
