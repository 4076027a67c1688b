//! The pool of all buckets of one Envoy. Shared data knows no removal, so there are so many places and no more, and a secret
//! decides which client's bucket lies where.

use std::cell::{Cell, OnceCell};

use sha2::{Digest, Sha256};

use super::bucket::Taken;
use super::draw::{Draw, Whose};
use super::seed::{ABSENT, Seed, seed};
use super::shared::{SharedData, Unshared};
use super::slots::Slots;

/// So many places there are, of [`WAYS`](super::slots::WAYS) buckets each, for all configurations of one Envoy.
pub(super) const PLACES: u32 = 8192;

/// So often a token is asked for while others change the same place; then there is none.
const TRIES: usize = 32;

/// One worker's way to the pool.
#[derive(Default)]
pub struct Pool {
    // What all workers know, once this one has asked.
    seed: OnceCell<Seed>,
    has_complained: Cell<bool>,
}

impl Pool {
    /// Is there a token? `address` is asked for where the bucket is that of an address. Where nothing can be counted, there is none.
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

    // Once in the life of a configuration: it would be told with each request.
    fn complain(&self, why: &str) {
        if !self.has_complained.replace(true) {
            log::error!("requests are refused, as rates cannot be counted: {why}");
        }
    }
}
