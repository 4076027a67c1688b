//! The buckets that lie in one place of the pool, as the bytes that are kept there. Only a bucket that is full again is forgotten.
//! Where all of them are in use, a client shares one with another client of the same rate.

use super::bucket::Bucket;

/// So many clients have buckets of their own in one place.
pub(super) const WAYS: usize = 16;

/// A bucket, the rate that it belongs to, and the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    rate: [u8; 4],
    client: [u8; 8],
    bucket: Bucket,
}

/// Bytes of a slot: rate, client, and the time in nanoseconds, the lowest byte first.
pub(super) const SLOT: usize = 28;

/// The slots of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slots(Vec<Slot>);

impl Slots {
    /// What these bytes hold; `None` where they are none of ours.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (slots, rest) = bytes.as_chunks::<SLOT>();
        rest.is_empty().then(|| Self(slots.iter().filter_map(Slot::read).collect()))
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let slot = |slot: &Slot| [&slot.rate[..], &slot.client, &slot.bucket.full_at.to_le_bytes()].concat();
        self.0.iter().flat_map(slot).collect()
    }

    /// The bucket of a client of a rate: its own, a full one that becomes its own, or another client's of this rate.
    pub(super) fn bucket(&mut self, rate: [u8; 4], client: [u8; 8], now: u64) -> Option<&mut Bucket> {
        let own = |slots: &[Slot]| slots.iter().position(|slot| slot.rate == rate && slot.client == client);
        let at = match own(&self.0) {
            Some(at) => at,
            None => {
                self.0.retain(|slot| !slot.bucket.is_full(now));
                self.add(Slot { rate, client, bucket: Bucket::full(now) })
            }
        };
        self.0.get_mut(at).map(|slot| &mut slot.bucket)
    }

    // Where there is no room, a rate that has a bucket here has no further one: memory must have an end.
    fn add(&mut self, slot: Slot) -> usize {
        let of_rate: Vec<usize> =
            self.0.iter().enumerate().filter(|(_, other)| other.rate == slot.rate).map(|(at, _)| at).collect();
        if self.0.len() >= WAYS && !of_rate.is_empty() {
            let which = usize::from(slot.client.first().copied().unwrap_or_default());
            return of_rate.get(which.checked_rem(of_rate.len()).unwrap_or_default()).copied().unwrap_or_default();
        }
        self.0.push(slot);
        self.0.len().saturating_sub(1)
    }
}

impl Slot {
    fn read(bytes: &[u8; SLOT]) -> Option<Self> {
        let (rate, rest) = bytes.split_first_chunk()?;
        let (client, full_at) = rest.split_first_chunk()?;
        Some(Self {
            rate: *rate,
            client: *client,
            bucket: Bucket { full_at: u128::from_le_bytes(full_at.try_into().ok()?) },
        })
    }
}
