//! Signed tokens: a key set ([`KeySet`], JWKS), a token in its compact form ([`Compact`], JWT), and the check that one of the
//! keys made its signature. The cryptography is ring's, and p521's for one curve. Knows nothing of KrakenD or Envoy: a token's
//! place, audience and times are not checked here.

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
