//! Why a body could not be read, in words for those who set its encoding.

use std::fmt;

use crate::data::ParseError;

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// It is not JSON.
    NotJson(ParseError),
    /// It is not what another encoding calls for, in words.
    #[cfg_attr(not(feature = "xml"), allow(dead_code))]
    Other(String),
    /// It stands for more than a body may hold.
    #[cfg_attr(not(feature = "yaml"), allow(dead_code))]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// It is another kind of JSON or YAML than the backend's settings say.
    WrongKind {
        /// JSON or YAML.
        notation: &'static str,
        /// What the settings say.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
}

impl DecodeError {
    /// An error of an encoding that has its own words.
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
