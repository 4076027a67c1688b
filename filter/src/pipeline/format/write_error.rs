//! The reason why data could not be written in the endpoint's encoding.

use std::fmt;

use crate::data::{MAX_DEPTH, WriteError};

/// Why data cannot be written in an encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// The data cannot be written as JSON.
    Json(WriteError),
    /// The data nests too deeply, perhaps without end.
    #[cfg_attr(not(any(feature = "xml", feature = "yaml")), expect(dead_code, reason = "no other notation"))]
    TooDeep,
    /// The text would be too large.
    #[cfg_attr(not(any(feature = "xml", feature = "yaml")), expect(dead_code, reason = "no other notation"))]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// The name of the notation.
        notation: &'static str,
    },
}

impl From<WriteError> for EncodeError {
    fn from(error: WriteError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::TooDeep => {
                write!(f, "the data is nested deeper than {MAX_DEPTH} levels (does a table contain itself?)")
            }
            Self::TooLarge { limit, notation } => write!(f, "the data is larger than {limit} bytes of {notation}"),
        }
    }
}

impl std::error::Error for EncodeError {}
