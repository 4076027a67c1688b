//! The secret of one Envoy that spreads clients over the pool: nobody outside can find out which clients share a place. The
//! first worker that needs the secret makes it for all.

use super::shared::{SharedData, Unshared};

/// The secret.
pub(super) type Seed = [u8; 32];

const NAME: &[u8] = b"lua_modifier.rates.seed";

/// A mark that no value has: a value that exists already is not overwritten.
pub(super) const ABSENT: u32 = u32::MAX;

/// The secret that all workers share.
///
/// # Errors
/// The secret cannot be read: the host refuses, or something else is stored under its name.
pub(super) fn seed(shared: &impl SharedData) -> Result<Seed, Unshared> {
    if let Some(seed) = kept(shared)? {
        return Ok(seed);
    }
    let mut seed = Seed::default();
    getrandom::fill(&mut seed).map_err(|error| Unshared::Refused(error.to_string()))?;
    match shared.share(NAME, &seed, ABSENT) {
        Ok(()) | Err(Unshared::Changed) => {}
        Err(refused) => return Err(refused),
    }
    // Another worker may have been first.
    kept(shared)?.ok_or_else(|| Unshared::Refused("what was shared is not there".to_owned()))
}

fn kept(shared: &impl SharedData) -> Result<Option<Seed>, Unshared> {
    let Some((bytes, _)) = shared.shared(NAME)? else { return Ok(None) };
    Seed::try_from(bytes).map(Some).map_err(|_| Unshared::Refused("the seed of rates is not ours".to_owned()))
}
