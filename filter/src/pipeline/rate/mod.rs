//! Buckets of tokens, as rates are counted: what all workers of one Envoy have in common keeps them, in a pool of fixed size.
//!
//! ```text
//! pool ──► slots ──► bucket
//!      └─► seed, draw, shared
//! ```
//! What cannot be counted for certain is not let through.

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
