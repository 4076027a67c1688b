//! Signed tokens: a key set ([`KeySet`], JWKS), a token in its compact form ([`Compact`], JWT), and whether one of the keys made
//! its signature. The cryptography is ring's, and for one curve p521's. Knows nothing of KrakenD or Envoy: where a token stands,
//! whom it is for and how long it holds is not asked here.

mod algorithm;
mod compact;
mod fetched;
mod key;
mod key_set;
mod rejection;
mod structure;

pub use algorithm::Algorithm;
pub use compact::{Compact, unsigned};
pub use fetched::Fetched;
pub use key_set::{KeySet, KeySetError};
pub use rejection::Rejection;
pub use structure::{keyed, structure};
