//! Keys that are fetched from an address: decides when to fetch, and which keys count meanwhile. Fetches nothing itself and has
//! no clock: times are given as durations since a fixed moment.

use std::time::Duration;

use crate::key_set::KeySet;

/// A key set from an address.
#[derive(Debug)]
pub struct Fetched {
    kept: Duration,
    cooldown: Duration,
    keys: Result<KeySet, String>,
    came: Option<Duration>,
    asked: Option<Duration>,
}

impl Fetched {
    /// A key set that has not been fetched yet. Keys are fetched again when they are older than `kept`, or when a token names a
    /// key that is not among them. They are never fetched twice within `cooldown`, because clients choose the names in tokens.
    pub fn new(kept: Duration, cooldown: Duration) -> Self {
        Self { kept, cooldown, keys: Err("it was not fetched yet".to_owned()), came: None, asked: None }
    }

    /// Should the set be fetched for a token that names this key? If so, the fetch counts as started.
    pub fn is_due(&mut self, now: Duration, kid: &str) -> bool {
        let within = |since: Option<Duration>, span| since.is_some_and(|since| now.saturating_sub(since) < span);
        let known = self.keys.as_ref().is_ok_and(|keys| keys.knows(kid));
        let due = !(within(self.asked, self.cooldown) || known && within(self.came, self.kept));
        if due {
            self.asked = Some(now);
        }
        due
    }

    /// Takes the result of a fetch. If it failed, the known keys stay.
    pub fn came(&mut self, now: Duration, answer: Result<&[u8], String>) -> Result<(), String> {
        let read = answer.and_then(|text| KeySet::read(text).map_err(|error| error.to_string()));
        match read {
            Ok(keys) => {
                self.keys = Ok(keys);
                self.came = Some(now);
                Ok(())
            }
            Err(why) => {
                if self.keys.is_err() {
                    self.keys = Err(why.clone());
                }
                Err(why)
            }
        }
    }

    /// The keys, or the reason why there are none.
    pub fn keys(&self) -> Result<&KeySet, &str> {
        self.keys.as_ref().map_err(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &[u8] = br#"{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}"#;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn keys_are_fetched_first_when_old_and_when_one_is_missing() {
        let mut fetched = Fetched::new(at(60), at(5));
        assert!(fetched.is_due(at(0), "a"));
        assert!(!fetched.is_due(at(1), "a"), "asked for already");
        assert!(fetched.keys().is_err());
        fetched.came(at(1), Ok(SET)).unwrap();
        assert!(!fetched.is_due(at(30), "a"));
        assert!(fetched.is_due(at(31), "b"), "a new key");
        assert!(!fetched.is_due(at(32), "c"), "anybody may name a key");
        assert!(fetched.is_due(at(61), "a"), "old");
    }

    #[test]
    fn a_failed_fetch_leaves_the_keys_that_are_known() {
        let mut fetched = Fetched::new(at(60), at(5));
        assert!(fetched.is_due(at(0), "a"));
        fetched.came(at(0), Err("503".to_owned())).unwrap_err();
        assert_eq!(fetched.keys().unwrap_err(), "503");
        assert!(!fetched.is_due(at(4), "a"));
        assert!(fetched.is_due(at(5), "a"));
        fetched.came(at(5), Ok(SET)).unwrap();
        assert!(fetched.is_due(at(70), "a"));
        fetched.came(at(70), Ok(b"<html>")).unwrap_err();
        assert!(fetched.keys().unwrap().knows("a"));
        assert!(fetched.is_due(at(75), "a"));
    }
}
