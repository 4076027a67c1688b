//! The secret of one Envoy by which clients are spread over the pool: nobody outside can tell which of them meet. The first worker that
//! needs it throws the dice for all.

use super::shared::{SharedData, Unshared};

/// The secret.
pub(super) type Seed = [u8; 32];

const NAME: &[u8] = b"lua_modifier.rates.seed";

/// The mark that no value has: what is there already is not written over.
pub(super) const ABSENT: u32 = u32::MAX;

/// The secret that all workers share.
///
/// # Errors
/// It cannot be had: the host refuses, or keeps something else there.
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
