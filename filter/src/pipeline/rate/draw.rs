//! A request's demand for a token from a bucket.

use crate::config::Rate;

/// The demand for a token: its rate, and the client whose bucket it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How fast the bucket fills, and how much it holds.
    pub rate: Rate,
    /// The client whose bucket it is.
    pub whose: Whose,
}

/// The owner of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All clients: the rate has only this bucket.
    Everybody,
    /// The client's address, as the host knows it.
    Address,
    /// The client that shows these bytes; they are never empty.
    Key(Vec<u8>),
}
