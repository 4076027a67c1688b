//! Buckets of tokens, which count rates. They are kept in the shared data of all workers of one Envoy, in a pool of fixed size.
//!
//! ```text
//! pool ──► slots ──► bucket
//!      └─► seed, draw, shared
//! ```
//! A request that cannot be counted for certain is not let through.

mod bucket;
mod draw;
mod pool;
mod seed;
mod shared;
mod slots;
#[cfg(test)]
mod tests;

pub use draw::{Draw, Whose};
pub use pool::Pool;
pub use shared::{SharedData, Unshared};
