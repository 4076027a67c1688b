//! One request that asks a bucket for a token: of which rate, and whose bucket of it.

use crate::config::Rate;

/// A token is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How fast the bucket fills, and how much it holds.
    pub rate: Rate,
    /// Whose bucket it is.
    pub whose: Whose,
}

/// Whose bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The one bucket of the rate.
    Everybody,
    /// That of the address from which the host knows the client to ask.
    Address,
    /// That of whoever shows these bytes; there is at least one.
    Key(Vec<u8>),
}
