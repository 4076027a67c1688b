//! The pool of all buckets of one Envoy. Shared data cannot be removed, so the number of places is fixed, and a secret decides
//! which client's bucket lies in which place.

use std::cell::{Cell, OnceCell};

use sha2::{Digest, Sha256};

use super::bucket::Taken;
use super::draw::{Draw, Whose};
use super::seed::{ABSENT, Seed, seed};
use super::shared::{SharedData, Unshared};
use super::slots::Slots;

/// The number of places, each with [`WAYS`](super::slots::WAYS) buckets, for all configurations of one Envoy.
pub(super) const PLACES: u32 = 8192;

/// How often a token is asked for while other workers change the same place; after that the token counts as missing.
const TRIES: usize = 32;

/// One worker's access to the pool.
#[derive(Default)]
pub struct Pool {
    // The secret that all workers share, once this worker has read it.
    seed: OnceCell<Seed>,
    has_complained: Cell<bool>,
}

impl Pool {
    /// Takes a token, and gives `true` if there was one. `address` is called if the bucket belongs to an address. If the token
    /// cannot be counted, the answer is `false`.
    pub fn draw(&self, shared: &impl SharedData, draw: &Draw, address: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        let key = match &draw.whose {
            Whose::Everybody => Some(Vec::new()),
            Whose::Address => address().filter(|address| !address.is_empty()),
            Whose::Key(key) => Some(key.clone()),
        };
        let Some(key) = key else {
            self.complain("the host does not know the client's address");
            return false;
        };
        match self.try_draw(shared, draw, &key) {
            Ok(is_there) => is_there,
            Err(Unshared::Changed) => {
                self.complain("too many workers count at once");
                false
            }
            Err(Unshared::Refused(why)) => {
                self.complain(&why);
                false
            }
        }
    }

    fn try_draw(&self, shared: &impl SharedData, draw: &Draw, key: &[u8]) -> Result<bool, Unshared> {
        let seed = match self.seed.get() {
            Some(seed) => *seed,
            None => {
                let seed = seed(shared)?;
                *self.seed.get_or_init(|| seed)
            }
        };
        let sum = Sha256::new().chain_update(seed).chain_update(draw.rate.id).chain_update(key).finalize();
        let (place, rest) = sum.split_first_chunk().unwrap_or((&[0; 4], &[]));
        let client = rest.first_chunk().copied().unwrap_or_default();
        let rate = draw.rate.id.first_chunk().copied().unwrap_or_default();
        let name = format!("lua_modifier.rates.{}", u32::from_le_bytes(*place).checked_rem(PLACES).unwrap_or(0));
        for _ in 0..TRIES {
            let (bytes, mark) = shared.shared(name.as_bytes())?.unwrap_or((Vec::new(), ABSENT));
            let foreign = || Unshared::Refused(format!("{name} in the shared data is not ours"));
            let mut slots = Slots::read(&bytes).ok_or_else(foreign)?;
            let now = shared.shared_now()?;
            let taken = slots.bucket(rate, client, now).ok_or_else(foreign)?.take(&draw.rate, now);
            if taken == Taken::No {
                return Ok(false);
            }
            match shared.share(name.as_bytes(), &slots.write(), mark) {
                Ok(()) => return Ok(taken == Taken::Yes),
                Err(Unshared::Changed) => {}
                Err(refused) => return Err(refused),
            }
        }
        Err(Unshared::Changed)
    }

    // Logged once per configuration: else there would be a line for each request.
    fn complain(&self, why: &str) {
        if !self.has_complained.replace(true) {
            log::error!("requests are refused, as rates cannot be counted: {why}");
        }
    }
}
