//! The reason why a body could not be read, in words for the people who set its encoding.

use std::fmt;

use crate::data::ParseError;

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The body is not JSON.
    NotJson(ParseError),
    /// The body does not have the form of another encoding; the reason in words.
    #[cfg_attr(not(feature = "xml"), allow(dead_code))]
    Other(String),
    /// The body stands for more data than a body may hold.
    #[cfg_attr(not(feature = "yaml"), allow(dead_code))]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The body is another kind of JSON or YAML than the backend's settings say.
    WrongKind {
        /// JSON or YAML.
        notation: &'static str,
        /// The kind that the settings say.
        wanted: &'static str,
        /// The kind of the body.
        found: &'static str,
    },
}

impl DecodeError {
    /// An error of an encoding, in that encoding's own words.
    #[cfg_attr(not(feature = "xml"), allow(dead_code))]
    pub(super) fn other(error: impl fmt::Display) -> Self {
        Self::Other(error.to_string())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => error.fmt(f),
            Self::Other(words) => f.write_str(words),
            Self::TooLarge { limit } => write!(f, "the body stands for more than {limit} bytes (limits.body_bytes)"),
            Self::WrongKind { notation, wanted: "array", found } => {
                write!(f, "the body is a {notation} {found}, and is_collection calls for an array")
            }
            Self::WrongKind { notation: "JSON", wanted, found } => write!(
                f,
                "the body is a JSON {found}, not an {wanted} (is_collection and encoding: safejson read others)"
            ),
            Self::WrongKind { notation, wanted, found } => {
                write!(f, "the body is a {notation} {found}, not an {wanted} (is_collection reads a list)")
            }
        }
    }
}

impl std::error::Error for DecodeError {}
