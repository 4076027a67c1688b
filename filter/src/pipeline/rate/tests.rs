//! Several workers at one pool, against shared data that is a value: what goes through in which time, what a flood of keys comes
//! to, and what is made of clocks and hosts that cannot be trusted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::bucket::{Bucket, Taken};
use super::pool::PLACES;
use super::slots::{SLOT, WAYS};
use super::{Draw, Pool, SharedData, Unshared, Whose};
use crate::config::Rate;

const SECOND: u64 = 1_000_000_000;

/// What a host may do.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Manners {
    #[default]
    Good,
    /// This call of its is refused, counted from 0.
    Refuses(usize),
    /// Whatever is written was changed by somebody else.
    AlwaysChanged,
    /// Another worker writes between each reading and writing.
    Contested(usize),
    /// It keeps what it likes.
    Keeps(&'static [u8]),
}

/// A value and its mark.
type Marked = (Vec<u8>, u32);

#[derive(Default)]
struct Host {
    now: Cell<u64>,
    data: RefCell<BTreeMap<Vec<u8>, Marked>>,
    last: Cell<u32>,
    calls: Cell<usize>,
    manners: Cell<Manners>,
}

impl Host {
    fn at(now: u64) -> Self {
        let host = Self::default();
        host.now.set(now);
        host
    }

    fn behaves(&self, manners: Manners) {
        self.manners.set(manners);
        self.calls.set(0);
    }

    fn call(&self) -> Result<(), Unshared> {
        let number = self.calls.replace(self.calls.get() + 1);
        match self.manners.get() {
            Manners::Refuses(refused) if refused == number => Err(Unshared::Refused("no".to_owned())),
            _ => Ok(()),
        }
    }

    fn bytes(&self) -> usize {
        self.data.borrow().iter().map(|(name, (value, _))| name.len() + value.len()).sum()
    }
}

impl SharedData for Host {
    fn shared_now(&self) -> Result<u64, Unshared> {
        self.call()?;
        Ok(self.now.get())
    }

    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        self.call()?;
        if let Manners::Keeps(bytes) = self.manners.get() {
            return Ok(Some((bytes.to_vec(), 1)));
        }
        Ok(self.data.borrow().get(name).cloned())
    }

    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        self.call()?;
        let present = self.data.borrow().get(name).map(|(_, mark)| *mark);
        match self.manners.get() {
            Manners::AlwaysChanged => return Err(Unshared::Changed),
            Manners::Contested(more) if more > 0 => {
                self.manners.set(Manners::Contested(more - 1));
                return Err(Unshared::Changed);
            }
            _ if present.is_some_and(|present| mark != 0 && mark != present) => return Err(Unshared::Changed),
            _ => {}
        }
        self.last.set(self.last.get() + 1);
        self.data.borrow_mut().insert(name.to_vec(), (value.to_vec(), self.last.get()));
        Ok(())
    }
}

fn rate(id: u8, per_second: u64, capacity: u64) -> Rate {
    Rate { id: [id; 16], interval: SECOND / per_second, capacity }
}

fn all(rate: Rate) -> Draw {
    Draw { rate, whose: Whose::Everybody }
}

fn of(rate: Rate, key: impl Into<Vec<u8>>) -> Draw {
    Draw { rate, whose: Whose::Key(key.into()) }
}

fn ask(pool: &Pool, host: &Host, draw: &Draw) -> bool {
    pool.draw(host, draw, || Some(b"192.0.2.1".to_vec()))
}

fn through(pool: &Pool, host: &Host, draw: &Draw, times: usize) -> usize {
    (0..times).filter(|_| ask(pool, host, draw)).count()
}

#[test]
fn a_bucket_gives_what_it_holds_and_then_its_rate() {
    for workers in [1, 4] {
        let pools: Vec<Pool> = (0..workers).map(|_| Pool::default()).collect();
        for (per_second, capacity) in [(10, 10), (10, 1), (100, 5), (1, 20)] {
            let host = Host::at(SECOND);
            let draw = all(rate(1, per_second, capacity));
            // Five times the rate for ten seconds, evenly, by all workers in turn.
            let (asked, step) = (per_second * 50, SECOND / (per_second * 5));
            let mut passed = 0;
            for number in 0..asked {
                passed += u64::from(ask(&pools[(number % workers) as usize], &host, &draw));
                host.now.set(host.now.get() + step);
            }
            // The last period has not quite ended.
            let due = capacity + per_second * 10;
            assert!(
                (due - 1..=due).contains(&passed),
                "{workers} workers, {per_second}/s, {capacity}: {passed} of {due}"
            );
        }
    }
}

#[test]
fn a_pause_fills_a_bucket_and_no_more() {
    let (pool, host, draw) = (Pool::default(), Host::at(SECOND), all(rate(1, 10, 4)));
    assert_eq!(through(&pool, &host, &draw, 10), 4);
    for pause in [SECOND, 1000 * SECOND, u64::MAX / 2] {
        host.now.set(host.now.get() + pause);
        assert_eq!(through(&pool, &host, &draw, 10), 4, "after {pause}");
    }
    host.now.set(host.now.get() + SECOND / 10);
    assert_eq!(through(&pool, &host, &draw, 10), 1);
}

#[test]
fn a_clock_that_goes_back_neither_fills_a_bucket_nor_locks_it() {
    let (pool, host, draw) = (Pool::default(), Host::at(1_000_000 * SECOND), all(rate(1, 1, 3)));
    assert_eq!(through(&pool, &host, &draw, 5), 3);
    host.now.set(10 * SECOND);
    assert_eq!(through(&pool, &host, &draw, 5), 0, "it stays empty");
    host.now.set(11 * SECOND);
    assert_eq!(through(&pool, &host, &draw, 5), 1, "and fills as ever");
    host.now.set(11 * SECOND - 1);
    assert_eq!(through(&pool, &host, &draw, 5), 0);
    host.now.set(0);
    assert_eq!(through(&pool, &host, &draw, 5), 0);
    host.now.set(100 * SECOND);
    assert_eq!(through(&pool, &host, &draw, 5), 3);
}

#[test]
fn slow_rates_and_huge_buckets_do_not_overflow() {
    let slowest = Rate { id: [1; 16], interval: 1_000_000_000_000_000_000, capacity: u64::MAX };
    for now in [0, u64::MAX] {
        let mut bucket = Bucket::full(now);
        assert_eq!(bucket.take(&slowest, now), Taken::Yes);
        bucket.full_at = u128::MAX;
        assert_eq!(bucket.take(&slowest, now), Taken::Mended);
        assert_eq!(bucket.take(&slowest, now), Taken::No);
    }
}

#[test]
fn ten_thousand_clients_have_buckets_of_their_own() {
    let (pool, host, rate) = (Pool::default(), Host::at(SECOND), rate(1, 1, 2));
    for second in 0..10_u64 {
        let mut passed = 0;
        for client in 0..10_000_u32 {
            passed += through(&pool, &host, &of(rate, client.to_le_bytes()), 3);
        }
        let each = if second == 0 { 2 } else { 1 };
        assert_eq!(passed, 10_000 * each, "in second {second}");
        host.now.set(host.now.get() + SECOND);
    }
    println!("10,000 clients: {} bytes of shared data in {} values", host.bytes(), host.data.borrow().len());
}

#[test]
fn a_flood_of_a_million_keys_gives_nobody_a_fresh_bucket_and_takes_no_more_memory() {
    const KEYS: u32 = 1_000_000;
    let (pool, host) = (Pool::default(), Host::at(SECOND));
    let (hourly, other) = (Rate { interval: 3600 * SECOND, ..rate(1, 1, 1) }, rate(2, 1, 2));
    let clients: Vec<Draw> = (0..100_u8).map(|client| of(hourly, [client])).collect();
    for client in &clients {
        assert_eq!(through(&pool, &host, client, 2), 1);
    }
    let mut passed = 0;
    for key in 0..KEYS {
        passed += u32::from(ask(&pool, &host, &of(hourly, key.to_be_bytes())));
        if key % 10_000 == 0 {
            let client = &clients[(key / 10_000) as usize];
            assert!(!ask(&pool, &host, client), "a client that was refused before");
        }
    }
    let slots = PLACES as usize * WAYS;
    let bytes = host.bytes();
    println!(
        "{KEYS} keys: {passed} went through, {} values of shared data, {bytes} bytes ({slots} slots of {SLOT} bytes)",
        host.data.borrow().len()
    );
    assert!(passed as usize <= slots);
    assert!(bytes <= slots * SLOT + PLACES as usize * 32 + 100, "{bytes}");
    for client in &clients {
        assert!(!ask(&pool, &host, client), "a client that was refused before");
    }
    // Another rate has a bucket in each place all the same.
    assert_eq!(through(&pool, &host, &of(other, *b"x"), 5), 2);
    // When all are full again, a client that comes finds its place empty.
    host.now.set(host.now.get() + 7200 * SECOND);
    assert_eq!(through(&pool, &host, &clients[0], 2), 1);
    assert_eq!(through(&pool, &host, &of(hourly, *b"new"), 2), 1);
    assert!(host.bytes() < bytes);
}

#[test]
fn keys_of_any_bytes_and_any_length_are_told_apart() {
    let (pool, host, rate) = (Pool::default(), Host::at(SECOND), rate(1, 1, 1));
    let long = vec![0xff; 1 << 20];
    let longer = [long.as_slice(), &[0]].concat();
    let keys: [&[u8]; 8] = [b"a", b"b", b"a\0", b"\0a", b"\xff", "\u{e9}".as_bytes(), &long, &longer];
    for key in keys {
        assert_eq!(through(&pool, &host, &of(rate, key), 3), 1, "{} bytes", key.len());
    }
    let address = Draw { rate, whose: Whose::Address };
    assert_eq!(through(&pool, &host, &address, 3), 1);
    assert!(!ask(&pool, &host, &of(rate, *b"192.0.2.1")), "the same address, however it is known");
    for unknown in [None, Some(Vec::new())] {
        assert!(!pool.draw(&host, &address, || unknown), "nobody's address");
    }
}

#[test]
fn which_clients_meet_is_told_to_nobody() {
    // The same keys in two Envoys lie in other places.
    let places = || {
        let (pool, host) = (Pool::default(), Host::at(SECOND));
        for key in 0..20_u8 {
            ask(&pool, &host, &of(rate(1, 1, 1), [key]));
        }
        host.data.into_inner().into_keys().collect::<Vec<_>>()
    };
    assert_ne!(places(), places());
}

#[test]
fn all_workers_have_one_secret() {
    let host = Host::at(SECOND);
    let draw = all(rate(1, 1, 5));
    // Another worker throws its dice between the two calls of this one: the first counts.
    let (one, other) = (Pool::default(), Pool::default());
    host.behaves(Manners::Contested(1));
    assert!(!ask(&one, &host, &draw), "what was refused is not there");
    host.behaves(Manners::Good);
    assert_eq!(through(&other, &host, &draw, 2) + through(&one, &host, &draw, 9), 5);
}

#[test]
fn a_host_that_cannot_be_trusted_lets_nobody_through() {
    let draw = all(rate(1, 1, 100));
    // The seed is asked for, shared, and asked for again; then the place is read, by the clock, and written.
    for number in 0..6 {
        let (pool, host) = (Pool::default(), Host::at(SECOND));
        host.behaves(Manners::Refuses(number));
        assert!(!ask(&pool, &host, &draw), "its call {number}");
        assert!(ask(&pool, &host, &draw), "and the next time it is asked again");
    }
    let (pool, host) = (Pool::default(), Host::at(SECOND));
    assert!(ask(&pool, &host, &draw));
    host.behaves(Manners::AlwaysChanged);
    assert!(!ask(&pool, &host, &draw));
    assert!(host.calls.get() < 200, "it is not asked for ever: {}", host.calls.get());
    host.behaves(Manners::Contested(5));
    assert!(ask(&pool, &host, &draw), "others may be quicker");
    for bytes in [&b"x"[..], &[0; SLOT + 1], b"some other module's value"] {
        host.behaves(Manners::Keeps(bytes));
        assert!(!ask(&pool, &host, &draw) && !ask(&Pool::default(), &host, &draw));
    }
}
